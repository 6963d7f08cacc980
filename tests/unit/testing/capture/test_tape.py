"""What a running server's calls become: one flow each, few of the same kind."""

from __future__ import annotations

from serpy.host.network import Address
from serpy.testing.capture import tape as module
from serpy.testing.capture.passed import Passed
from serpy.testing.capture.tape import IDLE, MOST_ALIKE, MOST_FLOWS, MOST_IN_CALL, Tape
from tests.unit.testing.capture.captures import ALICE, BOB, SERVER, message


class Recorded:
    """A tape, and the flows that it has handed out."""

    def __init__(self) -> None:
        self.flows: list[list[Passed]] = []
        self.tape = Tape(self.flows.append)

    def sent(self, at: float, source: Address, to: Address, first: str, call: str, cseq: str = "1 MESSAGE") -> None:
        data = message(f"{first} SIP/2.0" if first[:4] != "SIP/" else first, f"Call-ID: {call}", f"CSeq: {cseq}")
        self.tape.note(at, source, to, data, source == SERVER)

    @property
    def calls(self) -> list[list[str]]:
        """The Call-IDs in each flow."""
        return [
            list(dict.fromkeys(one.data.split(b"Call-ID: ")[1].split(b"\r\n")[0].decode() for one in flow))
            for flow in self.flows
        ]


def test_a_call_is_written_when_it_has_been_silent() -> None:
    recorded = Recorded()
    recorded.sent(0, ALICE, SERVER, "MESSAGE sip:b", "a")
    recorded.sent(1, SERVER, ALICE, "SIP/2.0 200 OK", "a")
    recorded.tape.sweep(1 + IDLE)
    assert recorded.flows == []
    recorded.tape.sweep(1.1 + IDLE)
    assert [len(flow) for flow in recorded.flows] == [2]


def test_a_call_that_was_taken_lasts_until_its_bye() -> None:
    recorded = Recorded()
    recorded.sent(0, ALICE, SERVER, "INVITE sip:b", "a", "1 INVITE")
    recorded.sent(1, BOB, SERVER, "SIP/2.0 200 OK", "a", "1 INVITE")
    recorded.tape.sweep(1000)
    assert recorded.flows == []
    recorded.sent(1001, ALICE, SERVER, "BYE sip:b", "a", "2 BYE")
    recorded.tape.sweep(1040)
    assert [len(flow) for flow in recorded.flows] == [3]


def test_what_the_server_says_because_of_a_call_belongs_to_it() -> None:
    recorded = Recorded()
    recorded.sent(0, ALICE, SERVER, "MESSAGE sip:b", "a")
    recorded.sent(0.1, SERVER, ALICE, "MESSAGE sip:a", "notice")
    recorded.sent(0.2, ALICE, SERVER, "SIP/2.0 200 OK", "notice")
    recorded.sent(10, SERVER, ALICE, "OPTIONS sip:a", "ping")
    recorded.tape.end()
    assert recorded.calls == [["a", "notice"], ["ping"]]


def test_a_call_begins_with_the_registrations_that_it_needs() -> None:
    recorded = Recorded()
    recorded.sent(0, BOB, SERVER, "REGISTER sip:b", "bobs", "7 REGISTER")
    recorded.sent(0, SERVER, BOB, "SIP/2.0 200 OK", "bobs", "7 REGISTER")
    recorded.tape.sweep(100)
    recorded.sent(3000, ALICE, SERVER, "MESSAGE sip:b", "a")
    recorded.sent(3000, SERVER, BOB, "MESSAGE sip:b", "a")
    recorded.tape.end()
    assert recorded.calls == [["bobs"], ["bobs", "a"]]
    assert [round(one.at - 3000) for one in recorded.flows[1]] == [-1, -1, 0, 0]


def test_the_same_behaviour_is_written_a_few_times_only() -> None:
    recorded = Recorded()
    for number in range(20):
        place = (f"10.0.1.{number}", 5060)
        recorded.sent(number, place, SERVER, "REGISTER sip:b", f"call-{number}", "7 REGISTER")
        recorded.sent(number, SERVER, place, "SIP/2.0 200 OK", f"call-{number}", "7 REGISTER")
    recorded.sent(50, ALICE, SERVER, "REGISTER sip:b", "other", "7 REGISTER")
    recorded.tape.end()
    assert len(recorded.flows) == MOST_ALIKE + 1


def test_after_so_many_flows_nothing_is_noted_any_more() -> None:
    recorded = Recorded()
    for number in range(MOST_FLOWS + 50):
        recorded.sent(number, ALICE, SERVER, f"M{number} sip:b", f"call-{number}")
    recorded.tape.end()
    assert len(recorded.flows) == MOST_FLOWS
    assert recorded.tape.is_full


def test_a_call_without_end_keeps_its_beginning() -> None:
    recorded = Recorded()
    for number in range(MOST_IN_CALL + 10):
        recorded.sent(number, ALICE, SERVER, "MESSAGE sip:b", "a")
    recorded.tape.end()
    assert len(recorded.flows[0]) == MOST_IN_CALL
    assert recorded.tape.left_out == 10


def test_memory_is_bounded() -> None:
    recorded = Recorded()
    for number in range(module.MOST_CALLS + 5):
        recorded.sent(number / 1000, ALICE, SERVER, "MESSAGE sip:b", f"call-{number}")
    assert recorded.tape.left_out == 5
