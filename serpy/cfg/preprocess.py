r"""From a script's files to the tokens that the grammar sees: comments left out, strings read, and in Kamailio's
language the preprocessor's directives carried out (Kamailio dialect 1.4).

A token that a `#!define` put in stands where the defined word stands; a token of an included file stands in that file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping

from lark import Token

from .defines import Define
from .diagnostics import Diagnostic, Label
from .directives import Condition, Directives
from .lexemes import Flavour, Lexeme, scan
from .source import LARGEST, Source, Span, read_included

MOST_TOKENS = 500_000
DEEPEST = 200
"""How deep blocks and parentheses may nest."""
_DEEPEST_INCLUDE = 10
_MOST_EXPANDED = 100_000
_DEEPEST_DEFINE = 100

# SER dialect 1.2: what is not listed keeps its backslash, so that "\." and "\1" reach the regular expressions
_ESCAPE = re.compile(r'\\(?:([nrat\\"])|x([0-9A-Fa-f]{1,2})|([0-7]{2,3})|(\r?\n))')
_ESCAPE_0_8 = re.compile(r"\\([nrat\\])()()()")
_PLAIN = {"n": "\n", "r": "\r", "a": "\a", "t": "\t", "\\": "\\", '"': '"'}

_PLAIN_KINDS = frozenset(
    ("SEMICOLON", "OPEN", "CLOSE", "COMMA", "OPERATOR", "EQUALS", "OPEN_BLOCK", "CLOSE_BLOCK", "SELECT")
)
"""What no `#!define` changes."""
_LITERAL_KINDS = frozenset(("STRING", "VARIABLE", "OPEN_STRING", "OPEN_COMMENT"))

_DIRECTIVE = re.compile(r"(?:[#!]!)?([a-z_]+)\s*(.*)", re.DOTALL)
_CONTINUED = re.compile(r"\\\r?\n")
_CONDITION = re.compile(r"[#!]!(ifdef|ifndef|ifexp|else|endif)(?![A-Za-z0-9_])")
_MODULE = re.compile(r"([^/]*?)(?:\.so)?$")


class CodeToken(Token):
    """A token that knows its place."""

    __slots__ = ("span",)

    span: Span


def token(kind: str, value: str, span: Span) -> CodeToken:
    made = str.__new__(CodeToken, value)
    made.type = kind
    made.value = value
    made.span = span
    return made


class Preprocessor:
    """Reads one script with what it includes.

    Args:
        given: the definitions of the command line.
    """

    def __init__(self, flavour: Flavour, given: Mapping[str, str]) -> None:
        self.flavour = flavour
        self._given = given
        self._directives = Directives(given if flavour.directives else None)
        self.diagnostics: list[Diagnostic] = self._directives.diagnostics
        self.is_broken = False
        """A string or comment has no end, or the script is too large or deep: what the parser finds is of no use."""
        self.long_strings: list[Span] = []
        """The literals that span lines: where a missing quote shows."""
        self._files: list[tuple[str, bytes | None]] = []
        self._defines = self._directives.defines
        self._chain: list[str] = []
        self._read = 0
        self._depth: list[str] = []
        self._tokens = 0
        self._expanded = 0
        self._before = ""
        self._odd = False
        """A comment that looks like a directive was reported."""

    @property
    def inputs(self) -> list[tuple[str, str, str | bytes | None]]:
        """What was read besides the script: ("file", path, octets or None) and ("env", name, value or None)."""
        files = [("file", path, data) for path, data in self._files]
        return [*files, *(("env", name, value) for name, value in self._directives.environment)]

    def again(self) -> Preprocessor:
        """One that has read nothing yet."""
        return Preprocessor(self.flavour, self._given)

    def tokens(self, source: Source, lexemes: list[Lexeme] | None = None) -> Iterator[CodeToken]:
        """The tokens of the script, to its end. `lexemes`: the script's, if they are known already."""
        self._chain = [os.path.realpath(source.path)]
        yield from self._file(source, lexemes)

    # files

    def _file(self, source: Source, lexemes: list[Lexeme] | None) -> Iterator[CodeToken]:
        self._read += len(source.text)
        if self._read > LARGEST:
            self._too_large(source, f"a script may have {LARGEST // 1_000_000} MB, with all that it includes")
            return
        if "\0" in source.text or source.text[:1] in ("\udcff", "\udcfe"):
            from .strange import not_text

            if (binary := not_text(source)) is not None:
                self.is_broken = True
                self.diagnostics.append(binary)
                return
        text, flavour = source.text, self.flavour
        conditions: list[Condition] = []
        start = 1 if text.startswith("\ufeff") else 0
        pieces = iter(lexemes) if lexemes is not None else scan(text, flavour, start)
        while True:
            piece = next(pieces, None)
            if piece is None or self.is_broken:
                break
            kind, at, end = piece
            if kind == "COMMENT":
                if text.startswith("#!", at):
                    self._odd_comment(source, at, end)
                continue
            if kind == "DIRECTIVE":
                name, rest, place = self._directive(source, at, end)
                if name in ("ifdef", "ifndef", "ifexp", "else", "endif"):
                    self._directives.condition(name, rest, place, conditions)
                    if conditions and not conditions[-1].taken:
                        end = self._skip(source, end, conditions)
                        pieces = scan(text, flavour, end, self._depth.count("OPEN_BLOCK"), self._before)
                elif name in ("include_file", "import_file"):
                    yield from self._include(name, rest, place)
                else:
                    self._directives.define(name, rest, place)
                continue
            if kind in _PLAIN_KINDS or (not self._defines and kind not in _LITERAL_KINDS):
                yield self._counted(kind, text[at:end], source.span(at, end))
            else:
                yield from self._token(source, kind, at, end)
        if conditions and not self.is_broken:
            self._error("open-condition", conditions[-1].span, "this condition is never closed", "add #!endif")

    def _too_large(self, source: Source, hint: str, span: Span | None = None) -> None:
        self.is_broken = True
        place = span or source.included_from or source.span(0, 0)
        self._error("too-large", place, "the script is too large", hint)

    def _include(self, name: str, rest: str, span: Span) -> Iterator[CodeToken]:
        path = rest.strip()
        if len(path) < 2 or path[0] not in "\"'" or path[-1] != path[0]:
            self._error("bad-directive", span, f"{name} takes a file name in quotes", f'write {name} "other.cfg"')
            return
        path = self._substituted(path[1:-1], span)
        beside = os.path.join(os.path.dirname(span.source.path), path)
        found = path if os.path.exists(path) else beside
        if found != path:  # should it come to be there, it goes first
            self._files.append((os.path.abspath(path), None))
        real = os.path.realpath(found)
        if real in self._chain:
            told = f"{path} is being read already: it includes itself"
            self._error("circular-include", span, told, "remove one of the lines", *_included_first(span, real))
            return
        if len(self._chain) > _DEEPEST_INCLUDE:
            self._error(
                "deep-include",
                span,
                f"files include each other more than {_DEEPEST_INCLUDE} deep",
                "include this file from an outer one",
            )
            return
        try:
            data = read_included(found)
            if len(data) > LARGEST:
                self._too_large(span.source, f"a script may have {LARGEST // 1_000_000} MB", span)
                return
        except (OSError, ValueError) as error:
            self._files.append((os.path.abspath(found), None))
            if name == "include_file":
                reason = getattr(error, "strerror", None) or str(error)
                tried = f" (looked for as {beside})" if found != path else ""
                self._error(
                    "no-include",
                    span,
                    f"{path} cannot be read: {reason}{tried}",
                    "correct the path, or write import_file where the file may be missing",
                )
            return
        self._files.append((os.path.abspath(found), data))
        self._chain.append(real)
        yield from self._file(Source(found, data, span), None)
        self._chain.pop()

    # tokens

    def _token(self, source: Source, kind: str, at: int, end: int) -> Iterator[CodeToken]:
        span = source.span(at, end)
        value = source.text[at:end]
        if kind == "OPEN_STRING":
            self._open_string(span, value[0])
            return
        if kind == "OPEN_COMMENT":
            self._open_comment(span, value)
            return
        if kind == "STRING":
            if span.end_line != span.line:
                self.long_strings.append(span)
            yield self._counted(kind, self._text(value, span), span)
            if self._before == "LOADMODULE" and self.flavour.directives and (module := _MODULE.search(value[1:-1])):
                self._defines.setdefault(f"MOD_{module[1]}", Define("", span))
            self._before = kind
            return
        if kind == "VARIABLE":
            value = self._substituted(value, span)
        elif kind == "ROUTE_NAME":
            value = self._part(value)
        elif value in self._defines:
            yield from self._expand(value, span, frozenset())
            return
        elif kind == "WORD" and ":" in value:
            value = self._socket(value)
        yield self._counted(kind, value, span)

    def _counted(self, kind: str, value: str, span: Span) -> CodeToken:
        self._tokens += 1
        if self._tokens > MOST_TOKENS and not self.is_broken:
            self._too_large(span.source, f"a script may have {MOST_TOKENS:,} words and signs", span)
        if kind == "OPEN_BLOCK" or kind == "OPEN":
            self._depth.append(kind)
            if len(self._depth) > DEEPEST and not self.is_broken:
                self.is_broken = True
                self._error(
                    "too-deep",
                    span,
                    f"blocks and parentheses are nested more than {DEEPEST} deep here",
                    "move the inner part to a route of its own",
                )
        elif kind == "CLOSE_BLOCK" or kind == "CLOSE":
            # a missing ) is no reason to count its block as open
            while self._depth and self._depth.pop() == "OPEN" and kind == "CLOSE_BLOCK":
                pass
        if kind != "STRING":
            self._before = kind
        return token(kind, value, span)

    def _text(self, literal: str, span: Span) -> str:
        inside = literal[1:-1]
        if literal[0] == '"' and "\\" in inside:
            inside = (_ESCAPE if self.flavour.escaped_quotes else _ESCAPE_0_8).sub(_escaped, inside)
        return self._substituted(inside, span)

    def _substituted(self, text: str, span: Span) -> str:
        if self.is_broken:
            return text
        try:
            return self._directives.substituted(text)
        except ValueError as error:
            self.is_broken = True
            self._error("too-large", span, str(error), "let them replace less")
            return text

    def _expand(self, name: str, span: Span, active: frozenset[str]) -> Iterator[CodeToken]:
        """The tokens of a defined word."""
        value = self._defines[name].value
        active |= {name}
        self._read += len(value)
        if (self._read > LARGEST or len(active) > _DEEPEST_DEFINE) and not self.is_broken:
            self._too_large(span.source, "its defines make too much of a few words", span)
        if self.is_broken:
            return
        depth = self._depth.count("OPEN_BLOCK")
        for kind, at, end in scan(value, self.flavour, 0, depth, self._before):
            self._expanded += 1
            if self._expanded > _MOST_EXPANDED:
                if not self.is_broken:
                    self._too_large(span.source, "its defines make too many words of a few", span)
                return
            text = value[at:end]
            if kind in ("COMMENT", "DIRECTIVE"):
                continue
            if kind in ("OPEN_STRING", "OPEN_COMMENT"):
                defined = self._defines[name].span
                labels = (Label(defined, "defined here"),) if defined else ()
                self._error(
                    "bad-directive", span, f"the value of {name} has a string without an end", "close it", *labels
                )
                return
            if text in self._defines and text not in active and kind != "STRING":
                yield from self._expand(text, span, active)
            elif kind == "STRING":
                yield self._counted(kind, self._text(text, span), span)
                self._before = kind
            else:
                yield self._counted(kind, self._socket(text) if kind == "WORD" and ":" in text else text, span)

    def _socket(self, value: str) -> str:
        """`udp:ADDRESS:PORT` with its defined parts put in."""
        parts = [part.strip() for part in value.split(":")]
        return ":".join(self._part(part) for part in parts)

    def _part(self, part: str) -> str:
        seen: set[str] = set()
        while part in self._defines and part not in seen and len(seen) < _DEEPEST_DEFINE:
            seen.add(part)
            part = self._defines[part].value.strip().strip("\"'")
        return part

    # directives

    def _directive(self, source: Source, at: int, end: int) -> tuple[str, str, Span]:
        """Its word, what follows, and its place."""
        text = source.text[at:end]
        match = _DIRECTIVE.match(text)
        assert match is not None, "the scanner knows directives by their words"
        return match[1], _CONTINUED.sub("", match[2]).rstrip("\r\n"), source.span(at, at + len(text.rstrip()))

    def _skip(self, source: Source, at: int, conditions: list[Condition]) -> int:
        """Where reading goes on behind a branch that is not read. (There strings and comments count for nothing.)"""
        outer = len(conditions)
        while match := _CONDITION.search(source.text, at):
            line_end = source.text.find("\n", match.end())
            at = len(source.text) if line_end < 0 else line_end
            name, rest, span = self._directive(source, match.start(), at)
            if name in ("ifdef", "ifndef", "ifexp"):
                conditions.append(Condition(span, taken=False, done=True))
                continue
            self._directives.condition(name, rest, span, conditions)
            if len(conditions) < outer or (len(conditions) == outer and conditions[-1].taken):
                return at
        return len(source.text)

    # what has no end

    def _open_string(self, span: Span, quote: str) -> None:
        from .strange import bad_quote, pasted_quote  # a script without mistakes does not need it

        self.is_broken = True
        # the first string that spans lines is where a quote is more likely missing than where the file ran out
        mine = Span(span.source, span.line, span.column, span.line, span.column + 1)
        suspects = [each for each in self.long_strings if each.source is span.source]
        first = suspects[0] if suspects else span
        if (pasted := pasted_quote(first)) is not None:
            self.diagnostics.append(pasted)
            return
        suspect = Span(first.source, first.line, first.column, first.line, first.column + 1)
        line = first.source.lines[first.line - 1]
        sign = line[first.column - 1]
        labels = (Label(mine, "this one is never closed"),) if suspects else ()
        bad = bad_quote(first)
        if bad is not None:
            self.diagnostics.append(bad)
        elif line[first.column :].lstrip()[:1] in (")", ";", ","):
            told = "the string that ends here was never opened"
            self._error("open-string", suspect, told, f"add the opening {sign} before its text", *labels)
        elif suspects:
            told = "the string that starts here spans lines"
            self._error("open-string", suspect, told, f"add the closing {sign} in its line", *labels)
        else:
            hint = f"add the closing {quote}"
            if quote == '"' and '\\"' in line[first.column :] and self.flavour.escaped_quotes:
                hint = 'a quote behind a backslash belongs to the string: write \\\\" to end it with a backslash'
            self._error("open-string", mine, "the string that starts here is never closed", hint)

    def _odd_comment(self, source: Source, at: int, end: int) -> None:
        from .strange import odd_comment

        span = source.span(at, at + len(source.text[at:end].rstrip()))
        odd = odd_comment(source.text[at:end], span, has_directives=self.flavour.directives)
        if odd is not None and not (self._odd and not self.flavour.directives):
            self._odd = True
            self.diagnostics.append(odd)

    def _open_comment(self, span: Span, text: str) -> None:
        self.is_broken = True
        nested = not self.flavour.slashes and "/*" in text[2:]
        note = " (comments nest: each inner /* needs its own */)" if nested else ""
        opened = Span(span.source, span.line, span.column, span.line, span.column + 2)
        self._error("open-comment", opened, "this comment is never closed", f"close it with */{note}")

    def _error(self, code: str, span: Span, message: str, hint: str, *labels: Label) -> None:
        self.diagnostics.append(Diagnostic("error", code, span, message, hint, labels))


def _included_first(span: Span, real: str) -> tuple[Label, ...]:
    """Where the file that stands at this path was included, in the chain that leads to a place."""
    source: Source | None = span.source
    while source is not None:
        place = source.included_from
        if place is not None and os.path.realpath(source.path) == real:
            return (Label(place, "it is being read because of this line"),)
        source = place.source if place is not None else None
    return ()


def _escaped(match: re.Match[str]) -> str:
    plain, hexadecimal, octal, _ = match.groups()
    if plain:
        return _PLAIN[plain]
    if hexadecimal or octal:
        octet = (int(hexadecimal, 16) if hexadecimal else int(octal, 8)) & 0xFF
        return bytes([octet]).decode("utf-8", "surrogateescape")
    return ""
