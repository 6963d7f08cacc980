"""The canonical layout, rule by rule (docs/formatting.md)."""

from __future__ import annotations

import time
from textwrap import dedent

import pytest

from serpy.cfg.lexemes import KAMAILIO, SER, Flavour
from serpy.fmt.layout import layout

pytestmark = pytest.mark.usefixtures("no_collection")


def shaped(text: str, flavour: Flavour = SER) -> str:
    """The layout; done again it must stay."""
    once = layout(text, flavour)
    assert layout(once, flavour) == once
    return once


def inside(statements: str, flavour: Flavour = KAMAILIO) -> str:
    """The statements of a route, without its braces and indentation."""
    text = shaped(f"route {{\n{statements}\n}}\n", flavour)
    assert text.startswith("route {\n")
    assert text.endswith("}\n")
    return dedent(text.removeprefix("route {\n").removesuffix("}\n")).removesuffix("\n")


# global parameters and modules


def test_a_parameter_has_no_blanks_around_its_equals_sign() -> None:
    assert shaped("debug = 3\nfork  =no listen= 127.0.0.1") == "debug=3\nfork=no\nlisten=127.0.0.1\n"


def test_a_negative_number_stays_whole() -> None:
    assert shaped("debug = -1") == "debug=-1\n"


def test_a_list_of_sockets_keeps_its_lines() -> None:
    assert (
        shaped("listen = udp:10.0.0.1:5060\n  tcp:10.0.0.1:5060") == "listen=udp:10.0.0.1:5060\n\ttcp:10.0.0.1:5060\n"
    )


def test_an_advertised_address_stays_with_its_socket() -> None:
    text = 'listen = udp:10.0.0.1:5060   advertise 192.0.2.1:5060 name  "a"'
    assert shaped(text, KAMAILIO) == 'listen=udp:10.0.0.1:5060 advertise 192.0.2.1:5060 name "a"\n'


def test_blanks_around_the_colons_of_a_socket_go() -> None:
    assert shaped("listen=udp : 10.0.0.1 : 5060") == "listen=udp:10.0.0.1:5060\n"


def test_a_socket_block_has_a_line_for_each_setting() -> None:
    text = 'socket={ bind=udp:10.0.0.1:5060-5070 ; name = "a"\nadvertise=udp:192.0.2.1:5060; }'
    assert shaped(text, KAMAILIO) == (
        'socket = {\n\tbind = udp:10.0.0.1:5060-5070;\n\tname = "a"\n\tadvertise = udp:192.0.2.1:5060;\n}\n'
    )


def test_a_setting_of_the_script_has_blanks() -> None:
    assert shaped('pstn.gw_ip=""   desc "the gateway"', KAMAILIO) == 'pstn.gw_ip = "" desc "the gateway"\n'


def test_modules_and_their_parameters() -> None:
    text = 'loadmodule  "tm.so" modparam( "tm" ,"fr_timer",10 )'
    assert shaped(text) == 'loadmodule "tm.so"\nmodparam("tm", "fr_timer", 10)\n'


def test_a_broken_modparam_keeps_its_lines() -> None:
    text = 'modparam("acc", "log_extra",\n"a=$fU;"\n"b=$fd")'
    assert shaped(text, KAMAILIO) == 'modparam("acc", "log_extra",\n\t"a=$fU;"\n\t"b=$fd")\n'


def test_flags_have_no_blanks_at_their_colons() -> None:
    assert shaped("flags A : 1 ,B: 2,\n  C  :  3") == "flags A:1, B:2,\n\tC:3\n"


def test_what_is_no_item_is_left_as_it_is() -> None:
    text = "#!ifdef NOTES\n  ALTER TABLE acc ADD  COLUMN x (64) '';\n  and more\n#!endif\n"
    assert shaped(text, KAMAILIO) == text


# routes and blocks


def test_a_block_opens_on_the_line_of_its_route() -> None:
    assert shaped("route\n{\nt_relay();}") == "route {\n\tt_relay();\n}\n"


