"""What is said about a change that would mend the script."""

from __future__ import annotations

from collections.abc import Sequence

from .braces import BraceFault
from .diagnostics import Diagnostic, Label, suggest
from .preprocess import CodeToken
from .source import Span
from .spot import Change, Spot

KEYWORDS = {
    "loadmodule": "LOADMODULE",
    "modparam": "MODPARAM",
    "route": "ROUTE",
    "failure_route": "ROUTE",
    "onreply_route": "ROUTE",
    "branch_route": "ROUTE",
    "onsend_route": "ROUTE",
    "if": "IF",
    "else": "ELSE",
    "drop": "END",
    "break": "END",
    "exit": "END",
    "return": "END",
    "and": "AND",
    "or": "OR",
    "not": "NOT",
}
_SHORT = {"fi": "if", "iff": "if", "IF": "if", "esle": "else", "els": "else", "esel": "else", "lese": "else"}


def keyword_like(word: CodeToken) -> tuple[str, str] | None:
    """The keyword that a word was meant to be: its type and text."""
    text = str(word)
    if word.type not in ("ID", "PARAM") or text in KEYWORDS:
        return None
    near = _SHORT.get(text) or (text.lower() if text.lower() in KEYWORDS else "")
    if not near and len(text) > 3:
        near = suggest(text, KEYWORDS)
    return (KEYWORDS[near], near) if near in KEYWORDS else None


_OPENED = {"CLOSE": ("OPEN", "("), "CLOSE_INDEX": ("OPEN_INDEX", "[")}
_SIGN_NAMES = {
    "SEMICOLON": ("missing-semicolon", "a ; is missing here", "end each command with ;"),
    "COMMA": ("missing-comma", "a comma is missing here", "separate arguments by commas"),
    "OPEN": ("missing-parenthesis", "a ( is missing here", "add the parenthesis"),
    "OPEN_INDEX": ("missing-bracket", "a [ is missing here", "a route's name stands in brackets: route[1]"),
    "OPEN_BLOCK": ("missing-brace", "a { is missing here", "open the block with {"),
    "EQUALS": ("missing-operator", "a = is missing here", "write name=value"),
    "COLON": ("missing-operator", "a : is missing here", "add it"),
}
_WORDS = {
    "IF": "if",
    "ELSE": "else",
    "ROUTE": "route",
    "LOADMODULE": "loadmodule",
    "MODPARAM": "modparam",
}


def told(change: Change, spot: Spot) -> Diagnostic | None:
    """The finding; None where the change tells nothing."""
    if change.how in ("statement", "case"):
        return None
    if change.how == "swap":
        return _swapped(change)
    if change.how == "twice":
        return _twice(change, spot)
    if change.how == "misspelled":
        return _misspelled(change, spot)
    if change.how == "equals":
        value = spot.tokens[change.at + 1]
        hint = f"write {change.put[0]}={value}" if value.type != "STRING" else f"write {change.put[0]}=..."
        return _error("missing-operator", change.put[0].span.end, "a = is missing here", hint)
    if change.how == "instead":
        return _instead(change, spot)
    if not change.put:
        return _too_much(spot.tokens[change.at])
    return _missing(change, spot)


def _missing(change: Change, spot: Spot) -> Diagnostic | None:
    kind = change.put[0].type
    here = spot.tokens[change.at]
    before = spot.tokens[change.at - 1] if change.at else None
    place = before.span.end if before is not None else here.span
    found = found_words(here)
    if kind in _SIGN_NAMES:
        code, message, hint = _SIGN_NAMES[kind]
        if kind == "EQUALS" and before is not None:
            hint = f"write {before} = ..."
        return _error(code, place, message, hint)
    if kind in _OPENED:
        opening, sign = _OPENED[kind]
        labels = _unclosed(spot.tokens, change.at, opening, kind, f"this {sign} is not closed")
        if kind == "CLOSE":
            return _error("missing-parenthesis", place, "a ) is missing here", "close the parenthesis", *labels)
        return _error("missing-bracket", place, "a ] is missing here", "close the bracket", *labels)
    if kind == "CLOSE_BLOCK":
        return _error("missing-brace", place, "a } is missing here", "close the block with }")
    if kind in _WORDS:
        word = _WORDS[kind]
        if kind == "ELSE" and before is not None:
            return _error("missing-word", place, f"the word else is missing before {found}", "add it")
        return _error("missing-word", here.span, f"the word {word} is missing before {found}", "add it")
    if kind in ("OPERATOR", "AND"):
        after = found_words(before) if before is not None else "it"
        hint = "compare with ==, != or =~, or join two conditions by && or ||"
        return _error(
            "missing-operator", here.span, f"nothing stands between {after} and {found} to compare or join them", hint
        )
    if kind == "PARAM":
        return _error("missing-word", here.span, f"a parameter's name is missing before {found}", "write name=value")
    if kind == "ID":
        return _missing_name(here, before)
    if kind in ("STRING", "NUMBER"):
        if before is not None and before.span.end_line < here.span.line:
            return _error("no-value", place, f"a value is missing after {found_words(before)}", "add it")
        return _error("no-value", here.span, f"a value is missing before {found}", "add it")
    if kind == "ROUTE_NAME":
        return _error("route-name", here.span, "the route's name is missing", "write it in the brackets: route[1]")
    if kind == "ATTRIBUTE":
        return _error("missing-word", here.span, f"the attribute is missing before {found}", "write $name = value")
    return None


