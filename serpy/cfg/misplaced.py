"""Parts of a script in the wrong place, or in the form that belongs to another place."""

from __future__ import annotations

from .spot import Habit, Spot
from .spot import over as _error


def _route_brackets(spot: Spot) -> Habit | None:
    """`route(1) {` and `route 1 {` at the top."""
    at, tokens = spot.at, spot.tokens
    if spot.in_block or spot.before is None or spot.before.type not in ("ROUTE", "EVENT_ROUTE"):
        return None
    keyword = spot.before
    if spot.has(at, "OPEN", "", "CLOSE", "OPEN_BLOCK"):
        name, size = tokens[at + 1], 3
    elif spot.has(at, "", "OPEN_BLOCK") and tokens[at].type in ("ID", "NUMBER", "WORD", "STRING"):
        name, size = tokens[at], 1
    else:
        return None
    told = "the name of a route block stands in brackets"
    put = (("OPEN_INDEX", "["), ("ROUTE_NAME", str(name)), ("CLOSE_INDEX", "]"))
    return Habit(
        _error("route-name", tokens[at], tokens[at + size - 1], told, f"write {keyword}[{name}]"), at, size, put
    )


def _route_parentheses(spot: Spot) -> Habit | None:
    """`route[1];` and `route 1;` in a block."""
    at, tokens = spot.at, spot.tokens
    if not spot.in_block or spot.before is None or spot.before.type != "ROUTE" or spot.before != "route":
        return None
    if spot.has(at, "OPEN_INDEX", "", "CLOSE_INDEX", "SEMICOLON"):
        name, size = tokens[at + 1], 3
    elif spot.has(at, "", "SEMICOLON") and tokens[at].type in ("ID", "NUMBER", "WORD", "STRING"):
        name, size = tokens[at], 1
    else:
        return None
    told = "a route is called with parentheses"
    put = (("OPEN", "("), ("ID", str(name)), ("CLOSE", ")"))
    return Habit(_error("route-name", tokens[at], tokens[at + size - 1], told, f"write route({name})"), at, size, put)


def _nested(spot: Spot) -> Habit | None:
    """A route block inside a block."""
    before = spot.before
    if not spot.in_block or before is None or before.type not in ("ROUTE", "EVENT_ROUTE") or before.span.column == 1:
        return None
    at = spot.at
    if spot.token.type not in ("OPEN_BLOCK", "OPEN_INDEX"):
        return None
    end = spot.behind_block(at)
    if end is None:
        return None
    told = "a route block stands inside another block"
    return Habit(
        _error("nested-route", before, before, told, "move it to the end of the file, and call it with route(name)"),
        at - 1,
        end - at + 1,
    )


def _load_in_block(spot: Spot) -> Habit | None:
    word = spot.token
    if not spot.in_block or word.type not in ("LOADMODULE", "MODPARAM") or word.span.column == 1:
        return None
    tokens, end = spot.tokens, spot.at + 1
    goal = "STRING" if spot.has(end, "STRING") else "CLOSE"
    while end < len(tokens) - 1 and end - spot.at < 12 and tokens[end].type != goal:
        end += 1
    if tokens[end].type != goal:
        return None
    told = f"{word} stands inside a block"
    return Habit(
        _error("in-block", word, word, told, "move it to the top of the script, outside of the route blocks"),
        spot.at,
        end + 1 - spot.at,
    )


def _global(spot: Spot) -> Habit | None:
    """At the top: `debug==3`, `debug: 3`, `"debug"=3`, `listen=udp:a:b`; and `route[TWO WORDS]`."""
    at, word, before = spot.at, spot.token, spot.before
    if before is not None and before.type == "ROUTE_NAME" and word.type in ("ID", "NUMBER", "WORD"):
        told = "the name of a route is one word"
        hint = f"write for example {before}_{word}"
        return Habit(_error("route-name", before, word, told, hint), at, 1)
    if spot.in_block:
        return None
    if word.type == "OPERATOR" and word == "==" and before is not None and before.type == "ID":
        at, word = at - 1, before
    if word.type == "ID" and spot.has(at + 1, "OPERATOR") and spot.tokens[at + 1] == "==":
        told = "== compares: a value is set by ="
        sign = spot.tokens[at + 1]
        return Habit(
            _error("double-equals", sign, sign, told, f"write {word}=..."),
            at,
            2,
            (("PARAM", str(word)), ("EQUALS", "=")),
        )
    if word.type == "WORD" and ":" in word and (before is None or before.type != "EQUALS"):
        name, _, value = str(word).partition(":")
        following = spot.tokens[at + 1]
        is_alone = following.type in ("$END", "SEMICOLON") or following.span.line > word.span.line
        if name.strip().isidentifier() and name.islower() and is_alone:
            told = "a parameter is set by =, not by :"
            put = (("PARAM", name.strip()), ("EQUALS", "="), ("ID", value.strip()))
            return Habit(_error("wrong-sign", word, word, told, f"write {name.strip()}={value.strip()}"), at, 1, put)
    if word.type == "STRING" and spot.has(at + 1, "EQUALS"):
        told = "the name of a parameter stands without quotes"
        return Habit(_error("stray-word", word, word, told, f"write {word}=..."), at, 1, (("PARAM", str(word)),))
    if before is not None and before.type == "COLON" and word.type in ("ID", "WORD"):
        return Habit(
            _error("bad-value", word, word, f"{word} is not a port", "write a number from 1 to 65535"),
            at,
            1,
            (("NUMBER", "1"),),
        )
    return None


LOOKS = (_route_brackets, _route_parentheses, _nested, _load_in_block, _global)
