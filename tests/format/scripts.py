"""The scripts on this machine that `serpy fmt` is tried on."""

from __future__ import annotations

from pathlib import Path

from serpy.cfg.diagnostics import ScriptError
from serpy.cfg.source import Source
from serpy.fmt.script import formatted

ROOT = Path(__file__).parents[2]
_OURS = ("examples", "tests", "docs")
_KAMAILIO = (Path("/etc/kamailio"), Path("/usr/share/doc/kamailio"))

OURS = sorted(file for folder in _OURS for file in (ROOT / folder).rglob("*.cfg"))
SHIPPED = sorted(file for folder in _KAMAILIO if folder.is_dir() for file in folder.rglob("*.cfg"))
"""Those of Debian's package, where it is installed."""


def is_readable(file: Path) -> bool:
    """Whether the script parses: others are not formatted."""
    try:
        formatted(Source.read(file), None, {}, verify=False)
    except ScriptError:
        return False
    return True
