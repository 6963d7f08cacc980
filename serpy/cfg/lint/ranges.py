"""Comparisons with a number that no message can miss or meet."""

from __future__ import annotations

from ...script.kinds import MAX_LENGTH
from ..nodes import Compare, Number, Text
from ..report import Report
from .questions import operand_of
from .subject import Subject

_RANGES = {"msg:len": (1, MAX_LENGTH), "src_port": (0, 65535), "dst_port": (0, 65535)}


def warn(subject: Subject, report: Report) -> None:
    """Warn of `msg:len>=0` and its like, and of patterns where a plain text is compared."""
    for node in subject.everywhere():
        if isinstance(node, Compare) and _is_pattern(node):
            told = "never" if node.operator == "==" else "always"
            report.warning(
                f"{told}-true",
                node.span,
                f"this is {told} true: == and != compare the text as it is, and this is a pattern",
                f"write {node.operator.replace('==', '=~').replace('!=', '=~')}"
                + (" and ! before the condition" if node.operator == "!=" else ""),
            )
        if isinstance(node, Compare) and isinstance(node.right, Number):
            answer = _answer(node, node.right.value)
            if answer is not None:
                low, high = _RANGES[operand_of(node)]
                report.warning(
                    "always-true" if answer else "never-true",
                    node.span,
                    f"this is {'always' if answer else 'never'} true: {operand_of(node)} is from {low} to {high}",
                    "correct the number",
                )


def _is_pattern(node: Compare) -> bool:
    """Only the clear cases: no method and no URI is written like this."""
    if node.operator not in ("==", "!=") or not isinstance(node.right, Text):
        return False
    text = node.right.value
    if operand_of(node) == "method":
        return "|" in text or text.startswith("^") or ".*" in text
    return operand_of(node) in ("uri", "from_uri", "to_uri") and (text.startswith("^") or "sip:.*" in text)


def _answer(node: Compare, number: int) -> bool | None:
    limits = _RANGES.get(operand_of(node))
    if limits is None:
        return None
    low, high = limits
    outside = number < low or number > high
    answers = {
        "==": False if outside else None,
        "!=": True if outside else None,
        "<": True if number > high else False if number <= low else None,
        "<=": True if number >= high else False if number < low else None,
        ">": True if number < low else False if number >= high else None,
        ">=": True if number <= low else False if number > high else None,
    }
    return answers.get(node.operator)
