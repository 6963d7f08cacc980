"""Kamailio's directives carried out: `#!define` and its like, `#!subst`, `#!ifdef` (Kamailio dialect 1.4)."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from .defines import PREDEFINED, Define, Expression, Substitution
from .diagnostics import Diagnostic, Label
from .source import Span

LONGEST = 100_000
"""The most characters that substitutions may make of one text."""
MOST = 200_000
"""How many times a substitution may be tried: each on each text behind it."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(slots=True)
class Condition:
    """An `#!ifdef` that is open."""

    span: Span
    taken: bool
    """Whether what stands here is read."""
    done: bool
    """Whether a branch of it was read, or none may be."""
    in_else: bool = False


class Directives:
    """What the directives so far have made.

    Args:
        given: the definitions of the command line; None: there is no preprocessor.
    """

    def __init__(self, given: Mapping[str, str] | None) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.defines: dict[str, Define] = {}
        self.substitutions: list[Substitution] = []
        self._substituted = 0
        self.environment: list[tuple[str, str | None]] = []
        """The variables of the environment that were asked for, with what they were."""
        self._odd: list[Label] = []
        self._looked_at = 0
        if given is not None:
            self.defines.update((name, Define("", None)) for name in PREDEFINED)
            self.defines.update((name, Define(value, None)) for name, value in given.items())

    def substituted(self, text: str) -> str:
        """The text of a string or a variable after all substitutions so far.

        Raises:
            ValueError: it has become too long.
        """
        for substitution in self.substitutions:
            self._substituted += 1
            if self._substituted > MOST:
                raise ValueError("there are too many substitutions for so many texts")
            text = substitution.apply(text, LONGEST)
        return text

    def define(self, name: str, rest: str, span: Span) -> None:
        written, name = name, name.replace("define", "def")
        if name in ("subst", "substdef", "substdefs"):
            self._subst(name, rest, span)
            return
        if name.endswith(("env", "envs")):
            self._from_environment(name, rest, span)
            return
        match = _NAME.match(rest)
        if match is None:
            self._error(
                "bad-directive", span, f"#!{written} is not followed by a name", "write for example #!define WITH_AUTH"
            )
            return
        if rest[match.end() : match.end() + 1].strip():
            told = f"{rest.split()[0]} is not a name: it has letters, digits and underscores"
            self._error("bad-directive", span, told, "write for example #!define WITH_AUTH")
            return
        word, value = match[0], rest[match.end() :].strip()
        if name in ("undef", "tryundef"):
            if self.defines.pop(word, None) is None and name == "undef":
                self._error("bad-directive", span, f"{word} is not defined", "write #!tryundef if it need not be")
            return
        if name in ("defexp", "defexps"):
            try:
                value = str(Expression(value, self.defines).value)
            except ValueError as error:
                self._error("bad-directive", span, f"this expression cannot be used: {error}", "correct it")
                return
            value = f'"{value}"' if name == "defexps" else value
        known = self.defines.get(word)
        if known is not None and name == "trydef":
            return
        if known is not None and name != "redef":
            if known.span is None:  # the command line decides
                return
            self._error(
                "defined-twice",
                span,
                f"{word} is defined already",
                "write #!redefine, or #!trydefine to keep the first",
                Label(known.span, "first defined here"),
            )
            return
        self.defines[word] = Define(value, span)

    def _from_environment(self, name: str, rest: str, span: Span) -> None:
        word, _, variable = rest.strip().partition("=")
        variable = (variable or word).strip()
        word = word.strip()
        value = os.environ.get(variable) if variable and "\0" not in variable else None
        self.environment.append((variable, value))
        if value is None:
            if not name.startswith("try"):
                self._error(
                    "no-environment",
                    span,
                    f"the environment has no variable {variable or '(no name)'}",
                    f"set it before the start, or write #!try{name}",
                )
            return
        self.defines[word] = Define(f'"{value}"' if name.endswith("s") else value, span)

    def _subst(self, name: str, rest: str, span: Span) -> None:
        text = rest.strip()
        if len(text) < 2 or text[0] not in "\"'" or text[-1] != text[0]:
            self._error("bad-directive", span, f"#!{name} takes one text in quotes", f'write #!{name} "/this/that/g"')
            return
        try:
            substitution = Substitution(text[1:-1])
        except ValueError as error:
            self._error("bad-directive", span, f"this substitution cannot be used: {error}", "correct it")
            return
        self.substitutions.append(substitution)
        if name != "subst":
            value = substitution.replacement
            self.defines[substitution.expression] = Define(f'"{value}"' if name == "substdefs" else value, span)

    def condition(self, name: str, rest: str, span: Span, conditions: list[Condition]) -> None:
        if name in ("ifdef", "ifndef"):
            word = rest.split()[0] if rest.split() else ""
            if not word:
                self._error("bad-directive", span, f"#!{name} is not followed by a name", "write the defined word")
            is_true = (word in self.defines) is (name == "ifdef")
            conditions.append(Condition(span, is_true, is_true))
        elif name == "ifexp":
            try:
                is_true = Expression(rest, self.defines).is_true
            except ValueError as error:
                self._error("bad-directive", span, f"this expression cannot be used: {error}", "correct it")
                is_true = False
            conditions.append(Condition(span, is_true, is_true))
        elif not conditions:
            told = f"this #!{name} belongs to no #!ifdef"
            self._error("lonely-directive", span, told, "remove it", *self._meant_to_open())
        elif name == "endif":
            conditions.pop()
        elif conditions[-1].in_else:
            opened = Label(conditions[-1].span, "of this condition")
            self._error("lonely-directive", span, "this is the second #!else", "remove one of them", opened)
        else:
            top = conditions[-1]
            top.in_else = True
            top.taken, top.done = not top.done, True

    def _meant_to_open(self) -> list[Label]:
        """The last comment that looks like an `#!ifdef`. (Of thousands of findings each is looked at once.)"""
        for each in self.diagnostics[self._looked_at :]:
            if each.code == "odd-comment" and "#!if" in each.hint:
                self._odd = [Label(each.span, "was this meant to open it?")]
        self._looked_at = len(self.diagnostics)
        return self._odd

    def _error(self, code: str, span: Span, message: str, hint: str, *labels: Label) -> None:
        self.diagnostics.append(Diagnostic("error", code, span, message, hint, labels))
