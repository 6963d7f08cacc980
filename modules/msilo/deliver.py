"""Delivery: one message of one recipient after another, each claimed before it is sent (R4, D3-D8, D14).

A *run* delivers what waits for one recipient; there is at most one for each in this process. Who starts it says which
rows it takes:

- a registration (`m_dump`, or D41) takes all;
- a tick takes those that are marked: rows that failed for a passing reason, those behind them that were to come next,
  and rows whose holder died. Never a row that a phone has refused, nor one just stored: those wait for a registration,
  so a phone that refuses messages hears of each once for each registration, not every half minute.

How a run goes on after each answer:

| answer                                        | the row            | the contact in this run | next         |
|-----------------------------------------------|--------------------|-------------------------|--------------|
| 2xx                                           | deleted            | kept                    | next row     |
| silence, cannot be sent, 480, 486, most 5xx   | marked for a tick  | left out                | next contact |
| 3xx, 401, 407                                 | waits              | left out                | next contact |
| anything else (415, 488, 6xx, ...)            | waits              | kept                    | next contact |

A run ends when no contact is left; when a contact was silent or busy, what had not had its turn is marked for the tick.
Ticks try a recipient again at once, then after 1, 3, 7, ... periods. A row that failed STUBBORN times comes after the
others of its run, so that one bad message blocks nothing; and after REFUSALS refusals in a row a run ends.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ...db.api import DatabaseError
from ...sip.uri import BadUri, parse_uri
from . import outgoing
from .address import aor_of
from .contacts import Destination, live_destinations
from .holder import NOBODY, RETRY
from .letter import Letter
from .store import MANY, PAGE, Silo, Waiting
from .verdict import Verdict, judge

if TYPE_CHECKING:
    from ...apis import Host, Tm, Usrloc

LEASE = 60.0
"""Seconds for which a row is claimed; longer than a client transaction (64*T1) and renewed while it lasts."""
STUBBORN = 3
REFUSALS = 20
LONGEST_REST = 3600.0
"""Seconds between two tries of a tick, at most."""
MOST_OWED = 10_000


class Run:
    """The delivery that is going on for one recipient."""

    __slots__ = (
        "again",
        "destinations",
        "left_out",
        "listed",
        "marked",
        "next_hop",
        "owner",
        "registrations",
        "tracked",
        "unreachable",
    )

    def __init__(self, owner: str, destinations: Sequence[Destination], next_hop: bytes | None, marked: bool) -> None:
        self.owner = owner
        self.destinations = destinations
        self.next_hop = next_hop
        self.marked = marked
        """Only the rows that a tick may try."""
        self.listed: list[Waiting] | None = None
        """What waits, where that is known already."""
        self.again = False
        """Whether a further pass is due: somebody registered, or something was stored, meanwhile."""
        self.left_out: set[bytes] = set()
        """The contacts that failed in this run."""
        self.unreachable = False
        """Whether one of them did so for a passing reason."""
        self.registrations = 0
        """How often the contacts were replaced by newer ones."""
        self.tracked = False
        """Whether the contacts are bindings that can be asked after."""

    def usable(self) -> list[Destination]:
        return [one for one in self.destinations if one.uri not in self.left_out]


class Postman:
    """Delivers what waits in a silo.

    Args:
        holder: the name under which this process claims rows.
        check_time: seconds between two ticks.
    """

    def __init__(
        self, host: Host, tm: Tm, usrloc: Usrloc | None, silo: Silo, *, holder: str, check_time: float
    ) -> None:
        self.host = host
        self.tm = tm
        self.usrloc = usrloc
        self.silo = silo
        self.holder = holder
        self.check_time = check_time
        self.next_hop: bytes | None = None
        """The proxy of the last `m_dump`, for what ticks send."""
        self.runs: dict[str, Run] = {}
        self.in_hand: dict[int, Letter] = {}
        """Rows that are being offered, by number."""
        self.undeleted: dict[int, Letter] = {}
        """Rows that were delivered while the database was away: never sent again, deleted as soon as it is back."""
        self.owed: dict[str, None] = {}
        """Recipients whose registration the database missed, oldest first."""
        self.resting: dict[str, float] = {}
        """When a tick may try a recipient again, in the clock's monotonic seconds."""
        self._cursor = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False

    # -- starting

    def start(
        self,
        owner: str,
        destinations: Sequence[Destination],
        next_hop: bytes | None,
        *,
        marked: bool = False,
        listed: list[Waiting] | None = None,
    ) -> None:
        """Deliver in the background what waits for a recipient; a run that is going on makes a second pass instead."""
        destinations = [one for one in destinations if not self._leads_back(owner, one.uri)]
        if self._stopping or not destinations:
            return
        if not marked:
            self.resting.pop(owner, None)
        run = self.runs.get(owner)
        if run is not None:
            run.destinations, run.next_hop = destinations, next_hop
            run.tracked = self._are_bindings(owner, destinations)
            run.left_out = set()
            run.registrations += 1
            run.marked = run.marked and marked
            run.again = True
            return
        run = self.runs[owner] = Run(owner, destinations, next_hop, marked)
        run.tracked = self._are_bindings(owner, destinations)
        run.listed = listed
        task = self.host.spawn(self._work(run), f"msilo delivery for {owner}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _leads_back(self, owner: str, contact: bytes) -> bool:
        """Whether a contact is the recipient's own address at this server.

        What is sent there comes back, is refused for its hops, and would be stored anew with a second date before it.
        """
        try:
            uri = parse_uri(contact)
        except BadUri:
            return False
        return self.host.is_myself(uri.host, uri.port or 5060) and self.silo.owner_of(uri) == owner

    def owe(self, owner: str) -> None:
        """Remember that a recipient has registered and could not be served."""
        if len(self.owed) < MOST_OWED:
            self.owed[owner] = None

    # -- one run

    async def _work(self, run: Run) -> None:
        try:
            await self._pass(run)
            while run.again and not self._stopping:
                run.again, run.listed, run.unreachable = False, None, False
                await self._pass(run)
        except DatabaseError as error:
            self.host.log.warning(f"msilo: delivery for {run.owner} stops, to be tried again: {error}")
            self.owe(run.owner)
        finally:
            del self.runs[run.owner]

    async def _pass(self, run: Run) -> None:
        rows = run.listed if run.listed is not None else await self.silo.waiting(run.owner, marked=run.marked)
        # a stable sort: the oldest first (D7), but for those that have failed often
        queue = deque(sorted(rows, key=lambda row: row.tries >= STUBBORN))
        refusals = delivered = 0
        while queue and not self._stopping:
            run.destinations = self._still_there(run)
            if not run.usable():
                break
            row = queue.popleft()
            verdict = await self._deliver(run, row)
            if verdict is Verdict.REFUSED:
                refusals += 1
            elif verdict is Verdict.DELIVERED:
                refusals, delivered = 0, delivered + 1
            elif verdict is Verdict.UNREACHABLE and run.again:
                return  # somebody has registered meanwhile: the next pass begins with the oldest again (D7)
            if refusals >= REFUSALS:
                self.host.log.notice(f"msilo: {run.owner} refuses everything; the rest waits for a registration")
                return
        if run.unreachable:
            await self.silo.mark([row.mid for row in queue])
        elif delivered and len(rows) >= MANY:
            run.again = True  # there were more than one look shows

    def _are_bindings(self, owner: str, destinations: Sequence[Destination]) -> bool:
        if self.usrloc is None:
            return False
        live = {binding.uri for binding in self.usrloc.live(aor_of(owner))}
        return any(one.uri in live for one in destinations)

    def _still_there(self, run: Run) -> Sequence[Destination]:
        """The contacts that have not been removed since the run began; all, where the script keeps no bindings."""
        if self.usrloc is None or not run.tracked:
            return run.destinations
        live = {binding.uri: binding for binding in self.usrloc.live(aor_of(run.owner))}
        return live_destinations(live[one.uri] for one in run.destinations if one.uri in live)

    async def _deliver(self, run: Run, row: Waiting) -> Verdict | None:
        """Claim one row and offer it to the contacts; None when it is not ours to deliver."""
        if row.mid in self.undeleted or row.mid in self.in_hand:
            return None
        letter = await self.silo.read(row)
        now = self.host.clock.time()
        if letter is None or letter.exp_time <= now or letter.owner != run.owner:
            return None
        if not outgoing.is_clean(letter):
            self.host.log.warning(
                f"msilo: message {row.mid} cannot be sent: its addresses, type or time break a SIP message"
            )
            return None
        if not await self.silo.claim(row.mid, self.holder, now, now + LEASE):
            return None
        self.in_hand[row.mid] = letter
        try:
            verdicts = await self._offer(run, letter)
        except Exception:
            # a fault of ours: whatever is wrong with this row, it must not stay in hand for ever
            del self.in_hand[row.mid]
            await self.silo.release(row.mid, self.holder, NOBODY, letter.tries + 1)
            raise
        if Verdict.DELIVERED in verdicts:
            # noted before anything can fail: from here on it is never sent again
            self.undeleted[row.mid] = letter
            del self.in_hand[row.mid]
            await self._delete(letter)
            return Verdict.DELIVERED
        del self.in_hand[row.mid]
        mark = RETRY if Verdict.UNREACHABLE in verdicts else NOBODY
        await self.silo.release(row.mid, self.holder, mark, letter.tries + 1)
        if mark == RETRY:
            self._rest(run.owner, letter.tries + 1)
        return Verdict.REFUSED if Verdict.REFUSED in verdicts else Verdict.UNREACHABLE

    async def _offer(self, run: Run, letter: Letter) -> set[Verdict]:
        """Send to one contact after the other until one takes it (D4)."""
        verdicts: set[Verdict] = set()
        for destination in run.usable():
            if destination.uri in run.left_out:
                continue
            registrations = run.registrations
            code = await self._send(letter, destination, run.next_hop)
            verdict = judge(code)
            verdicts.add(verdict)
            self._note(letter, destination, code, verdict)
            if verdict is Verdict.DELIVERED:
                break
            if verdict in (Verdict.UNWILLING, Verdict.UNREACHABLE) and registrations == run.registrations:
                # a phone that has registered again meanwhile gets another chance
                run.left_out.add(destination.uri)
            run.unreachable |= verdict is Verdict.UNREACHABLE
        return verdicts

    async def _send(self, letter: Letter, destination: Destination, next_hop: bytes | None) -> int:
        ids = outgoing.identity(letter, self.silo.table, destination.uri)
        request = self.tm.request(
            b"MESSAGE",
            destination.uri,
            to=letter.dst.encode("utf-8", "surrogateescape"),
            from_=letter.src.encode("utf-8", "surrogateescape"),
            headers=outgoing.headers(letter),
            body=outgoing.body(letter, self.host.clock.zone),
            next_hop=next_hop or destination.received,
            call_id=ids.call_id,
            from_tag=ids.from_tag,
            cseq=ids.cseq,
            branch=ids.branch,
            listener=destination.listener,
        )
        # cancelling this run must not cancel tm's transaction under it
        return (await asyncio.shield(request)).code

    def _note(self, letter: Letter, destination: Destination, code: int, verdict: Verdict) -> None:
        self.host.stats[f"msilo.{verdict.value}"] += 1
        where = destination.uri.decode("utf-8", "replace")
        if verdict is Verdict.DELIVERED:
            self.host.log.info(f"msilo: message {letter.mid} delivered to {where}")
        else:
            self.host.log.notice(f"msilo: message {letter.mid} not delivered to {where}: {code}; it stays stored")

    async def _delete(self, letter: Letter) -> None:
        try:
            await self.silo.delete(letter)
        except DatabaseError as error:
            self.host.log.warning(f"msilo: message {letter.mid} is delivered, its row is deleted later: {error}")
        else:
            self.undeleted.pop(letter.mid, None)

    def _rest(self, owner: str, tries: int) -> None:
        periods = 2 ** min(tries - 1, 16) - 1
        rest = min(self.check_time * periods, LONGEST_REST)
        self.resting[owner] = self.host.clock.now() + rest

    # -- ticks

    async def tick(self) -> None:
        """Finish what failed before (D5, D8); bounded work.

        Raises:
            DatabaseError
        """
        for letter in list(self.undeleted.values()):
            await self.silo.delete(letter)
            self.undeleted.pop(letter.mid, None)
        now = self.host.clock.now()
        self.resting = {owner: due for owner, due in self.resting.items() if due > now}
        if self.usrloc is None or self._stopping:
            return
        # asked before anything is started: while the database is away, nothing is
        due = await self.silo.due(self.host.clock.time(), self._cursor)
        self._cursor = due[-1].mid if len(due) == PAGE else 0
        for owner in list(self.owed)[:PAGE]:
            del self.owed[owner]
            self._start_if_live(owner, marked=False)
        for owner in dict.fromkeys(row.owner for row in due if row.mid not in self.undeleted):
            if owner not in self.resting and owner not in self.runs:
                self._start_if_live(owner, marked=True)

    def _start_if_live(self, owner: str, *, marked: bool) -> None:
        bindings = () if self.usrloc is None else self.usrloc.live(aor_of(owner))
        self.start(owner, live_destinations(bindings), self.next_hop, marked=marked)

    async def renew(self) -> None:
        """Keep what is in hand for longer: a transaction may be set to last longer than a lease.

        Raises:
            DatabaseError
        """
        until = self.host.clock.time() + LEASE
        for mid in [*self.in_hand, *self.undeleted]:
            if not await self.silo.renew(mid, self.holder, until) and mid in self.in_hand:
                self.host.log.warning(f"msilo: the claim on message {mid} was lost; it may be delivered twice")

    async def stop(self) -> None:
        """Give back what is in hand and delete what was delivered.

        Raises:
            DatabaseError
        """
        self._stopping = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await _ended(tasks)
        for mid, letter in list(self.in_hand.items()):
            await self.silo.release(mid, self.holder, RETRY, letter.tries)
            del self.in_hand[mid]
        for letter in list(self.undeleted.values()):
            await self.silo.delete(letter)
            del self.undeleted[letter.mid]


async def _ended(tasks: Iterable[asyncio.Task[None]]) -> None:
    if pending := [task for task in tasks if not task.done()]:
        await asyncio.wait(pending)
