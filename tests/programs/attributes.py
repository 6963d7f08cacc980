"""The attributes of one message, as the reference evaluator keeps them (SER dialect 2.6)."""

from __future__ import annotations

from collections.abc import Iterable

from serpy.cfg.nodes import Attribute

_CLASSES = {
    "": ("fr", "fu", "fd"),
    "f": ("fr", "fu", "fd"),
    "t": ("tr", "tu", "td"),
}
"""Where an attribute is looked for; assigned is to the first (2.6). The global ones outlive the message: left out."""


class Value:
    """One value of an attribute, with its flags."""

    def __init__(self, value: str | int) -> None:
        self.value = value
        self.flags: set[str] = set()


class Attributes:
    """All attributes of a message."""

    def __init__(self) -> None:
        self._lists: dict[tuple[str, str], list[Value]] = {}

    def assign(self, target: Attribute, values: Iterable[str | int]) -> None:
        """What is there already goes, unless the target is written with `[]`."""
        key = (_CLASSES.get(target.track, (target.track,))[0], target.name)
        kept = self._lists.setdefault(key, [])
        if not target.all_values:
            kept.clear()
        kept.extend(map(Value, values))

    def found(self, attribute: Attribute) -> list[Value]:
        """All values with `[]`, else the one that is meant, if it is there."""
        for track in _CLASSES.get(attribute.track, (attribute.track,)):
            values = self._lists.get((track, attribute.name))
            if values:
                break
        else:
            return []
        if attribute.all_values:
            return list(values)
        if attribute.index is None:
            return values[-1:]  # the one that was added last
        at = attribute.index - 1 if attribute.index > 0 else len(values) + attribute.index
        return values[at : at + 1] if at >= 0 else []

    def one(self, attribute: Attribute) -> str | int | None:
        """The value that is meant; None when it is not there."""
        found = self.found(attribute)
        return found[0].value if found else None
