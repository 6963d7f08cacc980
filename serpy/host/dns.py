"""From host names to addresses: /etc/hosts first (D44), then the system's resolver, with a small cache."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from pathlib import Path

from ..apis import Unresolvable
from ..clock import Clock
from .addresses import canonical, ip_version

LIVES = 60.0
"""Seconds that an answer is kept: the system's resolver does not tell the record's own time to live."""
FAILURE_LIVES = 10.0
"""Seconds that a failure is kept, so that a dead name does not hold a resolver thread for each message."""
ASKING = 32
"""The most names that are asked for at the same time; more wait for their turn."""
CACHED = 2048
"""The most names in the cache; the one not asked for longest goes first."""

Lookup = Callable[[str], Awaitable[list[str]]]
"""The addresses of a name.

Raises:
    OSError: there are none, or nobody could be asked.
"""


class HostsFile:
    """The names in a file like /etc/hosts, read again when it has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._by_name: dict[str, list[str]] = {}
        self._by_address: dict[str, list[str]] = {}

    def addresses(self, name: str) -> list[str]:
        """The addresses of a name, in the file's order; empty when it is not there."""
        self._refresh()
        return self._by_name.get(name, [])

    def names(self, address: str) -> list[str]:
        """The names of an address."""
        self._refresh()
        return self._by_address.get(address, [])

    def _refresh(self) -> None:
        try:
            status = os.stat(self._path)
            if (status.st_mtime_ns, status.st_size) == self._stamp:
                return
            text = self._path.read_text("utf-8", "replace")
        except OSError:
            self._by_name, self._by_address, self._stamp = {}, {}, None
            return
        self._stamp = (status.st_mtime_ns, status.st_size)
        self._by_name, self._by_address = {}, {}
        for line in text.splitlines():
            address, *names = line.partition("#")[0].split() or [""]
            if not ip_version(address):
                continue
            address = canonical(address)
            for name in map(canonical, names):
                self._by_name.setdefault(name, []).append(address)
                self._by_address.setdefault(address, []).append(name)


async def system_lookup(name: str) -> list[str]:
    """The A and AAAA addresses of a name from the system's resolver, in its order.

    Each question has a daemon thread of its own: the loop's thread pool would keep a stopping server waiting for
    name servers that do not answer.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def settle(found: list[str], error: Exception | None) -> None:
        if answer.cancelled():
            return
        if error is None:
            answer.set_result(found)
        else:
            answer.set_exception(error)

    def ask() -> None:
        found: list[str] = []
        problem: Exception | None = None
        try:
            entries = socket.getaddrinfo(name, None, type=socket.SOCK_DGRAM)
            found = list(dict.fromkeys(str(entry[4][0]) for entry in entries))
        except (OSError, UnicodeError) as error:
            problem = error
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(settle, found, problem)

    threading.Thread(target=ask, name=f"lookup {name}", daemon=True).start()
    return await answer


class Resolver:
    """The name service of one server."""

    def __init__(self, clock: Clock, lookup: Lookup = system_lookup, hosts: HostsFile | None = None) -> None:
        self._clock = clock
        self._lookup = lookup
        self._hosts = HostsFile(Path("/etc/hosts")) if hosts is None else hosts
        self._cache: OrderedDict[str, tuple[float, list[str], str]] = OrderedDict()
        """name -> (until, addresses, why there are none)."""
        self._asked: dict[str, asyncio.Task[list[str]]] = {}
        self._turns = asyncio.Semaphore(ASKING)

    def known(self, host: str) -> list[str] | None:
        """The addresses of a host where nobody has to be asked for them, else None.

        Raises:
            Unresolvable: it was asked for a moment ago, in vain.
        """
        if ip_version(host):
            return [host]
        name = canonical(host)
        if listed := self._hosts.addresses(name):
            return listed
        kept = self._cache.get(name)
        if kept is None or kept[0] <= self._clock.now():
            return None
        self._cache.move_to_end(name)
        if not kept[1]:
            raise Unresolvable(kept[2])
        return kept[1]

    def names(self, address: str) -> list[str]:
        """The names that the hosts file gives to an address; DNS is not asked."""
        return self._hosts.names(canonical(address))

    async def addresses(self, host: str) -> list[str]:
        """The addresses of a host name (or of an address itself), best first; never empty.

        Raises:
            Unresolvable
        """
        found = self.known(host)
        if found is not None:
            return found
        name = canonical(host)
        pending = self._asked.get(name)
        if pending is None:
            pending = self._asked[name] = asyncio.get_running_loop().create_task(self._ask(name))
            pending.add_done_callback(lambda _: self._asked.pop(name, None))
        # shielded: one of several that wait may be cancelled
        await asyncio.shield(pending)
        found = self.known(name)
        if not found:
            raise Unresolvable(f"{name}: no address")
        return found

    async def close(self) -> None:
        """Give up what is being asked for."""
        asked = list(self._asked.values())
        for question in asked:
            question.cancel()
        if asked:
            await asyncio.wait(asked)

    async def _ask(self, name: str) -> list[str]:
        reason, found = "", []
        try:
            async with self._turns:
                found = await self._lookup(name)
        except (OSError, UnicodeError) as error:
            reason = f"{name}: {getattr(error, 'strerror', None) or error}"
        if not found and not reason:
            reason = f"{name}: no address"
        self._cache[name] = (self._clock.now() + (LIVES if found else FAILURE_LIVES), found, reason)
        self._cache.move_to_end(name)
        if len(self._cache) > CACHED:
            self._cache.popitem(last=False)
        return found
