"""Addresses with a name and parameters, as in From and To (RFC 3261 20.10)."""

from __future__ import annotations

import re

from .errors import BadHeader
from .params import find_param, quoted_end, split_list

# The usual spelling; what it does not match is read again by `split_address`, which alone decides what is wrong.
_USUAL = re.compile(rb'("[^"\\]*+"[ \t]*+|[^"<>,;]*+)<([^<>]++)>(?:;([^,"<>]*+))?\Z')


class NameAddr:
    """A display name, a URI and the parameters of the header."""

    __slots__ = ("display", "params", "uri")

    def __init__(self, display: bytes, uri: bytes, params: bytes) -> None:
        self.display = display
        """As written, with its quotes; b"" when there is none."""
        self.uri = uri
        """The URI's text, without angle brackets; not checked."""
        self.params = params
        """The text behind the first `;` after the address."""

    @property
    def tag(self) -> bytes | None:
        """The tag, None when there is none."""
        params = self.params
        if not params:
            return None
        if params.startswith(b"tag=") and params[4:].isalnum():
            return params[4:]
        return find_param(params, b"tag")

    def param(self, name: bytes) -> bytes | None:
        """The value of a parameter (name in lower case), as written; b"" for one without a value."""
        return find_param(self.params, name)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.display!r} <{self.uri!r}> {self.params!r}>"


def split_address(text: bytes, header: bytes) -> tuple[bytes, bytes, bytes]:
    """Display name, URI and parameters of one value.

    Raises:
        BadHeader: under the name `header`.
    """
    bracket = text.find(b"<")
    quote = text.find(b'"')
    if quote >= 0 and (bracket < 0 or quote < bracket):
        if text[:quote].strip():
            raise BadHeader(header, "a quote stands where the address should begin")
        end = quoted_end(text, quote)
        if end < 0:
            raise BadHeader(header, "the display name's quote is not closed")
        bracket = text.find(b"<", end)
        if bracket < 0 or text[end:bracket].strip():
            raise BadHeader(header, "no <address> follows the display name")
    if bracket < 0:
        return _bare(text, header)
    close = text.find(b">", bracket)
    if close < 0:
        raise BadHeader(header, "the < has no >")
    uri = text[bracket + 1 : close]
    if not uri:
        raise BadHeader(header, "the address is empty")
    rest = text[close + 1 :]
    if not rest:
        return text[:bracket].strip(), uri, b""
    if rest[0] != 0x3B:
        rest = rest.lstrip()
        if rest and rest[0] != 0x3B:
            raise BadHeader(header, "something follows the address that is no parameter")
    return text[:bracket].strip(), uri, rest[1:]


def _bare(text: bytes, header: bytes) -> tuple[bytes, bytes, bytes]:
    # RFC 3261 20.10: without brackets, parameters belong to the header and not to the URI
    uri, _, params = text.partition(b";")
    uri = uri.strip()
    if not uri or len(uri.split(None, 1)) > 1:
        raise BadHeader(header, "the address is empty or has blanks in it")
    return b"", uri, params


def parse_nameaddr(text: bytes, header: bytes = b"address") -> NameAddr:
    """The parts of a header value that holds one address; the URI is not checked.

    Raises:
        BadHeader: under the name `header`.
    """
    found = _USUAL.match(text)
    if found is not None:
        display, uri, params = found.groups()
        return NameAddr(display and display.strip(), uri, params or b"")
    if b"," in text and len(split_list(text)) != 1:
        raise BadHeader(header, "more than one address")
    return NameAddr(*split_address(text.strip(), header))
