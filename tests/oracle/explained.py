"""Why serpy departs from the originals: each departure that a replay may show, with its row of decisions.md."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.oracle.compare import ABSENT, Departure


@dataclass(frozen=True)
class Explanation:
    """A kind of departure that is meant. All patterns are regular expressions for the whole text."""

    decision: str
    reason: str
    what: str
    about: str = ".*"
    case: str = ".*"
    recording: str = ".*"
    recorded: str = ".*"
    ours: str = ".*"

    def covers(self, departure: Departure) -> bool:
        """Whether this is the reason."""
        pairs = (
            (self.what, departure.what),
            (self.about, departure.about),
            (self.case, departure.case),
            (self.recording, departure.recording),
            (self.recorded, departure.recorded),
            (self.ours, departure.ours),
        )
        return all(re.fullmatch(pattern, text, re.DOTALL) for pattern, text in pairs)


NONE = re.escape(ABSENT)
OWN = "request MESSAGE of its own .*"

EXPLANATIONS = (
    Explanation("D24", "replies carry no Warning 392 unless sip_warning is set", "warning", ours=NONE),
    Explanation("D25", "Server names serpy", "server", ours=r"serpy \(.* \(python\)\)"),
    Explanation("D22", "Max-Forwards is not lowered to 16", "max-forwards", recorded="16", ours="69"),
    Explanation("D23", "a stateless branch follows RFC 3261 16.11", "via", recorded=".*branch=0.*"),
    Explanation("D39", "requests of our own carry Max-Forwards 70", "max-forwards", OWN, ours="70"),
    Explanation("D39", "... User-Agent serpy", "user-agent", ours=r"serpy \(.*\)"),
    Explanation("D39", "... no Contact (RFC 3428 section 4)", "contact", OWN, ours=NONE),
    Explanation("D39", "... To and From in angle brackets", "to|from", ".* of its own .*", ours="<sip:.*"),
    Explanation("D39", "... headers in an order of our own", "order of headers", ".* of its own .*"),
    Explanation("D12", "a delivery carries the Date at which the message came in", "date", OWN, recorded=NONE),
)
