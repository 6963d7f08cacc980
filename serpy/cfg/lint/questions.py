"""What conditions ask of a request, and what the answer yes tells about its sender or its destination."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from ...module import Does
from ..nodes import Attribute, Call, Compare, Network, Number, Select, Text, Word
from .facts import Fact
from .roles import role

Key: TypeAlias = tuple[str, ...]

MOST = 5
"""How many questions tell requests apart; each doubles the atoms."""

_OPPOSITE = {"!=": "==", ">=": "<", ">": "<="}
_TRUST = (Fact.NO_AUTH, Fact.NO_AUTH_NO_FROM, Fact.FOREIGN, Fact.FOREIGN_NO_FROM)
_URI = (Fact.FOREIGN, Fact.FOREIGN_NO_FROM)
_FROM = (Fact.NO_AUTH_NO_FROM, Fact.FOREIGN_NO_FROM)
_ENDS = {  # operands and the first words of selects
    "uri": _URI,
    "ruri": _URI,
    "next_hop": _URI,
    "dst_uri": _URI,
    "from_uri": _FROM,
    "from": _FROM,
    "f": _FROM,
    "src_ip": _TRUST,
    "src_port": _TRUST,
    "dst_ip": _TRUST,
    "dst_port": _TRUST,
    "to_ip": _TRUST,
    "to_port": _TRUST,
    "src": _TRUST,
    "dst": _TRUST,
    "received": _TRUST,
    "authorization": _TRUST,
    "proxy_authorization": _TRUST,
    "tls": _TRUST,
}
FROM_OPERANDS = frozenset(name for name, facts in _ENDS.items() if facts is _FROM)


class Question(NamedTuple):
    """A question with its answer: the same one whether it is asked by `==` or by `!=`."""

    key: Key
    negated: bool
    ends: tuple[Fact, ...]
    """What is no longer so when the answer is yes."""
    may_change: str
    """`uri`, `flags`, or "" for what is the same as long as the request is served."""


def question(node: Compare | Call) -> Question | None:
    """What is asked; None where it cannot be known, or where what is asked is the method."""
    if isinstance(node, Call):
        return _of_command(node)
    operand = operand_of(node)
    if operand in ("", "method", "status", "$?", "$retcode"):
        return None
    right = _shown(node.right)
    if right is None:
        return None
    operator = _OPPOSITE.get(node.operator, node.operator)
    ends = _ENDS.get(operand.removeprefix("@"), ()) if operator in ("==", "=~") else ()
    if operand == "proto" and right.lower() == "tls":
        ends = _TRUST
    may_change = "uri" if ends is _URI or operand.startswith("@") else ""
    name = _shown(node.left) or operand if operand.startswith("@") else operand
    return Question((name, operator, right), operator != node.operator, ends, may_change)


def operand_of(node: Compare) -> str:
    """The operand's name, `@from` for a select; "" for what has a value of its own, such as an attribute."""
    left = node.left
    if isinstance(left, Select):
        return f"@{left.parts[0]}" if left.parts else ""
    if isinstance(left, Attribute):
        return ""
    if node.operand:
        return node.operand
    if isinstance(left, Call):
        return left.name if left.bare else ""
    return left.text if isinstance(left, Word) else ""


def _of_command(call: Call) -> Question | None:
    arguments = [_shown(argument) for argument in call.arguments]
    if None in arguments:
        return None
    key = (call.name, *(shown or "" for shown in arguments))
    if call.name == "isflagset":
        return Question(flag_key(call), False, (), "flags")
    does = role(call)
    return Question(key, False, (), "") if does is not None and does & Does.LOOKS else None


def flag_key(call: Call) -> Key:
    """The question whether the flag is set that this command is given."""
    if call.values and isinstance(call.values[0][1], int):
        return ("flag", str(call.values[0][1]))
    return ("flag", _shown(call.arguments[0]) or "?") if call.arguments else ("flag", "?")


def _shown(node: object) -> str | None:
    """A literal as text."""
    if isinstance(node, Text):
        return node.value
    if isinstance(node, Number):
        return str(node.value)
    if isinstance(node, Word | Select):
        return node.text
    if isinstance(node, Network):
        return f"{node.address}/{node.mask}"
    return None


def recurring(asked: Iterable[Question], flags_set: Iterable[Key]) -> tuple[list[Question], set[Key]]:
    """The questions that tell requests apart, and those that should but are too many."""
    by_key: dict[Key, Question] = {}
    times: Counter[Key] = Counter()
    for one in asked:
        by_key.setdefault(one.key, one)
        times[one.key] += 1
    may_be_set = set(flags_set)
    wanted = [key for key in by_key if times[key] > 1 or key in may_be_set]
    wanted = [key for key in wanted if by_key[key].may_change != "flags" or key in may_be_set]
    wanted.sort(key=lambda key: (-_weight(by_key[key]), -times[key]))
    return [by_key[key] for key in wanted[:MOST]], set(wanted[MOST:])


def _weight(one: Question) -> int:
    if one.may_change == "flags":
        return 1
    return 3 if one.key[-1] == "myself" else 2 if one.ends else 0


_TO_TAG = re.compile(r"\A\^?(?:\(\^?)?(?:To|t)\b.*tag", re.IGNORECASE | re.DOTALL)


def looks_for_to_tag(call: Call) -> bool:
    """Whether it is `search("^(To|t):.*tag=")`, which old scripts have for has_totag()."""
    argument = call.arguments[0] if call.name == "search" and call.arguments else None
    return isinstance(argument, Text) and _TO_TAG.match(argument.value) is not None


def is_to_tag(node: object) -> bool:
    """Whether it is the tag of To, which only requests within a dialog have."""
    return isinstance(node, Select) and [str(part).lower() for part in node.parts] == ["to", "tag"]


def dialog_answer(node: Compare) -> bool | None:
    """The answer that requests within a dialog get from `@to.tag != ""`; None where something else is asked."""
    if not is_to_tag(node.left) or not isinstance(node.right, Text):
        return None
    if node.right.value:
        return None
    return {"!=": True, "==": False}.get(node.operator)


def is_opaque(node: Compare) -> bool:
    """Whether what is compared may remember anything: an attribute, the result of a command."""
    return isinstance(node.left, Attribute) or operand_of(node) in ("", "$?", "$retcode")
