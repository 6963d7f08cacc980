"""What a typed block tells to do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ...cfg.diagnostics import suggest
from ...host.network import Address
from .document import Block, FlowError
from .duration import duration
from .head import address, words

METHOD = re.compile(r"[A-Z][A-Z0-9.!%*_+`'~-]*")


@dataclass(frozen=True, slots=True)
class Send:
    """`> alice ...`: what a peer sends."""

    line: int
    peer: str
    verb: Literal["request", "reply", "again", "raw", "file"]
    method: str
    """Of the request; of the one that is answered or repeated, "" for the obvious one; the path of a file."""
    uri: str
    code: int
    reason: str
    options: tuple[tuple[str, str], ...]
    content: tuple[str, ...]
    port: int | None
    to: Address | None


@dataclass(frozen=True, slots=True)
class Pass:
    """`wait 4s`, `at 10s`, `quiet 64s`."""

    line: int
    how: Literal["wait", "at", "quiet"]
    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a rule."""

    code: int
    reason: str
    after: float


@dataclass(frozen=True, slots=True)
class Rule:
    """`bob answers INVITE 180 after 1s, 200 after 5s`; without answers: `bob ignores INVITE`."""

    line: int
    peer: str
    method: str
    """`*` for every one that has no rule of its own."""
    answers: tuple[Answer, ...]
    content: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Impair:
    """`drop next 2 to bob`: what happens to the next datagrams."""

    line: int
    what: Literal["drop", "delay", "duplicate", "reorder"]
    count: int
    direction: Literal["", "to", "from"]
    peer: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Switch:
    """`db down`, `dns up`, `unreachable bob`."""

    line: int
    what: Literal["db", "dns", "reachable", "unreachable"]
    state: str
    """`up`, `down`, `slow`; a peer's name or an address."""
    seconds: float = 0.0


Step = Send | Pass | Rule | Impair | Switch

_VERBS = ("wait", "at", "quiet", "drop", "delay", "duplicate", "reorder", "reachable", "unreachable", "db", "dns")


def read_step(block: Block, title: str, content: Sequence[str]) -> Step:
    """What a block tells to do; `title` and `content` are its text with all names replaced.

    Raises:
        FlowError
    """
    line = block.line
    if title.startswith(">"):
        return _send(line, title[1:].strip(), tuple(content))
    said = title.split()
    if len(said) > 1 and said[1] in ("answers", "ignores"):
        return _rule(line, said, title, tuple(content))
    if content:
        raise FlowError(line + 1, f"nothing can stand below `{title}`", "take these lines out, or begin a new block")
    match said:
        case ["wait" | "at" | "quiet" as how, text]:
            return Pass(line, how, _time(line, text))
        case ["drop" | "delay" | "duplicate" | "reorder" as what, "next", *rest]:
            return _impair(line, what, rest)
        case ["db" | "dns" as what, "up" | "down" as state]:
            return Switch(line, what, state)
        case ["db" | "dns" as what, "slow", text]:
            return Switch(line, what, "slow", _time(line, text))
        case ["reachable" | "unreachable" as what, place]:
            return Switch(line, what, place)
    known = _MODELS.get(said[0])
    if known:
        raise FlowError(line, f"`{title}` is not understood", f"it reads {known}")
    near = suggest(said[0], [*_VERBS])
    raise FlowError(
        line,
        f"`{title[:60]}` is no block",
        f"did you mean `{near}`?" if near else "a peer's message begins with `> `, time passes by `wait 4s`",
    )


_MODELS = {
    "wait": "`wait 4s`",
    "at": "`at 10s`",
    "quiet": "`quiet 64s`",
    "drop": "`drop next`, `drop next 2 to bob`",
    "delay": "`delay next from alice 2s`",
    "duplicate": "`duplicate next to bob`",
    "reorder": "`reorder next 2 to bob`",
    "db": "`db down`, `db up` or `db slow 3s`",
    "dns": "`dns down`, `dns up` or `dns slow 3s`",
    "reachable": "`reachable bob`",
    "unreachable": "`unreachable bob`",
}


