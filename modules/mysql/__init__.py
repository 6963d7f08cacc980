"""mysql: the driver for `mysql://` (and SER 0.8's `sql://`) URLs; MariaDB speaks the same. SER dialect 6.5."""

from __future__ import annotations

from ...module import Module, Param, ParamError


class Mysql(Module):
    """Loading it lets other modules use MySQL URLs; it has no commands."""

    name = "mysql"
    aliases = ("db_mysql",)
    schemes = ("mysql", "sql")

    ping_interval = Param(
        300, unit="s", doc="Idle connections are asked for a sign of life this often; 0 or less: never."
    )
    auto_reconnect = Param(
        1,
        doc="Lost connections are always opened again: other values are accepted, with a warning, and change nothing.",
    )

    def prepare(self) -> None:
        if not self.auto_reconnect:
            self.warnings.append(
                ParamError(
                    "auto_reconnect",
                    "serpy opens lost connections again, whatever auto_reconnect says",
                    "leave this line out",
                )
            )
