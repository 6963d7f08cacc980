"""What has no place in a script and gets into one all the same: characters pasted from a web page, the marks of a
merge, comments of other languages, files that are no text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from .diagnostics import Diagnostic, Label, suggest
from .preprocess import CodeToken, token
from .source import Source, Span

_DOUBLE = "`\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033"
_SINGLE = "\u2018\u2019\u201a\u201b\u2032"
_SMART = re.compile(f"[{_DOUBLE}{_SINGLE}]")
_HINTS = {
    "$": "a variable has a name behind the $",
    "@": "a select has a name behind the @",
    "\u2013": "use the plain sign -",
    "\u2014": "use the plain sign -",
    "\u2212": "use the plain sign -",
    "\u037e": "use the plain sign ;",
    "\uff1b": "use the plain sign ;",
    "\uff08": "use the plain sign (",
    "\uff09": "use the plain sign )",
    "\u2260": "write !=",
    "\u2264": "write <=",
    "\u2265": "write >=",
    "?": "there is no ?: in scripts: use if and else",
    "\\": "put the text in quotes",
}
_NAMES = {
    "\u00a0": "a non-breaking space",
    "\u202f": "a narrow non-breaking space",
    "\u200b": "a zero-width space",
    "\u200c": "a zero-width character",
    "\u200d": "a zero-width character",
    "\u2060": "a zero-width character",
    "\ufeff": "a byte order mark",
    "\u3000": "a wide space",
    "\u00ad": "a soft hyphen",
}
_CLASSES = frozenset(("f", "t", "fr", "tr", "fu", "tu", "fd", "td", "g"))
_UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_SHOWN = 20


def explained(strange: CodeToken, before: CodeToken | None) -> tuple[Diagnostic, CodeToken | None]:
    """What is said about a STRANGE token, and the token that takes its place, if one does.

    Args:
        before: the token before it.
    """
    text = str(strange)
    first = text[0]
    if first == "$" and "(" in text:
        begin = Span(*strange.span[:3], strange.span.line, strange.span.column + len(text))
        told = f"the ( of {text.partition('(')[0]} is not closed"
        return _error("missing-parenthesis", begin, told, "close the parenthesis"), token(
            "VARIABLE", text, strange.span
        )
    is_name = before is not None and before.type in ("ATTRIBUTE", "VARIABLE")
    if first == "." and before is not None and is_name and before.span[3:] == strange.span[1:3]:
        return _class(before), None
    if text.startswith("//"):
        told = "// starts no comment in SER's scripts"
        begin = Span(*strange.span[:3], strange.span.line, strange.span.column + 2)
        return _error("foreign-comment", begin, told, "write # instead"), None
    if text[:7] in ("<<<<<<<", "=======", ">>>>>>>") or text[:7] == "|||||||":
        return _merge(strange), None
    if _SMART.match(first):
        return _smart(strange, text)
    if not first.isprintable() or first.isspace() or first in _NAMES:
        name = _NAMES.get(first) or f"the character U+{ord(first):04X}"
        if "\udc80" <= first <= "\udcff":
            told = f"the octet 0x{ord(first) - 0xDC00:02X} is not UTF-8 text"
            return _error("character", strange.span, told, "save the file as UTF-8, or put the text in quotes"), None
        if first in _UNSEEN:
            return _error("character", strange.span, f"{name} stands here: it cannot be seen", "remove it"), None
        hint = "put a plain blank in its place"
        return _error("character", strange.span, f"{name} stands here: it only looks like a blank", hint), None
    if first.isalpha():
        shown = f"the letter {first} (U+{ord(first):04X})" if len(text) == 1 else f"'{text[:_SHOWN]}'"
        told = f"{shown} has no meaning here: words are made of a-z, A-Z, 0-9 and _"
        return _error("character", strange.span, told, "type the word again, or put the text in quotes"), None
    shown = f"the character {text}" if len(text) == 1 else f"'{text[:_SHOWN]}'"
    return _error(
        "character",
        strange.span,
        f"{shown} has no meaning here",
        _HINTS.get(first, "remove it, or put the text in quotes"),
    ), None


def _class(name: CodeToken) -> Diagnostic:
    """The part in front of the dot is no class of attributes."""
    if name.type == "VARIABLE":
        hint = "Kamailio writes $avp(name)"
        return _error("other-dialect", name.span, f"{name}. looks like an attribute of SER", hint)
    if name[1:] in _CLASSES:
        told = f"the name of the attribute is missing behind {name}."
        return _error("unknown-class", name.span, told, f"write for example {name}.name")
    hint = "the classes are f, t, fr, tr, fu, tu, fd, td and g, as in $f.name"
    return _error("unknown-class", name.span, f"there is no class {name[1:]} of attributes", hint)


def _smart(strange: CodeToken, text: str) -> tuple[Diagnostic, CodeToken | None]:
    plain = '"' if text[0] in _DOUBLE else "'"
    told = f"{text[0]} is not the plain quote {plain}"
    span = strange.span
    if len(text) == 1:
        return _error("character", span, told, f"type {plain} in its place"), None
    begin = Span(span.source, span.line, span.column, span.line, span.column + 1)
    labels = []
    if _SMART.match(text[-1]):
        labels.append(Label(Span(span.source, span.end_line, span.end_column - 1, *span[3:]), "and this one"))
    return _error("character", begin, told, f"type {plain} in its place", *labels), token("STRING", text[1:-1], span)


def _merge(strange: CodeToken) -> Diagnostic:
    span = strange.span
    mark = Span(span.source, span.line, 1, span.line, 8)
    told = "a merge left its marks: both versions of these lines stand in the file"
    return _error(
        "merge-conflict", mark, told, "keep one of the versions and remove the lines with <<<<<<<, ======= and >>>>>>>"
    )


def merged(found: Sequence[tuple[Diagnostic, CodeToken]]) -> list[Diagnostic]:
    """The findings, those of one merge in one."""
    kept: list[Diagnostic] = []
    for finding, strange in found:
        if finding.code == "merge-conflict" and kept and kept[-1].code == "merge-conflict" and strange[0] != "<":
            last = kept.pop()
            kept.append(replace(last, labels=(*last.labels, Label(finding.span, "the other version"))))
        else:
            kept.append(finding)
    return kept


def pasted_quote(opened: Span) -> Diagnostic | None:
    """The other quotation mark that was meant to close the string that opens there; None where there is none."""
    line = opened.source.lines[opened.line - 1]
    match = _SMART.search(line, opened.column)
    if match is None:
        return None
    quote = line[opened.column - 1]
    span = Span(opened.source, opened.line, match.start() + 1, opened.line, match.end() + 1)
    label = Label(Span(*opened[:3], opened.line, opened.column + 1), "the string that starts here goes on")
    return _error("character", span, f"{match[0]} is not the plain quote {quote}", f"type {quote} in its place", label)


_COMPLETE = re.compile(r"""\"(?:[^\"\\]|\\.)*\"|'[^']*'""")


