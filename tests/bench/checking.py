"""What `serpy check` and `serpy fmt` of a 2,000-line script cost: CPU seconds with the interpreter's start.

Run it with `make bench`, or `python tests/bench/checking.py` in an environment where serpy can be imported. Every run
sees a script that is new, so that the tree of an earlier one is of no use; the tables of the grammar are kept, as for a
user. Medians of five.
"""

from __future__ import annotations

import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

LINES = 2000
RUNS = 5
LIMIT = 0.5

_HEAD = """debug=3
listen=udp:127.0.0.1:5060
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
modparam("tm", "fr_timer", 10)
route {
    if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); break; };
    route(1);
"""


def script(seed: int) -> str:
    """A script of 2,000 lines in the manner of people: branches, comments, and routes that call the next one."""
    dice = random.Random(seed)
    lines = _HEAD.splitlines()
    route = 0
    while len(lines) < LINES - 2:
        number = len(lines)
        if number % 100 < 4 and route < number // 100:
            route += 1
            lines += [f"    route({route + 1});", "}", f"route[{route}] {{"]
        lines += dice.choice(
            (
                [
                    f'    if (method=="INVITE" && uri=~"^sip:{number}@.*") {{ # a comment',
                    f"        setflag({dice.randrange(31)});",
                    '        sl_send_reply("404", "Not found");',
                    "        break;",
                    "    };",
                ],
                [f'    if (src_ip==10.0.{dice.randrange(255)}.0/24) log(1, "net {number}\\n");'],
                [f'    rewritehostport("10.0.0.{dice.randrange(255)}:5060");'],
                [
                    f'    if (!lookup("location") | from_uri=~"bob{number}") {{',
                    "        t_relay();",
                    "    } else {",
                    '        append_hf("P-X: y\\r\\n");',
                    "    }",
                ],
                [f"    # comment {number}"],
                [f'    append_branch("sip:user{number}@example.org");'],
            )
        )
    return "\n".join([*lines, "}", f"route[{route + 1}] {{ ; }}"]) + "\n"


def cpu(command: list[str], folder: Path) -> float:
    """CPU seconds of one command and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a user's Python keeps what it compiled
    subprocess.run(command, stdout=subprocess.DEVNULL, env=environment, check=False, cwd=folder)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def rounds(folder: Path, command: str) -> Iterator[float]:
    """The cost of each run; one before them fills the caches."""
    for seed in range(RUNS + 1):
        file = folder / f"{seed}.cfg"
        file.write_text(script(seed))
        cost = cpu([sys.executable, "-m", "serpy", command, str(file)], folder)
        if seed:
            yield cost


def main() -> int:
    for command in ("check", "fmt"):
        with tempfile.TemporaryDirectory() as folder:
            costs = sorted(rounds(Path(folder), command))
        median = statistics.median(costs)
        limit = f" (aim: under {LIMIT} s)" if command == "check" else ""
        print(f"serpy {command} of {LINES} lines: {median:.2f} s CPU ({costs[0]:.2f} to {costs[-1]:.2f}){limit}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