def _missing_name(here: CodeToken, before: CodeToken | None) -> Diagnostic:
    if here.type == "OPEN":
        return _error("missing-word", here.span, "a command's name is missing before (", "write the command: name(...)")
    found = found_words(here)
    if here.type in ("OPERATOR", "EQUALS"):
        hint = 'write for example method=="INVITE"'
        return _error("no-operand", here.span, f"what is to be compared is missing before {found}", hint)
    after = f" after {found_words(before)}" if before is not None else ""
    return _error("missing-word", here.span, f"something is missing{after}: {found} cannot follow", "add it")


def _too_much(token: CodeToken) -> Diagnostic:
    if token.type == "CLOSE":
        return _error("extra-parenthesis", token.span, "this ) closes nothing", "remove it")
    if token.type == "OPEN":
        return _error("extra-parenthesis", token.span, "this ( is one too many", "remove it")
    if token.type in ("OPEN_BLOCK", "CLOSE_BLOCK"):
        what = "closes nothing" if token.type == "CLOSE_BLOCK" else "opens a block that belongs to nothing"
        return _error("extra-brace", token.span, f"this {token} {what}", "remove it")
    return _error("stray-word", token.span, f"{found_words(token)} cannot stand here", "remove it")


def _twice(change: Change, spot: Spot) -> Diagnostic:
    token = spot.tokens[change.at]
    first = Label(spot.tokens[change.at - 1].span, "the first one")
    if token.type in ("CLOSE", "OPEN", "OPEN_BLOCK", "CLOSE_BLOCK"):
        return _too_much(token)
    return _error("stray-word", token.span, f"{found_words(token)} stands here twice", "remove one of them", first)


def _swapped(change: Change) -> Diagnostic:
    second, first = change.put
    both = first.span.to(second.span)
    told = f"{found_words(first)} and {found_words(second)} stand in the wrong order"
    return _error("wrong-order", both, told, "exchange them")


def _misspelled(change: Change, spot: Spot) -> Diagnostic:
    wrong, right = spot.tokens[change.at], change.put[0]
    if str(wrong).lower() == right:
        told = f"{wrong} is no keyword: keywords are written in small letters"
        return _error("misspelled-word", wrong.span, told, f"write {right}")
    return _error("misspelled-word", wrong.span, f"{wrong} is no keyword", f"did you mean {right}?")


def _instead(change: Change, spot: Spot) -> Diagnostic | None:
    wrong, right = spot.tokens[change.at], change.put[0]
    if (wrong.type, right.type) == ("EQUALS", "OPERATOR"):
        return _error("single-equals", wrong.span, "= stands where a comparison is expected", "write == to compare")
    if right.type == "EQUALS":
        name = spot.tokens[change.at - 1] if change.at else "name"
        return _error("double-equals", wrong.span, f"{wrong} compares: a value is set by =", f"write {name} = ...")
    if right.type == "STRING":
        return _error("not-in-quotes", wrong.span, f"{wrong} is not in quotes", f'write "{wrong}"')
    if right.type == "PARAM":
        return None
    return _error("wrong-sign", wrong.span, f"{found_words(wrong)} stands where {right} is expected", f"write {right}")


def told_of_braces(fault: BraceFault, tokens: Sequence[CodeToken]) -> Diagnostic:
    """What is said about a brace that stands against the indentation."""
    here = tokens[fault.at]
    before = tokens[fault.at - 1].span.end if fault.at else here.span
    if fault.kind == "CLOSE_BLOCK":
        assert fault.other is not None, "it is the { that is not closed"
        told = "a } is missing here"
        hint = "close the block with }"
        return _error(
            "missing-brace", before, told, hint, Label(fault.other, "the block that starts here is not closed")
        )
    if fault.kind == "OPEN_BLOCK":
        labels = (Label(fault.other, "the } that closes it"),) if fault.other else ()
        return _error("missing-brace", before, "a { is missing here", "open the block with {", *labels)
    if fault.other is None:
        return _error("extra-brace", here.span, "this } closes nothing", "remove it, or add the { that it should close")
    told = "this } is one too many: it closes a block too soon"
    label = Label(fault.other, "by the indentation this block goes on")
    return _error("extra-brace", here.span, told, "remove it", label)


def _unclosed(tokens: Sequence[CodeToken], at: int, opening: str, closing: str, text: str) -> tuple[Label, ...]:
    """The sign that is open before this token."""
    depth = 0
    for back in range(at - 1, max(-1, at - 400), -1):
        kind = tokens[back].type
        depth += (kind == closing) - (kind == opening)
        if depth < 0:
            return (Label(tokens[back].span, text),)
        if kind in ("OPEN_BLOCK", "CLOSE_BLOCK", "SEMICOLON"):
            break
    return ()


_QUOTED = frozenset("{}()[];,=:/*")


def quoted(word: str) -> str:
    """A sign with quotes of its own kind, so that it is seen as one."""
    return f"'{word}'" if len(word) == 1 and word in _QUOTED else word


_SHOWN = 30


def found_words(token: CodeToken) -> str:
    """What stands there, for people."""
    if token.type == "$END":
        return "the end of the file"
    text = str(token)
    if token.type == "STRING":
        return f'"{text}"' if len(text) <= _SHOWN and text.isprintable() and '"' not in text else "a string"
    return f"'{text}'" if len(text) <= _SHOWN else f"'{text[:_SHOWN]}...'"


def _error(code: str, span: Span, message: str, hint: str = "", *labels: Label) -> Diagnostic:
    return Diagnostic("error", code, span, message, hint, labels)
