"""Single values and parameters of headers: the `*_hf_value` commands of SER 2.

Values are counted from 1 over all headers of a name, in order; -1 is the last one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Annotated, NamedTuple

from ...module import Kind
from ...script.call import Call
from ...sip.message import Field

ALL = 0
"""The index `*`."""

_PLACE = re.compile(
    r"\s*([A-Za-z0-9!%*_+`'~-]+)\s*(?:\[\s*(\*|-?[0-9]+)\s*\])?\s*(?:\.\s*(?:p(?:aram)?\.)?([^\s.]+))?\s*\Z"
)
_HIDDEN = rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|<[^>]*+>?'
_COMMA = re.compile(_HIDDEN + rb"|(,)", re.DOTALL)
_SEMICOLON = re.compile(_HIDDEN + rb"|(;)", re.DOTALL)


class Place(NamedTuple):
    """What `Header[index].param` names."""

    name: bytes
    """Of the header, as written."""
    number: int | None
    """None when the script gives none, `ALL` for `*`."""
    param: bytes | None
    """In lower case."""


class Value(NamedTuple):
    """One value of a header, by its offsets."""

    field: Field
    start: int
    end: int


def parse_place(text: str) -> Place:
    """Read `Header`, `Header[2]`, `Header[*]`, `Header.param` or `Header[2].param`.

    Raises:
        ValueError
    """
    found = _PLACE.match(text)
    if found is None:
        raise ValueError(f"{text!r} is not of the form Header[index].param")
    name, index, param = found.groups()
    number = None if index is None else ALL if index == "*" else int(index)
    if index is not None and index != "*" and number == 0:
        raise ValueError("values are counted from 1")
    if number == ALL and index == "*" and param:
        raise ValueError("[*] means whole headers and goes with no parameter")
    return Place(name.encode(), number, None if param is None else param.lower().encode())


def _parse_value_place(text: str) -> Place:
    place = parse_place(text)
    if place.param is not None or place.number == ALL:
        raise ValueError(f"{text!r}: a header, with an index or without, is expected here")
    return place


def _parse_header_place(text: str) -> Place:
    place = parse_place(text)
    if place.param is not None or place.number is not None:
        raise ValueError(f"{text!r}: a header without index and parameter is expected here")
    return place


def _parse_param_place(text: str) -> Place:
    place = parse_place(text)
    if place.param is None:
        raise ValueError(f"{text!r}: a parameter is expected here, as in Authorization.realm")
    return place


def _parse_text(text: str) -> bytes:
    if "\r" in text or "\n" in text:
        raise ValueError("a value is one line")
    return text.encode("utf-8", "surrogateescape")


AnyPlace = Annotated[Place, Kind("a place such as Header[1].param", parse_place)]
ValuePlace = Annotated[Place, Kind("a place such as Header[1]", _parse_value_place)]
HeaderPlace = Annotated[Place, Kind("the name of a header", _parse_header_place)]
ParamPlace = Annotated[Place, Kind("a place such as Header[1].param", _parse_param_place)]
ValueText = Annotated[bytes, Kind("a header value", _parse_text)]


def fields_of(call: Call, place: Place) -> list[Field]:
    """The headers of the place, compact forms included."""
    return call.message.fields(place.name.lower())


def values_of(call: Call, place: Place) -> list[Value]:
    """All values of the place's header."""
    data = call.message.data
    return [
        Value(field, start, end)
        for field in fields_of(call, place)
        for start, end in _split(data, field.value_start, field.value_end, _COMMA)
        if start < end
    ]


def _split(data: bytes, start: int, end: int, separator: re.Pattern[bytes]) -> Iterator[tuple[int, int]]:
    """The stripped pieces between separators, as offsets."""
    for found in separator.finditer(data, start, end):
        if found.group(1):
            yield _stripped(data, start, found.start())
            start = found.end()
    yield _stripped(data, start, end)


def _stripped(data: bytes, start: int, end: int) -> tuple[int, int]:
    text = data[start:end]
    left = len(text) - len(text.lstrip())
    return start + left, max(start + len(text.rstrip()), start + left)


def _pick(values: Sequence[Value], index: int) -> int | None:
    """The position in the list that an index means."""
    at = index - 1 if index > 0 else len(values) + index
    return at if 0 <= at < len(values) else None


def text_of(call: Call, place: Place) -> bytes | None:
    """The indexed value, or its parameter; None when there is none."""
    values = values_of(call, place)
    at = _pick(values, place.number or 1)
    if at is None or place.number == 0:
        return None
    data, value = call.message.data, values[at]
    if place.param is None:
        return data[value.start : value.end]
    span = _find_param(data, value, place.param)
    return None if span is None else data[span[1] : span[2]].lstrip(b" \t=").rstrip()


def append(call: Call, place: Place, text: bytes) -> bool:
    """Add a value behind the indexed one, or a new header at the end when there is no index or no such value."""
    if place.number is not None:
        values = values_of(call, place)
        at = _pick(values, place.number)
        if at is not None:
            return call.edits.insert(values[at].end, b", " + text)
    call.edits.append_header(b"%b: %b\r\n" % (place.name, text))
    return True


