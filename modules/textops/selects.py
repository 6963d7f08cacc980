"""What scripts of SER 2 read by `@hf_value`: single values of headers, counted as in values.py."""

from __future__ import annotations

from ...module import Module, select
from ...script.call import Call
from ...sip.nameaddr import NameAddr, parse_nameaddr
from . import values
from .values import Place


class HeaderSelects(Module):
    """`@hf_value.Header[index]` and its parts; an underscore in a header's name stands for a dash."""

    @select("hf_value.*", "hf_value.*.*")
    def hf_value(self, call: Call, header: str, index: int = 1) -> bytes | None:
        """One value of a header, with its parameters."""
        return values.text_of(call, _place(header, index))

    @select("hf_value.*.*", "hf_value.*.p.*", "hf_value.*.param.*", "hf_value.*.params.*")
    def hf_value_param(self, call: Call, header: str, param: str) -> bytes | None:
        """A parameter of the first value."""
        return values.text_of(call, _place(header, 1, param))

    @select("hf_value.*.*.*", "hf_value.*.*.p.*", "hf_value.*.*.param.*", "hf_value.*.*.params.*")
    def hf_value_numbered_param(self, call: Call, header: str, index: int, param: str) -> bytes | None:
        """A parameter of any value."""
        return values.text_of(call, _place(header, index, param))

    @select("hf_value.*.uri", "hf_value.*.*.uri", uri=True)
    def hf_value_uri(self, call: Call, header: str, index: int = 1) -> bytes | None:
        """The URI of a value that is an address."""
        address = self._address(call, header, index)
        return None if address is None else address.uri

    @select("hf_value.*.name", "hf_value.*.*.name")
    def hf_value_name(self, call: Call, header: str, index: int = 1) -> bytes | None:
        """The display name of a value that is an address."""
        address = self._address(call, header, index)
        return None if address is None else address.display

    @select("hf_value_exists.*.*")
    def hf_has_value(self, call: Call, header: str, value: str) -> bytes:
        """1 when the header has this value, else 0."""
        wanted = value.encode("utf-8", "surrogateescape")
        return b"1" if values.exists(call, _place(header, 1), wanted) else b"0"

    def _address(self, call: Call, header: str, index: int) -> NameAddr | None:
        value = self.hf_value(call, header, index)
        return None if value is None else parse_nameaddr(value, _place(header, index).name.lower())


def _place(header: str, index: int, param: str | None = None) -> Place:
    name = header.replace("_", "-").encode("utf-8", "surrogateescape")
    return Place(name, index, None if param is None else param.lower().encode("utf-8", "surrogateescape"))
