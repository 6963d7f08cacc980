"""`serpy explain CODE`: what a word in brackets behind `error` or `warning` means, and what to do."""

from __future__ import annotations

import argparse
import sys
from itertools import groupby

from ..cfg.diagnostics import suggest
from ..report.codes import Code, catalogue
from ..report.paint import Paint
from .reference import folded
from .terminal import columns, has_color, showing_anything

OK, WRONG = 0, 2
_WIDEST = 80

_INTRODUCTION = """\
# What the checker finds

Each finding of `serpy check` has a word in brackets. This page says what they mean, as `serpy explain WORD` does.
A comment in the line or alone above it silences a warning: `# serpy: allow WORD`. More: [checking.md](checking.md).

<!-- made by `serpy explain --markdown` from grammar/codes.toml (`make docs`) -->
"""


def main(arguments: list[str]) -> int:
    """Carry out `serpy explain ...`; the exit code: 0, or 2 for a word that is no code."""
    given = _parser().parse_args(arguments)
    width = min(columns(sys.stdout) or _WIDEST, _WIDEST)
    with showing_anything(sys.stdout):
        if given.markdown:
            print(markdown(), end="")
            return OK
        if not given.codes:
            print(listing(width))
            return OK
        return _explain(given.codes, width)


def _explain(words: list[str], width: int) -> int:
    codes = catalogue()
    unknown = [word for word in words if word not in codes]
    paint = Paint(has_color(sys.stdout))
    texts = [_painted(codes[word].as_text(width), paint) for word in words if word in codes]
    if texts:
        print("\n\n\n".join(texts))
    for word in unknown:
        near = suggest(word, codes)
        step = f"did you mean {near}?" if near else "`serpy explain` lists what there is"
        print(f"serpy: no finding has the code {word}; {step}", file=sys.stderr)
    return WRONG if unknown else OK


def _painted(text: str, paint: Paint) -> str:
    head, _, rest = text.partition("\n\n")
    rest = rest.replace("\n\nWrong:\n", f"\n\n{paint.main('Wrong:')}\n", 1)
    rest = rest.replace("\n\nRight:\n", f"\n\n{paint.good('Right:')}\n", 1)
    return f"{paint.bold(head)}\n\n{rest}"


def listing(width: int) -> str:
    """All codes with their titles, under the headings of their groups."""
    longest = max(len(word) for word in catalogue())
    parts = []
    for group, codes in _grouped():
        lines = [folded(f"  {code.word:<{longest}}  ", code.title, width) for code in codes]
        parts.append("\n".join([group, *lines]))
    return "\n\n".join(parts)


def markdown() -> str:
    """The page docs/diagnostics.md."""
    parts = [_INTRODUCTION.rstrip()]
    for group, codes in _grouped():
        parts.append(f"## {group[0].upper()}{group[1:]}")
        parts.extend(code.as_markdown() for code in codes)
    return "\n\n".join(parts) + "\n"


def _grouped() -> list[tuple[str, list[Code]]]:
    return [(group, list(codes)) for group, codes in groupby(catalogue().values(), key=lambda code: code.group)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="serpy explain",
        description="Say more about a finding of `serpy check`; without a code: list what it finds.",
    )
    parser.add_argument("codes", nargs="*", metavar="CODE", help="the word in brackets")
    parser.add_argument("--markdown", action="store_true", help="everything as one page: docs/diagnostics.md")
    return parser
