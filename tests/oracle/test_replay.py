"""The recorded conversations with SER 0.9.7, played against serpy: no departure without a row of decisions.md."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.oracle.compare import Departure
from tests.oracle.explained import EXPLANATIONS, Explanation
from tests.oracle.recording import read_recording
from tests.oracle.replay import Outcome, play

CHECKOUT = Path(__file__).parents[2]
RECORDINGS = Path(os.environ.get("SERPY_SHARED") or CHECKOUT.parent / "shared") / "oracle" / "ser-0.9.7"
NAMES = (
    "01_register",
    "02_offline_store",
    "03_dump",
    "03c_dump_silent",
    "04_online",
    "05_invite",
    "09_retransmit",
)
CLEARED = {"02_offline_store", "04_online", "09_retransmit"}
"""The recorder emptied the table before each case of these."""

pytestmark = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason=f"no recordings in {RECORDINGS}: set SERPY_SHARED to the folder that holds oracle/"
)


@pytest.fixture(scope="module", autouse=True)
def recorders_time_zone() -> Iterator[None]:
    """The originals ran in UTC, and what they wrote before a stored message is local time."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.fixture(scope="module")
def outcomes(recorders_time_zone: None) -> list[Outcome]:
    script = CHECKOUT / "examples" / "msilo.cfg"
    return [
        play(read_recording(RECORDINGS / f"{name}.txt"), script, clear_between_cases=name in CLEARED) for name in NAMES
    ]


@pytest.mark.parametrize("number", range(len(NAMES)), ids=NAMES)
def test_every_departure_from_a_recording_has_its_decision(outcomes: list[Outcome], number: int) -> None:
    unexplained = [departure for departure in outcomes[number].departures if _explanation(departure) is None]
    assert not unexplained, f"{len(unexplained)} unexplained:\n" + "\n".join(map(str, unexplained))


def test_every_explanation_is_still_needed(outcomes: list[Outcome]) -> None:
    departures = [departure for outcome in outcomes for departure in outcome.departures]
    used = {_explanation(departure) for departure in departures}
    stale = [known for known in EXPLANATIONS if known not in used]
    assert not stale, "\n".join(f"{known.decision}: {known.reason} ({known.what})" for known in stale)


def test_the_table_of_agreements_and_departures(outcomes: list[Outcome], capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print("\n" + table(outcomes))
    assert sum(outcome.compared for outcome in outcomes) > 2000


def table(outcomes: list[Outcome]) -> str:
    """For each recording what agrees, and for each decision what departs."""
    lines = [f"{'recording':<18}{'datagrams':>10}{'compared':>10}{'agree':>8}{'explained':>11}{'unexplained':>13}"]
    counts: Counter[Explanation] = Counter()
    for outcome in outcomes:
        reasons = [_explanation(departure) for departure in outcome.departures]
        counts.update(reason for reason in reasons if reason is not None)
        unexplained = reasons.count(None)
        lines.append(
            f"{outcome.recording:<18}{outcome.datagrams:>10}{outcome.compared:>10}"
            f"{outcome.compared - len(reasons):>8}{len(reasons) - unexplained:>11}{unexplained:>13}"
        )
    lines.append("")
    lines += [f"{known.decision:<5}{counts[known]:>5} x  {known.what}: {known.reason}" for known in EXPLANATIONS]
    return "\n".join(lines)


def _explanation(departure: Departure) -> Explanation | None:
    return next((known for known in EXPLANATIONS if known.covers(departure)), None)
