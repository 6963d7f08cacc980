"""Inputs with very much of one thing: what takes quadratic time, or nests without end, shows here."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise


def _nested(opening: str, inner: str, closing: str) -> Callable[[int], bytes]:
    def make(size: int) -> bytes:
        many = size // (len(opening) + len(closing)) + 1
        return f"route{{{opening * many}{inner}{closing * many}}}".encode()

    return make


def _many(piece: str, before: str = "", after: str = "") -> Callable[[int], bytes]:
    def make(size: int) -> bytes:
        count = size // len(piece) + 1
        return f"{before}{''.join(piece.replace('%', str(number)) for number in range(count))}{after}".encode()

    return make


def _defines(size: int) -> bytes:
    """Each name stands for the one before it twice: a text that grows without end where nobody counts."""
    names = [f"N{number}" for number in range(min(size // 20 + 2, 60))]
    lines = [f"#!define {name} {before} {before}" for before, name in pairwise(names)]
    return "\n".join(["#!KAMAILIO", "#!define N0 1", *lines, f"debug={names[-1]}", "request_route{ exit; }"]).encode()


def _substitutions(size: int) -> bytes:
    lines = ['#!subst "/a/aaaaaaaaaa/g"'] * min(size // 30 + 1, 60)
    return "\n".join(["#!KAMAILIO", *lines, 'request_route{ xlog("aaaaaaaaaa"); }']).encode()


HEAPS: dict[str, Callable[[int], bytes]] = {
    "blocks": _nested("if (uri==myself) {", "drop;", "}"),
    "blocks that stay open": lambda size: b"route{" + b"if (uri==myself) {" * (size // 18),
    "braces": lambda size: b"{" * size,
    "closing braces": lambda size: b"}" * size,
    "routes that stay open": lambda size: b"route{" * (size // 6),
    "parentheses": _nested("if (", "uri==myself", ") drop;"),
    "conditions in parentheses": lambda size: b"route{if " + b"(" * (size // 2) + b"1" + b")" * (size // 2) + b"drop;}",
    "open parentheses": lambda size: b"route{if (" + b"(" * size,
    "arguments that stay open": lambda size: b"route{log" + b"(log" * (size // 4),
    "ifs that are conditions": lambda size: b"route{" + b"if " * (size // 3),
    "blocks that are conditions": _nested("if {", "drop;", "} drop;"),
    "nots": lambda size: b"route{if (" + b"!" * size + b"uri==myself) drop;}",
    "words not": lambda size: b"route{if " + b"not " * (size // 4) + b"uri==myself drop;}",
    "comparisons in a row": lambda size: b"route{if (" + b"!method==" * (size // 9) + b'"x") drop;}',
    "ands": lambda size: b"route{if (" + b"uri==myself and " * (size // 16) + b"1) drop;}",
    "ands and ors": lambda size: b"route{if (" + b"uri==myself and 1 or " * (size // 21) + b"1) drop;}",
    "minuses": lambda size: b"#!KAMAILIO\nrequest_route{$var(x) = " + b"- " * (size // 2) + b"1;}",
    "sums": lambda size: b"#!KAMAILIO\nrequest_route{$var(x) = 1" + b" + 1" * (size // 4) + b";}",
    "sums from the right": lambda size: b"#!KAMAILIO\nrequest_route{$var(x) = " + b"1 * (1 + " * (size // 9) + b"1;}",
    "else ifs": lambda size: b"route{" + b"if (uri==myself) drop; else " * (size // 28) + b"drop;}",
    "else ifs with blocks": lambda size: b"route{" + b"if (uri==myself) {drop;} else " * (size // 30) + b"{drop;}}",
    "elses": lambda size: b"route{" + b"else " * (size // 5),
    "ifs with one else": lambda size: b"route{" + b"if (1) " * (size // 7) + b"drop; else drop;}",
    "whiles": lambda size: b"#!KAMAILIO\nrequest_route{" + b"while(1) " * (size // 9) + b"drop;}",
    "switches": lambda size: b"#!KAMAILIO\nrequest_route{" + b"switch($rU){case 1: " * (size // 20),
    "cases": _many('case "%": drop;\n', "#!KAMAILIO\nrequest_route{switch($rU){", "}}"),
    "quotes": lambda size: b'"' * size,
    "single quotes": lambda size: b"'" * size,
    "quotes in turn": lambda size: b"\"'" * (size // 2),
    "escaped quotes": lambda size: b'route{log("' + b'\\"' * (size // 2) + b'");}',
    "escaped quotes that stay open": lambda size: b'route{log("' + b'\\"' * (size // 2),
    "backslashes": lambda size: b'route{log("' + b"\\" * size + b'");}',
    "backslashes outside": lambda size: b"\\" * size,
    "continued lines": lambda size: b"\\\n" * (size // 2),
    "strings in a row": lambda size: b"route{log(" + b'"a" ' * (size // 4) + b");}",
    "open comments": lambda size: b"/*" * (size // 2),
    "closed comments": lambda size: b"/**/" * (size // 4),
    "nested comments": lambda size: b"/*" * (size // 4) + b"*/" * (size // 4),
    "line comments": lambda size: b"#\n" * (size // 2),
    "directives": lambda size: b"#!KAMAILIO\n" + b"#!ifdef A\n" * (size // 10),
    "ends of directives": lambda size: b"#!KAMAILIO\n" + b"#!endif\n" * (size // 8),
    "defines": _many("#!define N% 1\n", "#!KAMAILIO\n"),
    "defines that double": _defines,
    "defines that meet": lambda size: b"#!KAMAILIO\n#!define A B\n#!define B A\n" + b"debug=A\n" * (size // 8),
    "long define": lambda size: b"#!KAMAILIO\n#!define A " + b"B " * (size // 2) + b"\n" + b"A\n" * 30,
    "substitutions": _substitutions,
    "long name": lambda size: b"route{" + b"a" * size + b"();}",
    "long name of a parameter": lambda size: b"a" * size + b"=1",
    "long name of a module": lambda size: b'loadmodule "' + b"a" * size + b'.so"',
    "long name of a route": lambda size: b"route{route(" + b"a" * size + b");}",
    "long operand": lambda size: b"route{if (" + b"a" * size + b"==1) drop;}",
    "long number": lambda size: b"debug=" + b"9" * size,
    "long hexadecimal number": lambda size: b"route[0x" + b"f" * size + b"]{drop;}",
    "long octal number": lambda size: b"route{if (src_port==0" + b"7" * size + b") drop;}",
    "long number in a string": lambda size: (
        b'loadmodule "msilo.so"\nmodparam("msilo","expire_time","' + b"9" * size + b'")'
    ),
    "long number as an argument": lambda size: b"route{setflag(" + b"9" * size + b");}",
    "long number returned": lambda size: b"#!SER 2\nroute{return " + b"9" * size + b";}",
    "long index": lambda size: b"#!SER 2\nroute{if ($x[" + b"9" * size + b"]) drop;}",
    "long address": lambda size: b"route{if (src_ip==" + b"1." * (size // 2) + b"1/8) drop;}",
    "long IPv6 address": lambda size: b"route{if (src_ip==" + b"a:" * (size // 2) + b":1) drop;}",
    "long host": lambda size: b"alias=" + b"a-b." * (size // 4) + b"org",
    "hosts": lambda size: b"alias=" + b"a.b " * (size // 4),
    "long select": lambda size: b"#!SER 2\nroute{if (@a" + b".b" * (size // 2) + b") drop;}",
    "open select": lambda size: b"#!SER 2\nroute{if (@a" + b"[1" * (size // 2) + b") drop;}",
    "long variable": lambda size: (
        b"#!KAMAILIO\nrequest_route{if ($(ru{s.len}" + b"{s.len}" * (size // 7) + b")==1) drop;}"
    ),
    "open variable": lambda size: b"#!KAMAILIO\nrequest_route{if ($" + b"($(" * (size // 3) + b"==1) drop;}",
    "dollars": lambda size: b"$" * size,
    "ats": lambda size: b"@" * size,
    "blanks": lambda size: b" " * size + b"x",
    "tabs before a mistake": lambda size: b"\t" * size + b"x",
    "mistakes in one line": lambda size: b"route{" + b"x(); " * (size // 5) + b"}",
    "mistakes": _many("x%();\n", "route{", "}"),
    "mistakes of syntax": lambda size: b"route{" + b";x x;" * (size // 5) + b"}",
    "mistakes of syntax in lines": lambda size: b"route{ x x }\n" * (size // 13),
    "unknown parameters": _many("y%=1\n"),
    "unknown modules": _many('loadmodule "z%.so"\n'),
    "unknown routes": _many("route(r%);\n", "#!SER 2\nroute{", "}"),
    "unknown names at the top": _many("word% "),
    "parameters of modules": _many('modparam("tm","q%",1)\n', 'loadmodule "tm.so"\n'),
    "patterns of modules": lambda size: (
        b'loadmodule "tm.so"\nmodparam("' + b"(t|u)*" * (size // 6) + b'","fr_timer",1)'
    ),
    "routes": _many("route[%]{drop;}\n"),
    "routes of one name": lambda size: b"route[1]{drop;}\n" * (size // 16),
    "routes that call the next": _many("route[R%]{if (uri==myself) {drop;} route(R%);}\n", "#!SER 2\n"),
    "routes that call all others": lambda size: b"".join(
        b"route[%d]{%s}\n" % (number, b"".join(b"route(%d);" % other for other in range(size // 600 + 2)))
        for number in range(60)
    ),
    "flags": _many("f%,", "#!SER 2\nflags ", "z"),
    "attributes": _many("$a% = 1; if ($a%) drop;\n", "#!SER 2\nroute{", "}"),
    "variables": _many("$var(a%) = 1; if ($var(b%)==1) exit;\n", "#!KAMAILIO\nrequest_route{", "}"),
    "statements": lambda size: b"route{" + b'log("a");\n' * (size // 10) + b"}",
    "statements after the end": lambda size: b"route{" + b"drop;\n" * (size // 6) + b"}",
    "replies": lambda size: (
        b'loadmodule "sl.so"\nroute{' + b'if (uri==myself) sl_send_reply("200","x");\n' * (size // 45) + b"}"
    ),
    "semicolons": lambda size: b"route{" + b";" * size + b"}",
    "commas": lambda size: b"route{log(" + b"," * size + b");}",
    "arguments": lambda size: b"route{log(" + b"1," * (size // 2) + b"1);}",
    "groups in an expression": lambda size: (
        b'route{if (uri=~"' + b"(" * (size // 2) + b"a" + b")" * (size // 2) + b'") drop;}'
    ),
    "open groups in an expression": lambda size: b'route{if (uri=~"' + b"(" * size + b'") drop;}',
    "repeats in an expression": lambda size: b'route{if (uri=~"' + b"(a{1,200})" * min(size // 10, 9) + b'") drop;}',
    "nested repeats": lambda size: (
        b'route{if (uri=~"' + b"(" * min(size, 9) + b"a" + b"{1,99})" * min(size, 9) + b'") drop;}'
    ),
    "stars in an expression": lambda size: b'route{if (uri=~"a' + b"*" * size + b'") drop;}',
    "alternatives": lambda size: b'route{if (uri=~"' + b"a|" * (size // 2) + b'b") drop;}',
    "open brackets": lambda size: b'route{if (uri=~"' + b"[" * size + b'") drop;}',
    "classes": lambda size: b'route{if (uri=~"' + b"[[:alpha:]]" * (size // 11) + b'") drop;}',
    "expressions": _many('if (uri=~"^a%[^b]*(c|d)+$") drop;\n', "route{", "}"),
    "networks": _many("if (src_ip==10.0.0.0/%) drop;\n", "route{", "}"),
    "silenced": lambda size: b"# serpy: allow all-of-it x y z\n" * (size // 30) + b"route{ ; }",
    "silenced in one line": lambda size: b"route{ ; } # serpy: allow" + b" x" * (size // 2),
    "wide letters": lambda size: "route{ 好".encode() + "好".encode() * (size // 3) + b" x(); }",
    "broken letters": lambda size: b"\xff" * size,
    "marks on one letter": lambda size: b"route{ log(e" + "\u0301".encode() * (size // 2) + b"); }",
    "zeros": lambda size: b"\0" * size,
    "carriage returns": lambda size: b"\r" * size,
    "merge": lambda size: b"<<<<<<< a\nroute{;}\n=======\nroute{;}\n>>>>>>> b\n" * (size // 46),
    "includes": lambda size: b'#!KAMAILIO\ninclude_file "none.cfg"\n' * (size // 36),
    "includes of itself": lambda size: b'#!KAMAILIO\ninclude_file "fuzz.cfg"\n' * (size // 36 + 1),
    "includes of a device": lambda size: (
        b'#!KAMAILIO\ninclude_file "/dev/zero"\nimport_file "/dev/stdin"\nimport_file "/dev/tty"\n'
    ),
    "includes of a folder": lambda size: b'#!KAMAILIO\ninclude_file "."\ninclude_file "/"\ninclude_file ""\n',
    "include of a long name": lambda size: b'#!KAMAILIO\ninclude_file "' + b"a/" * (size // 2) + b'"\n',
    "kamailio's event routes": _many("event_route[a:b%]{drop;}\n", "#!KAMAILIO\n"),
    "kamailio's sockets": lambda size: b"#!KAMAILIO\nsocket={" + b"bind=udp:1.2.3.4:5060;" * (size // 22) + b"}",
    "kamailio's settings": _many('a%.b="c" desc "d"\n', "#!KAMAILIO\n"),
}
"""By what there is much of: makes a text of about so many octets."""
