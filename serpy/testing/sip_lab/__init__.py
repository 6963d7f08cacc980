"""Tests of scripts in Python, over the world that flow files run in: real server, virtual time, simulated network.

    def test_a_message_waits_for_bob(sip_lab):
        lab = sip_lab("msilo.cfg")
        alice, bob = lab.peer("alice"), lab.peer("bob")
        assert alice.message(bob, "hi").reply.status == 202
        bob.register().reply
        assert bob.receive("MESSAGE").text.endswith("hi")

or, with `async def` (the pytest plug-in needs no other one for it):

    async def test_a_message_waits_for_bob(sip_lab):
        lab = sip_lab("msilo.cfg")
        alice, bob = lab.peer("alice"), lab.peer("bob")
        reply = await alice.message(bob, "hi")
        assert reply.status == 202

A request sets out when it is called for; `await` and `.reply` let virtual time pass until its final reply is there.
Nothing happens between two lines of a test: time stands still until something waits, or `lab.advance(30)`.
"""

from .errors import LabError, NoAnswer
from .lab import MakeLab, SipLab
from .phone import Phone, Request
from .received import HeaderFields, SipMessage

__all__ = ["HeaderFields", "LabError", "MakeLab", "NoAnswer", "Phone", "Request", "SipLab", "SipMessage"]
