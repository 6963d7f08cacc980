"""`show: routes`: the way through the script, one line for each run of a route."""

from __future__ import annotations

from contextlib import suppress

from serpy.cfg.source import Source
from serpy.cfg.tracer import What
from serpy.testing.flow.routes import WIDTH, fold, result, shown_value, way
from tests.unit.cfg.test_instrument import Traced

from .stage import MODULES, MSILO, Stage

ROUTES = "show: routes\n"
OPTIONS = "> alice OPTIONS sip:127.0.0.1\n"


def line(stage: Stage, route: str, *, more: str = "") -> str:
    """The recorded line of a request, where the routes are these; unfolded."""
    recorded = stage.record(OPTIONS, route=f"{route}\n}}\n{more}" if more else route, head=ROUTES)
    lines = recorded.splitlines()
    start = next(place for place, text in enumerate(lines) if text.startswith("= route"))
    folded = [text.strip() for text in lines[start + 1 :] if text.startswith("  >")]
    return " ".join([lines[start], *folded])


def test_decisions_commands_and_the_end(stage: Stage) -> None:
    way_of = line(stage, 'if (method=="OPTIONS") {\n setflag(1);\n sl_send_reply("200", "OK");\n exit;\n}')
    assert way_of.split(" > ")[1:] == ["if@12 true", "setflag", "sl_send_reply", "exit"]


def test_it_stands_above_what_came_of_it(stage: Stage) -> None:
    recorded = stage.record(OPTIONS, route='sl_send_reply("200", "OK");', head=ROUTES)
    assert recorded == f"{OPTIONS}= route  route > sl_send_reply\n< alice 200 OK\n"


def test_results_are_shown_where_they_are_not_plain_true() -> None:
    bench = Traced("route { good(); bad(); result(7); result(-3); result(0); }")
    bench.run()
    assert [*way(bench.runs[0], bench.tracer.sites)] == [
        "route", "good", "bad false", "result 7", "result false (-3)", "result 0"
    ]  # fmt: skip


def test_only_the_decisions_that_were_made_are_shown() -> None:
    bench = Traced("route {\nif (bad()) { exit; }\nelse if (good()) { bad(); }\nelse if (good()) { exit; }\n}")
    bench.run()
    assert [*way(bench.runs[0], bench.tracer.sites)][1:] == [
        "bad false", "if@3 false", "good", "if@4 true", "bad false"
    ]  # fmt: skip


def test_a_called_route_stands_in_parentheses(stage: Stage) -> None:
    assert line(stage, 'route(1); sl_send_reply("200", "OK");', more="route[1] { return -1;") == (
        "= route  route > route[1] ( return -1 ) false > sl_send_reply"
    )


def test_parentheses_are_closed_when_the_script_ends_inside() -> None:
    bench = Traced("route { route(1); good(); }\nroute[1] { exit; }")
    bench.run()
    assert fold("route", [*way(bench.runs[0], bench.tracer.sites)]) == "route  route > route[1] ( exit )"


def test_a_command_that_raises_is_said() -> None:
    bench = Traced("route { good(); broken(); }")
    with suppress(ZeroDivisionError):
        bench.run()
    assert [*way(bench.runs[0], bench.tracer.sites)][1:] == ["good", "failed by ZeroDivisionError"]


def test_failure_and_reply_routes_have_lines_of_their_own(stage: Stage) -> None:
    blocks = "> alice INVITE sip:bob@10.0.0.2\n> bob reply 180\n> bob reply 486\n"
    route = 't_on_failure("1");\nt_on_reply("2");\nt_relay();\n}\nfailure_route[1] { t_reply("480", "x");\n}\n'
    recorded = stage.record(blocks, route=route + "onreply_route[2] { setflag(1);", head=ROUTES)
    shown = [text for text in recorded.splitlines() if text.startswith("= ")]
    assert shown[0] == "= route  route > t_on_failure > t_on_reply > t_relay"
    assert shown[1:4] == [
        "= route  onreply_route[2] 180 > setflag",
        "= route  onreply_route[2] 486 > setflag",
        "= route  failure_route[1] > t_reply",
    ]


def test_a_route_that_waits_is_shown_as_far_as_it_came_and_its_rest_later(stage: Stage) -> None:
    blocks = "db slow 3s\n> alice MESSAGE sip:bob@127.0.0.1\n\n  hello\n\nwait 4s\n"
    route = 'lookup("location");\nm_store("0");\nsl_send_reply("202", "Accepted");'
    recorded = stage.record(blocks, route=route, top=MSILO, head=ROUTES)
    assert "= route  route > lookup false (-3) > ...\n\nwait" in recorded
    assert "= route  route ... > m_store > sl_send_reply (3s)\n< alice 202 Accepted (3s)\n" in recorded


def test_a_route_that_waits_within_a_step_stays_one_line(stage: Stage) -> None:
    blocks = "db slow 3s\nwait 1s\n"
    later = "> alice MESSAGE sip:bob@127.0.0.1\n\n  hello\n"
    route = 'm_store("0");\nsl_send_reply("202", "Accepted");'
    recorded = stage.record(f"{blocks}{later}wait 3s\n", route=route, top=MSILO, head=ROUTES)
    assert recorded.count("= route  route") == 2  # the message, and the notice that msilo sends to itself or its rest


def test_attributes_are_shown_with_what_they_are(stage: Stage) -> None:
    recorded = stage.record(
        OPTIONS, route='$a = "x";\n$b = @from.uri.user;\n$c = 5;\nsl_reply("200", "OK");',
        top=MODULES, head=f"{ROUTES}dialect: ser-2\n",
    )  # fmt: skip
    assert '= route  route > $a = "x" > $b = "alice" > $c = 5 > sl_reply\n' in recorded


def test_long_lines_are_folded_at_the_arrow() -> None:
    folded = fold("route", ["route", *(f"command{number} false" for number in range(20))]).split("\n")
    assert len(folded) > 2
    assert all(text.startswith("> ") for text in folded[1:])
    assert max(len(text) + 2 for text in folded) <= WIDTH


def test_a_parenthesis_is_never_alone_on_a_line() -> None:
    steps = ["route", *(step for number in range(9) for step in (f"route[{number}]", "(", "command", ")"))]
    assert all(text.startswith(("route", "> ")) for text in fold("route", steps).split("\n"))


def test_words_for_results() -> None:
    assert [*map(result, (True, 1, None, False, -1, -3, 0, 200))] == [
        "", "", "", " false", " false", " false (-3)", " 0", " 200"
    ]  # fmt: skip


def test_a_long_value_is_cut_and_octets_are_escaped() -> None:
    assert shown_value(b"a\x00b") == '"a\\x00b"'
    assert len(shown_value(b"x" * 1000)) < 50


def test_a_line_of_an_included_file_bears_its_name() -> None:
    bench = Traced("route { if (good()) { exit; } }")
    bench.run()
    main = bench.tracer.sites[0].span
    other = Source("/etc/inc.cfg", b"\n", main)
    sites = [
        site._replace(span=site.span._replace(source=other)) if site.what is What.DECISION else site
        for site in bench.tracer.sites
    ]
    assert "if@inc.cfg:2 true" in [*way(bench.runs[0], sites)]
