"""Which dialect a script is written in, and how one can tell (D32)."""

from __future__ import annotations

import re

from ..dialect import Dialect
from .diagnostics import Diagnostic
from .nodes import Choice
from .preprocess import Code
from .source import Source

_FIRST_LINE = re.compile(r"#!\s*(?:(SER)(?:[-_ ]?(0[._]8|0[._]9|2)[.0-9]*)?|(KAMAILIO|OPENSER))\s*$", re.IGNORECASE)
_NAMED = {"0.8": Dialect.SER_0_8, "0.9": Dialect.SER_0_9, "2": Dialect.SER_2}

# What only Kamailio has; a directive stands in what is a comment elsewhere, so those are looked for in the raw text
_DIRECTIVE = re.compile(
    r"^[#!]!(?:(?:try|re)?def(?:ine)?|if(?:n?def|exp)|else|endif|subst(?:defs?)?|def(?:exp|env)s?)\b",
    re.MULTILINE,
)
_KAMAILIO = (
    (re.compile(r"\b(?:request_route|reply_route|event_route)\b(?=\s*[\[{])"), "the block {}"),
    (re.compile(r"\b(?:include_file|import_file|loadpath|cfgengine|modparamx|loadmodulex)\b"), "{}"),
    (re.compile(r"\b(?:while|switch)\b(?=\s*\()"), "the statement {}"),
    (
        re.compile(
            r"\$(?:[A-Za-z_]+\(|(?:r[uUdpPmsrb]|f[uUdnt]|t[uUdnt]|s[ip]|c[ist]|d[ud]|m[bl]|R[ip]|ua|pr|proto|br)\b(?!\.))"
        ),
        "the variable {}",
    ),
    (re.compile(r"^[A-Za-z_]\w*\.\w+\s*=", re.MULTILINE), "the setting {}"),
)
_SER_2 = (
    (re.compile(r"\b(?:exit|return)\b(?=\s*[(;}0-9$-])"), ""),
    (re.compile(r"\b(?:branch_route|onsend_route)\b(?=\s*[\[{])"), ""),
    (re.compile(r"^\s*(?:flags|bool)\s+[A-Za-z\"]", re.MULTILINE), ""),
    (re.compile(r"\$(?:\?|retcode\b)"), ""),
    (re.compile(r"^\s*avpflags\b|\b(?:re)?setavpflag\b|\bisavpflagset\b", re.MULTILINE), "attribute flags ({})"),
    (re.compile(r"[$%](?!retcode\b)[A-Za-z_][\w.]*"), "attributes ({})"),
    (re.compile(r"@[A-Za-z_]\w*"), "selects ({})"),
)


def declared(source: Source) -> Choice | None:
    """What the first line says (`#!SER`, `#!SER 0.8`, `#!KAMAILIO`); None when it does not name one dialect."""
    match = _FIRST_LINE.match(source.text.partition("\n")[0])
    if match is None:
        return None
    if match.group(3):
        return Choice(Dialect.KAMAILIO, "first line")
    version = (match.group(2) or "").replace("_", ".")
    return Choice(_NAMED[version], "first line") if version else None


def detect(code: Code) -> Choice:
    """What the script's own words tell."""
    is_ser = _FIRST_LINE.match(code.source.text.partition("\n")[0]) is not None
    found = None if is_ser else _first_of_kamailio(code)
    if found is not None:
        return Choice(Dialect.KAMAILIO, f"line {code.source.span(*found).line} uses {_word(code, *found)}")
    matches = [match for pattern, _ in _SER_2 if (match := pattern.search(code.text))]
    if matches:
        first = min(matches, key=re.Match.start)
        line = code.source.span(*first.span()).line
        return Choice(Dialect.SER_2, f"line {line} uses {first.group().strip()}")
    return Choice(Dialect.SER_0_9, "nothing newer is used")


def not_supported(code: Code, dialect: Dialect) -> list[Diagnostic]:
    """What the dialects have and serpy does not run yet, each once."""
    found: list[tuple[int, int, str]] = []
    if dialect is Dialect.KAMAILIO:
        if directive := _DIRECTIVE.search(code.source.text):
            found.append((*directive.span(), f"the preprocessor directive {directive.group()} of Kamailio"))
        for pattern, text in _KAMAILIO:
            if match := pattern.search(code.text):
                shown = match.group().rstrip("( =\t")
                found.append((match.start(), match.start() + len(shown), f"{text.format(shown)} of Kamailio"))
    if not any("variable" in text for _, _, text in found):
        for pattern, text in _SER_2:
            if text and (match := pattern.search(code.text)):
                shown = match.group().strip()
                start = match.end() - len(shown)
                found.append((start, match.end(), f"SER 2's {text.format(shown)}"))
    return [
        Diagnostic(
            "error",
            "not-supported-yet",
            code.source.span(start, end),
            f"{text} is not supported yet" if " of Kamailio" in text else f"{text} are not supported yet",
            "serpy runs the language of SER 0.8 and 0.9 so far; rewrite this part, or wait for a later version",
        )
        for start, end, text in sorted(found)
    ]


def _first_of_kamailio(code: Code) -> tuple[int, int] | None:
    spans = [match.span() for pattern, _ in _KAMAILIO if (match := pattern.search(code.text))]
    if directive := _DIRECTIVE.search(code.source.text):
        spans.append(directive.span())
    return min(spans, default=None)


def _word(code: Code, start: int, end: int) -> str:
    return code.source.text[start:end].rstrip("( =\t\n")
