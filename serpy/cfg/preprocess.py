r"""Comments and strings taken out of a script, so that the grammar sees code only.

The code keeps its length: a comment becomes blanks, the inside of a string becomes underscores between double quotes,
newlines stay. What a string says is kept beside it, by its offset.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..dialect import Dialect
from .diagnostics import Diagnostic, Label
from .source import Source

_INTERESTING = re.compile(r"""["'#\\]|/\*""")
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_NOT_NEWLINE = re.compile(r"[^\n]")

# SER dialect 1.2: what is not listed keeps its backslash, so that "\." and "\1" reach the regular expressions
_ESCAPE = re.compile(r'\\(?:([nrat\\"])|x([0-9A-Fa-f]{1,2})|([0-7]{2,3})|(\r?\n))')
_ESCAPE_0_8 = re.compile(r"\\([nrat\\])()()()")
_PLAIN = {"n": "\n", "r": "\r", "a": "\a", "t": "\t", "\\": "\\", '"': '"'}


@dataclass(frozen=True, slots=True)
class Code:
    """A script without comments and strings."""

    source: Source
    text: str
    strings: dict[int, str]
    """What the string literals say, by the offset of their opening quote."""
    diagnostics: list[Diagnostic]
    long_strings: list[tuple[int, int]]
    """The literals that span lines: where a missing quote shows."""


def strip(source: Source, dialect: Dialect | None) -> Code:
    """Take comments and strings out. The dialect (None: not known yet) decides how strings end and escape."""
    text = source.text
    classic_quotes = dialect is Dialect.SER_0_8
    parts: list[str] = []
    code = Code(source, "", {}, [], [])
    at = 0
    while match := _INTERESTING.search(text, at):
        start = match.start()
        parts.append(text[at:start])
        opening = match.group()
        if opening == "#":
            at = text.find("\n", start)
            at = len(text) if at < 0 else at  # the last line may lack its newline
            parts.append(" " * (at - start))
        elif opening == "/*":
            at = _comment_end(code, start)
            parts.append(_NOT_NEWLINE.sub(" ", text[start:at]))
        elif opening == "\\":
            at = start + 1
            continued = text.startswith(("\n", "\r\n"), at)
            parts.append(" " if continued else "\\")
        else:
            at = _string_end(code, start, opening, classic_quotes)
            inside = text[start + 1 : at - 1]
            code.strings[start] = inside if opening == "'" else _unescape(inside, classic_quotes)
            if "\n" in inside:
                code.long_strings.append((start, at))
            parts.append(f'"{_NOT_NEWLINE.sub("_", inside)}"')
    parts.append(text[at:])
    return Code(source, "".join(parts), code.strings, code.diagnostics, code.long_strings)


def _comment_end(code: Code, start: int) -> int:
    depth = 1
    at = start + 2
    while match := _COMMENT_EDGE.search(code.source.text, at):
        depth += 1 if match.group() == "/*" else -1
        at = match.end()
        if depth == 0:
            return at
    nested = "" if "/*" not in code.source.text[start + 2 :] else " (comments nest: each inner /* needs its own */)"
    code.diagnostics.append(
        Diagnostic(
            "error",
            "open-comment",
            code.source.span(start, start + 2),
            "this comment is never closed",
            f"close it with */{nested}",
        )
    )
    return len(code.source.text)


def _string_end(code: Code, start: int, quote: str, classic_quotes: bool) -> int:
    text = code.source.text
    at = start + 1
    while True:
        end = text.find(quote, at)
        if end < 0:
            _unbalanced(code, start, quote)
            return len(text) + 1
        backslashes = len(text[start + 1 : end]) - len(text[start + 1 : end].rstrip("\\"))
        if quote == "'" or classic_quotes or backslashes % 2 == 0:
            return end + 1
        at = end + 1


def _unbalanced(code: Code, start: int, quote: str) -> None:
    # the first string that spans lines is where a quote is more likely missing than the place where the file ran out
    suspect = code.long_strings[0][0] if code.long_strings else start
    labels = () if suspect == start else (Label(code.source.span(start, start + 1), "this one is never closed"),)
    code.diagnostics.append(
        Diagnostic(
            "error",
            "open-string",
            code.source.span(suspect, suspect + 1),
            "the string that starts here is never closed"
            if suspect == start
            else "the string that starts here spans lines",
            f"add the closing {quote}"
            if suspect == start
            else f"add the closing {code.source.text[suspect]} in its line",
            labels,
        )
    )


def _unescape(inside: str, classic: bool) -> str:
    if "\\" not in inside:
        return inside
    return (_ESCAPE_0_8 if classic else _ESCAPE).sub(_escaped, inside)


def _escaped(match: re.Match[str]) -> str:
    plain, hexadecimal, octal, _ = match.groups()
    if plain:
        return _PLAIN[plain]
    if hexadecimal or octal:
        octet = (int(hexadecimal, 16) if hexadecimal else int(octal, 8)) & 0xFF
        return bytes([octet]).decode("utf-8", "surrogateescape")
    return ""
