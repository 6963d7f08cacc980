"""From the short form of a message to the complete one, by fixed rules.

    > alice MESSAGE sip:bob@127.0.0.1 priority=urgent
      Subject: lunch

      hello bob

gives Via, Max-Forwards, From, To, Call-ID and CSeq of the sender's own, then what was typed, then Content-Type and
Content-Length. A typed header takes the place of the one that the rules would give; `- Name` leaves that out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .document import FlowError
from .wire import Message, canonical, param

REASONS = {
    100: "Trying",
    180: "Ringing",
    181: "Call Is Being Forwarded",
    182: "Queued",
    183: "Session Progress",
    200: "OK",
    202: "Accepted",
    204: "No Notification",
    300: "Multiple Choices",
    301: "Moved Permanently",
    302: "Moved Temporarily",
    305: "Use Proxy",
    380: "Alternative Service",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    410: "Gone",
    412: "Conditional Request Failed",
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    415: "Unsupported Media Type",
    416: "Unsupported URI Scheme",
    420: "Bad Extension",
    421: "Extension Required",
    422: "Session Interval Too Small",
    423: "Interval Too Brief",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    483: "Too Many Hops",
    484: "Address Incomplete",
    485: "Ambiguous",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    489: "Bad Event",
    491: "Request Pending",
    493: "Undecipherable",
    500: "Server Internal Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Server Time-out",
    505: "Version Not Supported",
    513: "Message Too Large",
    600: "Busy Everywhere",
    603: "Decline",
    604: "Does Not Exist Anywhere",
    606: "Not Acceptable",
}
TYPES = {"INVITE": "application/sdp", "PRACK": "application/sdp", "UPDATE": "application/sdp"}
"""The type of a body whose Content-Type was not typed; of every other method: text/plain."""
WITH_CONTACT = ("INVITE", "REGISTER", "SUBSCRIBE", "NOTIFY", "UPDATE", "REFER")
"""The requests that tell where their sender is reached (RFC 3261 8.1.1.8); a MESSAGE must not (RFC 3428 4)."""


def complete(message: Message, options: Sequence[tuple[str, str]], content: Sequence[str], line: int) -> Message:
    """The message with what was typed put into it, and with its length.

    Args:
        message: what the rules give, without Content-Type and Content-Length.
        options: name=value of the title: a header, or `tag`, `to-tag`, `branch`.
        content: typed headers, an empty line, the body.
        line: the number of the title's line.

    Raises:
        FlowError
    """
    headers = list(message.headers)
    for name, value in options:
        headers = _with_option(headers, name, value)
    typed, body_lines = _split(content)
    placed: list[str] = []
    for number, text in enumerate(typed, line + 1):
        name, colon, value = text.lstrip("-").partition(":")
        if text.startswith("-"):
            headers = [one for one in headers if one[0] != canonical(name)]
            placed.append(canonical(name))
            continue
        if not colon or not name.strip() or " " in name.strip():
            raise FlowError(number, f"{text!r} is no header", "write `Name: value`; a body stands behind an empty line")
        headers = _put(headers, canonical(name), value.strip(), canonical(name) in placed)
        placed.append(canonical(name))
    body = "\r\n".join(body_lines).encode("utf-8", "surrogateescape")
    names = [name for name, _ in headers]
    if body and "Content-Type" not in names and "Content-Type" not in placed:
        headers.append(("Content-Type", TYPES.get(message.method, "text/plain")))
    kind = next((value for name, value in headers if name == "Content-Type"), "")
    if body and kind.startswith("application/sdp"):
        body += b"\r\n"  # RFC 4566 5: every line of it is ended
    if "Content-Length" not in placed and "Content-Length" not in names:
        headers.append(("Content-Length", str(len(body))))
    return Message(message.first, tuple(headers), body)


def raw(content: Sequence[str], line: int) -> bytes:
    """The octets of a raw block: its lines joined by CRLF.

    `\\xNN`, `\\r`, `\\n`, `\\t`, `\\0` and `\\\\` are octets; a line that ends with a single `\\` has no CRLF behind
    it. Where there is no empty line, the message ends with one.

    Raises:
        FlowError
    """
    octets = bytearray()
    for number, text in enumerate(content, line + 1):
        is_last = number == line + len(content)
        joined = bool(re.search(r"(?<!\\)(?:\\\\)*\\$", text))
        octets += _unescaped(text[:-1] if joined else text, number)
        if not joined and not is_last:
            octets += b"\r\n"
        elif not joined and "" not in content:
            octets += b"\r\n\r\n"
    return bytes(octets)


def escaped(text: str) -> str:
    """A line of a message as a raw block and a recording write it."""
    return "".join(one if one.isprintable() else _octets(one) for one in text)


def _octets(text: str) -> str:
    return "".join(f"\\x{octet:02x}" for octet in text.encode("utf-8", "surrogateescape"))


def as_raw(data: bytes) -> list[str]:
    """The lines of a raw block that stands for these octets."""
    text = data.decode("utf-8", "surrogateescape").replace("\\", "\\\\")
    lines = [escaped(line) if line.strip() else _octets(line) for line in text.split("\r\n")]
    if len(lines) > 2 and lines[-2:] == ["", ""] and "" not in lines[:-2]:
        return lines[:-2]
    if lines[-1]:
        return lines if "" in lines else [*lines[:-1], lines[-1] + "\\"]
    ends = 0  # empty lines at a block's end are not kept
    while lines and not lines[-1]:
        lines.pop()
        ends += 1
    last = lines.pop() if lines else ""
    return [*lines, last + "\\r\\n" * (ends if last else ends - 1) + "\\"]


_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|.|$)")
_OCTETS = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\"}


def _unescaped(text: str, line: int) -> bytes:
    octets, at = bytearray(), 0
    for found in _ESCAPE.finditer(text):
        octets += text[at : found.start()].encode("utf-8", "surrogateescape")
        at = found.end()
        if found[1].startswith("x") and len(found[1]) == 3:
            octets.append(int(found[1][1:], 16))
        elif found[1] in _OCTETS:
            octets += _OCTETS[found[1]]
        else:
            raise FlowError(line, f"{found[0]!r} is no octet", "octets are written \\xNN; the sign itself is \\\\")
    return bytes(octets + text[at:].encode("utf-8", "surrogateescape"))


def _split(content: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    for place, text in enumerate(content):
        if not text.strip():
            return content[:place], content[place + 1 :]
    return content, ()


def _with_option(headers: list[tuple[str, str]], name: str, value: str) -> list[tuple[str, str]]:
    low = name.lower()
    if low == "branch":
        return [
            (key, re.sub(r"branch=[^;,]*", lambda _: f"branch={value}", old, count=1) if key == "Via" else old)
            for key, old in headers
        ]
    if low in ("tag", "to-tag"):
        wanted = "From" if low == "tag" else "To"
        return [(key, _tagged(old, value) if key == wanted else old) for key, old in headers]
    full = canonical(name)
    if full == "Cseq":
        full = "CSeq"
    if full == "CSeq" and value.isdecimal():
        method = next((old.split()[-1] for key, old in headers if key == "CSeq"), "")
        value = f"{value} {method}"
    if full in ("From", "To", "Contact") and re.match(r"sips?:", value):
        old = next((old for key, old in headers if key == full), "")
        tag = param(old, "tag") if full == "From" else ""
        value = f"<{value}>" + (f";tag={tag}" if tag else "")
    return _put(headers, full, value, False)


def _tagged(value: str, tag: str) -> str:
    bare = re.sub(r";\s*tag=[^;>]*", "", value)
    return f"{bare};tag={tag}" if tag else bare


def _put(headers: list[tuple[str, str]], name: str, value: str, again: bool) -> list[tuple[str, str]]:
    """Replace the header of this name, or add it; `again`: add a further one."""
    places = [place for place, (known, _) in enumerate(headers) if known == name]
    if not places:
        return [*headers, (name, value)]
    if again:
        last = places[-1] + 1
        return [*headers[:last], (name, value), *headers[last:]]
    first = places[0]
    return [
        (name, value) if place == first else one
        for place, one in enumerate(headers)
        if place == first or one[0] != name
    ]
