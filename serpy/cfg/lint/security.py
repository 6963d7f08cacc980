"""What strangers could do with this server."""

from __future__ import annotations

from collections.abc import Iterator

from ...module import Does
from ..diagnostics import Label
from ..nodes import Call, Compare, RouteCall
from ..report import Report
from .facts import Fact
from .flow import Step
from .questions import FROM_OPERANDS, operand_of, question
from .roles import role, to_request_uri
from .subject import Subject
from .traffic import Traffic, shown

_SENDS = Does.RELAYS | Does.FORWARDS


def warn(subject: Subject, traffic: Traffic, report: Report) -> None:
    """Warn of what is done for a sender that nobody knows."""
    _saved(traffic, report)
    _stored(traffic, report)
    open_to = _relayed_for_anybody(traffic, report)
    _messages_relayed(subject, traffic, report, open_to)
    _from_trusted(traffic, report)
    _no_hop_limit(traffic, report)


def _saved(traffic: Traffic, report: Report) -> None:
    register = traffic.space.of(lambda method: method == "REGISTER")
    for call, _, bits in traffic.commands(Does.SAVES):
        if traffic.space.atoms(bits, Fact.NO_AUTH) & register:
            report.warning(
                "unauthenticated-register",
                call.span,
                f"a REGISTER comes to {call.name} without authentication",
                "anybody can register as any user and get that user's calls and messages; authenticate the sender "
                "before this, or let only known networks in by src_ip",
                *_in_spite_of(traffic.way_to(call, "REGISTER", Fact.NO_AUTH)),
            )


def _in_spite_of(way: list[Step]) -> list[Label]:
    """A test of the sender that a request can pass by, where there is one."""
    return [Label(step.span, f"a request comes by {step.told}") for step in way if _is_test_of_sender(step)][:1]


def _is_test_of_sender(step: Step) -> bool:
    if isinstance(step.node, Call):
        return step.answer is False and bool((role(step.node) or Does.NOTHING) & Does.AUTHENTICATES)
    asked = question(step.node) if isinstance(step.node, Compare) else None
    return asked is not None and Fact.NO_AUTH in asked.ends and step.answer is asked.negated


def _stored(traffic: Traffic, report: Report) -> None:
    for call, _, bits in traffic.commands(Does.STORES):
        if traffic.space.atoms(bits, Fact.NO_AUTH):
            report.warning(
                "unauthenticated-message",
                call.span,
                f"a MESSAGE comes to {call.name} without authentication",
                "anybody can fill the store and write to users in another's name; authenticate the sender before "
                "this, or let only known networks in by src_ip",
            )


def _relayed_for_anybody(traffic: Traffic, report: Report) -> dict[int, int]:
    """Warn of open relays; the requests for which each command is one, by the command."""
    open_to: dict[int, int] = {}
    for call, _, bits in traffic.commands(_SENDS):
        atoms = traffic.space.atoms(bits, Fact.FOREIGN_NO_FROM)
        if atoms and to_request_uri(call):
            open_to[id(call)] = atoms
            way = traffic.way_to(call, traffic.example(atoms), Fact.FOREIGN_NO_FROM)
            telling = [step for step in way if isinstance(step.node, Compare | RouteCall)][:2]
            report.warning(
                "open-relay",
                call.span,
                f"{shown(traffic.example(atoms))} from anybody to anywhere comes to {call.name}",
                "strangers can send spam and attacks through this server, in its name and at its cost; before this, "
                "refuse what is not for uri==myself, or authenticate the sender",
                *(Label(step.span, step.told) for step in reversed(telling)),
            )
    return open_to


def _messages_relayed(subject: Subject, traffic: Traffic, report: Report, open_to: dict[int, int]) -> None:
    """Only where a script cares for MESSAGE: others take it as they take everything."""
    if "MESSAGE" not in traffic.effects.named and "msilo" not in subject.settings.modules:
        return
    message = traffic.space.of(lambda method: method == "MESSAGE")
    for call, _, bits in traffic.commands(_SENDS):
        if traffic.space.atoms(bits, Fact.NO_AUTH_NO_FROM) & message & ~open_to.get(id(call), 0):
            report.warning(
                "unauthenticated-message",
                call.span,
                f"a MESSAGE comes to {call.name} without authentication",
                "anybody can write to the users of this server, in another's name; authenticate the sender before "
                "this, or let only known networks in by src_ip",
            )


def _from_trusted(traffic: Traffic, report: Report) -> None:
    told: set[int] = set()
    for call, _, bits in traffic.commands(_SENDS):
        atoms = traffic.space.atoms(bits, Fact.FOREIGN) & ~traffic.space.atoms(bits, Fact.FOREIGN_NO_FROM)
        if not atoms or not to_request_uri(call):
            continue
        step = next(filter(_is_from, traffic.way_to(call, traffic.example(atoms), Fact.FOREIGN)), None)
        where = step.span if step is not None else call.span
        if id(step.node if step is not None else call) in told:
            continue
        told.add(id(step.node if step is not None else call))
        report.warning(
            "from-trusted",
            where,
            "From decides what is sent on, and the sender can write there what it likes",
            "strangers get through with a From of this domain; authenticate the sender where From says that it is "
            "one of yours",
            *([Label(call.span, "here it is sent on")] if step is not None else []),
        )


def _is_from(step: Step) -> bool:
    return isinstance(step.node, Compare) and operand_of(step.node).removeprefix("@") in FROM_OPERANDS


def _no_hop_limit(traffic: Traffic, report: Report) -> None:
    """Once for a script: the check belongs to its beginning."""
    found = sorted(_unlimited(traffic), key=lambda call: call.span[1:])
    if not found:
        return
    first, *others = found
    report.warning(
        "no-hop-limit",
        first.span,
        f"{first.name} is reached without a check of Max-Forwards",
        "a request that comes back here goes round for ever and takes all capacity; begin the route with "
        'if (!mf_process_maxfwd_header("70")) { sl_send_reply("483", "Too Many Hops"); ... }',
        *(Label(other.span, "and this") for other in others[:2]),
    )


def _unlimited(traffic: Traffic) -> Iterator[Call]:
    for call, _, bits in traffic.commands(_SENDS):
        if traffic.space.atoms(bits, Fact.NO_HOPS):
            yield call
