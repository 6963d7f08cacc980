"""Which transaction a message belongs to (RFC 3261 17.1.3 and 17.2.3; SER dialect 7.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ...script.call import Failure
from ...sip.errors import BadHeader
from ...sip.message import Request
from ...sip.nameaddr import NameAddr

if TYPE_CHECKING:
    from .branches import Branch
    from .cell import Cell

COOKIE = b"z9hG4bK"
"""What a branch of RFC 3261 begins with; without it the rules of RFC 2543 hold."""


class Incomplete(Exception):
    """The request lacks a From, To, Call-ID or CSeq that can be read: it identifies no transaction."""

    failure = Failure(400, "Transaction tuple incomplete", 9)
    """How it is answered (D31)."""


class OtherMethod(Incomplete):
    """The CSeq names another method than the first line, so that the two name different transactions (D59)."""

    failure = Failure(400, "CSeq names another method", 400)


class OldFacts(NamedTuple):
    """What is compared for a request of RFC 2543, beyond its key."""

    to: bytes
    to_uri: bytes
    uri: bytes
    via: bytes


class Table:
    """The living transactions of one server.

    Args:
        ruri_matching, via1_matching: whether the R-URI and the top Via must be equal too by the rules of RFC 2543.
    """

    def __init__(self, *, ruri_matching: bool = True, via1_matching: bool = True) -> None:
        self.ruri_matching = ruri_matching
        self.via1_matching = via1_matching
        self.servers: dict[bytes, Cell] = {}
        """By `key` of the request that came in."""
        self.clients: dict[bytes, Branch] = {}
        """By the branch parameter of the request that went out."""
        self.dialogs: dict[bytes, Cell] = {}
        """INVITE transactions that ended with a 2xx, by `dialog_key`: their ACK bears another branch."""
        self._old: dict[bytes, list[tuple[OldFacts, Cell]]] = {}

    def find(self, request: Request, key: bytes) -> Cell | None:
        """The transaction of the request with this key; by the key of its INVITE, that of an ACK or a CANCEL."""
        if key[0]:
            return self.servers.get(key)
        found = self._old.get(key)
        if found is None:
            return None
        facts = old_facts(request)
        to_has_tag = request.method == b"ACK"
        for stored, cell in found:
            # SER dialect 7.3: the To of an ACK has a tag that the INVITE did not have, so its URI alone counts
            same_to = stored.to_uri == facts.to_uri if to_has_tag else stored.to == facts.to
            if (
                same_to
                and (not self.ruri_matching or stored.uri == facts.uri)
                and (not self.via1_matching or stored.via == facts.via)
            ):
                return cell
        return None

    def add(self, cell: Cell, key: bytes) -> None:
        """Make the transaction of a request findable."""
        cell.key = key
        if key[0]:
            self.servers[key] = cell
        elif cell.request is not None:
            self._old.setdefault(key, []).append((old_facts(cell.request), cell))

    def add_dialog(self, cell: Cell, key: bytes) -> None:
        """Make an INVITE transaction findable by the ACK for its 2xx."""
        cell.dialog_key = key
        self.dialogs[key] = cell

    def remove(self, cell: Cell) -> None:
        """Forget a transaction."""
        key = cell.key
        if key:
            if key[0]:
                if self.servers.get(key) is cell:
                    del self.servers[key]
            else:
                left = [entry for entry in self._old.get(key, ()) if entry[1] is not cell]
                if left:
                    self._old[key] = left
                else:
                    self._old.pop(key, None)
        if cell.dialog_key is not None and self.dialogs.get(cell.dialog_key) is cell:
            del self.dialogs[cell.dialog_key]
        for branch in cell.branches:
            # a request of our own may have reused the branch of an older one
            if self.clients.get(branch.key) is branch:
                del self.clients[branch.key]

    def cells(self) -> set[Cell]:
        """All living transactions."""
        living = set(self.servers.values())
        living.update(branch.cell for branch in self.clients.values())
        for entries in self._old.values():
            living.update(cell for _, cell in entries)
        return living


def key(request: Request, method: bytes) -> bytes:
    """What identifies the transaction of a request; for ACK and CANCEL also with the method INVITE.

    The method is not taken from the request, so that an ACK or a CANCEL finds its INVITE. Call-ID and CSeq number
    belong to the key even where the branch alone would do: SER tells by them (BEHAVIOUR section 2).

    Raises:
        Incomplete
    """
    try:
        call_id, cseq, from_, to = request.call_id, request.cseq, request.from_, request.to
    except BadHeader:
        raise Incomplete from None
    if call_id is None or cseq is None or from_ is None or to is None:
        raise Incomplete
    if cseq.method != method and method == request.method:  # an ACK is looked up as INVITE, and never refused
        raise OtherMethod
    via = request.via
    branch = via.branch
    if branch is not None and branch.startswith(COOKIE) and len(branch) > len(COOKIE):
        # RFC 3261 17.2.3: branch, sent-by and method
        return b"%b\n%b:%d/%b\n%b %d\n%b" % (branch, via.host, via.port, via.transport, method, cseq.number, call_id)
    return b"\0%b %d\n%b\n%b" % (method, cseq.number, call_id, request.header(b"from") or b"")


def old_facts(request: Request) -> OldFacts:
    """What RFC 2543 compares beyond the key; the headers must be there."""
    to = request.to
    via = request.via
    return OldFacts(
        to=request.header(b"to") or b"",
        to_uri=to.uri if to is not None else b"",
        uri=request.uri,
        via=request.data[via.start : via.end],
    )


def dialog_key(call_id: bytes, number: int, from_: NameAddr) -> bytes:
    """What an INVITE and the ACK for its 2xx have in common."""
    return b"%d\n%b\n%b" % (number, call_id, from_.tag or b"")