def test_a_route_and_its_name_are_one_word() -> None:
    assert shaped("failure_route [ 1 ]{t_relay();}") == "failure_route[1] {\n\tt_relay();\n}\n"


def test_an_event_route() -> None:
    text = "event_route [xhttp:request]{ x(); }"
    assert shaped(text, KAMAILIO) == "event_route[xhttp:request] {\n\tx();\n}\n"


def test_a_blank_line_parts_routes() -> None:
    assert shaped("route{a();}\nroute[1]{b();}") == "route {\n\ta();\n}\n\nroute[1] {\n\tb();\n}\n"


def test_the_comment_above_a_route_stays_with_it() -> None:
    text = "debug=3\n# main\nroute{a();}\n# other\nroute[1]{b();}"
    assert shaped(text) == "debug=3\n\n# main\nroute {\n\ta();\n}\n\n# other\nroute[1] {\n\tb();\n}\n"


def test_one_statement_stands_on_a_line() -> None:
    assert inside("a(); b();c();") == "a();\nb();\nc();"


def test_an_empty_statement_behind_a_block_goes() -> None:
    assert inside("if (a()) { b(); }; c();;\n; d();") == "if (a()) {\n\tb();\n}\nc();\nd();"


def test_the_only_statement_of_a_block_stays() -> None:
    assert inside("if (a()) { ; } else { ;; }") == "if (a()) {\n\t;\n} else {\n\t;\n}"


def test_an_empty_statement_stays_where_directives_stand_around_it() -> None:
    assert inside("#!ifdef A\na();\n#!endif\n;") == "#!ifdef A\n\ta();\n#!endif\n\t;"


def test_blank_lines_are_one_at_most_and_none_at_the_edges_of_a_block() -> None:
    assert inside("\n\na();\n\n\n\nb();\n\n") == "a();\n\nb();"


# if, while, switch


def test_a_condition_is_followed_by_its_brace() -> None:
    assert inside("if( a() )\n{\nb();\n}\nelse\n{ c(); }") == "if (a()) {\n\tb();\n} else {\n\tc();\n}"


def test_an_else_if_stays_in_its_chain() -> None:
    text = inside("if (a()) { b(); }\nelse\nif (c()) { d(); } else { e(); }")
    assert text == "if (a()) {\n\tb();\n} else if (c()) {\n\td();\n} else {\n\te();\n}"


def test_no_braces_are_added() -> None:
    assert inside("if (a()) b(); if (c())\nd();") == "if (a()) b();\nif (c())\n\td();"


def test_an_else_without_braces_starts_a_line() -> None:
    assert inside("if (a()) b(); else c();") == "if (a()) b();\nelse c();"


def test_the_else_of_ser_0_8_comes_without_a_semicolon() -> None:
    assert inside('if (method=="INVITE") route(1) else drop;', SER) == 'if (method == "INVITE") route(1)\nelse drop;'


def test_an_else_belongs_to_the_nearest_if() -> None:
    assert inside("if (a())\nif (b())\nc();\nelse\nd();\ne();") == (
        "if (a())\n\tif (b())\n\t\tc();\n\telse\n\t\td();\ne();"
    )


def test_conditions_without_parentheses_end_by_themselves() -> None:
    assert inside("if uri==myself { a(); } if !route(39) drop;", SER) == (
        "if uri == myself {\n\ta();\n}\nif !route(39) drop;"
    )


def test_a_condition_goes_on_behind_its_parentheses() -> None:
    assert inside("if (a()) && !(b())\n{ c(); }") == "if (a()) && !(b()) {\n\tc();\n}"


def test_a_block_can_be_a_condition() -> None:
    assert inside("if ({ a(); b(); } && c()) d();", SER) == "if ({\n\ta();\n\tb();\n} && c()) d();"


def test_a_statement_can_be_a_condition() -> None:
    assert inside("if if (a()) { b(); } { c(); }", SER) == "if if (a()) {\n\tb();\n} {\n\tc();\n}"


