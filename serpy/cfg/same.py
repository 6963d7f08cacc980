"""Whether two trees say the same, wherever their parts stand."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from .nodes import Call, Compare, RouteCall, Tree, Word
from .source import Span

# what `resolve` fills in says nothing new
_RESOLVED: dict[type, frozenset[str]] = {
    Call: frozenset({"module", "command", "values"}),
    Compare: frozenset({"operand", "value"}),
    RouteCall: frozenset({"defined"}),
}

_MOST_STEPS = 20
_Path = tuple[str, Any]
"""The last step, and the path before it; the text is made only where something differs."""


def difference(first: Tree, second: Tree) -> str | None:
    """Where the trees differ first, and how: `tree.items[2].body.statements[0]: ...`; None when they are the same.

    Places are not compared. (No recursion: a long chain of `else if` is a deep tree.)
    """
    pending: list[tuple[_Path, Any, Any]] = [(("tree", None), first, second)]
    while pending:
        path, one, other = pending.pop()
        if isinstance(one, Span) and isinstance(other, Span):
            continue
        one, other = _plain(one), _plain(other)
        kind = type(one)
        if kind is not type(other):
            return f"{_shown_path(path)}: {_shown(one)} and {_shown(other)}"
        if kind is list or kind is tuple:
            if len(one) != len(other):
                return f"{_shown_path(path)}: {len(one)} and {len(other)} parts"
            pending.extend(
                ((f"[{at}]", path), *both) for at, both in reversed([*enumerate(zip(one, other, strict=True))])
            )
        elif (names := _names(kind)) is not None:
            pending.extend(((f".{name}", path), getattr(one, name), getattr(other, name)) for name in names)
        elif one != other:
            return f"{_shown_path(path)}: {_shown(one)} and {_shown(other)}"
    return None


_known: dict[type, tuple[str, ...] | None] = {}


def _names(kind: type) -> tuple[str, ...] | None:
    """The fields of a node to be compared, last one first; None for what is no node."""
    if kind not in _known:
        skipped = _RESOLVED.get(kind, frozenset())
        found = fields(kind) if is_dataclass(kind) else ()
        names = [field.name for field in reversed(found) if field.type != "Span" and field.name not in skipped]
        _known[kind] = tuple(names) if is_dataclass(kind) else None
    return _known[kind]


def _plain(node: Any) -> Any:
    # a word without parentheses is a command or an operand: which of both only `resolve` knows
    return Word(node.span, node.name) if isinstance(node, Call) and node.bare and not node.arguments else node


def _shown_path(path: _Path | None) -> str:
    steps: list[str] = []
    while path is not None and len(steps) < _MOST_STEPS:
        steps.append(path[0])
        path = path[1]
    if path is not None:
        steps.append("...")
    return "".join(reversed(steps))


def _shown(node: Any) -> str:
    if hasattr(node, "__dataclass_fields__"):
        return f"{type(node).__name__} at {node.span}" if hasattr(node, "span") else type(node).__name__
    text = repr(node)
    return text if len(text) < 200 else f"{text[:200]}..."
