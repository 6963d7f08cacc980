"""`serpy record CAPTURE`: turn what passed a server into a flow file, so that an incident becomes a test."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .define import add_defines
from .terminal import print_findings, showing_anything

if TYPE_CHECKING:
    from ..host.network import Address
    from ..testing.capture.calls import Call
    from ..testing.capture.flow import Written
    from ..testing.capture.passed import Passed
    from ..testing.capture.pcap import Capture
    from ..testing.capture.script import ScriptAt

DONE, DIFFERS, USAGE = 0, 1, 2
MOST_CALLS, MOST_DATAGRAMS = 30, 400
"""More than this makes no scenario that anybody reads."""


class _Wrong(Exception):
    """It cannot be done as asked; the text is for people."""


def main(arguments: list[str]) -> int:
    """Carry out `serpy record ...`; the exit code."""
    from ..cfg.diagnostics import ScriptError
    from ..db.api import DatabaseError
    from ..host.listen import ListenError
    from ..testing.capture.pcap import CaptureError

    given = _parser().parse_args(arguments)
    with showing_anything(sys.stdout), showing_anything(sys.stderr):
        try:
            return _record(given)
        except ScriptError as error:
            print_findings(error.diagnostics, sys.stderr)
        except (_Wrong, CaptureError) as error:
            print(f"serpy record: {error}", file=sys.stderr)
        except (ListenError, DatabaseError) as error:
            print(f"serpy record: {given.script} cannot be started: {error}", file=sys.stderr)
        except OSError as error:
            print(f"serpy record: {error.filename or given.capture}: {error.strerror or error}", file=sys.stderr)
    return USAGE


def _record(given: argparse.Namespace) -> int:
    from ..testing.capture.calls import calls_of
    from ..testing.capture.pcap import read_capture
    from ..testing.capture.server import find_servers

    target = _target(given)
    capture = read_capture(given.capture)
    _tell_others(capture)
    servers = find_servers(capture.datagrams, given.server)
    datagrams = [one for one in capture.datagrams if one.source in servers or one.to in servers]
    if foreign := len(capture.datagrams) - len(datagrams):
        _say(f"left out: {foreign} SIP datagrams that neither came from the server nor went to it")
    calls = calls_of(datagrams, servers)
    if given.list:
        _list(calls, datagrams[0].at if datagrams else 0.0)
        return DONE
    datagrams = _chosen(given, datagrams, servers, calls)
    script = _script(given)
    written = _write(given, datagrams, servers, script, target)
    peers = ", ".join(one.name for one in written.peers)
    typed = f"{written.typed} messages" + (f", {written.raw} of them octet by octet" if written.raw else "")
    _say(f"{target}: {typed}, from and to {peers}")
    return _run(given, script, target)


def _target(given: argparse.Namespace) -> Path:
    target: Path = given.output or Path(f"{given.capture.stem}.flow")
    if target.exists() and not given.force and not given.list:
        raise _Wrong(f"{target} is there already; name another file by -o, or add --force to write over it")
    return target


def _chosen(
    given: argparse.Namespace, datagrams: list[Passed], servers: Sequence[Address], calls: dict[str, Call]
) -> list[Passed]:
    from ..testing.capture.calls import related

    if given.call_id:
        unknown = [call_id for call_id in given.call_id if call_id not in calls]
        if unknown:
            raise _Wrong(f"there is no Call-ID {unknown[0]} in the capture; `--list` shows those that there are")
        return related(datagrams, servers, given.call_id)
    if len(calls) > MOST_CALLS or len(datagrams) > MOST_DATAGRAMS:
        raise _Wrong(
            f"{len(calls)} calls with {len(datagrams)} datagrams are too much for one scenario; `--list` shows them, "
            "and --call-id takes one with what belongs to it"
        )
    return datagrams


def _script(given: argparse.Namespace) -> ScriptAt | None:
    from ..testing.capture.script import open_script

    if given.script is None:
        return None
    return open_script(given.script, dict(given.defines))


def _write(
    given: argparse.Namespace,
    datagrams: list[Passed],
    servers: Sequence[Address],
    script: ScriptAt | None,
    target: Path,
) -> Written:
    from ..testing.capture.flow import Wanted, write_flow
    from ..testing.capture.passed import place_text
    from ..testing.capture.script import places

    at = ", ".join(map(place_text, servers))
    wanted = Wanted(
        title=given.title,
        origin=f"recorded by `serpy record` from {given.capture.name}; the server was {at}",
        script=script.seen_from(target.parent) if script else "",
        places=places(servers, script.sockets if script else servers),
        first=script.sockets[0] if script else servers[0],
        as_captured=given.as_captured or script is None,
        script_text=script.text if script else "",
        head_lines=script.head_lines() if script else (),
        keeps_all_headers=given.all_headers,
    )
    written = write_flow(datagrams, wanted)
    target.write_bytes(written.text.encode("utf-8", "surrogateescape"))
    return written


def _run(given: argparse.Namespace, script: ScriptAt | None, target: Path) -> int:
    """Record what serpy does, or tell whether it does what the server did."""
    from ..testing.flow.run import run_flow

    if script is None:
        _say("the server's side stands there as it was captured; name your script in the head, then run `serpy test`")
        return DONE
    outcome = run_flow(target, update=not given.as_captured)
    if outcome.status == "passed":
        _say("serpy does what the server did" if given.as_captured else "recorded; nothing came of it")
        return DONE
    if outcome.status == "updated":
        _say(f"recorded what serpy does with {given.script}")
        return DONE
    if outcome.error:
        print(outcome.error, file=sys.stderr)
    elif given.as_captured:
        lines = [line for line in outcome.diff.splitlines()[2:] if line[:1] in "+-"]
        _say(f"serpy differs from the server in {len(lines)} lines; `serpy test {target}` shows them")
    return DIFFERS


def _tell_others(capture: Capture) -> None:
    if capture.others:
        kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(capture.others.items()))
        _say(f"left out: {kinds}")


def _list(calls: dict[str, Call], began: float) -> None:
    for call in calls.values():
        codes = " ".join(map(str, call.codes)) or "-"
        who = f"{call.caller} -> {call.callee}"
        print(f"{call.began - began:9.1f}s  {call.method:9} {codes:8} {call.datagrams:4}  {call.call_id}  {who}")


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _server(text: str) -> tuple[str, int | None]:
    from ipaddress import ip_address

    found = re.fullmatch(r"\[([0-9A-Fa-f:.]+)\](?::(\d{1,5}))?|([0-9.]+)(?::(\d{1,5}))?|([0-9A-Fa-f:.]+)", text)
    try:
        if found is None:
            raise ValueError
        host = str(ip_address(found[1] or found[3] or found[5]))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no address; write 192.0.2.1:5060 or [::1]:5060") from None
    port = found[2] or found[4]
    return host, int(port) if port else None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="serpy record",
        description="Turn a capture (pcap, pcapng) of what passed a SIP server into a flow file.",
        epilog="A capture holds what people wrote and whom they called: read the flow before you give it away.\n"
        "Exit code 0: written; 1: written, and serpy cannot run it or does not do what the server did; 2: not written.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("capture", metavar="CAPTURE", type=Path, help="a pcap or pcapng file, as tcpdump and Wireshark write it")
    add(
        "--server",
        metavar="HOST[:PORT]",
        action="append",
        default=[],
        type=_server,
        help="the server's address in the capture; repeatable (default: who talks to several others)",
    )
    add("--script", metavar="FILE", type=Path, help="the script that the flow is to test")
    add_defines(parser)
    add("--call-id", metavar="ID", action="append", default=[], help="only this call, with what belongs to it")
    add("--list", action="store_true", help="list the calls of the capture; write nothing")
    add("-o", dest="output", metavar="FILE", type=Path, help="where to write (default: the capture's name, .flow)")
    add("--force", action="store_true", help="write over a file that is there")
    add("--title", default="", help="the flow's title (default: what the first call was)")
    add(
        "--as-captured",
        action="store_true",
        help="take the server's side from the capture: the test then shows where serpy differs from that server",
    )
    add("--all-headers", action="store_true", help="keep also headers that say nothing of the call, as User-Agent")
    return parser
