"""Whatever stands in a REGISTER: it is answered, and the answer is a message of its own lines only."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from serpy.modules.registrar import Registrar
from serpy.modules.sl import SlModule
from serpy.modules.usrloc import Usrloc
from tests.unit.modules.registrar.fakes import FakeHost, load, request_call, run

_PIECES = st.sampled_from(
    [*rb"""<sip:a@h> * , ; = " < > q= 0.5 expires= 7 \ sip: %""".split(), b" ", b"\r\n ", b"\x00", b"\xff"]
)
VALUE = st.lists(_PIECES | st.binary(max_size=3), max_size=8).map(
    # a line end that no blank follows would end the header: that is another message
    lambda pieces: b"".join(pieces).replace(b"\r\n ", b"\x01").translate(None, b"\r\n").replace(b"\x01", b"\r\n ")
)
ANSWERED = {200: 1, 400: 0, 500: 0}


@settings(max_examples=300, deadline=None)
@given(contact=VALUE, expires=VALUE, to=VALUE, cseq=VALUE)
def test_every_register_is_answered(contact: bytes, expires: bytes, to: bytes, cseq: bytes) -> None:
    host = FakeHost()
    usrloc = load(Usrloc, host)
    registrar = load(Registrar, host, {"usrloc": usrloc, "sl": load(SlModule, host)})
    for to_value, cseq_value in ((b"<sip:bob@h>", b"1 REGISTER"), (to, b"2 REGISTER"), (b"<sip:bob@h>", cseq)):
        data = (
            b"REGISTER sip:h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:bob@h>;tag=1\r\nTo: %b\r\n"
            b"Call-ID: c@h\r\nCSeq: %b\r\nContact: %b\r\nExpires: %b\r\n\r\n"
        ) % (to_value, cseq_value, contact, expires)
        call = request_call(host, data)
        result = run(registrar, call, "save", "location")
        (send,) = call.outbox
        assert ANSWERED[int(send.data[8:11])] == result
        own = send.data.split(b"\r\nCSeq: ", 1)[1].split(b"\r\n")[1:-2]
        names = [line.partition(b":")[0] for line in own if line[:1] not in (b" ", b"")]
        assert set(names) <= {b"Contact", b"P-Registrar-Error", b"Server", b"Content-Length"}
