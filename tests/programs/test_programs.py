"""Random programs mean what the reference evaluator says they mean."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, reject, seed, settings
from hypothesis import strategies as st

from serpy.cfg.nodes import RouteBlock, Tree
from serpy.cfg.same import difference
from serpy.dialect import Dialect
from serpy.module import Route

from .choices import Choices
from .machine import Machine, Outcome
from .messages import REPLY, REQUESTS
from .reader import parsed
from .reference import Evaluator, TooLong
from .ser import Grower
from .writer import Writer

SHARES = 5
EXAMPLES = 350
"""For each dialect and share: 3 * 5 * 350 programs in all."""


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("dialect", [Dialect.SER_0_8, Dialect.SER_0_9, Dialect.SER_2], ids=lambda it: it.value)
def test_programs_do_what_the_evaluator_says(dialect: Dialect, share: int) -> None:
    @seed(share)  # with `derandomize` alone all shares would make the same programs
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(st.binary(min_size=40, max_size=300))
    def check(data: bytes) -> None:
        choices = Choices(data)
        made = Grower(choices, dialect).program()
        compare(made, Writer(choices, dialect).write(made), dialect)

    check()


def compare(made: Tree, text: str, dialect: Dialect) -> None:
    """Parses, compiles and runs the text; all must be as the tree says it."""
    tree = parsed(text, dialect)
    assert difference(made, tree) is None, f"{difference(made, tree)}\n{text}"
    wanted = outcomes(tree, dialect)
    machine = Machine(text, dialect)
    for (kind, name, message), outcome in wanted.items():
        found = machine.run(kind, name, next(each for each in (*REQUESTS, REPLY) if each.name == message))
        if found != outcome:
            raise AssertionError(
                f"{kind.keyword}[{name}] on {message}:\n{unlike(found, outcome)}\nThe program:\n{text}"
            )


def unlike(found: Outcome, wanted: Outcome) -> str:
    """How two outcomes differ, in a few lines."""
    alike = 0
    while found.trace[alike : alike + 1] and found.trace[alike : alike + 1] == wanted.trace[alike : alike + 1]:
        alike += 1
    return (
        f"After {alike} steps that are alike\n"
        f"serpy does     {found.trace[alike : alike + 5]} ... ({len(found.trace)} steps), {found[1:]}\n"
        f"the evaluator  {wanted.trace[alike : alike + 5]} ... ({len(wanted.trace)} steps), {wanted[1:]}"
    )


def outcomes(tree: Tree, dialect: Dialect) -> dict[tuple[Route, str, str], Outcome]:
    """What each route that is run from outside does to each message."""
    found = {}
    routes = {(item.kind, item.name) for item in tree.items if isinstance(item, RouteBlock)}
    for kind, name in routes:
        if kind is Route.REQUEST and name != "0":
            continue
        for message in [REPLY] if kind is Route.ONREPLY else REQUESTS:
            try:
                found[kind, name, message.name] = Evaluator(tree, dialect, message).run(kind, name)
            except TooLong:
                reject()
    return found
