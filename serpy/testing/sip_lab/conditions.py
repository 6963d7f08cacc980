"""The conditions of a lab: what a test in Python gives, as a dict or as the text of a flow's head, put into a head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ..flow.head import Head, Rows, read_value

Names = Mapping[str, Sequence[str] | str]
TableRows = Mapping[str, Sequence[Mapping[str, Any]]]


def put_clock(head: Head, clock: object) -> None:
    """The time at the start."""
    if isinstance(clock, str):
        read_value(head, "clock", clock)
    elif isinstance(clock, datetime):
        head.time = (clock if clock.tzinfo else clock.replace(tzinfo=UTC)).timestamp()
    else:
        raise _wrong("clock", clock, 'a datetime, or a text as "2026-12-24T18:00:00Z"')


def put_settings(head: Head, key: str, into: dict[str, Any], given: object) -> None:
    """Parameters, or names of the preprocessor."""
    if isinstance(given, str):
        read_value(head, key, given)
    elif isinstance(given, Mapping):
        into.update(given)
    else:
        example = '{"tm.fr_timer": 5}, or a text as "tm.fr_timer = 5"'
        raise _wrong(f"{key}s", given, example if key == "modparam" else '{"LIMIT": "5"}, or a text as "LIMIT=5"')


def put_names(head: Head, key: str, into: dict[str, list[str]], given: object) -> None:
    """What `hosts` or `dns` knows."""
    if isinstance(given, str):
        read_value(head, key, given)
    elif isinstance(given, Mapping):
        for name, addresses in given.items():
            into[name.lower()] = [addresses] if isinstance(addresses, str) else list(addresses)
    else:
        example = "example.org A 10.0.0.9" if key == "dns" else "example.org 10.0.0.9"
        raise _wrong(key, given, f'{{"example.org": ["10.0.0.9"]}}, or a text as "{example}"')


def put_rows(head: Head, given: object) -> None:
    """Rows that are in tables from the start."""
    if isinstance(given, str):
        read_value(head, "rows", given)
    elif isinstance(given, Mapping):
        for table, rows in given.items():
            head.rows.append(Rows(0, table, [{name: str(value) for name, value in row.items()} for row in rows]))
    else:
        raise _wrong("rows", given, '{"silo": [{"mid": 1}]}, or a text as "silo\\n  mid=1"')


def _wrong(name: str, given: object, example: str) -> TypeError:
    return TypeError(f"{name} cannot be {given!r}: give {example}")
