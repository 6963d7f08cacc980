"""Max-Forwards, the guard against loops (RFC 3261 20.22)."""

from __future__ import annotations

from typing import Annotated

from ...module import Does, Kind, Module, Param, ParamError, command
from ...script.call import Call
from ...sip.message import Field, Request

NO_LIMIT = 256
_SEEN = "maxfwd.value"


def _read_hops(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 255):
        raise ValueError(f"{text!r} is not a number of hops (0 to 255)")
    return int(text)


Hops = Annotated[int, Kind("a number of hops", _read_hops)]


class Maxfwd(Module):
    """Lowers Max-Forwards, and tells the script when it was 0."""

    name = "maxfwd"
    aliases = ("maxfwd_module",)

    max_limit = Param(NO_LIMIT, unit="hops", doc="A larger Max-Forwards is lowered to this; 256 (or 0): no limit.")

    def prepare(self) -> None:
        if not 0 <= self.max_limit <= NO_LIMIT:
            raise ParamError("max_limit", f"{self.max_limit} is not a number of hops", "write one from 0 to 256")
        self._limit = self.max_limit or NO_LIMIT

    @command("mf_process_maxfwd_header", "process_maxfwd", does=Does.LIMITS_HOPS)
    def process(self, call: Call, limit: Hops) -> bool:
        """Lower Max-Forwards by one; put `limit` in where it is missing or no number up to 255. False when it was 0.

        A second call sees what the first one left; on the wire the header is lowered once for each hop.
        """
        seen: int | None = call.values.get(_SEEN)
        if seen is not None:
            if seen == 0:
                return False
            call.values[_SEEN] = seen - 1
            return True
        request = call.request
        field = request.field(b"max-forwards")  # of several the first one counts (SER dialect 5.9)
        value = _value(request, field)
        if value == 0:
            return False
        # decision D21: what is no number of hops counts as absent
        lowered = min(limit, self._limit) if value is None else min(value - 1, self._limit)
        call.values[_SEEN] = lowered
        if field is None:
            # before the first header, as SER does: it comes out above the new Via
            call.edits.insert(request.data.index(b"\n", request.start) + 1, b"Max-Forwards: %d\r\n" % lowered)
        else:
            _put(call, field, lowered)
        return True

    @command("mf_lowlimit", does=Does.LOOKS)
    def lowlimit(self, call: Call, least: Hops) -> bool:
        """False when Max-Forwards is there and below `least`."""
        value: int | None = call.values.get(_SEEN)
        if value is None:
            value = _value(call.request, call.request.field(b"max-forwards"))
        return value is None or value >= least


def read_hops(text: bytes) -> int | None:
    """The number of hops in a Max-Forwards value; None when it is no number or above 255."""
    if not text.isdigit():
        return None
    digits = text.lstrip(b"0")
    if len(digits) > 3:  # a longer text costs a long time as a number
        return None
    hops = int(digits or b"0")
    return hops if hops <= 255 else None


def _value(request: Request, field: Field | None) -> int | None:
    return None if field is None else read_hops(request.data[field.value_start : field.value_end])


def _put(call: Call, field: Field, hops: int) -> None:
    width = field.value_end - field.value_start
    # right-aligned in the old width (BEHAVIOUR 2): most headers keep their length
    text = b"%d" % hops if width else b" %d" % hops
    call.edits.replace(field.value_start, field.value_end, text.rjust(width))