def test_a_long_condition_stays_broken_where_its_author_broke_it() -> None:
    assert inside("if (a() &&\nb()\n|| c()) {\nd(); }") == "if (a() &&\n\t\tb()\n\t\t|| c()) {\n\td();\n}"


def test_a_parenthesis_at_the_end_of_a_line_indents_what_it_holds() -> None:
    assert inside("if (\na() ||\nb()\n) {\nc(); }") == "if (\n\ta() ||\n\tb()\n) {\n\tc();\n}"


def test_arguments_stay_on_their_lines() -> None:
    assert inside('send_reply("200",\n"OK"\n);') == 'send_reply("200",\n\t"OK");'


def test_a_switch_indents_its_cases() -> None:
    assert inside('switch($rc){ case -1: case /"^a": b(); break; default: c(); }') == (
        'switch ($rc) {\n\tcase -1:\n\tcase /"^a":\n\t\tb();\n\t\tbreak;\n\tdefault:\n\t\tc();\n}'
    )


def test_a_while() -> None:
    assert inside("while($var(i)<5)\n{ $var(i)=$var(i)+1; }") == "while ($var(i) < 5) {\n\t$var(i) = $var(i) + 1;\n}"


# blanks within a line


@pytest.mark.parametrize(
    ("written", "laid_out"),
    [
        ('f( "a" ,1 );', 'f("a", 1);'),
        ("if (! a()) b();", "if (!a()) b();"),
        ("if (not a() and b()) c();", "if (not a() and b()) c();"),
        ("$var(x)=-$var(y)*( 3-1 );", "$var(x) = -$var(y) * (3 - 1);"),
        ("$var(x)= ~0;", "$var(x) = ~0;"),
        ("$var(x)=(int)$var(y)+~3;", "$var(x) = (int)$var(y) + ~3;"),
        ('if ($rU==$null||$rU=~"^0") a();', 'if ($rU == $null || $rU =~ "^0") a();'),
        ("return ;", "return;"),
        ("return(1);", "return (1);"),
        ("exit ( ) ;", "exit();"),
        ("route( A );", "route(A);"),
    ],
)
def test_blanks_within_a_line(written: str, laid_out: str) -> None:
    assert inside(written) == laid_out


def test_a_network_stays_one_word() -> None:
    assert inside("if (src_ip==10.0.0.0/8) a();", SER) == "if (src_ip == 10.0.0.0/8) a();"


def test_strings_are_never_touched() -> None:
    text = "route {\n\tf('a\t  b  \r\nc  ', \"x  \\\n y\");\n}\n"
    assert shaped(text) == text


# comments


def test_a_comment_on_its_own_line_is_indented_like_what_follows() -> None:
    assert inside("# a\n        a();\n# b") == "# a\na();\n# b"


def test_a_comment_at_the_end_of_a_line_stays_there() -> None:
    assert inside("a();# b\nif (c()) { # d\ne(); } # f") == "a();  # b\nif (c()) {  # d\n\te();\n}  # f"


def test_comments_that_were_aligned_stay_aligned() -> None:
    assert shaped("debug=3     # a\nfork=yes    # b\nport=1 # c") == "debug=3   # a\nfork=yes  # b\nport=1  # c\n"


def test_a_comment_that_goes_on_below_stays_below() -> None:
    assert shaped("debug=3   # a\n          # b\n# c\nfork=no") == "debug=3  # a\n         # b\n# c\nfork=no\n"


def test_a_brace_goes_before_the_comment_that_ends_its_line() -> None:
    assert inside("if (a()) # b\n{\nc(); }") == "if (a()) {  # b\n\tc();\n}"


def test_a_comment_between_a_block_and_its_else_parts_them() -> None:
    assert inside("if (a()) { b(); } # c\nelse { d(); }") == "if (a()) {\n\tb();\n}  # c\nelse {\n\td();\n}"


def test_a_comment_within_a_line_stays_within() -> None:
    assert inside("f( a, /* b */ c /* d */ );") == "f(a, /* b */ c /* d */);"


