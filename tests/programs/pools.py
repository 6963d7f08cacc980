"""What the words of random programs are taken from."""

from __future__ import annotations

from serpy.cfg.source import Source, Span

NOWHERE = Span(Source("made", b""), 1, 1, 1, 1)
ROUTES = 4
RESULTS = (1, -1, 2, 0, -7, 5, 255)
WORDS = (
    "a",
    "two words",
    "",
    "it's",
    'she said "no"',
    "# no comment",
    "/* nor this */",
    "}; drop; route[1] {",
    "a\nb",
    "ends in \\\\ two",
    "\\. and \\1",
    "naïve ☎",
    "a\tb",
    "else",
    "// x",
)
METHODS = ("MESSAGE", "INVITE", "message", "Register", "BYE")
PATTERNS = (
    "^sip:",
    "b.b",
    "HERE",
    "^(MESSAGE|INVITE)$",
    "[0-9]+",
    "^$",
    "org$",
    "x|180",
    "^1[0-9][0-9]$",
    "@",
    "10[.]",
)
NETWORKS = (
    ("10.0.0.0", "8"),
    ("10.0.0.0", "255.255.0.0"),
    ("192.168.1.0", "24"),
    ("127.0.0.1", "32"),
    ("0.0.0.0", "0"),
    ("10.0.0.1", "31"),
    ("2001:db8::", "32"),
)
ADDRESSES = ("10.0.0.1", "127.0.0.1", "192.168.1.77", "2001:db8::7", "::1")
TRACKS = ("", "", "f", "t", "fr", "tr", "fu", "td")
STRINGS, NUMBERS, MIXED = ("s1", "s2"), ("n1", "n2"), ("m",)
"""Names of attributes that hold strings, numbers, either."""
TEXTS = ("MESSAGE", "sip:bob@here.org", "", "12", "0", "x")
HOSTS = ("phone.example.org", "a.b")
"""What the bench resolves to 10.0.0.9."""