def _send(line: int, text: str, content: tuple[str, ...]) -> Send:
    said = words(line, text)
    if len(said) < 2:
        raise FlowError(line, "who sends what?", "write `> alice MESSAGE sip:bob@127.0.0.1`")
    peer, verb, *rest = said
    rest, port, to, method = _sockets(line, rest)
    if verb == "reply":
        if not rest or not re.fullmatch(r"[1-6]\d\d", rest[0]):
            raise FlowError(line, "reply with which code?", "write `> bob reply 200`")
        return Send(line, peer, "reply", method, "", int(rest[0]), " ".join(rest[1:]), (), content, port, to)
    if method:
        raise FlowError(line, f"`to {method}` belongs to a reply", "a request goes `to HOST:PORT`")
    if verb in ("raw", "again", "file") and verb != "raw" and content:
        raise FlowError(line + 1, f"nothing can stand below `{verb}`", "for other octets take `raw`")
    match verb, rest:
        case "raw", []:
            if not content:
                raise FlowError(line, "no octets stand below `raw`", "write them there, indented by two blanks")
            return Send(line, peer, "raw", "", "", 0, "", (), content, port, to)
        case "again", []:
            return Send(line, peer, "again", "", "", 0, "", (), (), port, to)
        case "again", [which] if METHOD.fullmatch(which):
            return Send(line, peer, "again", which, "", 0, "", (), (), port, to)
        case "file", [path]:
            return Send(line, peer, "file", path, "", 0, "", (), (), port, to)
        case "raw" | "again" | "file", _:
            raise FlowError(line, f"`{text}` is not understood", "write `raw`, `again`, `again INVITE` or `file PATH`")
    if not METHOD.fullmatch(verb):
        near = suggest(verb, ("reply", "again", "raw", "file"))
        raise FlowError(
            line,
            f"{verb!r} is no method",
            f"did you mean `{near}`?"
            if near
            else "methods are written in capitals: `> alice MESSAGE sip:bob@127.0.0.1`",
        )
    uri = rest.pop(0) if rest and (":" in rest[0] or "=" not in rest[0]) else ""
    pairs = [word.partition("=") for word in rest]
    wrong = next((name for name, equals, _ in pairs if not equals or not name), None)
    if wrong is not None:
        raise FlowError(
            line, f"{wrong!r} is no option", 'an option is written name=value, as expires=600 or subject="a b"'
        )
    return Send(
        line, peer, "request", verb, uri, 0, "", tuple((name, value) for name, _, value in pairs), content, port, to
    )


def _sockets(line: int, said: list[str]) -> tuple[list[str], int | None, Address | None, str]:
    """Take `from PORT`, `to HOST:PORT` and `to METHOD` off the end."""
    port: int | None = None
    to: Address | None = None
    method = ""
    while len(said) > 1 and said[-2] in ("from", "to"):
        word, value = said[-2:]
        if word == "from" and value.isdecimal():
            port = int(value)
            if not 0 < port < 65536:
                raise FlowError(line, f"{value} is no port", "ports go from 1 to 65535")
        elif word == "to" and METHOD.fullmatch(value):
            method = value
        elif word == "to" and re.match(r"[\[\d]", value):
            to = address(line, value)
        else:
            break
        said = said[:-2]
    return said, port, to, method


def _rule(line: int, said: list[str], title: str, content: tuple[str, ...]) -> Rule:
    peer, verb, *rest = said
    if not rest or not (METHOD.fullmatch(rest[0]) or rest[0] == "*"):
        raise FlowError(line, f"{peer} {verb} what?", f"write `{peer} {verb} MESSAGE`")
    method = rest[0]
    if verb == "ignores":
        if rest[1:] or content:
            raise FlowError(line, f"`{title}` is not understood", f"write `{peer} ignores {method}`")
        return Rule(line, peer, method, (), ())
    parts = " ".join(rest[1:]).split(",") if rest[1:] else ["200"]
    answers = []
    for part in parts:
        found = re.fullmatch(r"\s*([1-6]\d\d)(?: (.*?))??(?: ?after (\S+))?\s*", part)
        if found is None:
            raise FlowError(
                line, f"{part.strip()!r} is no answer", f"write `{peer} answers INVITE 180 after 1s, 200 after 5s`"
            )
        answers.append(Answer(int(found[1]), found[2] or "", _time(line, found[3]) if found[3] else 0.0))
    return Rule(line, peer, method, tuple(answers), content)


def _impair(line: int, what: Literal["drop", "delay", "duplicate", "reorder"], rest: list[str]) -> Impair:
    count, direction, peer, seconds = (2 if what == "reorder" else 1), "", "", 0.0
    said = list(rest)
    if said and said[0].isdecimal():
        count = int(said.pop(0))
    if len(said) > 1 and said[0] in ("to", "from"):
        direction, peer = said[0], said[1]
        said = said[2:]
    if what == "delay" and said:
        seconds = _time(line, said.pop(0))
    if said or not count or (what == "delay" and not seconds) or (what == "reorder" and count < 2):
        raise FlowError(line, f"`{what} next {' '.join(rest)}` is not understood", f"it reads {_MODELS[what]}")
    return Impair(line, what, count, direction, peer, seconds)  # type: ignore[arg-type]


def _time(line: int, text: str) -> float:
    try:
        return duration(text)
    except ValueError as error:
        raise FlowError(line, str(error), "times are written 500ms, 4s, 2m, 1h") from None
