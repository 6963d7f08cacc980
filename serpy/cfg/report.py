"""Where the stages put their findings."""

from __future__ import annotations

from collections.abc import Iterable

from ..dialect import Dialect
from .diagnostics import Diagnostic, Label, ScriptError, suggest
from .source import Span

SUGGESTIONS = 50
"""How many wrong names of one script are compared with all that are known; who has more does not read them."""


class Report:
    """The findings of one script."""

    def __init__(self, dialect: Dialect | None = None) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.dialect = dialect
        """How the script's comments are read, as soon as it is known."""
        self._suggestions = 0

    def error(self, code: str, span: Span, message: str, hint: str = "", *labels: Label) -> None:
        self.diagnostics.append(Diagnostic("error", code, span, message, hint, labels))

    def warning(self, code: str, span: Span, message: str, hint: str = "", *labels: Label) -> None:
        self.diagnostics.append(Diagnostic("warning", code, span, message, hint, labels))

    def may_suggest(self) -> bool:
        """Whether it is still worth looking for the name that was meant; each time counts."""
        self._suggestions += 1
        return self._suggestions <= SUGGESTIONS

    def suggest(self, wrong: str, known: Iterable[str]) -> str:
        """The known name that was most likely meant; "" when none is near, or after very many."""
        return suggest(wrong, known) if self.may_suggest() else ""

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
