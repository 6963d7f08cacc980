"""A script's text as it may be shown: no control characters, no passwords, and how wide it is on a screen."""

from __future__ import annotations

import re
import unicodedata

STRANGE = "\ufffd"
"""Stands for what a terminal must not get: control characters, and octets that are not UTF-8."""

_TOKEN = re.compile(r"""[^\s"']+""")
_BEFORE_PASSWORD = re.compile(r"\w:/+[^:@/]*:|(?<![\w.%+-])(?!sips?:|tel:)[\w.%+-]+:(?!/)")
"""What stands before the password in a database URL, also where its scheme is damaged or missing. What stands before an
@ in a SIP URI is a user, not a password."""
_REACH = 1000
"""So far around a stretch we look for the URL to which it may belong: lines can be long."""


def one_line(text: str) -> str:
    """A message on one line, without control characters and passwords."""
    if "\n" in text or "\t" in text or "\r" in text:
        text = " ".join(text.split())
    return without_passwords(text if text.isprintable() else plain(text))


def plain(text: str) -> str:
    """The text with a sign in the place of each character that does not print; tabs stay."""
    return "".join(character if character == "\t" or character.isprintable() else STRANGE for character in text)


def without_passwords(text: str) -> str:
    """The text with stars for the passwords of URLs: what is shown ends in logs and bug reports."""
    return _TOKEN.sub(_cover, text) if "@" in text else text


def stretch(line: str, start: int, stop: int) -> str:
    """line[start:stop] as it may be shown, character for character; what a long line costs does not depend on it."""
    low = max(0, start - _REACH)
    near = plain(line[low : stop + _REACH])
    return without_passwords(near)[start - low : stop - low]


def width(text: str) -> int:
    """How many columns of a terminal it takes."""
    return len(text) if text.isascii() else sum(map(_width, text))


def _width(character: str) -> int:
    if unicodedata.east_asian_width(character) in "WF":
        return 2
    return 0 if unicodedata.category(character) in ("Mn", "Me") else 1


def _cover(token: re.Match[str]) -> str:
    text = token.group()
    at = text.rfind("@")
    found = _BEFORE_PASSWORD.search(text, 0, at) if at > 0 else None
    if found is None or found.end() == at:
        return text
    return text[: found.end()] + "*" * (at - found.end()) + text[at:]
