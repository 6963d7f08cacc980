"""The reader of recordings, on a small one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.oracle.recording import CaseStart, Packet, Rows, read_recording, unescape

TEXT = rb"""# what
=== t=+0.0100  1a a case

--- t=+0.0200  bob -> server  (19 bytes)
    OPTIONS x SIP/2.0\r\n

... (bob: nothing more)

=== t=+1.0000  DB 1a: select * from silo
*************************** 1. row ***************************
     mid: 1
    body: a: b

=== t=+1.5  end
"""


@pytest.fixture
def recording_file(tmp_path: Path) -> Path:
    file = tmp_path / "x.txt"
    file.write_bytes(TEXT)
    return file


def test_the_events_of_a_recording_come_in_their_order(recording_file: Path) -> None:
    case, packet, rows = read_recording(recording_file).events
    assert case == CaseStart(0.01, "1a a case")
    assert isinstance(packet, Packet)
    assert (packet.source, packet.to, packet.data) == (7200, 5060, b"OPTIONS x SIP/2.0\r\n")
    assert isinstance(rows, Rows)
    assert rows.rows == ({"mid": "1", "body": "a: b"},)


def test_a_datagram_of_another_length_than_announced_is_an_error(recording_file: Path) -> None:
    recording_file.write_bytes(TEXT.replace(b"19 bytes", b"20 bytes"))
    with pytest.raises(ValueError, match="19 bytes, but the head says 20"):
        read_recording(recording_file)


def test_escapes_are_undone_without_loss() -> None:
    assert unescape(rb"a\\r\r\n\t\x00\xff") == b"a\\r\r\n\t\x00\xff"
