"""Why a REGISTER is refused, and how the client is told (SER dialect 6.7)."""

from __future__ import annotations

from typing import NamedTuple


class Refusal(NamedTuple):
    """A status line, and the text of `P-Registrar-Error`."""

    code: int
    reason: str
    text: str


def _bad_request(text: str) -> Refusal:
    return Refusal(400, "Bad Request", text)


MESSAGE_PARSE = _bad_request("Message parse error")
NO_TO = _bad_request("To header not found")
NO_CALL_ID = _bad_request("Call-ID header not found")
NO_CSEQ = _bad_request("CSeq header not found")
EXPIRES_PARSE = _bad_request("Expires parse error")
CONTACT_PARSE = _bad_request("Contact parse error")
STAR_EXPIRES = _bad_request("* used in contact and expires is not zero")
STAR_CONTACTS = _bad_request("* used in contact and more than 1 contact")
INVALID_CSEQ = _bad_request("Invalid CSeq number")
INVALID_Q = _bad_request("Invalid q param in contact")
AOR_PARSE = _bad_request("Error while parsing AOR")
AOR_TOO_LONG = Refusal(500, "Server Internal Error", "Address Of Record too long")
TOO_MANY = Refusal(503, "Service Unavailable", "Too many registered contacts")


class Refused(Exception):
    """Nothing was changed; the client gets this answer."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.text)
        self.refusal = refusal
