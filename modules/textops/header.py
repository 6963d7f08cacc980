"""Headers as the script writes and names them."""

from __future__ import annotations

import re
from typing import Annotated

from ...module import Kind
from ...sip.message import Field, Message

_LINE_ENDS = re.compile(rb"(?:\r\n|\r|\n)+")
_NAME = re.compile(rb"[A-Za-z0-9.!%*_+`'~-]+\Z")


def header_lines(text: bytes) -> bytes:
    """The text as whole header lines: each ends with CRLF, and no empty line can end the header block early.

    SER wants the script to write the last CRLF and sends a broken message where it does not; here it is added.
    """
    lines = [line for line in _LINE_ENDS.split(text) if line.strip()]
    return b"".join(line + b"\r\n" for line in lines)


def _read_lines(text: str) -> bytes:
    lines = header_lines(text.encode("utf-8", "surrogateescape"))
    if not lines:
        raise ValueError("the header is empty")
    return lines


def _read_name(text: str) -> bytes:
    name = text.strip().removesuffix(":").encode("utf-8", "surrogateescape").lower()
    if not _NAME.match(name):
        raise ValueError(f"{text!r} is not the name of a header")
    return name


HeaderLines = Annotated[bytes, Kind("a header", _read_lines)]
"""An argument that is one or more whole headers."""
HeaderName = Annotated[bytes, Kind("the name of a header", _read_name)]
"""An argument that names a header; in lower case."""


def spelled_fields(message: Message, name: bytes) -> list[Field]:
    """The headers that the message spells like this but for case: a compact form is another name (SER dialect 6.4)."""
    data = message.data
    return [
        field
        for field in message.fields(name)
        if data[field.start : field.start + len(name)].lower() == name
        and not data[field.start + len(name) : field.start + len(name) + 1].isalnum()
    ]
