"""Attributes of SER 2 that are written and never read, or read and never written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from ..nodes import Assign, Attribute, AvpFlags, Call, Custom, ModParam, Text
from ..report import Report
from .subject import Subject

_WORDS = re.compile(r"\w+")
_KEPT_ELSEWHERE = ("g", "fu", "tu", "fd", "td")
"""Attributes of users, domains and the whole server come from the database and go there."""


def warn(subject: Subject, report: Report) -> None:
    """Warn of either. A name in any string counts as a use: modules take attributes by their names."""
    if not any(isinstance(node, Attribute) for node in subject.everywhere()):
        return
    written: dict[str, Attribute] = {}
    read: dict[str, Attribute] = {}
    words: set[str] = set()
    flagged = False
    for node in _everything(subject):
        if isinstance(node, Assign) and isinstance(node.target, Attribute):
            written.setdefault(node.target.name, node.target)
        elif isinstance(node, Attribute):
            read.setdefault(node.name, node)
        elif isinstance(node, Text):
            words.update(_WORDS.findall(node.value))
        elif isinstance(node, AvpFlags):
            flagged = True
    for cls in subject.settings.modules.values():
        for param in cls.params.values():
            if isinstance(param.default, str):
                words.update(_WORDS.findall(param.default))
    for name, node in written.items():
        if name not in read and name not in words and not flagged and node.track not in _KEPT_ELSEWHERE:
            report.warning(
                "never-read", node.span, f"${name} is set, but nothing reads it", "remove it, or correct the name"
            )
    if any(isinstance(node, Call) and node.command is None for node in subject.everywhere()):
        return  # a module that serpy does not have may set them
    for name, node in read.items():
        if name not in written and name not in words and node.track not in _KEPT_ELSEWHERE:
            report.warning(
                "never-set", node.span, f"${name} is read, but nothing sets it", "set it first, or correct the name"
            )


def _everything(subject: Subject) -> Iterator[object]:
    """All nodes, each once; the target of an assignment is no reading and is left out."""
    pending: list[object] = [route.statements for route in subject.routes.values()]
    pending.extend(item for item in subject.tree.items if isinstance(item, ModParam | AvpFlags | Custom))
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending.extend(node)
            continue
        if not is_dataclass(node) or not hasattr(node, "span"):
            continue
        yield node
        for field in fields(node):
            if field.name in ("span", "command", "values") or (isinstance(node, Assign) and field.name == "target"):
                continue
            inner = getattr(node, field.name)
            if isinstance(inner, list) or is_dataclass(inner):
                pending.append(inner)
