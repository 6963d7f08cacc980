"""`python -m serpy` and the command `serpy`."""

import sys

INTERRUPTED = 130
"""The exit code that shells give a command ended by Ctrl-C."""


def main() -> int:
    """Run the command line given in `sys.argv`; the exit code."""
    try:
        from .cli import run_command_line

        return run_command_line(sys.argv[1:])
    except KeyboardInterrupt:  # before a server has its own way to end, or in a check
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
