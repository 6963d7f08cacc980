"""The Contact header (RFC 3261 20.10)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Final, Literal

from .errors import BadHeader
from .nameaddr import NameAddr, split_address
from .params import find_param, split_list


class Star(Enum):
    """The type of `STAR`."""

    STAR = "*"


STAR: Final = Star.STAR
"""What a `Contact: *` means: all bindings."""


class StarAmongOthers(BadHeader):
    """A `*` that is not the only contact (RFC 3261 10.3 step 6)."""

    def __init__(self) -> None:
        super().__init__(b"contact", "* is not the only contact")


class Contact(NameAddr):
    """One contact."""

    __slots__ = ()

    @property
    def q(self) -> bytes | None:
        """The q parameter as written."""
        return find_param(self.params, b"q")

    @property
    def expires(self) -> bytes | None:
        """The expires parameter as written."""
        return find_param(self.params, b"expires")


def parse_contacts(values: Iterable[bytes]) -> list[Contact] | Literal[Star.STAR]:
    """All contacts of these header values in order; `STAR` for a lone `*`. URIs, q and expires are not checked.

    Raises:
        StarAmongOthers: a `*` beside other contacts (a BadHeader too).
        BadHeader
    """
    texts = [text for value in values for text in split_list(value)]
    if b"*" in texts:
        if len(texts) > 1:
            raise StarAmongOthers
        return STAR
    return [Contact(*split_address(text, b"contact")) for text in texts]
