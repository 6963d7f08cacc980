"""What is looked at: a script that was read and resolved."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from ...dialect import Dialect
from ..nodes import Choice, Condition, Statement, Tree
from ..routes import Key, RouteBody, statements
from ..settings import Settings

_SAID = re.compile(r"option|first line|line \d+")
"""The reasons of a `Choice` that are none of serpy's own."""


@dataclass(frozen=True)
class Subject:
    """One script."""

    tree: Tree
    choice: Choice
    settings: Settings
    routes: Mapping[Key, RouteBody]

    @cached_property
    def nodes(self) -> Mapping[Key, list[Statement | Condition]]:
        """All that stands in each route, at any depth."""
        return {key: list(statements(route.statements)) for key, route in self.routes.items()}

    def everywhere(self) -> Iterator[Statement | Condition]:
        """All that stands in any route."""
        return chain.from_iterable(self.nodes.values())

    @property
    def dialect(self) -> Dialect:
        return self.choice.dialect

    @property
    def is_guessed(self) -> bool:
        """Whether neither the script nor the user says what dialect it is."""
        return not _SAID.fullmatch(self.choice.reason)
