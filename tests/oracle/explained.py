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
    recorded: str = ".*"
    ours: str = ".*"

    def covers(self, departure: Departure) -> bool:
        """Whether this is the reason."""
        pairs = (
            (self.what, departure.what),
            (self.about, departure.about),
            (self.case, departure.case),
            (self.recorded, departure.recorded),
            (self.ours, departure.ours),
        )
        return all(re.fullmatch(pattern, text, re.DOTALL) for pattern, text in pairs)


NONE = re.escape(ABSENT)
OWN = "request MESSAGE of its own .*"

DUMPING = "3.*|4f3 .*"
"""The cases in which stored messages are delivered."""

EXPLANATIONS = (
    # replies
    Explanation("D24", "replies carry no Warning 392 unless sip_warning is set", "warning", ours=NONE),
    Explanation("D25", "Server names serpy", "server", ours=r"serpy \(.* \(python\)\)"),
    # forwarding
    Explanation("D22", "Max-Forwards is not lowered to 16", "max-forwards", recorded="16", ours="69"),
    Explanation("D23", "a stateless branch follows RFC 3261 16.11", "via", recorded=".*branch=0.*", ours=".*z9hG4bK.*"),
    # registrations
    Explanation("D29", "an equal CSeq changes nothing", "contact", case="1f .*", ours=".*expires=60"),
    Explanation("D29", "a lower CSeq is refused", "missing", "200 REGISTER .*", case="1g .*"),
    Explanation("D29", "... with 400", "extra", "400 REGISTER .*", case="1g .*"),
    Explanation("D42", "numbers do not wrap around", "contact", case="1v Expires: [0-9]{10,}", ours=".*=2147483647"),
    # requests that msilo makes
    Explanation("D39", "requests of our own carry Max-Forwards 70", "max-forwards", OWN, ours="70|69"),
    Explanation("D39", "... User-Agent serpy", "user-agent", OWN, ours=r"serpy \(.*\)"),
    Explanation("D39", "... no Contact (RFC 3428 section 4)", "contact", OWN, ours=NONE),
    Explanation(
        "D39", "... To and From in angle brackets", "brackets of (to|from)", ".* of its own .*", ours="<sip:.*"
    ),
    Explanation("D39", "... headers in an order of our own", "order of headers", ".* of its own .*"),
    Explanation("D12", "a delivery carries the Date at which the message came in", "date", OWN, recorded=NONE),
    Explanation("D39", "... a CSeq that follows from the row", "cseq", OWN, case="3b. .*"),
    Explanation("D19", "the notice names the address under which the message is kept", "body", OWN, case="2[df] .*"),
    Explanation("D19", "... which is longer or shorter", "content-length", OWN, case="2[df] .*"),
    # the table
    Explanation("D9", "the address stands in r_uri, as in SER 0.8", "column r_uri", recorded=""),
    Explanation("D9", "... and not in username and domain", "column (username|domain)", ours=NONE),
    Explanation("D5", "delivered rows are deleted at once", "row", case="3a.*", recorded="stored [12]|[23] rows"),
    Explanation(
        "D5", "... as here", "row", case="3b.*", recorded="stored [12]|for 486|[23] rows", ours=f"{NONE}|0 rows"
    ),
    # delivery
    Explanation(
        "D3", "no request to ourselves: a delivery does not pass the script", "missing", OWN + "server.*", DUMPING
    ),
    Explanation("D3", "... no answer to ourselves", "missing", "(200|202|503) MESSAGE of its own to server", DUMPING),
    Explanation("D3", "... no second Via", "via", OWN + "bob.*", DUMPING, ours=NONE),
    Explanation("D3", "... and a refused one is not stored again", "row", recorded=r"\[Offline message.*"),
    Explanation("D3", "... so there are fewer rows", "row", case="3c .*", recorded="2 rows", ours="1 rows"),
    Explanation("D3", "... and one prefix at most", "body", OWN, DUMPING, recorded=r"(\[Offline[^]]*\] ){2,3}for 486"),
    Explanation("D3", "... and a shorter body", "content-length", OWN, DUMPING, ours="52"),
    Explanation("D8", "what failed for a passing reason is tried again", "extra", OWN + "time ([6-9]|10)", "3c .*"),
    # transactions
    Explanation(
        "D28",
        "the timers of RFC 3261 send once more before fr_timer ends",
        "extra",
        ".*, time [3-5]",
        case="2j .*|3c .*|4e2? .*|4g|5a2 .*|5[eg] .*",
    ),
    Explanation("D28", "... and fr_timer is not cut by ticks of a second", "column (inc|exp)_time", case="4e .*"),
    Explanation("D36", "an unresolvable contact runs the failure route: no 478", "missing", "478 MESSAGE .*", "4h"),
    Explanation("D36", "... but 202 and a notice", "extra", "202 MESSAGE to alice|" + OWN, "4h"),
    Explanation("D36", "... and a row", "row", case="4h", recorded=NONE),
    Explanation("D45", "our CANCEL has one Via (RFC 3261 9.1)", "via", "request CANCEL to bob", "5c .*", ours=NONE),
    Explanation("D45", "... Max-Forwards 70", "max-forwards", "request (CANCEL|ACK) to bob.*", "5[cdeh] .*", ours="70"),
    Explanation("D45", "... User-Agent serpy", "user-agent", "request CANCEL to bob", ours=r"serpy \(.*\)"),
    Explanation("D45", "... headers in an order of our own", "order of headers", "request CANCEL to bob"),
    Explanation("D45", "our ACK has no User-Agent", "user-agent", "request ACK to bob.*", ours=NONE),
)
