"""The core's commands on attributes, and the attributes that live with the server (SER dialect 2.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..module import Module, Route, command
from .attributes import AttributeArg, Attributes, AvpFlag, Entry, Reference, entries, entry
from .call import Call

if TYPE_CHECKING:
    from ..apis import Host


class AttributeCommands(Module):
    """What the core does with attributes, besides assigning and comparing them."""

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self.attributes = Attributes()
        """The global ones: `$g.name`."""

    @command("setavpflag", routes=Route.ANY)
    def setavpflag(self, call: Call, attribute: AttributeArg, flag: AvpFlag) -> bool:
        """Set a flag of the attribute; false where there is no such attribute."""
        for one in _meant(call, attribute):
            one.flags |= 1 << flag
        return self.isavpflagset(call, attribute, flag)

    @command("resetavpflag", routes=Route.ANY)
    def resetavpflag(self, call: Call, attribute: AttributeArg, flag: AvpFlag) -> bool:
        """Clear a flag of the attribute. As in SER the result is that of `isavpflagset`, so it is false."""
        for one in _meant(call, attribute):
            one.flags &= ~(1 << flag)
        return self.isavpflagset(call, attribute, flag)

    @command("isavpflagset", routes=Route.ANY)
    def isavpflagset(self, call: Call, attribute: AttributeArg, flag: AvpFlag) -> bool:
        """True if the flag of the attribute is set; of `$name[]`, if it is set on any value."""
        return any(one.flags >> flag & 1 for one in _meant(call, attribute))


def _meant(call: Call, attribute: Reference) -> list[Entry]:
    if attribute.all_values:
        return entries(call, attribute)
    found = entry(call, attribute)
    return [] if found is None else [found]
