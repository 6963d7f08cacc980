"""The tutorial says what happens: each command of docs/testing.md, in a shell, in a folder that begins empty.

With SERPY_UPDATE=1 in the environment the page is written anew; read the difference before committing it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "testing.md"
_FENCE = re.compile(
    r"(?P<lead>(?:<!-- (?P<what>file|append|shows): (?P<name>\S+) -->\n)?```(?P<kind>\w*)\n)(?P<text>.*?)```\n",
    re.DOTALL,
)
_TIME = re.compile(r"\bin \d[\d.]* ?m?s\b(?: \(\d+ processes\))?")


class Follower:
    """Somebody who follows the page to the letter.

    Args:
        folder: where he begins; empty.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "office"
        self.folder.mkdir()
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
        self.env.pop("CI", None)
        self.env |= {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "COLUMNS": "100",
            "NO_COLOR": "1",
        }
        self.failures = 0

    def follow(self, found: re.Match[str]) -> str:
        """Do what a fence of the page says; the fence as it should be."""
        text = found["text"]
        match found["what"]:
            case "file":
                (self.folder / found["name"]).write_text(text)
            case "append":
                with (self.folder / found["name"]).open("a") as file:
                    file.write(text)
            case "shows":
                text = (self.folder / found["name"]).read_text()
            case _ if found["kind"] == "console":
                text = "".join(map(self._run, re.findall(r"^\$ (.*)\n", text, re.MULTILINE)))
        return f"{found['lead']}{text}```\n"

    def _run(self, command: str) -> str:
        done = subprocess.run(
            command,
            shell=True,
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.failures += done.returncode != 0
        return f"$ {command}\n{_TIME.sub('in 60 ms', done.stdout)}"


@pytest.mark.skipif(shutil.which("sed") is None, reason="the page uses sed")
def test_the_tutorial_followed_to_the_letter(tmp_path: Path) -> None:
    follower = Follower(tmp_path)
    current = _FENCE.sub(follower.follow, PAGE.read_text())
    if os.environ.get("SERPY_UPDATE"):
        PAGE.write_text(current)
    assert current == PAGE.read_text()
    assert follower.failures == 2  # nothing recorded yet; the script changed
