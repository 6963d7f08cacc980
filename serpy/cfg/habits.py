"""Words of other languages and of other programs: `elseif`, `then`, `goto`, `for`, `int x`, `request_route`."""

from __future__ import annotations

from .diagnostics import Diagnostic
from .spot import Habit, Spot
from .spot import over as _error

_ELSE_IF = frozenset(("elseif", "elsif", "elif", "ELSEIF", "elsIf", "elseIf", "ElseIf"))
_TYPES = frozenset(
    ("int", "str", "string", "var", "let", "const", "char", "bool", "my", "float", "auto", "local", "set")
)
_LOOPS = {"for": "for", "foreach": "foreach"}
_KAMAILIO = {
    "while": "a loop with while",
    "switch": "switch",
    "request_route": "request_route",
    "reply_route": "reply_route",
    "event_route": "event_route",
    "include_file": "include_file",
    "import_file": "import_file",
    "modparamx": "modparamx",
    "loadmodulex": "loadmodulex",
}
_BEHIND = frozenset(("OPEN_BLOCK", "OPEN", "OPEN_INDEX", "STRING"))
_OPENSIPS_ROUTES = frozenset(("startup_route", "timer_route", "error_route", "local_route"))


def _else_if(spot: Spot) -> Habit | None:
    for at in (spot.at, spot.start):
        word = spot.tokens[at]
        if word.type == "ID" and word in _ELSE_IF:
            told = f"{word} is no keyword"
            return Habit(
                _error("misspelled-word", word, word, told, "write else if"), at, 1, (("ELSE", "else"), ("IF", "if"))
            )
    return None


def _then(spot: Spot) -> Habit | None:
    """`if (...) then`, `endif`"""
    for at in (spot.at, spot.at - 1):
        word = spot.tokens[at] if at > 0 else None
        if word is None or word.type != "ID" or spot.has(at + 1, "OPEN") or spot.has(at + 1, "SEMICOLON"):
            continue
        if word in ("then", "do", "begin", "THEN") and spot.tokens[at - 1].type in ("CLOSE", "ELSE"):
            told = f"{word} is no keyword: what belongs to an if stands in braces"
        elif word in ("endif", "fi", "end", "done", "endwhile"):
            told = f"{word} is no keyword: a block ends with }}"
        else:
            continue
        return Habit(_error("misspelled-word", word, word, told, "remove it"), at, 1)
    return None


def _goto(spot: Spot) -> Habit | None:
    """`goto NAME;`"""
    word, name = spot.before, spot.token
    if word is None or not spot.in_block or name.type not in ("ID", "NUMBER") or word.type != "ID":
        return None
    if word not in ("goto", "call", "gosub", "jump", "exec_route"):
        return None
    put = (("ROUTE", "route"), ("OPEN", "("), ("ID", str(name)), ("CLOSE", ")"))
    told = f"there is no {word}: a route is called by route()"
    return Habit(_error("misspelled-word", word, word, told, f"write route({name})"), spot.at - 1, 2, put)


def _foreign(spot: Spot) -> Habit | None:
    """Words of Kamailio and OpenSIPS that SER does not have."""
    at = spot.start
    for here in dict.fromkeys((spot.at, spot.at - 1, at)):
        word = spot.tokens[here] if here >= 0 else None
        if word is None or word.type != "ID":
            continue
        if not spot.in_block and word in _OPENSIPS_ROUTES and (end := spot.behind_block(here)) is not None:
            told = (
                f"{word} is a route of OpenSIPS"
                if word != "local_route"
                else f"{word} is a route of OpenSIPS and OpenSER"
            )
            return Habit(
                _error("other-program", word, word, f"{told}, which serpy does not have", "take the block out"),
                here,
                end - here,
            )
        if word in ("include_file", "import_file") and spot.is_kamailio:
            told = f"{word} takes a file name in quotes"
            finding = _error("bad-directive", word, spot.token, told, f'write {word} "other.cfg"')
            return _skipped(spot, here, finding)
        if word in _KAMAILIO and spot.tokens[here + 1].type in _BEHIND and not spot.is_kamailio:
            told = f"{_KAMAILIO[str(word)]} belongs to Kamailio's language, and this script is read as SER's"
            hint = "write #!KAMAILIO in the first line if it is a script for Kamailio"
            return _skipped(spot, here, _error("other-dialect", word, word, told, hint))
    return None


def _skipped(spot: Spot, here: int, diagnostic: Diagnostic) -> Habit:
    """Leave out what belongs to a word that is not known: its line, or its block."""
    tokens, end = spot.tokens, here + 1
    line = tokens[here].span.line
    while end < len(tokens) - 1 and (
        tokens[end].span.line == line and tokens[end].type not in ("OPEN_BLOCK", "SEMICOLON")
    ):
        end += 1
    if tokens[end].type == "OPEN_BLOCK" and (behind := spot.behind_block(end)) is not None:
        end = behind
    elif tokens[end].type == "SEMICOLON":
        end += 1
    return Habit(diagnostic, here, end - here)


def _declared(spot: Spot) -> Habit | None:
    """`int x = 3;`"""
    before, word = spot.before, spot.token
    if (
        not spot.in_block
        or before is None
        or before.type != "ID"
        or before not in _TYPES
        or word.type not in ("ID", "PARAM")
    ):
        return None
    told = f"{before} {word} looks like a variable: scripts declare none"
    end = spot.at
    while end < len(spot.tokens) - 1 and spot.tokens[end].type != "SEMICOLON" and end - spot.at < 20:
        end += 1
    hint = "an attribute such as $name is set without a type: $name = 3"
    return Habit(_error("no-variables", before, word, told, hint), spot.at - 1, end + 1 - spot.at)


def _loop(spot: Spot) -> Habit | None:
    """`for (...) { ... }`"""
    at = spot.start
    # the ; inside the parentheses are boundaries too
    for here in (at, *(range(max(0, spot.at - 12), spot.at))):
        word = spot.tokens[here]
        if word.type == "ID" and word in _LOOPS and spot.has(here + 1, "OPEN"):
            told = f"there is no loop with {word} in scripts"
            hint = "call a route again and again, or use while in a script for Kamailio"
            return Habit(_error("no-loop", word, word, told, hint), here, _loop_size(spot, here))
    return None


def _loop_size(spot: Spot, here: int) -> int:
    tokens, end, depth = spot.tokens, here + 1, 0
    while end < len(tokens) - 1:
        depth += (tokens[end].type == "OPEN") - (tokens[end].type == "CLOSE")
        end += 1
        if depth == 0 or tokens[end].type == "OPEN_BLOCK":
            break
    if tokens[end].type == "OPEN_BLOCK":
        return (spot.behind_block(end) or end) - here
    return end - here


LOOKS = (_else_if, _then, _goto, _foreign, _declared, _loop)
