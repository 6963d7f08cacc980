"""Names in selects as the message spells them."""

from __future__ import annotations


def lower(name: str) -> bytes:
    """The name of a parameter."""
    return name.lower().encode("utf-8", "surrogateescape")


def header_name(name: str) -> bytes:
    """The name of a header: an underscore stands for a dash."""
    return lower(name).replace(b"_", b"-")