def bad_quote(opened: Span) -> Diagnostic | None:
    """Which quote is missing or too many in the line in which an open string starts; None if that cannot be told."""
    line = opened.source.lines[opened.line - 1]
    for match in _COMPLETE.finditer(line, 0, opened.column - 1):
        rest = line[match.end() :].lstrip()
        if not rest or rest[0] in ",);=&|<>!]{}:#+/*-~":
            continue
        begin = Span(opened.source, opened.line, match.start() + 1, opened.line, match.start() + 2)
        if (pasted := pasted_quote(begin)) is not None:
            return pasted
        if line[match.end()] in "\"'":
            place = Span(opened.source, opened.line, match.end() + 1, opened.line, match.end() + 2)
            return _error("open-string", place, "this quote is one too many", "remove it")
        if rest[0].isalnum() and "," in match[0]:
            text = match[0].partition(",")[0].rstrip()
            return _error("open-string", begin, "the string that starts here is not closed", f"write {text}{text[0]}")
    return None


def not_text(source: Source) -> Diagnostic | None:
    """What is said about a file that is no text; None for all others."""
    text = source.text
    if text.startswith(("\udcff\udcfe", "\udcfe\udcff")):
        told = "the file is UTF-16 text"
        return _error("not-text", source.span(0, 0), told, "save it as UTF-8: a script is read as UTF-8 or plain ASCII")
    if "\0" not in text:
        return None
    kind = "a compiled program" if text.startswith("\x7fELF") else "a binary file"
    halves = text[0:16:2], text[1:16:2]
    if any(half.strip("\0") == "" for half in halves) and all(
        "\0" not in half or not half.strip("\0") for half in halves
    ):
        kind = "UTF-16 text without a mark" if "".join(halves).strip("\0") else kind
    place = source.span(text.index("\0"), text.index("\0")) if text.index("\0") > 100 else source.span(0, 0)
    told = f"the file is no script: it looks like {kind} (it holds NUL characters)"
    return _error("not-text", place, told, "give the script's own file, as plain text")


