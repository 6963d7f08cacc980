"""Scripts shaded by what the tests reached: an index, and a page for each file, that need nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256
from html import escape
from pathlib import Path

from .report import FileCoverage, shown_percent, total

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2024; --paper: #fff; --soft: #667; --line: #d9dce1; --code: #f7f8fa;
  --hit: #2e8b57; --missed: #fbdcdc; --missed-edge: #c0392b; --part: #fdf0cf; --part-edge: #c98a00; }
@media (prefers-color-scheme: dark) { :root { --ink: #dfe3e8; --paper: #16191d; --soft: #98a1ab; --line: #343a41;
  --code: #1b1f24; --hit: #4fae7c; --missed: #4a2226; --missed-edge: #e5645a; --part: #443a1c; --part-edge: #d9a63a; } }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1.5rem; max-width: 76rem; color: var(--ink); background: var(--paper);
  font: 15px/1.5 system-ui, sans-serif }
h1 { font-size: 1.3rem; margin: 0 0 .3rem } p { margin: .3rem 0 1rem; color: var(--soft) }
a { color: inherit }
table { border-collapse: collapse; width: 100% }
th, td { padding: .35rem .7rem; text-align: right; border-bottom: 1px solid var(--line) }
th:first-child, td:first-child { text-align: left } th { color: var(--soft); font-weight: 600 }
.bar { display: inline-block; width: 6rem; height: .6rem; margin-right: .6rem; background: var(--missed);
  border-radius: .3rem; overflow: hidden } .bar i { display: block; height: 100%; background: var(--hit) }
.key span { padding: .1rem .6rem; margin-right: .6rem; border-left: 4px solid var(--hit); color: var(--ink) }
.key .missed { background: var(--missed); border-color: var(--missed-edge) }
.key .part { background: var(--part); border-color: var(--part-edge) }
.code { font: 13px/1.55 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; background: var(--code);
  border: 1px solid var(--line); border-radius: .4rem; overflow-x: auto; padding: .5rem 0 }
.lines { display: inline-block; min-width: 100% }
.row { display: flex; border-left: 4px solid transparent; padding-right: 1rem }
.row:target { outline: 2px solid var(--part-edge) }
.row .n { flex: none; width: 3.5rem; padding-right: 1rem; text-align: right; color: var(--soft); text-decoration: none;
  user-select: none }
.row .t { flex: none; width: 4rem; padding-right: 1rem; text-align: right; color: var(--soft); user-select: none }
.row pre { margin: 0; flex: 1; font: inherit; white-space: pre; tab-size: 4 }
.row .why { flex: none; margin-left: 2rem; font-style: italic }
.row.hit { border-color: var(--hit) } .row.missed { border-color: var(--missed-edge); background: var(--missed) }
.row.part { border-color: var(--part-edge); background: var(--part) }
"""


def write_html(of: Sequence[FileCoverage], folder: Path) -> Path:
    """Write the pages into a folder, which is made; the path of the index.

    Raises:
        OSError
    """
    folder.mkdir(parents=True, exist_ok=True)
    for one in of:
        _write(folder / page_name(one), page(one))
    index = folder / "index.html"
    _write(index, index_page(of))
    return index


def index_page(of: Sequence[FileCoverage]) -> str:
    """The list of the files."""
    rows = "".join(
        f'<tr><td><a href="{page_name(one)}">{escape(_shown(one.shown))}</a></td><td>{len(one.lines)}</td>'
        f"<td>{len(one.missed)}</td><td>{len(one.branches)}</td><td>{len(one.partial)}</td>"
        f"<td>{_bar(one.percent)}{shown_percent(one.percent)}</td></tr>\n"
        for one in of
    )
    head = "<tr><th>File</th><th>Lines</th><th>Missed</th><th>Branches</th><th>Partial</th><th>Cover</th></tr>\n"
    body = f"<h1>Coverage: {shown_percent(total(of))}</h1>\n<p>of the scripts' lines and branches</p>\n"
    return _page("Coverage of scripts", f"{body}<table>\n{head}{rows}</table>")


def page(one: FileCoverage) -> str:
    """One script, shaded."""
    try:
        text = Path(one.path).read_bytes().decode("utf-8", "replace")
    except OSError as error:
        text = f"({one.shown} cannot be read any more: {error.strerror})"
    lines = [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]
    notes = _notes(one, lines)
    rows = "".join(_row(one, number, line, notes.get(number, [])) for number, line in enumerate(lines, 1))
    told = (
        f"{len(one.lines) - len(one.missed)} of {len(one.lines)} lines, "
        f"{len(one.branches) - len(one.missed_branches)} of {len(one.branches)} branches"
    )
    if one.never_entered:
        told += f"; never entered: {', '.join(one.never_entered)}"
    key = '<span>reached</span><span class="part">reached, but not each way</span><span class="missed">missed</span>'
    head = f"<h1>{escape(_shown(one.shown))}: {shown_percent(one.percent)}</h1>\n<p>{escape(told)}</p>\n"
    back = f'<p class="key">{key} <a href="index.html">all files</a></p>\n'
    return _page(one.shown, f'{head}{back}<div class="code"><div class="lines">\n{rows}</div></div>')


def page_name(one: FileCoverage) -> str:
    """The page's own name; two files of one name have two pages."""
    plain = re.sub(r"[^A-Za-z0-9]+", "_", Path(one.path).name).strip("_")
    return f"{plain}_{sha256(one.path.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}.html"


def _row(one: FileCoverage, number: int, line: str, notes: Sequence[str]) -> str:
    count = one.lines.get(number)
    kind = "" if count is None else " missed" if not count else " part" if notes else " hit"
    times = f"{count}\N{MULTIPLICATION SIGN}" if count else ""
    why = f'<span class="why">{escape("; ".join(notes))}</span>' if notes else ""
    return (
        f'<div class="row{kind}" id="L{number}"><a class="n" href="#L{number}">{number}</a>'
        f'<span class="t">{times}</span><pre>{escape(line)}</pre>{why}</div>\n'
    )


def _notes(one: FileCoverage, lines: Sequence[str]) -> dict[int, list[str]]:
    """What is to be said of a line that was reached, but not each way."""
    notes: dict[int, list[str]] = {}
    ways = one.ways()
    for branch in one.partial:
        if "->" in ways[branch]:
            to = "the end of the route" if branch.to is None else f"line {branch.to}"
            goes = f" (it never went on to {to})"
        else:
            goes = ""
        notes.setdefault(branch.line, []).append(f"never {'true' if branch.outcome else 'false'}{goes}")
    told = {(branch.line, branch.outcome) for branch in one.partial}
    seen = {part[:5] for part, count in one.parts if count}
    for part, count in one.parts:
        if not count and part[:5] in seen and (part.line, part.outcome) not in told and part.line <= len(lines):
            end = part.end_column - 1 if part.end_line == part.line else None
            test = " ".join(lines[part.line - 1][part.column - 1 : end].split())
            notes.setdefault(part.line, []).append(f"{test} was never {'true' if part.outcome else 'false'}")
    return notes


def _bar(value: float) -> str:
    return f'<span class="bar"><i style="width:{value:.1f}%"></i></span>'


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(_shown(title))}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _shown(path: str) -> str:
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8", "replace"))
