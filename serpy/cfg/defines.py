"""The words that Kamailio's preprocessor knows: `#!define` and what `#!ifexp` and `#!subst` make of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..script.regex import Match, Pattern
from .source import Span

PREDEFINED = ("KAMAILIO_5", "KAMAILIO_5_6", "KAMAILIO_5_6_3")
"""The version whose language is read; scripts ask for it (Kamailio dialect 1.4)."""


@dataclass(frozen=True, slots=True)
class Define:
    """One word and the text that stands for it."""

    value: str
    span: Span | None
    """Where it was defined; None for the command line and for what is always defined."""


class Substitution:
    """`/expression/replacement/flags` as `#!subst` takes it, with any sign in place of the slash.

    Raises:
        ValueError: what is wrong with it.
    """

    def __init__(self, text: str) -> None:
        parts = _parts(text)
        if len(parts) != 3:
            raise ValueError("it is not written as /expression/replacement/flags")
        expression, self.replacement, flags = parts
        if strange := set(flags) - {"g", "i"}:
            raise ValueError(f"it has the unknown flag {min(strange)}")
        self.expression = expression
        self._all = "g" in flags
        self._pattern = Pattern(expression, ignore_case="i" in flags)

    def apply(self, text: str, most: int) -> str:
        """The text with what matches replaced, everywhere or (without the flag g) once.

        Raises:
            ValueError: more than `most` octets would come of it.
        """
        data = text.encode("utf-8", "surrogateescape")
        out: list[bytes] = []
        at = made = 0
        while at <= len(data) and (match := self._pattern.search(data, at)) is not None:
            start, end = match.span()
            made += start - at + len(self.replacement)
            if made > most:
                raise ValueError(f"substitutions make more than {most:,} characters of this text")
            out += [data[at:start], self._replaced(match)]
            if end == start:  # an empty match: go on behind the next octet
                out.append(data[start : start + 1])
                end += 1
            at = end
            if not self._all:
                break
        out.append(data[at:])
        return b"".join(out).decode("utf-8", "surrogateescape")

    def _replaced(self, match: Match) -> bytes:
        def group(found: re.Match[bytes]) -> bytes:
            number = int(found[1])
            return (match.group(number) or b"") if number <= self._pattern.groups else b""

        return re.sub(rb"\\([0-9])", group, self.replacement.encode("utf-8", "surrogateescape"))


def _parts(text: str) -> list[str]:
    """What stands between the separators; a backslash keeps one."""
    if not text:
        return []
    separator = text[0]
    parts: list[str] = []
    part, at = "", 1
    while at < len(text):
        if text[at] == "\\" and text[at + 1 : at + 2] == separator:
            part += separator
            at += 2
            continue
        if text[at] == separator and len(parts) < 2:
            parts.append(part)
            part = ""
        else:
            part += text[at]
        at += 1
    return [*parts, part]


_TOKEN = re.compile(r"\s*(?:(\d+)|\"([^\"]*)\"|'([^']*)'|([A-Za-z_]\w*)|(==|!=|<=|>=|&&|\|\||[-+*/%<>!()]))")
_LEVELS = ({"||"}, {"&&"}, {"==", "!="}, {"<", ">", "<=", ">="}, {"+", "-"}, {"*", "/", "%"})
_DEEPEST = 50
_LONGEST = 10_000


class Expression:
    """The value of an expression over defines (Kamailio dialect 1.4: `#!ifexp`, `#!defexp`): a number or a text.

    Raises:
        ValueError: what is wrong with it.
    """

    def __init__(self, text: str, defines: Mapping[str, Define]) -> None:
        self._defines = defines
        self._tokens: list[re.Match[str]] = []
        at, text = 0, text.strip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise ValueError(f"{text[at:].strip()[:20]} has no meaning in an expression")
            self._tokens.append(match)
            at = match.end()
        self._at = 0
        self._depth = 0
        self.value = self._level(0)
        if self._at < len(self._tokens):
            raise ValueError(f"{self._tokens[self._at][0].strip()} cannot stand there")

    @property
    def is_true(self) -> bool:
        """A number that is not 0, or a text that is not empty."""
        return bool(self.value)

    def _sign(self) -> str:
        return self._tokens[self._at][5] or "" if self._at < len(self._tokens) else ""

    def _level(self, level: int) -> int | str:
        if level == len(_LEVELS):
            return self._operand()
        value = self._level(level + 1)
        while self._sign() in _LEVELS[level]:
            operator = self._sign()
            self._at += 1
            value = _combined(value, operator, self._level(level + 1))
        return value

    def _operand(self) -> int | str:
        if self._at >= len(self._tokens):
            raise ValueError("a value is missing at its end")
        number, double, single, name, sign = self._tokens[self._at].groups()
        self._at += 1
        if number is not None:
            return int(number[:18])
        if double is not None or single is not None:
            return double if double is not None else single
        if name is not None:
            return self._word(name)
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError("it is nested too deeply")
        try:
            if sign == "!":
                return int(not self._operand())
            if sign == "-":
                return -_number(self._operand())
            if sign == "(":
                value = self._level(0)
                if self._sign() != ")":
                    raise ValueError("a ) is missing")
                self._at += 1
                return value
        finally:
            self._depth -= 1
        raise ValueError(f"{sign} cannot stand there")

    def _word(self, name: str) -> int | str:
        define = self._defines.get(name)
        if define is None:
            return 0
        value = define.value.strip()
        if not value:
            return 1
        if value.isdigit():
            return int(value[:18])
        return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def _number(value: int | str) -> int:
    if isinstance(value, int):
        return value
    return int(value) if value.lstrip("-").isdigit() else 0


def _combined(left: int | str, operator: str, right: int | str) -> int | str:
    if operator == "||":
        return int(bool(left) or bool(right))
    if operator == "&&":
        return int(bool(left) and bool(right))
    if operator in ("==", "!="):
        same = left == right if isinstance(left, str) and isinstance(right, str) else _number(left) == _number(right)
        return int(same is (operator == "=="))
    if operator == "+" and isinstance(left, str):
        if len(left) > _LONGEST:
            raise ValueError(f"it makes a text of more than {_LONGEST:,} characters")
        return left + str(right)
    one, two = _number(left), _number(right)
    if operator in ("/", "%"):
        if not two:
            raise ValueError("it divides by 0")
        quotient = abs(one) // abs(two) * (1 if (one < 0) is (two < 0) else -1)  # as in C, towards 0
        return quotient if operator == "/" else one - quotient * two
    if abs(one) >= 1 << 63 or abs(two) >= 1 << 63:
        raise ValueError("a number is too large")
    return {
        "<": int(one < two),
        ">": int(one > two),
        "<=": int(one <= two),
        ">=": int(one >= two),
        "+": one + two,
        "-": one - two,
        "*": one * two,
    }[operator]
