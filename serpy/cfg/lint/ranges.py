"""Comparisons with a number that no message can miss or meet."""

from __future__ import annotations

from ...script.kinds import MAX_LENGTH
from ..nodes import Compare, Number
from ..report import Report
from .questions import operand_of
from .subject import Subject

_RANGES = {"msg:len": (1, MAX_LENGTH), "src_port": (0, 65535), "dst_port": (0, 65535)}


def warn(subject: Subject, report: Report) -> None:
    """Warn of `msg:len>=0` and its like."""
    for node in subject.everywhere():
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