_FILES = (
    (re.compile(r"(?:diff --git |--- \S[^\n]*\n\+\+\+ )"), "a patch (the output of diff)", "apply it with patch -p1"),
    (re.compile(r"\s*<(?:\?xml|!DOCTYPE|html|\w+>)", re.IGNORECASE), "XML or HTML", "give the script's own file"),
    (
        re.compile(r"(?:\s|[#;][^\n]*\n)*\[\w[\w -]*\][ \t]*\r?\n"),
        "an INI file, as of Asterisk",
        "give the script's own file",
    ),
    (re.compile(r"\s*\{\s*\""), "JSON", "give the script's own file"),
    (
        re.compile(r"#!\s*/\S*(?:sh|python|perl|lua|ruby|env \w+)[\w.]*\s*\n"),
        "a program of another language",
        "give the script's own file",
    ),
    (
        re.compile(r"\s*(?:--[^\n]*\n\s*)*function\s+\w+\s*\(|\s*KSR\b"),
        "a program in Lua",
        "give the script that loads it",
    ),
)


def wrong_file(source: Source) -> Diagnostic | None:
    """What is said about a text that is no script at all; None where it may be one."""
    for pattern, what, hint in _FILES:
        if match := pattern.match(source.text[:_HEAD]):
            start = match.end() - len(match[0].lstrip())
            stop = source.text.find("\n", start)
            place = source.span(start, len(source.text) if stop < 0 else stop)
            return _error("not-text", place, f"the file is no script: it looks like {what}", hint)
    return None


_HEAD = 4000
_DIRECTIVES = (
    "define", "undef", "trydefine", "redefine", "ifdef", "ifndef", "ifexp", "else", "endif", "subst", "substdef",
    "substdefs", "defexp", "defexps", "defenv", "defenvs", "trydefenv", "trydefenvs", "include_file", "import_file",
)  # fmt: skip
_MARKS = frozenset(("kamailio", "openser", "ser", "all", "maxcompat", "opensips"))
_MARKED = re.compile(r"#![ \t]*([A-Za-z_]+)")


def odd_comment(text: str, span: Span, *, has_directives: bool) -> Diagnostic | None:
    """What is said about a comment that looks like a line for the preprocessor; None where it does not."""
    match = _MARKED.match(text)
    if match is None or match[1].lower() in _MARKS or text.startswith("#!/"):
        return None
    word = match[1]
    is_known = word in _DIRECTIVES
    if not has_directives:
        if not is_known:
            return None
        told = f"#!{word} is a comment here: SER's scripts have no preprocessor"
        return Diagnostic(
            "warning", "odd-comment", span, told, "write #!KAMAILIO in the first line if it is for Kamailio"
        )
    longer = max((each for each in _DIRECTIVES if word.lower().startswith(each)), key=len, default="")
    near = word if is_known else (longer or suggest(word, _DIRECTIVES))
    if not near:
        return None
    told = f"#!{word} is no word of the preprocessor: this line is a comment"
    if is_known:
        told = "a blank stands behind #!: this line is a comment"
    return Diagnostic("warning", "odd-comment", span, told, f"did you mean #!{near}?")


def _error(code: str, span: Span, message: str, hint: str, *labels: Label) -> Diagnostic:
    return Diagnostic("error", code, span, message, hint, labels)
