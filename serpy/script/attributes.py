"""SER 2's attributes (AVPs): named values that belong to a message, and to its transaction (SER dialect 2.6).

A value is bytes or a number; several values may bear one name. They stand in classes: those of the caller (`f`) and of
the callee (`t`), each by URI, user and domain, and the global ones of the server. They are kept among the values of the
call, which the transaction keeps too, so that what a route assigns is there when its failure_route runs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeAlias

from ..module import Kind

if TYPE_CHECKING:
    from .call import Call

Value: TypeAlias = bytes | int
Key: TypeAlias = tuple[str, str]
"""Class and name."""

KEPT = "core.attributes"
"""Where the attributes stand among the values of a call."""
GLOBAL = "g"

_SEARCHED = {
    "": ("fr", "fu", "fd", GLOBAL),
    "f": ("fr", "fu", "fd", GLOBAL),
    "t": ("tr", "tu", "td", GLOBAL),
    **{one: (one,) for one in ("fr", "fu", "fd", "tr", "tu", "td", GLOBAL)},
}
"""Which classes are searched, in order, for what stands before the dot."""
TRACKS = tuple(track for track in _SEARCHED if track)
_WRITTEN = re.compile(r"[$%]?(?:(f|t|fr|tr|fu|tu|fd|td|g)\.)?([A-Za-z_][A-Za-z0-9_]*)(?:\[(-?[0-9]+)?\])?\Z")


class Entry:
    """One value, with the flags that `setavpflag` set on it."""

    __slots__ = ("flags", "value")

    def __init__(self, value: Value) -> None:
        self.value = value
        self.flags = 0


class Attributes:
    """The values of one owner, a message or the server, each list in the order of assignment."""

    __slots__ = ("lists",)

    def __init__(self) -> None:
        self.lists: dict[Key, list[Entry]] = {}


class Reference(NamedTuple):
    """What `$f.name[2]` names."""

    text: str
    """As it is written."""
    searched: tuple[Key, ...]
    """Where it is looked for: the first list that has values is the one."""
    assigned: Key
    """Where an assignment puts it."""
    number: int | None
    """Counted from 1, from the end when negative; None means the last one."""
    all_values: bool
    """`[]`."""


def reference(text: str, track: str, name: str, number: int | None, all_values: bool) -> Reference:
    """What an attribute of the script names.

    Raises:
        KeyError: there is no class `track`.
    """
    classes = _SEARCHED[track]
    return Reference(text, tuple((one, name) for one in classes), (classes[0], name), number, all_values)


def parse_reference(text: str) -> Reference:
    """Read `$f.name[2]`; the $ may be left out, as in arguments in quotes.

    Raises:
        ValueError
    """
    found = _WRITTEN.match(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not the name of an attribute such as $name or $f.name")
    track, name, number = found.groups()
    has_brackets = text.strip().endswith("]")
    return reference(text, track or "", name, None if number is None else int(number), has_brackets and number is None)


def _avp_flag(text: str) -> int:
    if not text.isdecimal():
        raise ValueError(f"{text!r} is not declared by avpflags")
    return int(text)


ATTRIBUTE = Kind("an attribute", parse_reference)
AVP_FLAG = Kind("a flag declared by avpflags", _avp_flag)

AttributeArg = Annotated[Reference, ATTRIBUTE]
"""An argument that is an attribute itself, not its value."""
AvpFlag = Annotated[int, AVP_FLAG]
"""The number of a flag that `avpflags` gave a name."""


# what compiled routes and commands call


def entries(call: Call, wanted: Reference) -> list[Entry]:
    """All values of the name in the first class that has any, in the order of assignment."""
    kept: Attributes | None = call.values.get(KEPT)
    if kept is not None:
        lists = kept.lists
        for key in wanted.searched:
            found = lists.get(key)
            if found:
                return found
    key = wanted.searched[-1]  # the global class is the last that is searched
    return call.host.core.attributes.lists.get(key) or [] if key[0] == GLOBAL else []


def entry(call: Call, wanted: Reference) -> Entry | None:
    """The value with its flags: the one that was assigned last, where the script gives no index."""
    found = entries(call, wanted)
    number = wanted.number
    if number is None:
        return found[-1] if found else None
    if number == 0 or abs(number) > len(found):
        return None
    return found[number - 1] if number > 0 else found[number]


def attribute(call: Call, wanted: Reference) -> Value | None:
    """`$x`, `$x[n]`: the value; None when there is none."""
    if wanted.number is None:
        found = entries(call, wanted)
        return found[-1].value if found else None
    one = entry(call, wanted)
    return None if one is None else one.value


def has_attribute(call: Call, wanted: Reference) -> bool:
    """`$x[]`: whether there is any value."""
    return bool(entries(call, wanted))


def assign(call: Call, target: Reference, value: Value | None) -> int:
    """`$x = value` or `$x[] = value`: 1; -1, and nothing is changed, when there is no value."""
    if value is None:
        return -1
    _put(call, target, [Entry(value)])
    return 1


def assign_result(call: Call, target: Reference, result: int) -> int:
    """`$x = command()`: the result, as a number."""
    code = (1 if result else -1) if result.__class__ is bool else result
    _put(call, target, [Entry(code)])
    return code


def assign_all(call: Call, target: Reference, source: Reference) -> int:
    """`$x = $y[]`: all values in order; -1, and nothing is changed, when there are none."""
    found = entries(call, source)
    if not found:
        return -1
    _put(call, target, [Entry(one.value) for one in found])
    return 1


def _put(call: Call, target: Reference, added: list[Entry]) -> None:
    key = target.assigned
    owner: Attributes = call.host.core.attributes if key[0] == GLOBAL else of_values(call.values)
    if target.all_values:
        owner.lists.setdefault(key, []).extend(added)
    else:
        owner.lists[key] = added


def of_values(values: dict[str, Any]) -> Attributes:
    """The attributes among the values of a call or of a transaction; made there at first."""
    kept: Attributes | None = values.get(KEPT)
    if kept is None:
        kept = values[KEPT] = Attributes()
    return kept
