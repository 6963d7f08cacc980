"""Slips with signs: those of other languages, too many, in the wrong place; and quotes inside strings."""

from __future__ import annotations

from dataclasses import replace

from .diagnostics import Label
from .preprocess import CodeToken, token
from .source import Span
from .spot import Habit, Spot, in_condition
from .spot import over as _error

_ODD_SIGNS = {
    ("==", "="): "==",
    ("=", ">"): ">=",
    ("=", "<"): "<=",
    ("<", ">"): "!=",
    ("=", "!"): "!=",
    ("!=", "="): "!=",
    ("~", "="): "=~",
    ("!", "=~"): "!(... =~ ...)",
    ("!", "~"): "!(... =~ ...)",
}
_CUT_SIGNS = frozenset((("=", "="), ("!", "="), ("<", "="), (">", "="), ("=", "~"), ("&", "&"), ("|", "|")))
_LONGEST = 40
_NEAR = 6
_WORDS_FOR_SIGNS = {
    "eq": "==",
    "ne": "!=",
    "is": "==",
    "equals": "==",
    "matches": "=~",
    "like": "=~",
    "AND": "&&",
    "OR": "||",
    "xor": "!=",
    "lt": "<",
    "gt": ">",
}


def _odd_sign(spot: Spot) -> Habit | None:
    """`===`, `=>`, `<>`: signs of other languages."""
    for at in (spot.at, spot.at - 1):
        if at < 0 or at + 1 >= len(spot.tokens):
            continue
        first, second = spot.tokens[at], spot.tokens[at + 1]
        pair = str(first), str(second)
        if pair in _CUT_SIGNS and in_condition(spot.tokens, at) and "STRING" not in (first.type, second.type):
            sign = "".join(pair)
            kind = {"&&": "AND", "||": "OR"}.get(sign, "OPERATOR")
            told = f"a blank stands inside the sign {sign}"
            return Habit(_error("no-operator", first, second, told, f"write {sign}"), at, 2, ((kind, sign),))
        right = _ODD_SIGNS.get(pair)
        if right is None or second.span[1:3] != first.span[3:] or "STRING" in (first.type, second.type):
            continue
        told = f"there is no sign {first}{second}"
        put = "=~" if "~" in right else right
        return Habit(_error("no-operator", first, second, told, f"write {right}"), at, 2, (("OPERATOR", put),))
    return None


def _word_for_sign(spot: Spot) -> Habit | None:
    """`method eq "INVITE"`"""
    word, before = spot.token, spot.before
    right = _WORDS_FOR_SIGNS.get(str(word)) if word.type == "ID" else None
    if right is None or not spot.in_block or before is None or before.type in ("OPEN", "SEMICOLON", "OPEN_BLOCK"):
        return None
    kind = {"&&": "AND", "||": "OR"}.get(right, "OPERATOR")
    return Habit(
        _error("no-operator", word, word, f"{word} is no operator", f"write {right}"), spot.at, 1, ((kind, right),)
    )


def _lonely_sign(spot: Spot) -> Habit | None:
    """`if (...);` before a block, `if (...):`, and `*/` without a comment."""
    at, before = spot.at, spot.before
    if before is None:
        return None
    if before.type == "STAR" and spot.token.type == "SLASH" and before.span[3:] == spot.token.span[1:3]:
        told = "this */ closes no comment"
        return Habit(
            _error("stray-word", before, spot.token, told, "remove it, or open the comment with /*"), at - 1, 2
        )
    if spot.token.type == "STAR" and spot.has(at + 1, "SLASH"):
        told = "this */ closes no comment"
        return Habit(
            _error("stray-word", spot.token, spot.tokens[at + 1], told, "remove it, or open the comment with /*"), at, 2
        )
    if not spot.in_block or at < 2:
        return None
    is_if = spot.tokens[spot._replace(at=at - 1).start].type in ("IF", "ELSE")
    if spot.token.type == "OPEN_BLOCK" and before.type == "SEMICOLON" and spot.tokens[at - 2].type == "CLOSE" and is_if:
        label = Label(spot.token.span, "so that this block belongs to nothing")
        return Habit(_error("stray-word", before, before, "this ; ends the if", "remove it", label), at - 1, 1)
    if spot.token.type == "COLON" and before.type in ("CLOSE", "ELSE") and is_if:
        told = "no : stands behind a condition" if before.type == "CLOSE" else "no : stands behind else"
        return Habit(
            _error("stray-word", spot.token, spot.token, told, "remove it, and put what follows in braces"), at, 1
        )
    return None


