"""The parser that Lark makes of grammar/script.lark; its tables are kept in the cache folder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from importlib.resources import files

import lark
from lark.exceptions import UnexpectedInput

from . import cache as kept
from .build import Builder
from .nodes import Tree
from .preprocess import Code


class Grammar:
    """One parser; made once and used for every script."""

    def __init__(self) -> None:
        self.text = files("serpy.grammar").joinpath("script.lark").read_text("utf-8")
        self._lark = lark.Lark(
            self.text,
            parser="lalr",
            propagate_positions=True,
            maybe_placeholders=True,
            cache=self._cache_file() or False,
        )

    def _cache_file(self) -> str | None:
        folder = kept.folder()
        name = f"grammar-{hashlib.sha256(self.text.encode()).hexdigest()[:16]}-lark-{lark.__version__}"
        return None if folder is None else str(folder / name)

    def parse(self, code: Code, on_error: Callable[[UnexpectedInput], bool] | None = None) -> Tree:
        """The script's tree.

        Raises:
            UnexpectedInput: there is none, and `on_error` (if given) could not help.
        """
        built = Builder(code).transform(self._lark.parse(code.text, on_error=on_error))
        assert isinstance(built, Tree)
        return built


@cache
def grammar() -> Grammar:
    """The parser, made once."""
    return Grammar()
