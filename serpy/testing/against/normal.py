"""What is the same in two recordings although it looks different: ids, dates, the order of headers and of peers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from ..flow.document import INDENT
from .seen import Seen

_ID = re.compile(r"\b(tag|branch)=([^;,>\s]+)")
_CALL_ID = re.compile(r"^Call-ID: (.*)$")
_CTIME = re.compile(r"\b[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}\b")
_RFC_DATE = re.compile(r"\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\b")
_EXPIRES = re.compile(r"\b(expires=|Expires: )(\d+)")
_SIGNATURE = ("Server: ", "User-Agent: ")
_CLOSE = 1
"""By how many seconds a lifetime may differ: a real clock may tick between two looks at it."""


@dataclass(frozen=True, slots=True)
class Item:
    """One recorded thing."""

    title: str
    headers: tuple[str, ...] = ()
    body: tuple[str, ...] = ()

    @property
    def strand(self) -> str:
        """`< bob`, what bob gets, or `~ bob`, what he does by himself: within it the order counts."""
        return " ".join(self.title.split(" ")[:2])

    @property
    def lines(self) -> list[str]:
        """As a flow file shows it."""
        body = ["", *(f"{INDENT}{line}" if line else "" for line in self.body)] if self.body else []
        return [self.title, *(f"{INDENT}{line}" for line in self.headers), *body]


def items(lines: Sequence[str], seen: Seen) -> list[Item]:
    """The recorded things of a step, with ids and dates that a server made replaced by their names."""
    return [_normal(item, seen) for item in _cut(lines)]


def _cut(lines: Sequence[str]) -> Iterator[Item]:
    title, below = "", list[str]()
    for line in [*lines, "<"]:
        if line[:1] in ("<", "~", "="):
            if title:
                content = [one.removeprefix(INDENT) for one in below]
                at = content.index("") if "" in content else len(content)
                yield Item(title, tuple(content[:at]), tuple(content[at + 1 :]))
            title, below = line, []
        else:
            below.append(line)


def _normal(item: Item, seen: Seen) -> Item:
    headers = [_header(one, seen) for one in item.headers if not one.startswith(_SIGNATURE)]
    # the order of headers with different names says nothing (RFC 3261 7.3.1)
    headers.sort(key=lambda one: one.removeprefix("- ").partition(":")[0].lower())
    body = tuple(_dates(one) for one in item.body)
    return replace(item, title=_ids(item.title, seen), headers=tuple(headers), body=body)


def _header(text: str, seen: Seen) -> str:
    found = _CALL_ID.match(text)
    if found:
        return text if found[1] in seen.peers_ids else "Call-ID: <call-id>"
    return _dates(_ids(text, seen))


def _ids(text: str, seen: Seen) -> str:
    return _ID.sub(lambda found: found[0] if found[2] in seen.peers_ids else f"{found[1]}=<{found[1]}>", text)


def _dates(text: str) -> str:
    return _RFC_DATE.sub("<date>", _CTIME.sub("<date>", text))


def same(one: str, other: str) -> bool:
    """Whether two lines say the same; lifetimes may differ by a second."""
    if one == other:
        return True
    if _EXPIRES.sub(r"\1", one) != _EXPIRES.sub(r"\1", other):
        return False
    pairs = zip(_EXPIRES.findall(one), _EXPIRES.findall(other), strict=True)
    return all(abs(int(left[1]) - int(right[1])) <= _CLOSE for left, right in pairs)


Pair = tuple[Item | None, Item | None]


def paired(ours: Sequence[Item], theirs: Sequence[Item]) -> list[Pair]:
    """What belongs together, in our order: within a strand the order counts, between two it does not."""
    partner: dict[int, int] = {}
    lone: dict[int, list[int]] = {}
    """Their items that have no partner, by our item in front of which they stand; len(ours): behind all."""
    for strand in dict.fromkeys(one.strand for one in (*ours, *theirs)):
        left = [place for place, one in enumerate(ours) if one.strand == strand]
        right = [place for place, one in enumerate(theirs) if one.strand == strand]
        titles = SequenceMatcher(
            None, [ours[place].title for place in left], [theirs[place].title for place in right], autojunk=False
        )
        for _, at, end, their_at, their_end in titles.get_opcodes():
            common = min(end - at, their_end - their_at)
            for step in range(common):
                partner[left[at + step]] = right[their_at + step]
            following = left[end] if end < len(left) else len(ours)
            lone.setdefault(following, []).extend(right[their_at + common : their_end])
    pairs: list[Pair] = []
    for place, item in enumerate(ours):
        pairs += [(None, theirs[one]) for one in lone.get(place, ())]
        pairs.append((item, theirs[partner[place]] if place in partner else None))
    return pairs + [(None, theirs[one]) for one in sorted(lone.get(len(ours), ()))]


def changes(old: Sequence[str], new: Sequence[str]) -> Iterable[tuple[list[str], list[str]]]:
    """The lines side by side: ([line], [line]) where they are the same, else what only one side has."""
    keys = [_EXPIRES.sub(r"\1", line) for line in old], [_EXPIRES.sub(r"\1", line) for line in new]
    for tag, at, end, new_at, new_end in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        if tag != "equal":
            yield list(old[at:end]), list(new[new_at:new_end])
            continue
        for one, other in zip(old[at:end], new[new_at:new_end], strict=True):
            yield [one], [one] if same(one, other) else [other]