_ARITHMETIC = frozenset("+-*/&|^")


def _steps(spot: Spot) -> Habit | None:
    """`$x++;` and `$x += 1;`"""
    at = spot.at
    if not spot.in_block or at < 2:
        return None
    # the parser stops at the first of the two signs, or at the second
    first = at - 1 if spot.token.type == "EQUALS" else at
    sign, last = spot.tokens[first], spot.tokens[min(first + 1, len(spot.tokens) - 1)]
    is_step = sign == last and str(sign) in ("+", "-")
    if str(sign) not in _ARITHMETIC or sign.type == "STRING" or not (is_step or last.type == "EQUALS"):
        return None
    end = first + 2
    while end < len(spot.tokens) - 1 and spot.tokens[end].type != "SEMICOLON" and end - at < _LONGEST:
        end += 1
    name, rest = spot.tokens[first - 1], spot.tokens[first + 2 : end]
    value = "1" if is_step else str(rest[0]) if len(rest) == 1 and rest[0].type != "STRING" else "..."
    told, hint = f"there is no operator {sign}{last}", f"write {name} = {name} {sign} {value}"
    if not spot.is_kamailio:
        told, hint = f"{told}: SER's scripts do not calculate", f"set {name} to a value, as in {name} = 1"
    finding = _error("no-operator", sign, last, told, hint)
    return Habit(finding, spot.start, end + 1 - spot.start)


def _quotes(spot: Spot) -> Habit | None:
    """Quotes inside a string; a string that swallowed the end of its command."""
    at, before, word = spot.at, spot.before, spot.token
    if before is None or before.type != "STRING":
        return None
    if word.span[1:3] == before.span[3:] and word.type in ("ID", "NUMBER", "WORD") and at + 1 < len(spot.tokens):
        after = spot.tokens[at + 1]
        size = 2 if after.type == "STRING" and after.span[1:3] == word.span[3:] else 1
        end = _last(before)
        told = "the string ends at this quote, in the middle of a text"
        return Habit(_error("inner-quote", end, end, told, 'write \\" for a quote inside a string'), at, size)
    if word.span.line > before.span.end_line and before.span.line == before.span.end_line and ");" in before:
        told = "the string that starts here holds the end of its command"
        first = _first(before)
        return Habit(
            _error("open-string", first, first, told, "add the closing quote before the )"),
            at,
            0,
            (("CLOSE", ")"), ("SEMICOLON", ";")),
        )
    return None


def _side_by_side(spot: Spot) -> Habit | None:
    """`modparam("a" "b", 1)`: in SER's language strings side by side are one by mistake alone."""
    if spot.is_kamailio or spot.token.type != "CLOSE" or spot.before is None or spot.before.type == "COMMA":
        return None
    for at in range(max(spot.at - _NEAR, 1), spot.at):
        first, second = spot.tokens[at - 1], spot.tokens[at]
        if first.type == second.type == "STRING" and first.span.line == second.span.line == spot.token.span.line:
            place = _last(first)
            finding = _error("missing-comma", place, place, "a comma is missing here", "separate arguments by commas")
            return Habit(replace(finding, span=finding.span.end), at, 0, (("COMMA", ","),))
    return None


def _last(text: CodeToken) -> CodeToken:
    """The quote that closes a string."""
    span = text.span
    return token("STRING", "", Span(span.source, span.end_line, span.end_column - 1, *span[3:]))


def _first(text: CodeToken) -> CodeToken:
    """The quote that opens a string."""
    span = text.span
    return token("STRING", "", Span(*span[:3], span.line, span.column + 1))


LOOKS = (_odd_sign, _word_for_sign, _lonely_sign, _steps, _quotes, _side_by_side)
