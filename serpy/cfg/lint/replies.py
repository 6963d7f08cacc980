"""Requests that are answered twice, or not at all, or stored before they can be recognised again."""

from __future__ import annotations

from ...module import Does
from ..diagnostics import Label
from ..nodes import Call, Compare
from ..report import Report
from ..routes import MAIN
from ..source import Span
from .facts import METHODS, OTHER, Fact
from .flow import Step
from .questions import operand_of
from .roles import is_final, role
from .subject import Subject
from .traffic import Traffic, shown


def warn(subject: Subject, traffic: Traffic, report: Report) -> None:
    """Warn of too many answers and of too few."""
    _answered_before(traffic, report)
    _stored_too_early(traffic, report)
    _unanswered(subject, traffic, report)


def _answered_before(traffic: Traffic, report: Report) -> None:
    """What follows on one and the same reply is told of once: mostly one `break` is missing."""
    found = traffic.commands(Does.REPLIES | Does.RELAYS)
    told: set[int] = set()
    for call, does, bits in sorted(found, key=lambda one: one[0].span[1:]):
        atoms = traffic.space.atoms(bits, Fact.REPLIED)
        if not atoms or (does & Does.REPLIES and not is_final(call, does)):
            continue
        first = _first_reply(call, traffic, atoms)
        if first is not None:
            if id(first.node) in told:
                continue
            told.add(id(first.node))
        labels = [Label(first.span, _answered(first))] if first is not None else []
        if does & Does.RELAYS:
            message = f"{call.name} relays a request that has been answered already"
            report.warning("relay-after-reply", call.span, message, "end the route after the reply", *labels)
        else:
            message = f"{call.name} answers a request that has been answered already"
            hint = "end the route after the first reply, or answer in an else branch"
            report.warning("reply-twice", call.span, message, hint, *labels)


def _first_reply(call: Call, traffic: Traffic, atoms: int) -> Step | None:
    way = traffic.way_to(call, traffic.example(atoms), Fact.REPLIED)
    return next((step for step in way if step.answer is None and isinstance(step.node, Call)), None)


def _answered(step: Step) -> str:
    by_itself = isinstance(step.node, Call) and step.node.name == "save"
    return "answered here (save answers by itself)" if by_itself else "answered here"


def _stored_too_early(traffic: Traffic, report: Report) -> None:
    for call, _, bits in traffic.commands(Does.STORES):
        if traffic.space.atoms(bits, Fact.NO_TRANSACTION):
            report.warning(
                "store-without-transaction",
                call.span,
                f"{call.name} is reached without a transaction: a retransmitted MESSAGE is stored once more",
                "write if (!t_newtran()) { sl_reply_error(); break; } before it",
            )


def _unanswered(subject: Subject, traffic: Traffic, report: Report) -> None:
    atoms = traffic.space.atoms(traffic.at_end, Fact.UNHANDLED)
    if not atoms or not subject.routes[MAIN].statements:
        return
    methods = list(traffic.space.methods_of(atoms))
    whatever = OTHER in methods and len(methods) > len(METHODS) // 2
    method = OTHER if whatever else traffic.example(atoms)
    way = traffic.way_to_end(method, Fact.UNHANDLED)
    steps = [step for step in way if _is_telling(step) and not (whatever and _is_of_method(step))][:3]
    labels = [Label(step.span, step.told) for step in reversed(steps)]
    what = "a request" if whatever else shown(method)
    report.warning(
        "no-reply",
        _end_of(subject),
        f"{what} can come to the end of the route without a reply: the sender hears nothing",
        "answer or relay at the end of the route; or write drop there, if silence is meant",
        *labels,
    )


def _is_telling(step: Step) -> bool:
    """Whether it is a condition, and not the check with which every route begins."""
    if isinstance(step.node, Call):
        return step.answer is not None and not (role(step.node) or Does.NOTHING) & Does.LIMITS_HOPS
    return step.answer is not None


def _is_of_method(step: Step) -> bool:
    return isinstance(step.node, Compare) and operand_of(step.node) == "method"


def _end_of(subject: Subject) -> Span:
    """The last statement of the main route; its head where it is empty."""
    route = subject.routes[MAIN]
    return route.statements[-1].span if route.statements else route.span
