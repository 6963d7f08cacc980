"""Long chains of `else if` and deep nesting: flat code, the same results, in any Python."""

from __future__ import annotations

import sys

import pytest

from serpy.dialect import Dialect
from tests.unit.cfg.bench import Bench

LINKS = 2000


def chain(links: int) -> str:
    """Links none of which holds."""
    return " else ".join(f'if (uri=="sip:{number}@x") note("{number}");' for number in range(links))


def test_a_chain_of_two_thousand_takes_the_last_else() -> None:
    assert Bench(f'route {{ {chain(LINKS)} else note("last"); note("after"); }}').notes() == ["last", "after"]


def test_a_chain_of_two_thousand_takes_one_branch() -> None:
    script = chain(LINKS).replace('"sip:7@x"', '"sip:bob@here.org"').replace('"sip:8@x"', '"sip:bob@here.org"')
    assert Bench(f'route {{ {script} else note("last"); note("after"); }}').notes() == ["7", "after"]


@pytest.mark.parametrize(("last", "result"), [("", 1), ("else bad();", -1), ('else result("7");', 7)])
def test_a_chain_at_the_end_gives_the_value_of_its_branch(last: str, result: int) -> None:
    assert Bench(f"route {{ {chain(LINKS // 10)} {last} }}").run() == result


def test_a_condition_that_comes_to_0_ends_the_chain() -> None:
    links = 'if (bad()) good(); else if (result("-1")) good(); else if (result("0")) good(); else note("else");'
    for dialect in (Dialect.SER_0_9, Dialect.SER_2):
        assert Bench(f'route {{ {links} note("rest"); }}', dialect).notes() == ["bad", "result -1", "result 0"]


def test_a_zero_of_an_earlier_statement_does_not_end_a_chain() -> None:
    links = 'if (bad() && result("3")) note("1"); else if (good() || result("0")) note("2"); else note("3");'
    assert Bench(f'route {{ result("5"); {links} note("rest"); }}').notes() == [
        "result 5",
        "bad",
        "good",
        "2",
        "rest",
    ]


def test_a_branch_that_was_taken_is_the_last() -> None:
    inner = 'if (bad()) note("2"); else if (bad()) note("3"); else note("4");'
    links = f"""if (bad()) note("1"); else if (good()) {{ {inner} }}
        else if (good()) note("5"); else note("6");"""
    assert Bench(f'route {{ {links} note("rest"); }}').notes() == ["bad", "good", "bad", "bad", "4", "rest"]


def test_an_end_in_a_chain_ends_the_route() -> None:
    links = 'if (bad()) break; else if (good()) { note("1"); break; } else note("2");'
    assert Bench(f'route {{ {links} note("rest"); }}').notes() == ["bad", "good", "1"]


def test_chains_nest() -> None:
    body = 'note("in");'
    for _ in range(60):
        body = f'if (bad()) good(); else if (method=="MESSAGE") {{ {body} note("out"); }} else bad(); note("after");'
    notes = [note for note in Bench(f"route {{ {body} }}").notes() if note != "bad"]
    assert notes == ["in", *["out", "after"] * 60]


def test_blocks_nest_and_conditions_in_them() -> None:
    condition = 'method=="MESSAGE"'
    for _ in range(50):
        condition = f"(bad() || ({condition} && good()))"
    body = f'if ({condition}) note("in");'
    for _ in range(90):
        body = f'if (method=="MESSAGE") {{ {body} }}'
    assert Bench(f"route {{ {body} }}").notes()[-1] == "in"


def test_blocks_as_conditions_nest() -> None:
    block = "good()"
    for _ in range(90):
        block = f"{{ if ({block}) good(); else bad(); }}"
    assert Bench(f'route {{ if ({block}) note("T"); }}').notes()[-1] == "T"


def test_nothing_is_asked_of_the_interpreter() -> None:
    usual = sys.getrecursionlimit()
    Bench(f"route {{ {chain(LINKS)} }}")
    assert sys.getrecursionlimit() == usual


@pytest.mark.parametrize("taken", [0, 1, 31, 32, 33, 64, 98])
def test_each_link_of_a_chain_can_be_the_one(taken: int) -> None:
    links = chain(100)
    for holds in (taken, taken + 1):
        links = links.replace(f'"sip:{holds}@x"', '"sip:bob@here.org"')
    assert Bench(f'route {{ {links} else note("last"); note("after"); }}').notes() == [str(taken), "after"]


def test_a_chain_of_routes_ends_where_a_circle_does() -> None:
    """SER dialect 3.1: 100 lists of actions, the main route among them."""
    chain = "".join(f'route[{number}] {{ note("a"); route({number + 1}); }}\n' for number in range(1, 1500))
    long = Bench(f"route {{ route(1); }}\n{chain}route[1500] {{ ; }}").notes()
    assert len(long) == len(Bench('route { route(1); } route[1] { note("a"); route(1); }').notes()) == 99
