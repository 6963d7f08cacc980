"""Where the stages put their findings."""

from __future__ import annotations

from ..dialect import Dialect
from .diagnostics import Diagnostic, Label, ScriptError
from .source import Span


class Report:
    """The findings of one script."""

    def __init__(self, dialect: Dialect | None = None) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.dialect = dialect
        """How the script's comments are read, as soon as it is known."""

    def error(self, code: str, span: Span, message: str, hint: str = "", *labels: Label) -> None:
        self.diagnostics.append(Diagnostic("error", code, span, message, hint, labels))

    def warning(self, code: str, span: Span, message: str, hint: str = "", *labels: Label) -> None:
        self.diagnostics.append(Diagnostic("warning", code, span, message, hint, labels))

    @property
    def warnings(self) -> list[Diagnostic]:
        """The warnings that no comment of the script allows."""
        return [diagnostic for diagnostic in self._shown() if diagnostic.severity == "warning"]

    def stop_on_error(self) -> None:
        """End here if there are errors.

        Raises:
            ScriptError: with all findings so far, in the order of their places.
        """
        if any(diagnostic.severity == "error" for diagnostic in self.diagnostics):
            raise ScriptError(self._shown())

    def _shown(self) -> list[Diagnostic]:
        from ..report.findings import in_order
        from .allow import not_allowed  # a script without findings does not need them

        return in_order(not_allowed(self.diagnostics, self.dialect)) if self.diagnostics else []
