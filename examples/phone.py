"""A telephone of the smallest kind: it registers a user, prints the messages that come in, and answers them 200.

    python3 examples/phone.py bob               registers bob at 127.0.0.1:5060, until Ctrl-C
    python3 examples/phone.py bob 10.0.0.1:5060 at another server

It is here to try a script by hand; it needs nothing but Python.
"""

import re
import socket
import sys


def address(text: str) -> tuple[str, int]:
    host, _, port = text.partition(":")
    if port and not port.isdigit():
        sys.exit(f"{text}: the port is not a number; write it like 127.0.0.1:5060")
    return host, int(port or 5060)


def register(phone: socket.socket, user: str, server: tuple[str, int]) -> None:
    host, port = phone.getsockname()
    lines = (
        f"REGISTER sip:{server[0]}:{server[1]} SIP/2.0",
        f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bKphone{port};rport",
        "Max-Forwards: 70",
        f"From: <sip:{user}@{server[0]}>;tag=phone{port}",
        f"To: <sip:{user}@{server[0]}>",
        f"Call-ID: phone{port}@{host}",
        "CSeq: 1 REGISTER",
        f"Contact: <sip:{user}@{host}:{port}>",
        "Expires: 600",
        "Content-Length: 0",
    )
    phone.sendto("\r\n".join((*lines, "", "")).encode(), server)


def answer(request: str) -> str:
    """The 200 OK to a request (RFC 3261 8.2.6)."""
    head = request.partition("\r\n\r\n")[0].split("\r\n")
    kept = [line for line in head if re.match(r"(via|v|from|f|to|t|call-id|i|cseq)\s*:", line, re.IGNORECASE)]
    tagged = [
        line + ";tag=phone" if re.match(r"to?\s*:", line, re.IGNORECASE) and ";tag=" not in line else line
        for line in kept
    ]
    return "\r\n".join(("SIP/2.0 200 OK", *tagged, "Content-Length: 0", "", ""))


def main() -> None:
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(f"usage: {sys.argv[0]} USER [SERVER[:PORT]]")
    user, server = sys.argv[1], address(sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1:5060")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        try:
            phone.connect(server)  # tells which of our addresses leads there
        except (OSError, OverflowError) as error:
            sys.exit(f"cannot find the server {server[0]}:{server[1]}: {error}")
        here = phone.getsockname()[0]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind((here, 0))
        register(phone, user, server)
        while True:
            data, source = phone.recvfrom(65535)
            text = data.decode("utf-8", "replace")
            if text.startswith("SIP/2.0 "):
                print(f"{user} registers: {text.splitlines()[0]}", flush=True)
            elif not text.startswith("ACK "):
                head, _, body = text.partition("\r\n\r\n")
                print(f"{user} receives: {head.splitlines()[0]}\n  {body}", flush=True)
                phone.sendto(answer(text).encode("utf-8", "replace"), source)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)
