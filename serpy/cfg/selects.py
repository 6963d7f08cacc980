"""A select of the script and the method that reads it (SER dialect 2.7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from ..module import Module
from ..module import Select as Declared
from ..script.selects import uriparts
from .diagnostics import and_list, suggest
from .nodes import Select

_DEEPEST = 8
"""No path has more parts than this."""


class Reader(NamedTuple):
    """What reads one select."""

    module: str
    declared: Declared
    arguments: tuple[str | int, ...]
    """What the method takes behind the call."""
    part: uriparts.Part | None
    """What is made of the URI that the method answers; None: nothing."""

    def bind(self, instances: Mapping[str, Module]) -> Callable[[Any], bytes | None]:
        """The function of a call that reads it in one server."""
        method = getattr(instances[self.module], self.declared.method)
        arguments, part = self.arguments, self.part
        if part is None:
            return (lambda call: method(call, *arguments)) if arguments else method
        read_part = part

        def read(call: Any) -> bytes | None:
            uri = method(call, *arguments)
            return None if uri is None else read_part(uri)

        return read


def find(select: Select, classes: Iterable[type[Module]]) -> Reader | None:
    """The reader of a select: of several paths that fit, the one with the fewest stars."""
    return _find(select.parts, classes)


def _find(parts: list[str | int], classes: Iterable[type[Module]]) -> Reader | None:
    fitting = [
        reader
        for cls in classes
        for declared in cls.selects.get(str(parts[0]), ())
        if (reader := _reader(cls, declared, parts)) is not None
    ]
    return min(fitting, key=lambda one: (len(one.arguments), -len(one.declared.parts))) if fitting else None


def _reader(cls: type[Module], declared: Declared, parts: list[str | int]) -> Reader | None:
    own, rest = parts[: len(declared.parts)], parts[len(declared.parts) :]
    if len(own) < len(declared.parts) or (rest and not declared.is_uri):
        return None
    arguments: list[str | int] = []
    for wanted, given in zip(declared.parts, own, strict=True):
        if wanted == "*":
            if isinstance(given, int) is not declared.takes[len(arguments)][1]:
                return None
            arguments.append(given)
        elif wanted != given:
            return None
    if not rest:
        return Reader(cls.name, declared, tuple(arguments), None)
    part = uriparts.uri_part(rest)
    return None if part is None else Reader(cls.name, declared, tuple(arguments), part)


def advice(select: Select, classes: Iterable[type[Module]], *, suggests: bool) -> str:
    """The next step for a select that nobody reads: the nearest word, or what may follow the part that is known."""
    classes = list(classes)
    parts = select.parts[:_DEEPEST]
    known = 0
    while known < len(parts) and (_followers(parts[: known + 1], classes) or _find(parts[: known + 1], classes)):
        known += 1
    followers = _followers(parts[:known], classes)
    before = "@" + "".join(f".{part}" if isinstance(part, str) else f"[{part}]" for part in parts[:known])[1:]
    wrong = parts[known] if known < len(parts) else ""
    near = suggest(wrong, followers) if suggests and isinstance(wrong, str) else ""
    if near:
        return f"did you mean {' or '.join(f'{before}.{one}' if known else f'@{one}' for one in near.split(' or '))}?"
    if not followers:
        return f"nothing may stand behind {before}"
    return f"behind {before} may stand {and_list(sorted(followers))}" if known else f"known are {_shown(followers)}"


def _shown(words: Iterable[str]) -> str:
    return and_list([f"@{word}" for word in sorted(words) if len(word) > 1], "and")


def _followers(start: list[str | int], classes: Iterable[type[Module]]) -> set[str]:
    """The words that may stand behind this beginning."""
    if not start:
        return {word for cls in classes for word in cls.selects}
    words: set[str] = set()
    for cls in classes:
        for one in cls.selects.get(str(start[0]), ()):
            if not _begins(one, start):
                continue
            if len(one.parts) > len(start):
                words.add(one.parts[len(start)])
            elif one.is_uri and len(one.parts) == len(start):
                words.update(uriparts.NAMES)
    return words - {"*"}


def _begins(declared: Declared, start: list[str | int]) -> bool:
    """Whether this beginning fits the path."""
    stars = iter(declared.takes)
    return all(
        isinstance(given, int) is next(stars)[1] if wanted == "*" else wanted == given
        for wanted, given in zip(declared.parts, start, strict=False)
    )
