"""`python -m serpy` and the command `serpy`."""

import sys


def main() -> int:
    """Run the command line given in `sys.argv`; the exit code."""
    from .cli import run_command_line

    return run_command_line(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
