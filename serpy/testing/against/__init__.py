"""Flows on loopback, in real time, against another SIP server: where does it differ from serpy?"""
