"""Parameters that are taken, but change nothing in serpy."""

from __future__ import annotations

from ...script.core import Core
from ..report import Report
from .subject import Subject

_UNNOTICED = frozenset(
    {
        *("children", "exit_timeout", "fork", "tcp_children", "tcp_poll_method", "unix_sock_children"),
        *("disable_core_dump", "maxbuffer", "memdbg", "memlog", "open_files_limit", "statistics"),
        *("dns_cache_gc_interval", "dns_cache_mem", "dst_blacklist_gc_interval", "dst_blacklist_mem"),
        *("auto_aliases", "delete_timer", "syn_branch", "uac_from", "var_timers"),
    }
)
"""How the original spread its work and its memory: whoever sets this loses nothing here."""


def warn(subject: Subject, report: Report) -> None:
    """Warn where the script asks for something by such a parameter; its own default asks for nothing."""
    for setting in subject.settings.values:
        param = setting.param
        if param.effect or setting.value == param.default or param.name in _UNNOTICED:
            continue
        if param.kind is int and bool(setting.value) is param.name.startswith("disable_"):
            continue  # it is switched off, and so it is here
        of = "" if setting.module == Core.name else f" of {setting.module}"
        report.warning(
            "no-effect",
            setting.span,
            f"{param.name}{of} has no effect in serpy",
            "remove the line, or leave it for the sake of the original",
        )
