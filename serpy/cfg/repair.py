"""What is wrong with a script that the parser does not take: all mistakes, each found by the change that mends it.

Where the parser stops, small changes are tried (a sign put in, a word left out, two exchanged) and the one with which
the script goes on is what its author meant, most likely. It is carried out, so that one mistake is reported once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from . import habits, misplaced, slips
from .braces import BraceFault, Braces
from .changes import Changes, made
from .diagnostics import Diagnostic
from .lookahead import Stack, lookahead
from .mistakes import ITEMS, Known, Place, explain, is_about_signs, opens_item, says_more
from .preprocess import CodeToken, token
from .source import Span
from .spot import Change, Habit, Spot, in_condition
from .strange import explained, merged, pasted_quote
from .told import told, told_of_braces

MOST_ERRORS = 20
_FAR = 40
"""With so many tokens behind the mistake the script is taken to go on well."""
_RATHER_VAGUE = frozenset(
    (
        "syntax",
        "stray-word",
        "not-in-quotes",
        "wrong-sign",
        "no-command",
        "no-assignment",
        "no-condition",
        "missing-word",
    )
)
"""Where one of these was said, what follows in the line is not worth much."""
_INFIX = frozenset(("OPERATOR", "AND", "OR"))
_WIDE = 2000
_WIDEST = 20_000
"""No more tokens than these are looked at around a mistake."""
_OR_ELSE = {"NUMBER": "ROUTE_NAME", "ID": "ROUTE_NAME", "WORD": "ROUTE_NAME", "ROUTE_NAME": "ID"}
_BRACKETS = {"OPEN_BLOCK": ("{", 1), "CLOSE_BLOCK": ("{", -1), "OPEN": ("(", 1), "CLOSE": ("(", -1)}
_BOUNDARIES = frozenset(("SEMICOLON", "OPEN_BLOCK", "CLOSE_BLOCK"))

_LOOKS = (*slips.LOOKS, *misplaced.LOOKS, *habits.LOOKS)
"""What tells a mistake by the words around it."""


class _Tried(NamedTuple):
    change: Change
    cost: int
    reach: int


def mistakes_of(
    tokens: Iterable[CodeToken], end: CodeToken, long_strings: Sequence[Span], *, is_kamailio: bool
) -> list[Diagnostic]:
    """What is wrong; at most MOST_ERRORS findings.

    Args:
        end: the token of the end.
        long_strings: the strings that span lines.
    """
    kept: list[CodeToken] = []
    strange: list[tuple[Diagnostic, CodeToken]] = []
    muted = set()
    for each in tokens:
        if each.type != "STRANGE":
            kept.append(each)
            continue
        finding, instead = explained(each, kept[-1] if kept else None)
        strange.append((finding, each))
        if instead is not None:
            kept.append(instead)
        elif finding.code in ("character", "unknown-class", "other-dialect"):
            muted.add(_line(each))
    quotes = [quote for each in long_strings if (quote := pasted_quote(each)) is not None]
    if quotes:  # from there on text is taken for code
        return quotes[:MOST_ERRORS]
    return [*merged(strange)[:MOST_ERRORS], *_Mender([*kept, end], long_strings, muted, is_kamailio).run()]


def _knows_better(known: Known, finding: Diagnostic, about_signs: bool, matched: set[str]) -> bool:
    """Whether what is known of the place says more than the change does."""
    if known.is_sure:
        return True
    code = known.finding.code
    is_wrong = ("(" in matched and "parenthesis" in code) or ("{" in matched and "brace" in code)
    return not about_signs and not is_wrong and code not in ("syntax", finding.code)


def _lost(tokens: int) -> float:
    """What it costs to stop so many tokens before another change does: that may be the next mistake."""
    return 3 + tokens / 4 if tokens else 0


def _line(token: CodeToken) -> tuple[int, int]:
    return id(token.span.source), token.span.line


class _Mender:
    def __init__(
        self,
        tokens: list[CodeToken],
        long_strings: Sequence[Span],
        muted: set[tuple[int, int]],
        is_kamailio: bool,
    ) -> None:
        self._is_kamailio = is_kamailio
        self._tokens = tokens
        self._muted = muted
        """The lines of which enough was said."""
        self._count = 0
        self._owed = 0
        """So many braces were put in or left out where they had matched: there will be one too few or too many."""
        self._long_strings = long_strings
        self._ahead = lookahead()
        self._stacks: list[Stack] = [self._ahead.start]
        """The place before each token that was read, and the one behind them."""
        self._depths = [0]
        """How many blocks are open there."""
        self._changes = Changes(tokens, self._depths, is_kamailio=is_kamailio)
        self._found: list[Diagnostic] = []
        self._braces_done: set[int] = set()
        """The items whose braces were mended, or cannot be, by the identity of their first token."""
        self._braces_later: dict[int, Span] = {}
        """The items whose braces are wrong at a later place."""

    def run(self) -> list[Diagnostic]:
        while self._count < MOST_ERRORS:
            at = self._stop()
            if at is None:
                break
            self._count += 1
            self._mend(at)
        return self._found

    def _stop(self) -> int | None:
        """Read on; the first token that cannot stand where it stands, None at the end."""
        tokens, stacks, depths, step = self._tokens, self._stacks, self._depths, self._step
        at = len(stacks) - 1
        for number in range(at, len(tokens)):
            kind = tokens[number].type
            stack = step(stacks[number], kind)
            if stack is None or (number and self._runs_on(number)):
                return number
            stacks.append(stack)
            depths.append(depths[number] + (kind == "OPEN_BLOCK") - (kind == "CLOSE_BLOCK"))
        return None

    def _step(self, stack: Stack, kind: str) -> Stack | None:
        """As the parser goes; the name of a route is known by the brackets, which may be what is missing."""
        further = self._ahead.step(stack, kind)
        if further is None and (other := _OR_ELSE.get(kind)):
            return self._ahead.step(stack, other)
        return further

    def _runs_on(self, at: int) -> bool:
        """What the grammar takes, and nobody means: `return` goes on with a command in the next line, `if if`."""
        before, each = self._tokens[at - 1], self._tokens[at]
        if each.type == "IF" and before.type == "IF":
            return True
        return before.type == "END" and each.type in ("ID", "ROUTE") and each.span.line > before.span.end_line

    # the mistakes, the surest first

    def _mend(self, at: int) -> None:
        spot = self._spot(at)
        if at and spot.before is not None and spot.before.type == "END" and self._runs_on(at):
            self._carry_out(told(Change(at, 0, (made("SEMICOLON", spot.token),)), spot), at, 0, ("SEMICOLON",))
            return
        if spot.token.type == "IF" and spot.before is not None and spot.before.type == "IF":
            self._carry_out(told(Change(at, 1, (), "twice"), spot), at, 1, ())
            return
        found = next(filter(None, (look(spot) for look in _LOOKS)), None)
        if found is not None:
            self._take(found, at)
            return
        matched = self._matched(at)
        if "{" not in matched and self._mend_braces(at):
            return
        best = self._best(at, matched)
        finding = told(best.change, spot) if best is not None else None
        if best is None or finding is None or not says_more(best.change):
            state = self._ahead.stuck(self._stacks[at], spot.token.type)
            known = explain(state, self._place(at), self._expected(at))
            # signs that are missing or too many are told by the change, what else is missing by the place
            about_signs = best is not None and is_about_signs(best.change, self._tokens)
            if finding is None or _knows_better(known, finding, about_signs, matched):
                finding = known.finding
        line = _line(self._tokens[at])
        if self._owed and finding.code in ("missing-brace", "extra-brace"):
            self._owed -= 1
        elif line not in self._muted:
            self._found.append(finding)
        if best is not None and "{" in matched and self._unbalances(best.change, {"{"}):
            self._owed += 1
        if best is None or best.change.how == "statement" or finding.code in _RATHER_VAGUE:
            self._muted.add(line)
        if best is None or finding.code == "statement-outside":
            self._skip(at)
        else:
            self._change(best.change.at, best.change.removed, best.change.put)

    def _take(self, found: Habit, at: int) -> None:
        if _line(self._tokens[at]) not in self._muted:
            self._found.append(found.diagnostic)
        kinds = [token(kind, text, self._tokens[found.at].span) for kind, text in found.put]
        self._change(found.at, found.removed, kinds)

    def _carry_out(self, finding: Diagnostic | None, at: int, removed: int, kinds: Sequence[str]) -> None:
        if finding is not None:
            self._found.append(finding)
        self._change(at, removed, [made(kind, self._tokens[at]) for kind in kinds])

    def _change(self, at: int, removed: int, put: Sequence[CodeToken]) -> None:
        self._tokens[at : at + removed] = put
        del self._stacks[at + 1 :], self._depths[at + 1 :]

    def _skip(self, at: int) -> None:
        """Go on at the next item."""
        goal = at + (at + 1 < len(self._tokens))
        while goal < len(self._tokens) - 1 and not opens_item(self._tokens, goal):
            goal += 1
        del self._tokens[at:goal]
        self._stacks[at:] = [self._ahead.start]
        self._depths[at:] = [0]
        if goal == at:  # the end itself: nothing is left
            self._tokens[at:] = []

    # braces

    def _mend_braces(self, at: int) -> bool:
        start, stop = self._item(at)
        key = id(self._tokens[start])
        place = self._tokens[at].span
        wait = self._braces_later.get(key, place)
        if key in self._braces_done or (wait.source is place.source and wait[1:3] > place[1:3]):
            return False
        fault = Braces(self._tokens, start, stop).fault()
        if fault is not None and fault.at > at:
            self._braces_later[key] = self._tokens[fault.at].span
            return False
        self._braces_done.add(key)
        if fault is None:
            return False
        change = self._brace_change(fault)
        if self._reach(change, at) <= at:
            return False
        self._found.append(told_of_braces(fault, self._tokens))
        self._change(change.at, change.removed, change.put)
        return True

    def _brace_change(self, fault: BraceFault) -> Change:
        if not fault.kind:
            return Change(fault.at, 1, ())
        return Change(fault.at, 0, (made(fault.kind, self._tokens[fault.at]),))

    def _item(self, at: int) -> tuple[int, int]:
        """From the start of the item at this place to the start of the next one."""
        tokens = self._tokens
        first = min(at, len(tokens) - 1)
        # a route that stands in a block is where the braces of the one before do not match
        nearest, farthest = max(0, first - _WIDEST), min(len(tokens) - 1, first + _WIDEST)
        while first > nearest and not (
            tokens[first].type in ITEMS and opens_item(tokens, first) and not self._depths[first]
        ):
            first -= 1
        stop = first + 1
        while stop < farthest and not (tokens[stop].type in ITEMS and opens_item(tokens, stop)):
            stop += 1
        return first, min(stop, len(tokens) - 1)

    # small changes

    def _best(self, at: int, matched: set[str]) -> _Tried | None:
        """The change with which the script goes on best; None where none helps."""
        tried = []
        seen = set()
        for change, cost in self._changes.at(at):
            cost += 10 * (self._unbalances(change, matched))
            key = (change.at, change.removed, tuple(each.type for each in change.put), change.how)
            if key in seen:
                continue
            seen.add(key)
            reach = self._reach(change, at)
            if reach > max(at, change.at + change.removed):
                tried.append(_Tried(change, cost, reach))
        if not tried:
            return None
        farthest = max(each.reach for each in tried)
        return min(tried, key=lambda each: each.cost + _lost(farthest - each.reach))

    def _reach(self, change: Change, at: int) -> int:
        """The token at which the changed script would stop, at most _FAR behind the mistake."""
        step = self._step
        stack = self._stacks[change.at]
        before = change.put[-1].type if change.put else self._tokens[change.at - 1].type if change.at else ""
        for each in change.put:
            stack = step(stack, each.type)
            if stack is None:
                return -1
        goal = min(at + _FAR, len(self._tokens))
        for number in range(change.at + change.removed, goal):
            # an item stands in no other: without this, one that is not complete would go on in the next
            if opens_item(self._tokens, number) and step(stack, "$END") is None:
                return number
            kind = self._tokens[number].type
            if kind == "OPEN_BLOCK" and before in _INFIX:  # the grammar takes a block there, and nobody means one
                return number
            before = kind
            stack = step(stack, kind)
            if stack is None:
                return number
        return goal

    def _matched(self, at: int) -> set[str]:
        """Which signs are as often opened as closed around here: nothing is missing among those."""
        first, stop = self._item(at)
        kinds = [each.type for each in self._tokens[first:stop]]
        matched = {"{"} if kinds.count("OPEN_BLOCK") == kinds.count("CLOSE_BLOCK") else set()
        start, end = at, at
        while start > first and at - start < _WIDE and self._tokens[start - 1].type not in _BOUNDARIES:
            start -= 1
        while end < len(self._tokens) and end - at < _WIDE and self._tokens[end].type not in _BOUNDARIES:
            end += 1
        kinds = [each.type for each in self._tokens[start:end]]
        if kinds.count("OPEN") == kinds.count("CLOSE"):
            matched.add("(")
        return matched

    def _unbalances(self, change: Change, matched: set[str]) -> bool:
        """Whether it puts in, or leaves out, one of two signs that match."""
        balance = {"{": 0, "(": 0}
        removed = self._tokens[change.at : change.at + change.removed]
        for each, step in (*((each, -1) for each in removed), *((each, 1) for each in change.put)):
            sign = _BRACKETS.get(each.type)
            if sign:
                balance[sign[0]] += sign[1] * step
        return any(balance[sign] for sign in matched)

    # what is said

    def _spot(self, at: int) -> Spot:
        return Spot(self._tokens, at, self._depths[at] > 0, self._is_kamailio)

    def _place(self, at: int) -> Place:
        before = self._tokens[at - 1] if at else None
        return Place(self._tokens[at], before, self._long_strings, in_condition(self._tokens, at))

    def _expected(self, at: int) -> set[str]:
        return self._ahead.accepted(self._stacks[at])