def insert(call: Call, place: Place, text: bytes) -> bool:
    """Add a value before the indexed one, or a new header as the first of all."""
    if place.number is not None:
        values = values_of(call, place)
        at = _pick(values, place.number)
        if at is not None:
            return call.edits.insert(values[at].start, text + b", ")
    message = call.message
    return call.edits.insert(message.data.index(b"\n", message.start) + 1, b"%b: %b\r\n" % (place.name, text))


def remove(call: Call, place: Place) -> bool:
    """Take out the indexed value (the first without index), its parameter, or all headers for `[*]`."""
    if place.number == ALL:
        removed = [call.edits.remove(field.start, field.end) for field in fields_of(call, place)]
        return any(removed)
    values = values_of(call, place)
    at = _pick(values, place.number or 1)
    if at is None:
        return False
    if place.param is None:
        return _take_out(call, values, at)
    span = _find_param(call.message.data, values[at], place.param)
    return span is not None and call.edits.remove(span[0], span[2])


def _take_out(call: Call, values: Sequence[Value], at: int) -> bool:
    value = values[at]
    siblings = [one for one in values if one.field == value.field]
    here = siblings.index(value)
    if len(siblings) == 1:
        return call.edits.remove(value.field.start, value.field.end)
    if here + 1 < len(siblings):
        return call.edits.remove(value.start, siblings[here + 1].start)
    return call.edits.remove(siblings[here - 1].end, value.end)


def assign(call: Call, place: Place, text: bytes) -> bool:
    """Replace the indexed value (the first without index), its parameter, or all headers for `[*]`."""
    if place.number == ALL:
        remove(call, place)
        call.edits.append_header(b"%b: %b\r\n" % (place.name, text))
        return True
    values = values_of(call, place)
    at = _pick(values, place.number or 1)
    if at is None:
        return False
    value = values[at]
    if place.param is None:
        return call.edits.replace(value.start, value.end, text)
    span = _find_param(call.message.data, value, place.param)
    if span is None:
        return call.edits.insert(value.end, b";%b=%b" % (place.param, text) if text else b";" + place.param)
    _, name_end, end = span
    return call.edits.replace(name_end, end, b"=" + text if text else b"")


def exists(call: Call, place: Place, text: bytes) -> bool:
    """Whether one of the values is this one, in whatever case."""
    return _find(call, values_of(call, place), text) is not None


def include(call: Call, place: Place, text: bytes) -> bool:
    """Add the value to the header unless it is there, or add the header."""
    values = values_of(call, place)
    if _find(call, values, text) is not None:
        return True
    return append(call, place._replace(number=-1 if values else None), text)


def exclude(call: Call, place: Place, text: bytes) -> bool:
    """Take the value out wherever it stands; true also when it is nowhere."""
    values = values_of(call, place)
    at = _find(call, values, text)
    return True if at is None else _take_out(call, values, at)


def _find(call: Call, values: Sequence[Value], text: bytes) -> int | None:
    data, wanted = call.message.data, text.strip().lower()
    return next((at for at, one in enumerate(values) if data[one.start : one.end].lower() == wanted), None)


def _find_param(data: bytes, value: Value, name: bytes) -> tuple[int, int, int] | None:
    """(its `;`, the end of its name, its end) of a parameter."""
    pieces = list(_split(data, value.start, value.end, _SEMICOLON))
    for (_, before), (start, end) in pairwise(pieces):
        key = data[start:end].partition(b"=")[0].rstrip()
        if key.lower() == name:
            return before, start + len(key), end
    return None


def remove2(call: Call, place: Place) -> bool:
    """As `remove` for headers like Authorization: a scheme and parameters between commas, one value per header."""
    found = _find_pair(call, place)
    if found is None:
        return False
    pairs, at = found
    start, _, end = pairs[at]
    if at + 1 < len(pairs):
        return call.edits.remove(start, pairs[at + 1][0])
    return call.edits.remove(pairs[at - 1][2] if at else start, end)


def assign2(call: Call, place: Place, text: bytes) -> bool:
    """As `assign` for headers like Authorization; a parameter that is missing is added at the end."""
    found = _find_pair(call, place)
    if found is not None:
        pairs, at = found
        return call.edits.replace(pairs[at][1], pairs[at][2], b"=" + text)
    field = _field_at(call, place)
    if field is None or place.param is None:
        return False
    return call.edits.insert(field.value_end, b", %b=%b" % (place.param, text))


def _field_at(call: Call, place: Place) -> Field | None:
    fields = fields_of(call, place)
    index = place.number or 1
    at = index - 1 if index > 0 else len(fields) + index
    return fields[at] if 0 <= at < len(fields) else None


def _find_pair(call: Call, place: Place) -> tuple[list[tuple[int, int, int]], int] | None:
    """The parameters of the header as (start, end of the name, end), and which of them is meant."""
    field = _field_at(call, place)
    if field is None:
        return None
    data = call.message.data
    scheme_end = data.find(b" ", field.value_start, field.value_end) + 1 or field.value_start
    pairs = []
    for start, end in _split(data, scheme_end, field.value_end, _COMMA):
        key = data[start:end].partition(b"=")[0].rstrip()
        pairs.append((start, start + len(key), end))
    for at, (start, name_end, _) in enumerate(pairs):
        if data[start:name_end].lower() == place.param:
            return pairs, at
    return None
