"""Conditions whose answer is known before a request comes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from ..nodes import And, Call, Compare, Condition, If, Not, Number, Or
from ..report import Report
from .flow import Decision
from .questions import operand_of, question
from .subject import Subject
from .traffic import Traffic

_MAY_FAIL = ("uri", "from_uri", "to_uri")
"""What cannot always be read: in SER 0.8 and 0.9 the comparison is neither true nor false then (SER dialect 2.5). And
many ask for `uri==myself` behind an `if` that has taken away all else, for the reader's sake."""
_ONE_VALUE = ("uri", "from_uri", "to_uri", "src_ip", "dst_ip", "src_port", "dst_port", "proto", "af", "msg:len")


def warn(subject: Subject, traffic: Traffic, report: Report) -> None:
    """Warn of conditions that are always true, and of those that never are."""
    decisions = {id(one.node): one for one in traffic.decisions}
    for node in subject.everywhere():
        if isinstance(node, If):
            for condition, answer in _decided(node.condition, decisions):
                _tell(condition, answer, report)


def _decided(condition: Condition, decisions: dict[int, Decision]) -> Iterator[tuple[Condition, bool]]:
    """What is decided, with its answer: the whole, or a part that decides the whole or is a bare number.

    Other parts are not told of: a comparison that an earlier `if` has made already is often there to be read.
    """
    if isinstance(condition, Call):
        return
    parts = list(_parts(condition))
    if all(isinstance(part, And | Or | Not | Compare | Number) for part in parts):
        answer = _answer(condition, decisions)
        if answer is not None:
            yield condition, answer
            return
    deciding = {id(part) for part in condition.parts} if isinstance(condition, And | Or) else set()
    found = [
        (part, answer)
        for part in parts
        if isinstance(part, Compare | Number) and (answer := _answer(part, decisions)) is not None
        if isinstance(part, Number) or (id(part) in deciding and answer is isinstance(condition, Or))
    ]
    yield from found
    if not found:
        for part in parts:
            if isinstance(part, And | Or) and _contradicts(part):
                yield part, isinstance(part, Or)


def _answer(condition: Condition, decisions: dict[int, Decision]) -> bool | None:
    decision = decisions.get(id(condition))
    if decision is None or decision.can_be_true is decision.can_be_false:
        return None
    if decision.can_be_true and _may_fail(condition):
        return None
    return decision.can_be_true


def _may_fail(condition: Condition) -> bool:
    """Whether a URI is compared that some messages have in no readable form."""
    return any(isinstance(part, Compare) and operand_of(part) in _MAY_FAIL for part in _parts(condition))


def _contradicts(node: And | Or) -> bool:
    """`a==1 && a==2`, or `a!=1 || a!=2`."""
    operator = "==" if isinstance(node, And) else "!="
    compares = [part for part in node.parts if isinstance(part, Compare) and part.operator == operator][:50]
    return any(_differ(one, other) for one, other in combinations(compares, 2))


def _differ(one: Compare, other: Compare) -> bool:
    operand = operand_of(one)
    if operand != operand_of(other) or operand not in _ONE_VALUE:
        return False
    first, second = question(one), question(other)
    if first is None or second is None or "myself" in (first.key[-1], second.key[-1]):
        return False
    if operand in ("src_ip", "dst_ip"):
        return _is_address(first.key[-1]) and _is_address(second.key[-1]) and first.key != second.key
    return first.key[-1].lower() != second.key[-1].lower() and "*" not in (first.key[-1], second.key[-1])


def _is_address(text: str) -> bool:
    """Whether it is one IPv4 address in its usual spelling; others may be two spellings of one thing."""
    return text.count(".") == 3 and all(part.isdecimal() and part == str(int(part)) for part in text.split("."))


def _parts(condition: Condition) -> Iterator[Condition]:
    pending = [condition]
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, Not):
            pending.append(node.part)
        elif isinstance(node, And | Or):
            pending.extend(reversed(node.parts))


def _tell(condition: Condition, answer: bool, report: Report) -> None:
    constant = isinstance(condition, Number)
    if answer:
        report.warning(
            "always-true",
            condition.span,
            "this is always true" if constant or isinstance(condition, And | Or) else "this is always true here",
            "remove it" if constant else "remove it, or correct what it is compared with",
        )
    else:
        report.warning(
            "never-true",
            condition.span,
            "this is never true" if constant or isinstance(condition, And | Or) else "this is never true here",
            "remove it with what it guards" if constant else "remove it with what it guards, or correct it",
        )
