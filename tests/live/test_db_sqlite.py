"""The embedded database when its server is killed."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from serpy.db.sqlite import open_sqlite
from serpy.log import Log

WRITER = """
import asyncio, sys
from pathlib import Path
from serpy.db.sqlite import open_sqlite
from serpy.db.tables import Column, Table
from serpy.log import Log

async def main():
    database = await open_sqlite(Path(sys.argv[1]), Log())
    await database.create([Table("notes", 1, (Column("id", "int"),), primary=("id",))])
    insert = database.insert("notes", ["id"])
    async def store(number):
        await insert(number)
        print(number, flush=True)
    for first in range(0, 10**9, 20):
        await asyncio.gather(*(store(first + number) for number in range(20)))

asyncio.run(main())
"""


def test_every_row_that_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        acknowledged = [int(writer.stdout.readline()) for _ in range(500)]
        writer.kill()
        acknowledged += [int(line) for line in writer.stdout.read().split("\n")[:-1]]

    async def stored() -> set[int]:
        database = await open_sqlite(path, Log())
        rows = await database.select("notes", ["id"])()
        await database.close()
        return {number for (number,) in rows}

    assert set(acknowledged) <= asyncio.run(stored())
