"""`python -m serpy` and the command `serpy`."""

import os
import sys

INTERRUPTED = 130
"""The exit code that shells give a command ended by Ctrl-C."""
CUT_OFF = 141
"""The one for a command whose reader went away, as in `serpy check a.cfg | head`."""


def main() -> int:
    """Run the command line given in `sys.argv`; the exit code."""
    try:
        from .cli import run_command_line

        code = run_command_line(sys.argv[1:])
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # what is still buffered has nowhere to go, and Python would complain of it at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CUT_OFF
    except KeyboardInterrupt:  # before a server has its own way to end, or in a check
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
