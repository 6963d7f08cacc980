"""A flow file for a test: a head with two peers and a small script, and the blocks that the test is about."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from serpy.testing.flow.run import Outcome, run_flow

FORWARD = 'forward("10.0.0.2", "5060");'
"""A route that sends everything to bob."""
MODULES = """\
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "textops.so"
"""
MSILO = (
    MODULES + 'loadmodule "mysql.so"\nloadmodule "msilo.so"\nmodparam("msilo", "db_url", "mysql://a:b@127.0.0.1/x")\n'
)


@dataclass
class Stage:
    """Writes a flow file, runs it, and tells what came of it."""

    path: Path

    def write(self, blocks: str, *, route: str = FORWARD, top: str = MODULES, head: str = "") -> None:
        script = f"listen=127.0.0.1\n{top}route {{\n{route}\n}}\n"
        indented = "".join(f"  {line}\n" if line else "\n" for line in script.splitlines())
        self.path.write_text(
            f"title: a test\npeers: alice 10.0.0.1:5060, bob 10.0.0.2:5060\n{head}script:\n{indented}\n{blocks}"
        )

    def run(self, blocks: str, *, route: str = FORWARD, top: str = MODULES, head: str = "") -> Outcome:
        """What comes of these blocks as they stand."""
        self.write(blocks, route=route, top=top, head=head)
        return run_flow(self.path)

    def record(self, blocks: str, *, route: str = FORWARD, top: str = MODULES, head: str = "") -> str:
        """The blocks with what was recorded."""
        self.write(blocks, route=route, top=top, head=head)
        outcome = run_flow(self.path, update=True)
        assert outcome.status in ("updated", "passed"), outcome.error
        assert run_flow(self.path).status == "passed"
        return self.blocks

    def error(self, blocks: str, *, route: str = FORWARD, top: str = MODULES, head: str = "") -> str:
        """Why these blocks cannot be run: `LINE: what (next step)`; LINE counts from the first block."""
        outcome = self.run(blocks, route=route, top=top, head=head)
        assert outcome.status in ("error", "failed"), outcome
        line, _, text = outcome.error.removeprefix(f"{self.path}:").partition(": ")
        return f"{int(line) - self._first_block}: {text}"

    @property
    def blocks(self) -> str:
        """The file without its head."""
        return "\n".join(self.path.read_text().split("\n")[self._first_block :])

    @property
    def _first_block(self) -> int:
        """The number of lines above the blocks."""
        lines = self.path.read_text().split("\n")
        return lines.index("  }", lines.index("script:")) + 2
