"""Database URLs."""

from __future__ import annotations

from pathlib import Path

import pytest

from serpy.db.url import BadUrl, DatabaseUrl, mysql_addresses, parse_url


@pytest.mark.parametrize(
    ("text", "user", "password", "host", "port", "database", "socket"),
    [
        ("mysql://user:xxx@127.0.0.1/msilo", "user", "xxx", "127.0.0.1", 0, "msilo", ""),
        ("mysql://root@localhost/msilo", "root", "", "localhost", 0, "msilo", ""),
        ("sql://ser:heslo@localhost:3307/ser", "ser", "heslo", "localhost", 3307, "ser", ""),
        ("mysql://a:p@ss/w:rd@host/db", "a", "p@ss/w:rd", "host", 0, "db", ""),
        ("mysql://a:p%40%2F%3Aq@host/db", "a", "p@/:q", "host", 0, "db", ""),
        ("mysql://a:50%off@host/db", "a", "50%off", "host", 0, "db", ""),
        ("mysql://a@[::1]:3310/db", "a", "", "::1", 3310, "db", ""),
        ("mysql://a@/db?socket=/run/my.sock", "a", "", "", 0, "db", "/run/my.sock"),
        ("mysql://a@%2Frun%2Fmy.sock/db", "a", "", "", 0, "db", "/run/my.sock"),
        ("mysql:///db", "", "", "localhost", 0, "db", ""),
        ("sqlite:///var/lib/x.db", "", "", "", 0, "/var/lib/x.db", ""),
        ("postgres://a:b@pg.example.com/db", "a", "b", "pg.example.com", 0, "db", ""),
        ("dbtext:///var/dbtext", "", "", "", 0, "/var/dbtext", ""),
    ],
)
def test_the_parts_of_a_url(
    text: str, user: str, password: str, host: str, port: int, database: str, socket: str
) -> None:
    url = parse_url(text)
    assert (url.user, url.password, url.host, url.port) == (user, password, host, port)
    assert (url.database, url.socket) == (database, socket)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("user:secret@host/db", "has no scheme://"),
        ("oracle://a:secret@host/db", "oracle://"),
        ("mysql://a:secret@host", "names no database"),
        ("mysql://a:secret@host/", "names no database"),
        ("mysql://a:secret@host:99999/db", "port"),
        ("mysql://a:secret@host:x/db", "port"),
        ("mysql://a:secret@host:" + "9" * 5000 + "/db", "port"),
        ("sqlite:///", "names no file"),
    ],
)
def test_a_wrong_url_is_explained_without_its_password(text: str, part: str) -> None:
    with pytest.raises(BadUrl, match=part) as error:
        parse_url(text)
    assert "secret" not in str(error.value)


def test_the_password_shows_nowhere() -> None:
    url = parse_url("mysql://user:secret@127.0.0.1:3307/msilo")
    assert url.shown == "mysql://user@127.0.0.1:3307/msilo"
    assert url.typed == "mysql://user:PASSWORD@127.0.0.1:3307/msilo"
    assert "secret" not in repr(url)


@pytest.mark.parametrize(
    ("host", "local"),
    [("localhost", True), ("LOCALHOST", True), ("127.0.0.1", True), ("127.1.2.3", True), ("[::1]", True),
     ("10.0.0.1", False), ("db.example.com", False)],
)  # fmt: skip
def test_only_loopback_names_and_addresses_are_this_host(host: str, local: bool) -> None:
    assert parse_url(f"mysql://a@{host}/db").is_local is local


def test_a_socket_is_this_host() -> None:
    assert parse_url("mysql://a@/db?socket=/run/my.sock").is_local


def test_an_address_or_a_port_means_tcp() -> None:
    assert mysql_addresses(parse_url("mysql://a@127.0.0.1/db")) == [("127.0.0.1", 3306)]
    assert mysql_addresses(parse_url("mysql://a@localhost:3307/db")) == [("127.0.0.1", 3307)]


def test_localhost_means_the_usual_socket_first_and_then_tcp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    path = tmp_path / "my.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        monkeypatch.setattr("serpy.db.url.USUAL_SOCKETS", (str(path), str(tmp_path / "missing.sock")))
        assert mysql_addresses(DatabaseUrl("mysql", "mysql", host="localhost", database="db")) == [
            path,
            ("127.0.0.1", 3306),
        ]
