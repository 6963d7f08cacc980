"""The arguments of the core's commands."""

from __future__ import annotations

import pytest

from serpy.module import Kind
from serpy.script.kinds import COUNT, FLAG, HOST, LENGTH, PORT, SOCKET, Q, Socket, parse_socket


@pytest.mark.parametrize(
    ("text", "socket"),
    [
        ("127.0.0.1", ("", "127.0.0.1", 0)),
        ("udp:127.0.0.1:5062", ("udp", "127.0.0.1", 5062)),
        ("TCP:host.org", ("tcp", "host.org", 0)),
        ("host.org:5062", ("", "host.org", 5062)),
        ("*", ("", "*", 0)),
        ("*:5062", ("", "*", 5062)),
        ("udp:*:5062", ("udp", "*", 5062)),
        ("*:host:*", ("", "host", 0)),
        ("::1", ("", "::1", 0)),
        ("tls:[::1]:5061", ("tls", "::1", 5061)),
        ("udp:2001:db8::1", ("udp", "2001:db8::1", 0)),
        ("eth0", ("", "eth0", 0)),
        ("udp:010.0.0.1:5062", ("udp", "8.0.0.1", 5062)),
    ],
)
def test_sockets(text: str, socket: tuple[str, str, int]) -> None:
    assert parse_socket(text) == Socket(*socket)


@pytest.mark.parametrize("text", ["", "udp:", "a:b:c", "[::1", "[x]:5060", "a:0", "a:99999", "a:x"])
def test_wrong_sockets(text: str) -> None:
    with pytest.raises(ValueError, match=r"port|form|brackets"):
        parse_socket(text)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (HOST, "a.b", "a.b"),
        (HOST, "[::1]", "::1"),
        (HOST, "010.0.0.07", "8.0.0.7"),
        (HOST, "0.0.0.0", "0.0.0.0"),
        (LENGTH, "max_len", 65535),
        (LENGTH, "12", 12),
        (HOST, "uri:host", "uri:host"),
        (PORT, "5060", 5060),
        (PORT, "uri:port", "uri:port"),
        (FLAG, "31", 31),
        (COUNT, "0", 0),
        (Q, "0.5", 500),
        (Q, "1", 1000),
        (SOCKET, "a:1", Socket("", "a", 1)),
    ],
)
def test_arguments(kind: Kind[object], text: str, value: object) -> None:
    assert kind.convert(text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (HOST, "a b"),
        (HOST, "08.0.0.1"),
        (HOST, "0400.0.0.1"),
        (HOST, "1.2.3"),
        (HOST, "1.2.3.256"),
        (HOST, "\u0661.2.3.4"),
        (LENGTH, "many"),
        (HOST, ""),
        (PORT, "0"),
        (PORT, "x"),
        (FLAG, "32"),
        (FLAG, "-1"),
        (COUNT, "-1"),
        (Q, "1.1"),
        (Q, "nan"),
        (Q, ""),
    ],
)
def test_wrong_arguments(kind: Kind[object], text: str) -> None:
    with pytest.raises(ValueError, match=r"is not|is neither"):
        kind.convert(text)
