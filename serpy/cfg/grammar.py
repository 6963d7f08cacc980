"""The parser that Lark makes of grammar/script.lark; its tables are kept in the cache folder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

import lark

from ..dialect import Dialect
from . import cache as kept
from .build import Builder
from .nodes import Tree
from .preprocess import CodeToken


class Grammar:
    """One parser; made once and used for every script. It makes the nodes while it reads."""

    def __init__(self) -> None:
        self.text = files("serpy.grammar").joinpath("script.lark").read_text("utf-8")
        self.builder = Builder()
        self._lark = lark.Lark(
            self.text,
            parser="lalr",
            lexer="basic",  # the tokens are fed; Lark reads no text
            keep_all_tokens=True,
            maybe_placeholders=False,
            transformer=self.builder,
            cache=self._cache_file() or False,
        )

    def _cache_file(self) -> str | None:
        folder = kept.folder()
        name = f"grammar-{hashlib.sha256(self.text.encode()).hexdigest()[:16]}-lark-{lark.__version__}"
        return None if folder is None else str(folder / name)

    def begin(self, dialect: Dialect) -> Parse:
        """Start to read a script, or the rest of one."""
        self.builder.begin(dialect)
        return Parse(self._lark.parse_interactive())

    def tables(self) -> tuple[dict[int, dict[str, tuple[Any, Any]]], int, int]:
        """What Lark made of the grammar: the actions of each state, the first state and the last one."""
        conf = self._lark.parse_interactive().parser_state.parse_conf
        return conf.states, conf.start_state, conf.end_state


class Parse:
    """One script on its way through the parser: what is fed token by token."""

    feed: Callable[[CodeToken], None]
    """Take the next token. Raises UnexpectedToken: it cannot stand there; nothing has changed but for reductions."""

    def __init__(self, parser: Any) -> None:  # lark gives its methods no types
        self._parser = parser
        self.feed = parser.parser_state.feed_token

    def end(self, token: CodeToken) -> Tree:
        """The tree; `token` is that of the end.

        Raises:
            UnexpectedToken: the script cannot end there.
        """
        tree = self._parser.parser_state.feed_token(token, True)
        assert isinstance(tree, Tree)
        return tree

    @property
    def state(self) -> int:
        """Where the parser is: the number of its state."""
        return int(self._parser.parser_state.position)

    def accepts(self) -> set[str]:
        """The types of tokens that can come."""
        accepted: set[str] = self._parser.accepts()
        return accepted


@cache
def grammar() -> Grammar:
    """The parser, made once."""
    return Grammar()
