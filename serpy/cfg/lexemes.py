"""The words, signs, strings and comments of a script's text, in their order: what the preprocessor, the formatter and
the comments that silence warnings start from. Nothing is left out but blanks, and no text is too broken for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ..dialect import Dialect


@dataclass(frozen=True, slots=True)
class Flavour:
    """What the dialects read differently, letter by letter."""

    directives: bool
    """`#!define` and its like are Kamailio's preprocessor; else they are comments."""
    slashes: bool
    """`//` starts a comment (Kamailio); comments in `/* */` nest where it does not (SER dialect 1.1)."""
    escaped_quotes: bool
    r"""`\"` does not end a string; in SER 0.8 it does (SER dialect 1.2)."""
    attributes: bool
    """`$x` is an attribute (SER)."""
    variables: bool
    """`$x` is a pseudo-variable (Kamailio); with `attributes` it depends on its form."""

    @property
    def is_kamailio(self) -> bool:
        return self.variables


SER_0_8 = Flavour(directives=False, slashes=False, escaped_quotes=False, attributes=True, variables=False)
SER = Flavour(directives=False, slashes=False, escaped_quotes=True, attributes=True, variables=False)
SIP_ROUTER = Flavour(directives=True, slashes=True, escaped_quotes=True, attributes=True, variables=False)
KAMAILIO = Flavour(directives=True, slashes=True, escaped_quotes=True, attributes=False, variables=True)
MIXED = Flavour(directives=True, slashes=True, escaped_quotes=True, attributes=True, variables=True)

_HEADER = re.compile(
    r"^(?:#|//)!(?:(SER)(?:[-_ ]?(0[._]8|0[._]9|2)[.0-9]*)?|(KAMAILIO|OPENSER)|(ALL|MAXCOMPAT))[ \t\r]*$",
    re.MULTILINE | re.IGNORECASE,
)


class Header(NamedTuple):
    """The line `#!SER`, `#!SER 0.8`, `#!KAMAILIO`, ... of a script."""

    ser: bool
    version: str
    """`0.8`, `0.9`, `2`, or "" where the line names none."""
    mixed: bool


def header(text: str) -> Header | None:
    """The line that names the dialect; None without one. (Kamailio dialect 1.1)"""
    match = _first_in_code(_HEADER, text)
    if match is None:
        return None
    return Header(match[1] is not None, (match[2] or "").replace("_", "."), match[4] is not None)


def flavour_of(dialect: Dialect | None, text: str) -> Flavour:
    """How a script is read. Without a dialect: as SER, which keeps what a closer look needs."""
    said = header(text)
    if dialect is Dialect.KAMAILIO:
        return KAMAILIO if said is not None and not said.ser and not said.mixed else MIXED
    if dialect is Dialect.SER_0_8:
        return SER_0_8
    # sip-router's own mark: SER's language with the newer preprocessor
    if said is not None and said.ser and not said.version and directive(text):
        return SIP_ROUTER
    return SER


def directive(text: str) -> re.Match[str] | None:
    """The first line for Kamailio's preprocessor; behind #!SER an included file without `#!` is one too."""
    found = _first_in_code(_DIRECTIVE, text)
    said = header(text) if found is None else None
    return _first_in_code(_BARE_INCLUDE, text) if said is not None and said.ser and not said.version else found


