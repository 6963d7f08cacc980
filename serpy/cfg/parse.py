"""From tokens to nodes. Where the script cannot be parsed it is read again, in search of all its mistakes."""

from __future__ import annotations

from typing import NamedTuple

from lark.exceptions import UnexpectedToken

from ..dialect import Dialect
from .diagnostics import Diagnostic
from .grammar import grammar
from .lexemes import Lexeme
from .nodes import Tree
from .precedence import TooDeep
from .preprocess import CodeToken, Preprocessor, token
from .source import Source


class Parsed(NamedTuple):
    """The tree, and what is wrong with the script; with errors of syntax the tree is empty."""

    tree: Tree
    diagnostics: list[Diagnostic]


def parse(source: Source, reader: Preprocessor, dialect: Dialect, lexemes: list[Lexeme] | None = None) -> Parsed:
    """The script as a tree. `lexemes`: the script's, if they are known already."""
    parse = grammar().begin(dialect)
    end = _end(source)
    tree, found = Tree([]), []
    try:
        for each in reader.tokens(source, lexemes):
            parse.feed(each)
        if not reader.is_broken:
            tree = parse.end(end)
    except UnexpectedToken:
        return _explained(source, reader.again(), end)
    except TooDeep as error:
        hint = "use parentheses"
        found = [Diagnostic("error", "too-deep", error.span, "operators are nested too deeply here", hint)]
    if reader.is_broken:  # a string that does not end turns code into text and text into code
        return Parsed(Tree([]), reader.diagnostics)
    found += grammar().builder.diagnostics
    return Parsed(tree, [*reader.diagnostics, *found])


def _explained(source: Source, reader: Preprocessor, end: CodeToken) -> Parsed:
    """What is wrong with a script that cannot be parsed."""
    from .repair import mistakes_of  # a script without mistakes does not need it
    from .strange import wrong_file

    if (other := wrong_file(source)) is not None:
        return Parsed(Tree([]), [other])
    tokens = list(reader.tokens(source))
    if reader.is_broken:
        return Parsed(Tree([]), reader.diagnostics)
    found = mistakes_of(tokens, end, reader.long_strings, is_kamailio=reader.flavour.is_kamailio)
    return Parsed(Tree([]), [*reader.diagnostics, *found])


def _end(source: Source) -> CodeToken:
    last = len(source.text.rstrip())
    return token("$END", "", source.span(last, last))
