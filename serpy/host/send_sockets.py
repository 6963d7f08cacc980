"""Which listener each `force_send_socket` of a script means: known as soon as the sockets are open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..apis import Unresolvable
from ..cfg.report import Report
from ..script.kinds import SOCKET
from .addresses import canonical, shown
from .dns import Resolver

if TYPE_CHECKING:
    from ..cfg.load import Script
    from ..script.core import Core


async def find_send_sockets(script: Script, core: Core, resolver: Resolver) -> None:
    """Tell the core the listener behind each socket that the script names.

    Raises:
        ScriptError: the server does not listen there (SER dialect 4: such a script does not start).
    """
    report = Report()
    for wanted, span in script.arguments(SOCKET):
        try:
            addresses = await resolver.addresses(canonical(wanted.host))
        except Unresolvable:
            addresses = []
        listener = core.listening_on(wanted, addresses)
        if listener is not None:
            core.send_sockets[wanted] = listener
            continue
        open_ones = ", ".join(shown(one.proto, one.host, one.port) for one in core.host.listeners)
        report.error(
            "no-such-socket",
            span,
            f"the server does not listen on {wanted}, so it cannot send from there",
            f"write one of its sockets ({open_ones}), or add a listen line for this one",
        )
    report.stop_on_error()
