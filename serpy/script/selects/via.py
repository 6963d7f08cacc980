"""The selects of the Via headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...module import Module, select
from ...sip.errors import BadHeader
from ...sip.params import find_param
from ..call import Call
from .names import lower

if TYPE_CHECKING:
    from ...sip.via import Via


class ViaSelects(Module):
    """`@via`, `@via[2].host`: the topmost value where no number is given, -1 is the last."""

    @select("via", "v", "via.*", "v.*")
    def via(self, call: Call, number: int = 1) -> bytes:
        """One Via value as it stands in the message."""
        via = _via(call, number)
        return via.data[via.start : via.end].strip()

    @select("via.name", "v.name", "via.*.name", "v.*.name")
    def via_name(self, call: Call, number: int = 1) -> bytes:
        return _via_protocol(call, number)[0]

    @select("via.version", "v.version", "via.*.version", "v.*.version")
    def via_version(self, call: Call, number: int = 1) -> bytes:
        return _via_protocol(call, number)[1]

    @select("via.transport", "v.transport", "via.*.transport", "v.*.transport")
    def via_transport(self, call: Call, number: int = 1) -> bytes:
        return _via(call, number).transport

    @select("via.host", "v.host", "via.*.host", "v.*.host")
    def via_host(self, call: Call, number: int = 1) -> bytes:
        host = _via(call, number).host
        return b"[%b]" % host if b":" in host else host

    @select("via.port", "v.port", "via.*.port", "v.*.port")
    def via_port(self, call: Call, number: int = 1) -> bytes:
        port = _via(call, number).port
        return b"%d" % port if port else b""

    @select("via.comment", "v.comment", "via.*.comment", "v.*.comment")
    def via_comment(self, call: Call, number: int = 1) -> bytes:
        """What stands in parentheses behind the value."""
        via = _via(call, number)
        rest = via.data[via.end : via.field_end].lstrip()
        return rest[1 : rest.find(b")")] if rest.startswith(b"(") and b")" in rest else b""

    @select("via.branch", "v.branch", "via.*.branch", "v.*.branch")
    def via_branch(self, call: Call, number: int = 1) -> bytes | None:
        return _via(call, number).branch

    @select("via.received", "v.received", "via.*.received", "v.*.received")
    def via_received(self, call: Call, number: int = 1) -> bytes | None:
        return _via(call, number).received

    @select("via.rport", "v.rport", "via.*.rport", "v.*.rport")
    def via_rport(self, call: Call, number: int = 1) -> bytes | None:
        return _via(call, number).rport

    @select("via.i", "v.i", "via.*.i", "v.*.i")
    def via_i(self, call: Call, number: int = 1) -> bytes | None:
        return find_param(_via(call, number).params, b"i")

    @select("via.alias", "v.alias", "via.*.alias", "v.*.alias")
    def via_alias(self, call: Call, number: int = 1) -> bytes | None:
        return find_param(_via(call, number).params, b"alias")

    @select("via.params.*", "v.params.*")
    def via_param(self, call: Call, name: str) -> bytes | None:
        return find_param(_via(call, 1).params, lower(name))

    @select("via.*.params.*", "v.*.params.*")
    def via_numbered_param(self, call: Call, number: int, name: str) -> bytes | None:
        return find_param(_via(call, number).params, lower(name))


def _via(call: Call, number: int) -> Via:
    if number == 1:
        return call.message.via
    vias = call.message.vias
    if number == 0 or abs(number) > len(vias):
        raise BadHeader(b"via", f"there are {len(vias)}, so none has the number {number}")
    return vias[number - 1] if number > 0 else vias[number]


def _via_protocol(call: Call, number: int) -> list[bytes]:
    via = _via(call, number)
    return [part.strip() for part in via.data[via.start : via.host_end].split(b"/")[:2]]
