"""The best of several failures (RFC 3261 16.7 step 6, decision D27)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...sip.message import Response
    from .branches import Branch

_TELLING = frozenset({401, 407, 415, 420, 484})
"""4xx codes that tell the caller how to try again: preferred within their class (RFC 3261 16.7 step 6)."""
_CHALLENGES = frozenset({401, 407})
_CHALLENGE_HEADERS = (b"www-authenticate", b"proxy-authenticate")


def rank(code: int) -> tuple[int, bool, int]:
    """The order of final codes from 300 on, best first: 6xx, then the lowest class."""
    group = code // 100
    if group == 6:
        return 0, False, code
    # a 503 of one server says little about the others
    return group, code == 503 if group == 5 else code not in _TELLING, code


def best(branches: Iterable[Branch]) -> Branch:
    """The branch whose final response is passed to the caller; the first one of equals."""
    return min(branches, key=lambda branch: rank(branch.code))


def upstream_code(code: int) -> int:
    """The code that the caller gets for the chosen one."""
    # RFC 3261 16.7 step 6: a 503 would keep the caller from asking this proxy for anything else
    return 500 if code == 503 else code


def challenges(chosen: Branch, branches: Sequence[Branch]) -> list[bytes]:
    """The challenge headers of the other branches, whole lines, when a challenge was chosen (RFC 3261 16.7 step 7)."""
    if chosen.code not in _CHALLENGES or len(branches) == 1:
        return []
    lines: list[bytes] = []
    for branch in branches:
        if branch is not chosen and branch.code in _CHALLENGES and branch.reply is not None:
            lines += _challenge_lines(branch.reply.response)
    return lines


def _challenge_lines(response: Response) -> Iterable[bytes]:
    for name in _CHALLENGE_HEADERS:
        for field in response.fields(name):
            yield response.data[field.start : field.end]
