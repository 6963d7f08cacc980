"""What is said of the example: what somebody would say who looks for holes in it, and nothing else."""

from __future__ import annotations

from pathlib import Path

from serpy.cfg.load import load_script

EXAMPLE = Path(__file__).parents[4] / "examples" / "msilo.cfg"


def test_the_example(tmp_path: Path) -> None:
    script = tmp_path / "msilo.cfg"
    script.write_bytes(EXAMPLE.read_bytes())
    script.chmod(0o644)
    assert [(one.code, one.span.line) for one in load_script(script).warnings] == [
        ("password-readable", 45),
        ("unauthenticated-register", 68),
        ("unauthenticated-message", 101),
        ("unauthenticated-message", 120),
        ("open-relay", 125),
    ]


def test_a_copy_of_it_that_nobody_else_may_read(tmp_path: Path) -> None:
    script = tmp_path / "msilo.cfg"
    script.write_bytes(EXAMPLE.read_bytes())
    script.chmod(0o600)
    assert "password-readable" not in {one.code for one in load_script(script).warnings}
