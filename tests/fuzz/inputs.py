"""Inputs that try to break the checker: damaged scripts, pieces of scripts in any order, random octets, heaps."""

from __future__ import annotations

import random
from collections.abc import Sequence

from .heaps import HEAPS

Dice = random.Random

_SIGNS = "\"'{}()[];=,#\\!$%@&|*/~^+-<>:.\n\t\r\0"
_MORE_SIGNS = ("==", "=~", "!=", "&&", "||", "<<", "/*", "*/", "//", "#!", "!!", "};", "\\\n", "\r\n")
_ODD_LETTERS = ("\ufeff", "\udcff", "é", "“", "”", "\u2028", "\x0b", "\x0c", "\x85", "\u202e", "e\u0301", "\U0001f600")
_MERGE = ("<<<<<<< HEAD\n", "=======\n", ">>>>>>> theirs\n")
_ROUTES = (" route ", " route{", "route[1]{", "failure_route[1]{", "request_route{", "event_route[a:b]{")
_STATEMENTS = (" if ", " else ", " if (", ")else{", "while(", "switch($ru){case 1:", "default:", " drop", " return ")
_CALLS = (" exit;", " break;", "t_relay()", "t_reply(", "route(1)", "route(", "log(")
_CONDITIONS = (" and ", " or ", " not ", "defined ", "(int)", " mod ", "uri==myself", 'method=="', "src_ip==10.0.0.0/8")
_REFERENCES = (
    "$x",
    "$?",
    "$f.a",
    "$x[-1]",
    "$x[]",
    "%y",
    "@from.uri",
    '@msg["x"]',
    "$var(x)",
    "$(ru{s.len})",
    "$avp(s:x)",
)
_NUMBERS = (
    "-1",
    "0x",
    "0xffffffffffff",
    "08",
    "101b",
    "yes",
    "4294967296",
    "99999999999999999999",
    "1.2.3.4",
    "300.1.1.1",
)
_STRINGS = ('"a" "b"', '"\\', "'", "::1")
_ITEMS = (
    'loadmodule "tm.so"\n',
    'loadmodule "',
    'modparam("tm","fr_timer",',
    "debug=",
    "listen=",
    "udp:10.0.0.1:5060",
    "alias=",
    "flags a,b:3",
    "avpflags x",
)
_DIRECTIVES = (
    "#!define A B\n",
    "#!define A A A\n",
    "\nA\n",
    "#!ifdef X\n",
    "#!ifndef X\n",
    "#!else\n",
    "#!endif\n",
    '#!subst "/a/bb/g"\n',
    '#!substdef "!A!B!g"\n',
    "#!KAMAILIO\n",
    "#!SER 0.8\n",
    "#!SER\n",
    "#!ALL\n",
    'include_file "x.cfg"\n',
    'import_file "x.cfg"\n',
    '#!include_file "fuzz.cfg"\n',
)
_ALLOW = ("# serpy: allow ", "# serpy: allow x\n")
_EXPRESSIONS = (
    'search("(a|b)*")',
    'replace("((((((((',
    'subst("/a/\\1/g")',
    '=~"[[:alpha:]{1,999}"',
    '=~"(.*)*$"',
)
PIECES = tuple(
    piece.encode("utf-8", "surrogateescape")
    for piece in (
        *_SIGNS,
        *_MORE_SIGNS,
        *_ODD_LETTERS,
        *_MERGE,
        *_ROUTES,
        *_STATEMENTS,
        *_CALLS,
        *_CONDITIONS,
        *_REFERENCES,
        *_NUMBERS,
        *_STRINGS,
        *_ITEMS,
        *_DIRECTIVES,
        *_ALLOW,
        *_EXPRESSIONS,
    )
)
"""What a damaged script gets."""


def damaged(dice: Dice, scripts: Sequence[bytes]) -> bytes:
    """A script of somebody's with a few places changed."""
    text = bytearray(dice.choice(scripts))
    for _ in range(dice.choice((1, 1, 2, 4, 9))):
        _change(text, dice, scripts)
    return bytes(text)


def _change(text: bytearray, dice: Dice, scripts: Sequence[bytes]) -> None:
    at = dice.randrange(len(text) + 1)
    length = dice.choice((0, 0, 1, 3, 20, 200))
    kind = dice.randrange(9)
    if kind < 4:
        text[at : at + length] = dice.choice(PIECES)
    elif kind == 4:
        del text[at : at + length]
    elif kind == 5:
        text[at:at] = text[at : at + length] * dice.choice((1, 2, 30))
    elif kind == 6:
        other = dice.choice(scripts)
        begin = dice.randrange(len(other) + 1)
        text[at : at + length] = other[begin : begin + dice.choice((10, 100, 1000))]
    elif kind == 7:
        del text[at:]
    else:
        lines = bytes(text).split(b"\n")
        dice.shuffle(lines)
        text[:] = b"\n".join(lines[: dice.randrange(1, len(lines) + 1)])


def soup(dice: Dice) -> bytes:
    """Pieces of scripts in any order."""
    few = dice.sample(PIECES, dice.choice((2, 5, 20)))
    return b"".join(dice.choice(few) for _ in range(dice.choice((3, 30, 300))))


def octets(dice: Dice) -> bytes:
    """Random octets."""
    return dice.randbytes(dice.choice((1, 10, 100, 2000)))


def heap(dice: Dice, largest: int) -> bytes:
    """Very much of one thing."""
    make = HEAPS[dice.choice(sorted(HEAPS))]
    return make(dice.randrange(1, largest))[: largest * 4]


def piled(dice: Dice, largest: int) -> bytes:
    """Very much of one piece, perhaps inside a route, perhaps in a string, perhaps never closed."""
    piece = dice.choice(PIECES) + (dice.choice(PIECES) if dice.random() < 0.6 else b"")
    before = dice.choice(
        (b"", b"route{", b"route{ if (", b'route{ log("', b"route{ $x = ", b"debug=", b"#!KAMAILIO\n", b"/*")
    )
    after = dice.choice((b"", b"}", b") t_relay(); }", b'"); }', b";}"))
    pile: bytes = piece * (dice.randrange(1, largest) // len(piece))
    return before + pile + after


def one(dice: Dice, scripts: Sequence[bytes], largest: int) -> tuple[str, bytes]:
    """An input and what kind it is; the kinds with a size have about `largest` octets at most."""
    kind = dice.choices(("damaged", "soup", "octets", "heap", "piled"), (10, 4, 1, 3, 2))[0]
    if kind == "damaged":
        return kind, damaged(dice, scripts)
    if kind == "soup":
        return kind, soup(dice)
    if kind == "octets":
        return kind, octets(dice)
    return kind, heap(dice, largest) if kind == "heap" else piled(dice, largest)