def test_a_comment_within_a_condition_keeps_its_line() -> None:
    assert inside("if (a() && # b\n# c\nd()) { e(); }") == "if (a() &&  # b\n\t\t# c\n\t\td()) {\n\te();\n}"


def test_the_stars_of_a_comment_stay_in_line() -> None:
    assert inside("      /* a\n       * b  \n       */\na();") == "/* a\n * b\n */\na();"


def test_a_comment_without_stars_keeps_its_inside() -> None:
    assert shaped("/* a  \n      b\n   c */\ndebug=3") == "/* a\n      b\n   c */\ndebug=3\n"


def test_slashes_start_a_comment_in_kamailio() -> None:
    assert inside("a(); // b") == "a();  // b"


def test_the_line_that_names_the_dialect_stays_at_the_start() -> None:
    assert shaped("#!KAMAILIO   \nroute{\n#!SER\na();}", KAMAILIO) == "#!KAMAILIO\nroute {\n#!SER\n\ta();\n}\n"


# the preprocessor


def test_directives_stand_at_the_start_of_their_line() -> None:
    assert shaped("route {\n  #!ifdef A\na();\n  #!endif\n}", KAMAILIO) == ("route {\n#!ifdef A\n\ta();\n#!endif\n}\n")


def test_both_branches_of_a_condition_start_from_the_same_place() -> None:
    assert inside("#!ifdef A\nif (a()) {\n#!else\nif (b()) {\n#!endif\nc(); }\nd();").splitlines()[-3:] == [
        "\t\tc();",
        "\t}",
        "\td();",
    ]


def test_an_include_is_indented_as_a_statement() -> None:
    assert inside('include_file   "a.cfg"\na();') == 'include_file "a.cfg"\na();'


def test_a_define_is_left_as_it_is() -> None:
    text = "#!define  A   1 \\\n   + 2\n"
    assert shaped(text, KAMAILIO) == text


def test_an_apostrophe_in_a_branch_does_not_swallow_what_follows() -> None:
    text = "#!ifdef NOTES\n   we don't know {{\n#!endif\n"
    assert shaped(f"{text}debug = 3", KAMAILIO) == f"{text}debug=3\n"


def test_in_ser_a_directive_is_a_comment() -> None:
    assert inside("#!define A\n  a();", SER) == "#!define A\n\ta();"


# files


def test_lines_end_with_a_line_feed_and_no_blanks() -> None:
    assert shaped("debug=3  \r\n\r\n# a  \r\nfork=no") == "debug=3\n\n# a\nfork=no\n"


def test_a_byte_order_mark_goes() -> None:
    assert shaped("\ufeffdebug=3\n") == "debug=3\n"


def test_an_empty_script_stays_empty() -> None:
    assert shaped("\n\n") == ""


def test_octets_that_are_no_text_stay() -> None:
    assert shaped("# \udcff\nserver_header='\udc80'\n") == "# \udcff\nserver_header='\udc80'\n"


@pytest.mark.parametrize(
    "text",
    [
        "}}}} route { if if if ((( {",
        "route { a(; } else { b() } }",
        '"',
        "/* /*",
        "case: default ) ] , ; ] else else",
        "#!endif\n#!else\n#!ifdef\n}'",
        "socket = { bind } listen = = (",
    ],
)
def test_any_text_is_laid_out_somehow(text: str) -> None:
    for flavour in (SER, KAMAILIO):
        words = "".join(layout(text, flavour).split())
        assert words.replace(";", "") == "".join(text.split()).replace(";", "")


@pytest.mark.parametrize(
    "piece",
    ["if (a()) { b(); } else ", "if (a()) b(); else ", "/* a */ ", "# a\n", "; ", "a(); # b\n", "f(\n", "{ ", "} "],
)
def test_the_time_grows_with_the_length_alone(piece: str) -> None:
    def seconds(count: int) -> float:
        text = "route { " + piece * count
        start = time.process_time()
        layout(text, KAMAILIO)
        return time.process_time() - start

    seconds(10)
    assert seconds(8000) < 40 * max(seconds(1000), 0.002)
