"""POSIX extended regular expressions, as the C library reads them, in RE2's spelling."""

from __future__ import annotations

_ESCAPES = {"<": r"\b", ">": r"\b"}
_TEXT_ENDS = {"`": "^", "'": "$"}
_KEPT = frozenset("wWsSbB")
_SPECIAL = frozenset("^$.[]|()*+?{}\\")


def to_re2(pattern: str, *, lines: bool, one_text: bool | None = None) -> str:
    r"""The same expression for RE2 in POSIX syntax.

    What differs: in brackets a backslash is an ordinary character; `\<` and `\>` are word boundaries (RE2 does not
    tell the start of a word from its end); an escape without a meaning is the character itself, so `\d` is a d;
    `{,n}` is `{0,n}`. With `lines` (REG_NEWLINE) a negated set does not match a newline.

    Args:
        one_text: whether `^` and `$` are the ends of the whole text; by default where `lines` is off.

    Raises:
        ValueError: back references and collating elements, which RE2 does not have; an open bracket.
    """
    one_text = not lines if one_text is None else one_text
    out: list[str] = []
    at = 0
    while at < len(pattern):
        character = pattern[at]
        if character == "\\":
            out.append(_escape(pattern, at, one_text))
            at += 2
        elif character == "[":
            end = _bracket_end(pattern, at)
            out.append(_bracket(pattern[at + 1 : end], lines))
            at = end + 1
        elif character == "{" and pattern.startswith("{,", at):
            out.append("{0,")
            at += 2
        else:
            out.append(character)
            at += 1
    return "".join(out)


def _escape(pattern: str, at: int, one_text: bool) -> str:
    if at + 1 == len(pattern):
        raise ValueError("it ends with a backslash")
    following = pattern[at + 1]
    if following in "123456789":
        raise ValueError(f"back references (\\{following}) are not supported")
    if following in _TEXT_ENDS:  # RE2's POSIX syntax has no word of its own for them
        if not one_text:
            raise ValueError(f"the end of the whole text (\\{following}) is not supported where lines are searched")
        return _TEXT_ENDS[following]
    if following in _ESCAPES:
        return _ESCAPES[following]
    if following in _KEPT or following in _SPECIAL:
        return "\\" + following
    return following


def _bracket_end(pattern: str, start: int) -> int:
    at = start + 1
    if pattern.startswith("^", at):
        at += 1
    if pattern.startswith("]", at):  # a ] that comes first is a member
        at += 1
    while at < len(pattern):
        if pattern[at] == "[" and pattern[at + 1 : at + 2] in {":", ".", "="}:
            if pattern[at + 1] != ":":
                raise ValueError(f"collating elements ([{pattern[at + 1]} {pattern[at + 1]}]) are not supported")
            closing = pattern.find(":]", at + 2)
            if closing < 0:
                break
            at = closing + 2
        elif pattern[at] == "]":
            return at
        else:
            at += 1
    raise ValueError(f"the [ at position {start + 1} is not closed")


def _bracket(content: str, lines: bool) -> str:
    negated = content.startswith("^")
    members = content[negated:].replace("\\", "\\\\")
    if members.startswith("]"):
        members = "\\" + members
    if negated and lines:
        members += "\\n"
    return f"[{'^' if negated else ''}{members}]"
