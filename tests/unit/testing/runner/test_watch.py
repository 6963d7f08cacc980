"""What a flow is made from."""

from __future__ import annotations

from pathlib import Path

import pytest

from serpy.testing.runner.watch import Watcher, needed


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)


def names(folder: Path, flow: str = "a.flow") -> set[str]:
    return {str(file.relative_to(folder)) for file in needed(folder / flow)}


def test_a_flow_needs_its_script_with_all_includes_and_what_it_sends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # files are included from here first
    write(
        tmp_path,
        a_flow="title: t\nscript: a.cfg\npeers: alice 10.0.0.1\n\n> alice file big.sip\n",
        a_cfg='include_file "b.cfg"\nimport_file "later.cfg"\nroute { drop(); }\n',
        b_cfg="debug=3\n",
    )
    assert names(tmp_path) == {"a.flow", "a.cfg", "b.cfg", "later.cfg", "big.sip"}


def test_of_a_wrong_script_the_files_with_mistakes_are_needed(tmp_path: Path) -> None:
    write(tmp_path, a_flow="title: t\nscript: a.cfg\n", a_cfg='include_file "b.cfg"\nroute { }\n', b_cfg="debug=\n")
    assert {"a.flow", "a.cfg", "b.cfg"} >= names(tmp_path) >= {"a.flow", "a.cfg"}


def test_a_missing_script_is_waited_for(tmp_path: Path) -> None:
    write(tmp_path, a_flow="title: t\nscript: a.cfg\n")
    assert names(tmp_path) == {"a.flow", "a.cfg"}


def test_a_missing_script_that_comes_affects_its_flow(tmp_path: Path) -> None:
    write(tmp_path, a_flow="title: t\nscript: a.cfg\n")
    flow, watcher = tmp_path / "a.flow", Watcher()
    assert watcher.affected([flow]) == [flow]
    assert watcher.affected([flow]) == []
    write(tmp_path, a_cfg="route { }\n")
    assert watcher.affected([flow]) == [flow]


def test_flows_that_share_a_script_are_affected_together(tmp_path: Path) -> None:
    write(tmp_path, a_flow="title: t\nscript: a.cfg\n", b_flow="title: t\nscript: a.cfg\n", a_cfg="route { }\n")
    flows, watcher = [tmp_path / "a.flow", tmp_path / "b.flow"], Watcher()
    watcher.affected(flows)
    write(tmp_path, a_cfg="route { drop(); }\n")
    assert watcher.affected(flows) == flows
    assert watcher.affected(flows) == []
