"""The codes of findings, each with what it means: `grammar/codes.toml`."""

from __future__ import annotations

import textwrap
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from ..cfg.diagnostics import Severity


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of finding."""

    word: str
    group: str
    """What it is about: the heading under which it is listed."""
    severities: tuple[Severity, ...]
    title: str
    explanation: str
    """Paragraphs: the cause, why it matters, what to do."""
    wrong: str
    """A script, or a piece of one, in which it is found; "" where a script alone cannot show it."""
    right: str
    """The same without it."""
    setup: str = ""
    """What must stand before both examples, mostly `loadmodule` lines."""
    dialect: str = ""
    """The dialect of the examples, where their words do not tell."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Other files that the examples need: name to text."""

    def as_text(self, columns: int = 80) -> str:
        """For a terminal."""
        head = f"{self.word} ({' or '.join(self.severities)}): {self.title}"
        parts = [_wrapped(head, columns), _wrapped(self.explanation, columns)]
        if self.wrong:
            parts.append(f"Wrong:\n\n{_indented(self.wrong)}")
        if self.right:
            parts.append(f"Right:\n\n{_indented(self.right)}")
        if "warning" in self.severities:
            parts.append(f"Where it is meant so:  # serpy: allow {self.word}")
        return "\n\n".join(parts)

    def as_markdown(self) -> str:
        """For the manual: the text under a heading of its own."""
        parts = [f"### {self.word}", f"*{' or '.join(self.severities)}*: {self.title}.", self.explanation]
        if self.wrong:
            parts.append(f"Wrong:\n\n```\n{self.wrong.strip()}\n```")
        if self.right:
            parts.append(f"Right:\n\n```\n{self.right.strip()}\n```")
        return "\n\n".join(parts)


@cache
def catalogue() -> Mapping[str, Code]:
    """All codes by their words: by group, and in a group as the file has them."""
    data = tomllib.loads(files("serpy.grammar").joinpath("codes.toml").read_text("utf-8"))
    codes = [_code(entry) for entry in data["code"]]
    order = {group: number for number, group in enumerate(data["groups"])}
    return {code.word: code for code in sorted(codes, key=lambda code: order[code.group])}


def _code(entry: dict[str, object]) -> Code:
    texts = {name: str(entry.get(name, "")).strip("\n") for name in ("title", "wrong", "right", "setup", "dialect")}
    severities = entry["severity"]
    return Code(
        word=str(entry["word"]),
        group=str(entry["group"]),
        severities=tuple(severities) if isinstance(severities, list) else (severities,),  # type: ignore[arg-type]
        explanation=_reflowed(str(entry["explanation"])),
        files=entry.get("files", {}),  # type: ignore[arg-type]
        **texts,
    )


def _reflowed(text: str) -> str:
    """Paragraphs on one line each."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n"))


def _wrapped(text: str, columns: int) -> str:
    return "\n\n".join(
        textwrap.fill(paragraph, columns, break_long_words=False, break_on_hyphens=False)
        for paragraph in text.split("\n\n")
    )


def _indented(text: str) -> str:
    return textwrap.indent(text.strip("\n"), "    ")
