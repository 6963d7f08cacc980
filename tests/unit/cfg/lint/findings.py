"""What the lint says about a script."""

from __future__ import annotations

from unittest.mock import patch

from serpy.cfg.diagnostics import Diagnostic
from serpy.cfg.load import load_script
from serpy.cfg.report import Report
from serpy.cfg.source import Span

MODULES = " ".join(
    f'loadmodule "{name}.so"' for name in ("mysql", "sl", "tm", "maxfwd", "textops", "usrloc", "registrar", "msilo")
)
HOPS = 'if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); break; }'
KNOWN = "if (!src_ip==10.0.0.0/8) { drop; }"


def findings(text: str, head: str = "") -> list[Diagnostic]:
    """All warnings; `head` is the first line. The modules are loaded in the line before the text."""
    return load_script("t.cfg", text=f"{head}\n{MODULES}\n{text}".encode()).warnings


class _Going(Report):
    """A report that errors do not end."""

    def stop_on_error(self) -> None:
        pass


def of_any_modules(text: str) -> list[Diagnostic]:
    """The same for a script with commands that serpy does not have, which are errors otherwise."""
    with patch("serpy.cfg.load.Report", _Going):
        return load_script("t.cfg", text=text.encode()).warnings


def found(code: str, text: str, head: str = "") -> list[str]:
    """The words that this finding stands at, each time it is there."""
    return [_excerpt(one) for one in findings(text, head) if one.code == code]


def told(code: str, text: str, head: str = "") -> Diagnostic:
    """The only finding of this code."""
    (only,) = [one for one in findings(text, head) if one.code == code]
    return only


def labels(finding: Diagnostic) -> list[tuple[str, str]]:
    """The words at each label, and what it says."""
    return [(_text(label.span), label.text) for label in finding.labels]


def _excerpt(finding: Diagnostic) -> str:
    return _text(finding.span)


def _text(span: Span) -> str:
    source = span.source
    return source.text[source.offset(span.line, span.column) : source.offset(span.end_line, span.end_column)]
