"""The rows of SER dialect 8 that have no test here, and why."""

from __future__ import annotations

UNTESTED = {
    76: "auth: its challenge ends the script; serpy does not have the module yet",
    77: "auth: ACK and CANCEL need no credentials; serpy does not have the module yet",
    78: "auth_db: the second hash, for user names with a domain; serpy does not have the module yet",
    79: "rr: what loose_route answers at the last Route; serpy does not have the module yet",
    85: "exec: URIs of a program that failed; serpy does not have the module yet (the core's exec changes no URI)",
    94: "acc: flags of accounting; serpy does not have the module yet (row 38 tests when flags are copied)",
}
