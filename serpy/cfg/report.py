"""Where the stages put their findings."""

from __future__ import annotations

from .diagnostics import Diagnostic, Label, ScriptError
from .source import Span


class Report:
    """The findings of one script."""

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []

    def error(self, code: str, span: Span, message: str, hint: str = "", *labels: Label) -> None:
        self.diagnostics.append(Diagnostic("error", code, span, message, hint, labels))

    def warning(self, code: str, span: Span, message: str, hint: str = "", *labels: Label) -> None:
        self.diagnostics.append(Diagnostic("warning", code, span, message, hint, labels))

    @property
    def warnings(self) -> list[Diagnostic]:
        return [diagnostic for diagnostic in self.diagnostics if diagnostic.severity == "warning"]

    def stop_on_error(self) -> None:
        """End here if there are errors.

        Raises:
            ScriptError: with all findings so far, in the order of their places.
        """
        if any(diagnostic.severity == "error" for diagnostic in self.diagnostics):
            raise ScriptError(
                sorted(self.diagnostics, key=lambda diagnostic: (diagnostic.span.line, diagnostic.span.column))
            )
