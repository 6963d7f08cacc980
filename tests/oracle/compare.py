"""Two datagrams side by side: what the original sent and what serpy sent, header by header."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.wire import Wire

ABSENT = "(none)"

_OUR_BRANCH = re.compile(r"(;branch=z9hG4bK)[^;,\s]*")
_MADE_TAG = re.compile(r";tag=[0-9a-f]{32}[.-][0-9a-f]{4}$")
_ANY_TAG = re.compile(r";tag=[^;>\s]+$")
_EXPIRES = re.compile(r"(?<=;expires=)(\d+)")
_SERVER_VIA = re.compile(r"SIP/2\.0/UDP 127\.0\.0\.1(:5060)?(;|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Departure:
    """One thing in which serpy and the original differ."""

    recording: str
    case: str
    about: str
    """The datagram, row or moment: `200 REGISTER to bob`."""
    what: str
    """The header in lower case, or `first line`, `body`, `order of headers`, `missing`, `extra`, `order`, `time`,
    `row`."""
    recorded: str
    ours: str

    def __str__(self) -> str:
        return f"{self.recording} [{self.case}] {self.about}: {self.what}: {self.recorded!r} -> {self.ours!r}"


def differences(recorded: Wire, ours: Wire) -> Iterator[tuple[str, str, str]]:
    """(what, recorded, ours) for everything that differs; tags, branches and Call-IDs of the server count as equal."""
    if recorded.first_line != ours.first_line:
        yield "first line", recorded.first_line, ours.first_line
    names = list(dict.fromkeys(name for name, _ in [*recorded.headers, *ours.headers]))
    for name in names:
        theirs, mine = recorded.all(name), ours.all(name)
        for place in range(max(len(theirs), len(mine))):
            left = theirs[place] if place < len(theirs) else ABSENT
            right = mine[place] if place < len(mine) else ABSENT
            left, right = _equal_ids(name, left, right)
            if left != right and not _within_a_second(left, right):
                yield _finer_name(name, left, right), left, right
    left_order, right_order = _common_order(recorded, ours)
    if left_order != right_order:
        yield "order of headers", " ".join(left_order), " ".join(right_order)
    if recorded.body != ours.body:
        yield "body", recorded.body.decode("utf-8", "replace"), ours.body.decode("utf-8", "replace")


def headers_compared(recorded: Wire, ours: Wire) -> int:
    """How many things `differences` looked at."""
    return 3 + max(len(recorded.headers), len(ours.headers))


def _equal_ids(name: str, left: str, right: str) -> tuple[str, str]:
    """Both values with what each server makes up replaced by the same word, where both made something up."""
    if name == "call-id" and not left.endswith("@lab") and not right.endswith("@lab"):
        return "*", "*"
    if name == "via" and _SERVER_VIA.match(left) and _SERVER_VIA.match(right):
        return _OUR_BRANCH.sub(r"\1*", left), _OUR_BRANCH.sub(r"\1*", right)
    if name in ("to", "from") and _MADE_TAG.search(left):
        return _ANY_TAG.sub(";tag=*", left), _ANY_TAG.sub(";tag=*", right)
    return left, right


def _finer_name(name: str, left: str, right: str) -> str:
    """The header, or that nothing but the angle brackets around its URI differs."""
    only_brackets = re.sub("[<>]", "", left) == re.sub("[<>]", "", right)
    return f"brackets of {name}" if only_brackets else name


def _within_a_second(left: str, right: str) -> bool:
    """Whether two values differ only in remaining seconds, by one: the original's clock ticks once a second."""
    theirs, mine = (list(map(int, _EXPIRES.findall(text))) for text in (left, right))
    same_text = _EXPIRES.sub("", left) == _EXPIRES.sub("", right)
    return same_text and all(abs(one - other) <= 1 for one, other in zip(theirs, mine, strict=True))


def _common_order(recorded: Wire, ours: Wire) -> tuple[list[str], list[str]]:
    """The names that stand in both, in each one's order; repeated names once."""
    left = list(dict.fromkeys(name for name, _ in recorded.headers))
    right = list(dict.fromkeys(name for name, _ in ours.headers))
    return [name for name in left if name in right], [name for name in right if name in left]
