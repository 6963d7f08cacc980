"""The outcomes as JUnit XML, which Jenkins, GitLab and others show."""

from __future__ import annotations

import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

from ..flow.run import Outcome

_UNSAYABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML document can hold (XML 1.0, 2.2)."""


def junit(outcomes: Sequence[Outcome], seconds: float, began: float) -> bytes:
    """The document.

    Args:
        seconds: how long it all took.
        began: Unix time at the start.
    """
    failures = sum(one.status in ("failed", "unrecorded") for one in outcomes)
    errors = sum(one.status == "error" for one in outcomes)
    counts = {"tests": str(len(outcomes)), "failures": str(failures), "errors": str(errors), "time": f"{seconds:.3f}"}
    root = ET.Element("testsuites", {"name": "serpy test", **counts})
    suite = ET.SubElement(root, "testsuite", {"name": "flows", **counts, "skipped": "0"})
    suite.set("timestamp", datetime.fromtimestamp(began, UTC).isoformat(timespec="seconds"))
    suite.set("hostname", platform.node())
    for one in outcomes:
        _case(suite, one)
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _case(suite: ET.Element, one: Outcome) -> None:
    case = ET.SubElement(suite, "testcase")
    case.set("classname", _sayable(".".join(_parts(one.path))))
    case.set("name", _sayable(one.title))
    case.set("file", _sayable(str(one.path)))
    case.set("time", f"{one.seconds:.4f}")
    if one.status in ("passed", "updated"):
        return
    kind = "error" if one.status == "error" else "failure"
    message = (one.error or "what happens is not what was recorded").partition("\n")[0]
    told = ET.SubElement(case, kind, {"type": one.status, "message": _sayable(message)})
    told.text = _sayable("\n\n".join(part for part in (one.error, one.diff) if part))


def _parts(path: Path) -> list[str]:
    return [part for part in path.with_suffix("").parts if part not in (path.anchor, "..")]


def _sayable(text: str) -> str:
    return _UNSAYABLE.sub(lambda found: f"\\x{ord(found[0]) & 0xFF:02x}", text)
