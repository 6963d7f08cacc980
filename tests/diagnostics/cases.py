"""Wrong scripts with what is said about them at the ends of their lines.

A case is a file `NAME.cfg`, or a folder with `main.cfg` and the files that it includes. A finding is recorded as
`#~ COLUMN SEVERITY: MESSAGE (NEXT STEP)` in its line, a further place that it names as `#~ COLUMN note: TEXT`. The
first line may be `#~ options: ...`:

--dialect D     read as this dialect
-A NAME         define a name (repeatable)
--allow CODE    leave out these warnings (repeatable)
--crlf          lines end as on Windows
--bom           a byte order mark stands in front
--characters    <U+00A0> stands for this character, <0xFF> for an octet that is not UTF-8
"""

from __future__ import annotations

import argparse
import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from serpy.cfg.source import Span
from serpy.cli.check import check
from serpy.dialect import Dialect

_NOTE = re.compile(r" *#~(?! options:).*$", re.MULTILINE)
_OPTIONS = re.compile(r"#~ options: (.*)$", re.MULTILINE)
_CHARACTER = re.compile(r"<U\+([0-9A-F]{4,6})>|<0x([0-9A-F]{2})>")


class Case(NamedTuple):
    """One mistake."""

    name: str
    main: Path
    files: tuple[Path, ...]

    def annotated(self, folder: Path) -> dict[Path, str]:
        """Its files with what serpy says about them now; they are written into this folder for that."""
        bare = {file: _NOTE.sub("", file.read_text()) for file in self.files}
        said = _OPTIONS.match(bare[self.main])
        given = _parser().parse_args(said[1].split() if said else [])
        home: dict[str, Path] = {}
        for file, text in bare.items():
            copy = folder / file.relative_to(self.main.parent)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(_octets(text, given))
            home[str(copy.resolve())] = file
        script = folder / self.main.name
        dialect = Dialect(given.dialect) if given.dialect else None
        found = check(script, dialect, dict.fromkeys(given.define, "")).findings
        notes: dict[Path, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
        for finding in found:
            if finding.code in given.allow:
                continue
            hint = f" ({finding.hint})" if finding.hint else ""
            self._note(notes, home, finding.span, f"{finding.severity}: {finding.message}{hint}", folder)
            for label in finding.labels:
                self._note(notes, home, label.span, f"note: {label.text}", folder)
        return {file: _with_notes(text, notes[file]) for file, text in bare.items()}

    def _note(
        self,
        notes: dict[Path, dict[int, list[str]]],
        home: Mapping[str, Path],
        span: Span,
        text: str,
        folder: Path,
    ) -> None:
        file = home[str(Path(span.source.path).resolve())]
        told = " ".join(text.replace(f"{folder}/", "").split("\n"))
        notes[file][span.line].append(f"  #~ {span.column} {told}")


def cases(folder: Path) -> list[Case]:
    """The cases of a folder."""
    files = [Case(file.stem, file, (file,)) for file in folder.glob("*.cfg")]
    mains = folder.glob("*/main.cfg")
    return sorted([*files, *(Case(main.parent.name, main, tuple(sorted(main.parent.glob("*.cfg")))) for main in mains)])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    parser.add_argument("--dialect", default="")
    parser.add_argument("--allow", action="append", default=[])
    parser.add_argument("-A", dest="define", action="append", default=[])
    for flag in ("--crlf", "--bom", "--characters"):
        parser.add_argument(flag, action="store_true")
    return parser


def _octets(text: str, given: argparse.Namespace) -> bytes:
    if given.characters:
        text = _CHARACTER.sub(
            lambda found: chr(int(found[1], 16)) if found[1] else chr(0xDC00 + int(found[2], 16)), text
        )
    if given.crlf:
        text = text.replace("\n", "\r\n")
    return (b"\xef\xbb\xbf" if given.bom else b"") + text.encode("utf-8", "surrogateescape")


def _with_notes(text: str, notes: Mapping[int, list[str]]) -> str:
    lines = text.split("\n")
    return "\n".join(line + "".join(notes.get(number, ())) for number, line in enumerate(lines, 1))