def _first_in_code(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The first match that is not part of a string or of a comment in `/* */`."""
    match = pattern.search(text)
    if match is None:
        return None
    for passive in _PASSIVE.finditer(text):
        sign = match.end() - len(match[0].lstrip())
        if sign <= passive.start():
            return match
        if sign < passive.end():
            match = pattern.search(text, passive.end())
            if match is None:
                return None
    return match


class Lexeme(NamedTuple):
    """A piece; its type is a terminal of the grammar, or COMMENT, DIRECTIVE, OPEN_STRING, OPEN_COMMENT, STRANGE."""

    type: str
    start: int
    end: int


_DIRECTIVES = (
    "(?:(?:try|re)?def(?:ine)?|(?:try)?undef(?:ine)?|if(?:n?def|exp)|else|endif|subst(?:defs?)?|def(?:exp|env)s?"
    "|trydefenvs?|include_file|import_file)"
)
_DIRECTIVE = re.compile(rf"^[ \t]*[#!]!{_DIRECTIVES}\b", re.MULTILINE)
_BARE_INCLUDE = re.compile(r"^[ \t]*(?:include_file|import_file)(?=[ \t]*[\"'])", re.MULTILINE)
_PASSIVE = re.compile(r"\"[^\"\\]*(?:\\.[^\"\\]*)*\"|'[^']*'|/\*.*?(?:\*/|\Z)|(?:#|//)[^\n]*", re.DOTALL)
_DIRECTIVE_HERE = re.compile(rf"[#!]!{_DIRECTIVES}(?![A-Za-z0-9_])[^\n\\]*(?:\\(?:\r?\n|.)?[^\n\\]*)*")
_BLANK = re.compile(r"[ \t\r\n\f\b\v]+|\\\r?\n")
_NAME = re.compile(r"[A-Za-z0-9_]+")
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_INCLUDE = re.compile(r'(?:include_file|import_file)[ \t]*(?:"[^"\n]*"|\'[^\'\n]*\')')
_ASSIGNED = re.compile(r"(?:\s|#[^\n]*\n|/\*(?:[^*]|\*(?!/))*\*/)*=(?![=~])")
_CUSTOM = re.compile(
    r"(?:coreparam\s*\[[^\]\n]*\]|[A-Za-z_]\w*(?:\[\d+\])?(?:\.[A-Za-z_]\w*)+)(?=\s*=(?![=~]))", re.ASCII
)
_ROUTE_NAME = re.compile(r"[^\s\]\[\"'{}();,=#/]+")
_SIGN = re.compile(r"==|=~|!=|<=|>=|<<|>>|&&|\|\||[-=<>!&|{}()\[\],;:/*+^~]")
_MERGE = re.compile(r"(?:<{7}(?!<)|>{7}(?!>)|\|{7}(?!\|)|={7}(?!=))[^\n]*")
"""A mark of a merge."""
_DOUBLE_QUOTES = "`\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033"
_SINGLE_QUOTES = "\u2018\u2019\u201a\u201b\u2032"
_STRANGE = re.compile(
    rf"[{_DOUBLE_QUOTES}][^\n\"{_DOUBLE_QUOTES}]*[\"{_DOUBLE_QUOTES}]"
    rf"|[{_SINGLE_QUOTES}][^\n'{_SINGLE_QUOTES}]*['{_SINGLE_QUOTES}]"
    rf"|[{_DOUBLE_QUOTES}{_SINGLE_QUOTES}]"
    r"|[\u00a0\u2000-\u200f\u202f\u2060\u3000\ufeff]+|[\udc80-\udcff]+|[^\W\x00-\x7f]+|[\s\S]"
)
"""What has no meaning: a text in other quotation marks, a row of other blanks or letters, or one character."""
_CAST = re.compile(r"\((?:int|str)\)")

_LABEL = r"[A-Za-z0-9_]+"
_IPV4 = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![A-Za-z0-9_.-])"
_IPV6 = r"(?:[0-9A-Fa-f]{1,4})?(?::[0-9A-Fa-f]{0,4}){2,8}(?:(?<=:)[0-9]{1,3}(?:\.[0-9]{1,3}){3})?(?![A-Za-z0-9_:.])"
_BRACKETED = r"\[[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*\]"
_HOST = rf"{_LABEL}(?:[.-]+{_LABEL})*"
_PROTO = r"(?:udp|tcp|tls|sctp|wss?|UDP|TCP|TLS|SCTP|WSS?|\*)"
_BITS = rf"\s*/\s*(?:{_IPV4}|\[?{_IPV6}\]?|[0-9]+(?![A-Za-z0-9_]))"
_SPECIAL = r"(?:uri:(?:host|port)|msg:len)(?![A-Za-z0-9_])"


def _long(colon: str, host: str, proto: str = _PROTO) -> re.Pattern[str]:
    """What is longer than a name: networks, sockets, addresses, names of hosts."""
    port = r"(?:[0-9]+(?![A-Za-z0-9_.])|\*)"
    return re.compile(
        rf"(?P<WORD_1>{_SPECIAL})"
        rf"|(?P<NETWORK>(?:{_IPV4}|{_BRACKETED}|{_IPV6}){_BITS})"
        rf"|(?P<WORD_2>{proto}{colon}(?:\*|{_BRACKETED}|{_HOST}){colon}(?:{_LABEL}|\*)"
        rf"|{_PROTO}{colon}(?:\*|{_BRACKETED}|{_HOST}))"
        rf"|(?P<WORD_3>{_IPV6}|(?:{_BRACKETED}|{_HOST}|\*){colon}{port}|{_BRACKETED}|{host})"
    )


# At the top a name may hold dashes and blanks may stand around the colons; in Kamailio's blocks a dash is a minus, so
# that a host needs a dot there
_LONG_TOP = _long(r"[ \t]*:[ \t]*", rf"{_LABEL}(?:[.-]+{_LABEL})+", rf"(?:{_LABEL}|\*)")
_LONG_SER = _long(":", rf"{_LABEL}(?:[.-]+{_LABEL})+")
_LONG_KAMAILIO = _long(":", rf"{_LABEL}(?:-{_LABEL})*(?:\.{_LABEL}(?:-{_LABEL})*)+")

_ATTRIBUTE = re.compile(
    r"[$%](?:(?:f|t|fr|tr|fu|tu|fd|td|g)\.)?[A-Za-z_][A-Za-z0-9_]*(?:\[[ \t]*(?:-?[0-9]+)?[ \t]*\])?"
)
_SURE_ATTRIBUTE = re.compile(
    r"[$%](?:f|t|fr|tr|fu|tu|fd|td|g)\.[A-Za-z_][A-Za-z0-9_]*(?:\[[ \t]*(?:-?[0-9]+)?[ \t]*\])?(?!\()"
    r"|[$%][A-Za-z_][A-Za-z0-9_]*\[[ \t]*(?:-?[0-9]+)?[ \t]*\]"
    r"|%[A-Za-z_][A-Za-z0-9_]*"
)
_RESULT = re.compile(r"\$(?:\?|retcode\b)")
_RESULT_KAMAILIO = re.compile(r"\$(?:\?|retcode\b|rc\b)")
_VARIABLE = re.compile(r"\$[A-Za-z0-9_]*")
_INNER = re.compile(r"\([\w.:>$\[\]-]*")
"""What a variable holds whose parenthesis is not closed."""
_ROW = re.compile(r"([$@%])\1*")
_PARENTHESIS = re.compile(r"[()]")
_SELECT = re.compile(r'@[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*|\[(?:-?[0-9]+|"[^"\n]*"|[A-Za-z0-9_]*)\])*')
_NUMBER = re.compile(r"(?:0x[0-9A-Fa-f]+|[01]+b|[0-9]+)(?![A-Za-z0-9_])")

_WORDS = {
    "loadmodule": "LOADMODULE",
    "modparam": "MODPARAM",
    "route": "ROUTE",
    "failure_route": "ROUTE",
    "onreply_route": "ROUTE",
    "branch_route": "ROUTE",
    "onsend_route": "ROUTE",
    "if": "IF",
    "else": "ELSE",
    "drop": "END",
    "break": "END",
    "exit": "END",
    "return": "END",
    "not": "NOT",
    "and": "AND",
    "or": "OR",
    **dict.fromkeys(("yes", "true", "on", "enable", "no", "false", "off", "disable"), "NUMBER"),
}
_WORDS_KAMAILIO = {
    **_WORDS,
    "loadmodulex": "LOADMODULE",
    "modparamx": "MODPARAM",
    "request_route": "ROUTE",
    "reply_route": "ROUTE",
    "event_route": "EVENT_ROUTE",
    "while": "WHILE",
    "switch": "SWITCH",
    "case": "CASE",
    "default": "DEFAULT",
    "defined": "DEFINED",
}
_WORDS_TOP = {"flags": "FLAGS", "bool": "FLAGS", "avpflags": "AVPFLAGS"}
_SETTINGS = frozenset({"mpath", "loadpath", "cfgengine"})
_OPERATOR_WORDS = frozenset({"mod", "eq", "ne", "ieq", "ine"})
_OPERAND_ENDS = frozenset({"NUMBER", "STRING", "ID", "WORD", "NETWORK", "VARIABLE", "ATTRIBUTE", "SELECT", "CLOSE"})
_LOGICAL = {"&": "AND", "|": "OR"}
_SIGNS = {
    "{": "OPEN_BLOCK",
    "}": "CLOSE_BLOCK",
    "(": "OPEN",
    ")": "CLOSE",
    "[": "OPEN_INDEX",
    "]": "CLOSE_INDEX",
    ",": "COMMA",
    ";": "SEMICOLON",
    ":": "COLON",
    "=": "EQUALS",
    "!": "NOT",
    "&&": "AND",
    "||": "OR",
    "-": "MINUS",
    "/": "SLASH",
    "*": "STAR",
    "~": "TILDE",
}


def scan(text: str, flavour: Flavour, start: int = 0, depth: int = 0, before: str = "") -> Iterator[Lexeme]:
    """The lexemes from `start` on.

    Args:
        depth: how many blocks are open there; some words mean more outside of all of them.
        before: the type of the lexeme before.
    """
    kamailio = flavour.is_kamailio
    words = _WORDS_KAMAILIO if kamailio or flavour.directives else _WORDS
    long = _LONG_KAMAILIO if kamailio else _LONG_SER
    parentheses = _Parentheses(text)
    settings = False  # in the braces of `socket = { ... }`
    at, end = start, len(text)
    while at < end:
        first = text[at]
        if first in " \t\n\r\f\b\v\\" and (blank := _BLANK.match(text, at)):
            at = blank.end()
            continue
        kind, stop = "", at + 1
        if match := _NAME.match(text, at):
            if before == "OPEN_ROUTE" and (named := _ROUTE_NAME.match(text, at)):
                kind, stop = "ROUTE_NAME", named.end()
            else:
                kind, stop = _name(text, at, match.end(), flavour, words, long, depth, before)
                if kind == "PARAM" and depth and not settings:
                    kind = "ID"
        elif first == '"' or first == "'":
            stop = _string_end(text, at, first, flavour)
            kind = "STRING" if stop else "OPEN_STRING"
            stop = stop or end
        elif first == "#" or (first == "!" and flavour.directives and text.startswith("!!", at)):
            match = _DIRECTIVE_HERE.match(text, at) if flavour.directives else None
            if match:
                kind, stop = "DIRECTIVE", match.end()
            elif first == "#":
                kind, stop = "COMMENT", text.find("\n", at)
                stop = end if stop < 0 else stop
            else:
                kind = "NOT"
        elif first == "/" and text.startswith("/*", at):
            stop = _comment_end(text, at, nested=not flavour.slashes)
            kind = "COMMENT" if stop else "OPEN_COMMENT"
            stop = stop or end
        elif first == "/" and text.startswith("//", at):
            kind, stop = "COMMENT" if flavour.slashes else "STRANGE", text.find("\n", at)
            stop = end if stop < 0 else stop
        elif first in "$%@":
            kind, stop = _reference(text, at, flavour, parentheses)
        elif (
            first in ":[*"
            and before not in ("ROUTE", "EVENT_ROUTE")
            and (match := (long if depth else _LONG_TOP).match(text, at))
        ):
            kind, stop = (match.lastgroup or "").partition("_")[0], match.end()
        elif first == "(" and kamailio and (match := _CAST.match(text, at)):
            kind, stop = "CAST", match.end()
        elif first in "<=>|" and (match := _MERGE.match(text, at)) and text[at - 1 : at] in ("", "\n"):
            kind, stop = "STRANGE", _merge_end(text, at, match.end())
        elif match := _SIGN.match(text, at):
            sign, stop = match[0], match.end()
            kind = ("OPERATOR" if kamailio else _LOGICAL[sign]) if sign in _LOGICAL else _SIGNS.get(sign, "OPERATOR")
            if kind == "OPEN_BLOCK":
                settings = before == "EQUALS" and not depth
                depth += 1
            elif kind == "CLOSE_BLOCK" and depth:
                depth -= 1
                settings = False
        else:
            kind, match = "STRANGE", _STRANGE.match(text, at)
            stop = match.end() if match else at + 1
        yield Lexeme(kind, at, stop)
        if kind != "COMMENT" and kind != "DIRECTIVE":
            before = "OPEN_ROUTE" if kind == "OPEN_INDEX" and before in ("ROUTE", "EVENT_ROUTE") else kind
        at = stop


def _name(
    text: str,
    at: int,
    stop: int,
    flavour: Flavour,
    words: dict[str, str],
    long: re.Pattern[str],
    depth: int,
    before: str,
) -> tuple[str, int]:
    """What starts with a letter or a digit."""
    follows = text[stop] if stop < len(text) else ""
    word = text[at:stop]
    if not depth and follows in ".[" and follows and (custom := _CUSTOM.match(text, at)):
        return "CUSTOM", custom.end()
    if follows == "-" and words.get(word) == "END":  # `exit-1`: since SER 2 a number has a sign
        return "END", stop
    # most names end at a blank: those are looked at again only where a network or a colon could follow
    goes_on = follows and (follows in ".-:/" or (follows in " \t\n" and (not depth or word[0] in "0123456789")))
    if goes_on and before not in ("CASE", "FLAGS"):
        match = (long if depth else _LONG_TOP).match(text, at)
        if match and match.end() > stop:
            return (match.lastgroup or "").partition("_")[0], match.end()
    kind = words.get(word)
    if kind is None and not depth:
        kind = _WORDS_TOP.get(word)
        if kind is None and word in _SETTINGS and not _ASSIGNED.match(text, stop):
            kind = "SETTING"
    if kind is not None:
        return kind, stop
    if flavour.directives and word in ("include_file", "import_file") and (include := _INCLUDE.match(text, at)):
        return "DIRECTIVE", include.end()
    if flavour.is_kamailio and word in _OPERATOR_WORDS and before in _OPERAND_ENDS:
        return "OPERATOR", stop
    if word[0] in "0123456789":
        return ("NUMBER" if _NUMBER.match(text, at) else "WORD"), stop
    return ("PARAM" if follows in "= \t\n\r" and _ASSIGNED.match(text, stop) else "ID"), stop


def _string_end(text: str, start: int, quote: str, flavour: Flavour) -> int:
    """Where the string ends; 0 when it does not."""
    if quote == '"' and flavour.escaped_quotes:
        match = _STRING.match(text, start)
        return match.end() if match else 0
    return text.find(quote, start + 1) + 1


def _comment_end(text: str, start: int, *, nested: bool) -> int:
    """Where the comment ends; 0 when it does not."""
    if not nested:
        closed = text.find("*/", start + 2)
        return closed + 2 if closed >= 0 else 0
    depth, at = 1, start + 2
    while match := _COMMENT_EDGE.search(text, at):
        depth += 1 if match[0] == "/*" else -1
        at = match.end()
        if depth == 0:
            return at
    return 0


def _reference(text: str, at: int, flavour: Flavour, parentheses: _Parentheses) -> tuple[str, int]:
    """What starts with $, % or @."""
    if text[at] == "@":
        match = _SELECT.match(text, at)
        return ("SELECT", match.end()) if match else ("STRANGE", _row_end(text, at))
    if match := (_RESULT_KAMAILIO if flavour.variables else _RESULT).match(text, at):
        return "WORD", match.end()
    if flavour.attributes:
        match = (_SURE_ATTRIBUTE if flavour.variables else _ATTRIBUTE).match(text, at)
        if match and (flavour.variables or not text.startswith("(", match.end())):
            return "ATTRIBUTE", match.end()
    if text[at] == "%":  # in every dialect
        match = _ATTRIBUTE.match(text, at)
        return ("ATTRIBUTE", match.end()) if match else ("STRANGE", _row_end(text, at))
    match = _VARIABLE.match(text, at)
    stop = match.end() if match else at + 1
    if text.startswith("(", stop):
        if closed := parentheses.closing(stop):
            return "VARIABLE", closed
        inner = _INNER.match(text, stop)
        return "STRANGE", inner.end() if inner else stop + 1
    return ("VARIABLE", stop) if stop > at + 1 else ("STRANGE", _row_end(text, at))


def _row_end(text: str, at: int) -> int:
    """Behind a row of one sign: `$$$$` is one mistake."""
    match = _ROW.match(text, at)
    end = match.end() if match else at + 1
    opens = _NAME.match(text, end) or text.startswith("(", end)  # the last of them is somebody's
    return max(at + 1, end - 1) if opens else end


def _merge_end(text: str, at: int, line_end: int) -> int:
    """Where a mark of a merge ends: what follows the first of two versions belongs to its mark."""
    if text[at] in "<>":
        return line_end
    last = text.find("\n>>>>>>>", line_end)
    if last < 0 or text.find("\n<<<<<<<", line_end, last) >= 0:
        return line_end
    end = text.find("\n", last + 1)
    return len(text) if end < 0 else end


class _Parentheses:
    """Which parenthesis closes which, in the line that is looked at: one pass for all of them."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._end = -1
        self._pairs: dict[int, int] = {}

    def closing(self, start: int) -> int:
        """Behind the parenthesis that closes the one at `start`; 0 where none does in this line."""
        if start >= self._end:
            end = self._text.find("\n", start)
            self._end = len(self._text) if end < 0 else end
            self._pairs = {}
            opened: list[int] = []
            for match in _PARENTHESIS.finditer(self._text, start, self._end):
                if match[0] == "(":
                    opened.append(match.start())
                elif opened:
                    self._pairs[opened.pop()] = match.end()
        return self._pairs.get(start, 0)
