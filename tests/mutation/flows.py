"""The flows of the example script, read once, played with other scripts in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from serpy.testing.flow.document import Document, read_document
from serpy.testing.flow.head import Head, read_head
from serpy.testing.flow.run import Played, play

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "examples" / "msilo.cfg"


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow file."""

    path: Path
    text: str
    document: Document
    head: Head

    def play(self, script: Path) -> Played:
        """What becomes of it with this script instead of its own.

        Raises:
            FlowError, ScriptError
        """
        self.head.script = script
        return play(self.path, self.document, self.head)


@cache
def flows_of_the_example() -> Sequence[Flow]:
    found = []
    for path in [*sorted((ROOT / "tests" / "flows" / "msilo").glob("*.flow")), ROOT / "examples" / "msilo.flow"]:
        text = path.read_text(encoding="utf-8")
        document = read_document(text)
        found.append(Flow(path, text, document, read_head(document, path.parent)))
    return tuple(found)
