"""The smallest of SER's modules: it writes a text to the standard output."""

from __future__ import annotations

import sys

from ...module import Module, Param, command
from ...script.call import Call


class Print(Module):
    """Writes to the standard output."""

    name = "print"
    aliases = ("print_stdout",)

    str_param = Param("", doc="An example of a string parameter: it has no effect, in SER neither.")
    string_param = Param("", doc="A further example of a string parameter, without effect.")
    int_param = Param(0, doc="An example of a number parameter, without effect.")

    @command("print")
    def print(self, call: Call, text: str = "", more: str = "") -> bool:
        """Write the text and an end of line to the standard output; false when that is closed."""
        try:
            # octets that are no UTF-8 must not end the route with an encoding error
            sys.stdout.write(f"{text}{more}\n".encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
            sys.stdout.flush()
        except (OSError, ValueError) as error:
            self.host.log.warning(f"print: cannot write to the standard output: {error}", call)
            return False
        return True
