"""What a command comes to: as its module declares it, or as scripts of twenty years have used its name."""

from __future__ import annotations

from functools import cache

from ...module import Does
from .. import atlas
from ..nodes import Call, Number, Text, Word

_BY_ROLE: tuple[tuple[atlas.Role, Does], ...] = (
    ("authenticates", Does.AUTHENTICATES),
    ("checks_identity", Does.AUTHENTICATES),
    ("checks_domain", Does.CHECKS_URI),
    ("checks_hops", Does.LIMITS_HOPS),
    ("replies", Does.REPLIES),
    ("challenges", Does.REPLIES | Does.ENDS),
    ("relays", Does.RELAYS | Does.STARTS_TRANSACTION),
    ("records_route", Does.NOTHING),
    ("follows_route", Does.IN_DIALOG),
)
_KNOWN: dict[Does, str] = {
    Does.AUTHENTICATES: "exec_msg is_user_in radius_is_user_in allow_register allow_refer_to",
    Does.CHECKS_URI: "does_uri_exist is_uri_local is_ruri_local",
    Does.IN_DIALOG: "has_totag is_in_dialog",
    Does.FINDS_USER: """
        alias_db_lookup avp_pushto cr_route cpl_run_script ds_select ds_select_domain ds_select_dst enum_fquery
        enum_query exec_dset load_gws lookup_branches next_gw pdt prefix2domain sd_lookup
    """,
    Does.SETS_HOST: "sethostporttrans sethpt",
    Does.CHANGES_FLAGS: "fix_nated_register load_attrs resetbflag setbflag",
    Does.LOOKS: """
        client_nat_test has_body is_method is_rpid_user_e164 is_uri_user_e164 nat_uac_test search_body search_hf
        uri_param
    """,
    Does.NOTHING: """
        acc_db_log acc_db_missed acc_db_request acc_log_missed acc_log_request acc_rad_request acc_syslog_log
        acc_syslog_missed add_rcv_param add_rr_param add_uri_param append_rpid_hf check_route_param
        consume_credentials decode_contact encode_contact end_media_session exec_avp fix_contact fix_nated_contact
        fix_nated_sdp force_rtp_proxy is_direction pike_check_req ping_contact rtpengine_manage rtpproxy_answer
        rtpproxy_manage rtpproxy_offer save_attrs tel2sip uac_replace_from uac_restore_from unforce_rtp_proxy
        use_media_proxy xalert xcrit xdbg xerr xinfo xlog xlogl xlogm xnotice xwarn
    """,
}
_ALWAYS_TRUE = frozenset(
    {
        *("log", "error", "exec", "xlog", "xdbg", "setflag", "resetflag", "revert_uri"),
        *("force_rport", "add_rport", "set_advertised_address", "set_advertised_port"),
    }
)


def role(call: Call) -> Does | None:
    """What the command does; None when that cannot be known."""
    if call.command is not None:
        return call.command.does
    return _by_name().get(call.name)


@cache
def _by_name() -> dict[str, Does]:
    """Read only when a script has commands that serpy does not."""
    found = {name: does for does, names in _KNOWN.items() for name in names.split()}
    found.update((name, does) for part, does in _BY_ROLE for name in atlas.functions_that(part))
    for name in atlas.functions_that("relays"):
        if name.startswith(("t_replicate", "send")):
            found[name] = Does.COPIES
        elif name.startswith("forward"):
            found[name] = Does.FORWARDS
    return found


def never_fails(call: Call) -> bool:
    """Whether the command always answers true."""
    return call.name in _ALWAYS_TRUE


def reply_code(call: Call) -> int | None:
    """The code that a replying command is given; None when it takes none, or when the script makes it as it runs."""
    if not call.arguments:
        return None
    first = call.arguments[0]
    if isinstance(first, Number):
        return first.value
    text = first.value if isinstance(first, Text) else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else None


def is_final(call: Call, does: Does) -> bool:
    """Whether it certainly sends a final reply; `save` and those that take no code do."""
    if does & (Does.SAVES | Does.ENDS) or not call.arguments:
        return True
    code = reply_code(call)
    return code is not None and (code == 0 or code >= 200)


def to_request_uri(call: Call) -> bool:
    """Whether a sending command takes the Request-URI as its destination."""
    if not call.arguments:
        return True
    first = call.arguments[0]
    return isinstance(first, Word) and first.text.startswith("uri:")
