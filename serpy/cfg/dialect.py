"""Which dialect a script is written in, and how one can tell (D32)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..dialect import Dialect
from .lexemes import SER, Lexeme, directive, header, scan
from .nodes import Choice
from .source import Source

_NAMED = {"0.8": Dialect.SER_0_8, "0.9": Dialect.SER_0_9, "2": Dialect.SER_2}

_TELLING = re.compile(
    r"[$@%]|//|[A-Za-z_]\.[A-Za-z_]\w*\s*=|\b(?:exit|return|branch_route|onsend_route|flags|bool|avpflags|setavpflag|resetavpflag"
    r"|isavpflagset|request_route|reply_route|event_route|include_file|import_file|loadpath|cfgengine|modparamx"
    r"|loadmodulex|while|switch)\b"
)
"""A script without any of these is SER 0.9; one with them is looked at more closely."""

_KAMAILIO_WORDS = {
    **dict.fromkeys(("request_route", "reply_route", "event_route"), ("{[", "the block")),
    **dict.fromkeys(("include_file", "import_file", "cfgengine", "modparamx", "loadmodulex", "loadpath"), ("", "")),
    **dict.fromkeys(("while", "switch"), ("(", "the statement")),
}
_KAMAILIO_VARIABLE = re.compile(
    r"\$(?:[rft][uUdnt]|rm|rp|rP|r[bsrv]|o[uUdpP]|s[ip]|c[ist]|d[ud]|m[bli]|R[ip]|ua|pr|proto|br|hu|au|aU|ad|null|td|fd)"
)
"""What looks like an attribute and is one of Kamailio's well-known variables."""
_AVP_FLAG_COMMANDS = frozenset({"setavpflag", "resetavpflag", "isavpflagset"})


def declared(source: Source) -> Choice | None:
    """What a line such as `#!SER 0.8` or `#!KAMAILIO` says; None when there is none that names one dialect."""
    said = header(source.text)
    if said is None:
        return None
    if not said.ser:
        return Choice(Dialect.KAMAILIO, _line_of(source))
    return Choice(_NAMED[said.version], _line_of(source)) if said.version else None


def _line_of(source: Source) -> str:
    number = next(
        (number for number, line in enumerate(source.lines, 1) if line.startswith(("#!", "//!")) and header(line)), 1
    )
    return "first line" if number == 1 else f"line {number}"


def detect(source: Source) -> tuple[Choice, list[Lexeme] | None]:
    """What the script's own words tell; and its lexemes as SER reads them, if they were needed for this."""
    said = header(source.text)
    told = directive(source.text)
    if said is None and told is not None:
        line = source.span(*told.span()).line
        return Choice(Dialect.KAMAILIO, f"line {line} uses {told[0].strip()}"), None
    if said is not None and told is not None:  # sip-router: SER's language with the newer preprocessor
        return Choice(Dialect.SER_2, "its #!SER line, and a preprocessor"), None
    if not _TELLING.search(source.text):
        return Choice(Dialect.SER_0_9, "nothing newer is used"), None
    lexemes = list(scan(source.text, SER, 1 if source.text.startswith("\ufeff") else 0))
    code = [lexeme for lexeme in lexemes if lexeme.type != "COMMENT"]
    if said is None and (found := _of_kamailio(source.text, code)) is not None:
        lexeme, what = found
        line = source.span(lexeme.start, lexeme.end).line
        return Choice(Dialect.KAMAILIO, f"line {line} uses {what}"), None
    newer = next((lexeme for lexeme in _of_ser_2(source.text, code)), None)
    if newer is not None:
        line = source.span(newer.start, newer.end).line
        return Choice(Dialect.SER_2, f"line {line} uses {source.text[newer.start : newer.end]}"), lexemes
    return Choice(Dialect.SER_0_9, "nothing newer is used"), lexemes


def _of_kamailio(text: str, code: list[Lexeme]) -> tuple[Lexeme, str] | None:
    """The first thing that only Kamailio has, and its name."""
    blocks = 0
    for number, lexeme in enumerate(code):
        kind = lexeme.type
        if kind == "OPEN_BLOCK":
            blocks += 1
        elif kind == "CLOSE_BLOCK":
            blocks -= 1
        elif kind == "VARIABLE":
            return lexeme, f"the variable {text[lexeme.start : lexeme.end].partition('(')[0]}"
        elif kind == "ATTRIBUTE":
            name = text[lexeme.start : lexeme.end]
            if _KAMAILIO_VARIABLE.fullmatch(name):
                return lexeme, f"the variable {name}"
        elif kind == "CUSTOM":
            return lexeme, f"the setting {text[lexeme.start : lexeme.end]}"
        elif kind == "STRANGE" and text.startswith("//", lexeme.start):
            return lexeme, "a comment with //"
        elif kind in ("ID", "PARAM", "SETTING"):
            word = text[lexeme.start : lexeme.end]
            known = _KAMAILIO_WORDS.get(word)
            if known is None:
                continue
            signs, what = known
            following = code[number + 1] if number + 1 < len(code) else None
            if not signs or (following and text[following.start] in signs):
                return lexeme, f"{what} {word}".strip()
    return None


def _of_ser_2(text: str, code: list[Lexeme]) -> Iterable[Lexeme]:
    """What SER 2 brought."""
    for number, (kind, start, end) in enumerate(code):
        if kind in ("ATTRIBUTE", "SELECT", "AVPFLAGS", "FLAGS"):
            yield code[number]
        elif kind == "END":
            if text[start:end] in ("exit", "return"):
                yield code[number]
        elif kind == "ROUTE":
            if text[start:end] in ("branch_route", "onsend_route"):
                yield code[number]
        elif kind == "WORD":
            if text[start] == "$":
                yield code[number]
        elif kind == "ID" and text[start:end] in _AVP_FLAG_COMMANDS:
            yield code[number]
