"""How deep a script nests: what comes after the parser may count on a limit. (Chains of `else if` are flat.)"""

from __future__ import annotations

from .nodes import (
    And,
    Assign,
    Block,
    Call,
    Case,
    Compare,
    End,
    EventRoute,
    If,
    Node,
    Not,
    Operation,
    Or,
    Prefixed,
    RouteBlock,
    RouteCall,
    StatementCondition,
    Switch,
    Tree,
    While,
)
from .source import Span

DEEPEST = 220
"""More than blocks and parentheses may nest: `if (a) if (b) ...` and `!!!x` nest without either."""


def too_deep(tree: Tree) -> Span | None:
    """The place where it nests too deeply; None where it does not."""
    pending: list[tuple[Node, int]] = [
        (item.body, 0) for item in tree.items if isinstance(item, RouteBlock | EventRoute)
    ]
    while pending:
        node, depth = pending.pop()
        if depth > DEEPEST * 2:  # a block and what stands in it count as two
            return node.span
        while isinstance(node, If):
            pending.append((node.condition, depth + 1))
            pending.append((node.then, depth + 1))
            rest = node.otherwise
            if rest is None:
                break
            if len(rest.statements) != 1 or not isinstance(rest.statements[0], If):
                pending.append((rest, depth + 1))
                break
            node = rest.statements[0]
        pending.extend((part, depth + 1) for part in _parts(node))
    return None


def _parts(node: Node) -> list[Node]:
    match node:
        case Block(statements=statements):
            return list(statements)
        case Or(parts=parts) | And(parts=parts):
            return list(parts)
        case Not(part=part):
            return [part]
        case Compare(left=left, right=right) | Operation(left=left, right=right):
            return [left, right]
        case Prefixed(operand=operand):
            return [operand]
        case StatementCondition(body=body) | Case(body=body):
            return [body]
        case While(condition=condition, body=body):
            return [condition, body]
        case Switch(subject=subject, cases=cases):
            return [subject, *cases]
        case Call(arguments=arguments):
            return list(arguments)
        case RouteCall(expression=expression):
            return [] if expression is None else [expression]
        case Assign(value=value):
            return [value]
        case End(value=value):
            return [] if value is None else [value]
    return []
