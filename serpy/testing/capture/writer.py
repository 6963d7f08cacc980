"""The process that writes flow files for a server that records: one call a line on its standard input."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from base64 import b64decode
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ...dialect import Dialect
from ...host.network import Address
from ..flow.wire import Message
from .flow import Wanted, write_flow
from .naming import name_peers
from .passed import Passed, place_text
from .script import ScriptAt, open_script, places

NICE = 10


def main(work: Mapping[str, Any]) -> None:
    """Write until there is nothing more to read. A signal that ends the server leaves this process its time."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    os.nice(NICE)
    folder = Path(work["folder"])
    dialect = Dialect(work["dialect"]) if work.get("dialect") else None
    script = _opened(Path(work["script"]), work.get("defines") or {}, dialect)
    for line in sys.stdin.buffer:
        told = json.loads(line)
        servers = [(host, port) for host, port in told["servers"]]
        datagrams = [
            Passed(at, (source, source_port), (to, to_port), b64decode(data))
            for at, source, source_port, to, to_port, data in told["datagrams"]
        ]
        try:
            write_one(folder, script, servers, datagrams)
        except OSError as error:
            print(f"{folder} cannot be written into: {error.strerror}", file=sys.stderr, flush=True)
            return
        except Exception as error:  # noqa: BLE001 - told, and the other calls are written all the same
            call_id = Message.read(datagrams[-1].data).call_id
            print(f"call {call_id} was not written: {type(error).__name__}: {error}", file=sys.stderr, flush=True)


def _opened(path: Path, defines: Mapping[str, str], dialect: Dialect | None) -> ScriptAt:
    """The script; one that cannot be run in the lab is taken to listen where the server does."""
    try:
        return open_script(path, defines, dialect)
    except Exception as error:  # noqa: BLE001 - the flows are worth having all the same
        first = str(error).strip().split("\n")[0]
        print(f"{path} does not run in a flow: {type(error).__name__}: {first}", file=sys.stderr, flush=True)
        return ScriptAt(path, (), "", defines, dialect)


def write_one(folder: Path, script: ScriptAt, servers: Sequence[Address], datagrams: Sequence[Passed]) -> Path:
    """Write a flow under a name of its own; the path.

    Raises:
        OSError
    """
    wanted = Wanted(
        title="",
        origin=f"recorded by `serpy run --record`; the server was {', '.join(map(place_text, servers))}",
        script=script.seen_from(folder),
        places=places(servers, script.sockets or servers),
        first=(script.sockets or servers)[0],
        as_captured=True,
        script_text=script.text,
        head_lines=script.head_lines(),
    )
    text = write_flow(datagrams, wanted).text.encode("utf-8", "surrogateescape")
    stem = _stem(datagrams, servers)
    number = 1
    while True:
        path = folder / (f"{stem}.flow" if number == 1 else f"{stem}-{number}.flow")
        try:
            with path.open("xb") as file:  # what is there already stays
                file.write(text)
        except FileExistsError:
            number += 1
        else:
            return path


def _stem(datagrams: Sequence[Passed], servers: Sequence[Address]) -> str:
    """`20260101-120000-MESSAGE-alice`."""
    names = {one.place: one.name for one in name_peers(datagrams, servers)}
    # the registrations in front are not what the flow is about
    about = next(
        (one for one in datagrams if not one.data.startswith((b"REGISTER ", b"SIP/"))),
        datagrams[0],
    )
    method = re.sub(r"\W+", "", Message.read(about.data).method)[:20] or "message"
    who = names.get(about.source, "server")
    return f"{datetime.fromtimestamp(about.at):%Y%m%d-%H%M%S}-{method}-{who}"


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
