"""The selects of CSeq and Event, and those of any header by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...module import Module, select
from ...sip.errors import BadHeader
from ...sip.nameaddr import NameAddr, parse_nameaddr
from ...sip.params import find_param, split_list
from ..call import Call
from .names import header_name, lower

if TYPE_CHECKING:
    from ...sip.cseq import CSeq


class HeaderSelects(Module):
    """`@cseq`, `@event`, and `@msg["Name"]` with its parts."""

    # CSeq and Event

    @select("cseq")
    def cseq(self, call: Call) -> bytes | None:
        """The CSeq header's value."""
        return call.message.header(b"cseq")

    @select("cseq.num")
    def cseq_num(self, call: Call) -> bytes:
        return b"%d" % _cseq(call).number

    @select("cseq.method")
    def cseq_method(self, call: Call) -> bytes:
        return _cseq(call).method

    @select("event")
    def event(self, call: Call) -> bytes | None:
        """The Event header's value."""
        return call.message.header(b"event")

    # any header

    @select("msg.*", "msg.*.*")
    def header(self, call: Call, name: str, number: int = 1) -> bytes | None:
        """The value of a header; an underscore in the name stands for a dash."""
        values = call.message.values(header_name(name))
        if number == 0 or abs(number) > len(values):
            return None
        return values[number - 1] if number > 0 else values[number]

    @select("msg.*.nameaddr.uri", "msg.*.*.nameaddr.uri", uri=True)
    def header_uri(self, call: Call, name: str, number: int = 1) -> bytes | None:
        """The URI of a header that is an address."""
        address = self._address(call, name, number)
        return None if address is None else address.uri

    @select("msg.*.nameaddr.name", "msg.*.*.nameaddr.name")
    def header_display(self, call: Call, name: str, number: int = 1) -> bytes | None:
        """The display name of a header that is an address."""
        address = self._address(call, name, number)
        return None if address is None else address.display

    @select("msg.*.nameaddr.params.*")
    def header_address_param(self, call: Call, name: str, param: str) -> bytes | None:
        """A parameter of a header that is an address."""
        address = self._address(call, name, 1)
        return None if address is None else address.param(lower(param))

    @select("msg.*.*.nameaddr.params.*")
    def numbered_address_param(self, call: Call, name: str, number: int, param: str) -> bytes | None:
        """As `header_address_param`, of one of several headers."""
        address = self._address(call, name, number)
        return None if address is None else address.param(lower(param))

    @select("msg.*.params.*")
    def header_param(self, call: Call, name: str, param: str) -> bytes | None:
        """A parameter of any header."""
        return self.numbered_param(call, name, 1, param)

    @select("msg.*.*.params.*")
    def numbered_param(self, call: Call, name: str, number: int, param: str) -> bytes | None:
        """As `header_param`, of one of several headers."""
        value = self.header(call, name, number)
        return None if value is None else find_param(value.partition(b";")[2], lower(param))

    def _address(self, call: Call, name: str, number: int) -> NameAddr | None:
        value = self.header(call, name, number)
        if value is None:
            return None
        first = split_list(value)
        return parse_nameaddr(first[0] if first else value, header_name(name))


def _cseq(call: Call) -> CSeq:
    cseq = call.message.cseq
    if cseq is None:
        raise BadHeader(b"cseq", "there is none")
    return cseq
