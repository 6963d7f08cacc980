"""The parameters of the core: what a script sets outside of route blocks (SER dialect 2.8).

Booleans are 0 or 1. A parameter that serpy takes but has no use for says so in its text.
"""

from __future__ import annotations

from ..module import Module, Param

_TLS = "TLS comes with a later version; taken and ignored."
_MEMORY = "Taken and ignored: memory is Python's affair."


class CoreParams(Module):
    """Every global parameter of SER 0.8, 0.9 and 2.0, under SER's name."""

    debug = Param(2, doc="Lines up to this level are logged: -3 alert, -1 error, 1 warning, 2 notice, 3 info, 4 debug.")
    fork = Param(1, doc="Taken; all sockets are served either way (D33).")
    log_stderror = Param(0, doc="Log to stderr.")
    log_facility = Param("LOG_DAEMON", doc="The syslog facility.")
    log_name = Param("", doc="The name under which syslog lines appear.")

    listen = Param[list[str]]([], kind=str, accumulates=True, doc="A socket to listen on: [proto:]host[:port].")
    alias = Param[list[str]]([], kind=str, accumulates=True, doc="A further name of this server: [proto:]host[:port].")
    port = Param(5060, doc="The port of `listen` entries that name none.")
    auto_aliases = Param(1, doc="Taken; only literal names are added.")
    advertised_address = Param("", doc="The host to show in Via and Record-Route.")
    advertised_port = Param(0, doc="The port to show in Via and Record-Route.")
    mhomed = Param(0, doc="Choose the socket to send from by the kernel's routes.")

    dns = Param(0, doc="Use DNS to decide whether a Via's host is the source address.")
    rev_dns = Param(0, doc="Use reverse DNS for the same.")
    check_via = Param(0, doc="Drop replies whose top Via is not ours.")
    syn_branch = Param(1, doc="Taken; stateless branches follow RFC 3261 16.11 (D23).")
    sip_warning = Param(0, doc="Add `Warning: 392` to local replies (D24).")
    server_signature = Param(1, doc="Show `Server` in local replies and `User-Agent` in local requests.")
    reply_to_via = Param(0, doc="Send local replies to the Via's address instead of the source address.")
    phone2tel = Param(1, doc="Take a SIP URI with `user=phone` for a telephone number.")
    max_branches = Param(12, doc="The most destinations of one request (D42).")
    udp_mtu = Param(0, unit="octets", doc="Larger requests leave UDP; 0: they stay (D43).")

    memlog = Param(4, doc=_MEMORY, aliases=("mem_log",))
    memdbg = Param(4, doc=_MEMORY, aliases=("mem_dbg",))
    children = Param(8, doc="Taken; one process serves all (D34).")
    maxbuffer = Param(262144, unit="octets", doc="The most that is asked for as socket receive buffer.")
    statistics = Param("", doc="Taken and ignored.")
    user = Param("", doc="The user to run as.", aliases=("uid",))
    group = Param("", doc="The group to run as.", aliases=("gid",))
    chroot = Param("", doc="Taken and ignored; use the service manager.")
    workdir = Param("", doc="The working directory.", aliases=("wdir",))
    mpath = Param("", doc="Folders with further modules, joined by a colon.")
    disable_core_dump = Param(0, doc="Taken and ignored.")
    open_files_limit = Param(-1, doc="The limit of open files to ask for.")
    exit_timeout = Param(60, unit="s", doc="Taken; `--grace` decides.", aliases=("ser_kill_timeout",))

    fifo = Param("", doc="Path of the control FIFO.")
    fifo_dir = Param("/tmp/", doc="Folder of the reply FIFOs.")
    fifo_db_url = Param("", doc="Taken and ignored.")
    sock_mode = Param(0o660, doc="Permissions of control files.", aliases=("fifo_mode", "file_mode"))
    sock_user = Param("", doc="Owner of control files.", aliases=("fifo_user",))
    sock_group = Param("", doc="Group of control files.", aliases=("fifo_group",))
    unix_sock = Param("", doc="Path of the control socket.")
    unix_sock_children = Param(1, doc="Taken and ignored.")
    unix_tx_timeout = Param(2, unit="s", doc="Time limit of answers on the control socket.")

    disable_tcp = Param(0, doc="No TCP sockets.")
    tcp_children = Param(0, doc="Taken and ignored (D34).")
    tcp_connect_timeout = Param(10, unit="s", doc="Time limit of connecting.")
    tcp_send_timeout = Param(10, unit="s", doc="Time limit of sending.")
    tcp_accept_aliases = Param(0, doc="Honour `alias` in Via.")
    tcp_connection_lifetime = Param(120, unit="s", doc="Idle connections are closed after this.")
    tcp_poll_method = Param("", doc="Taken and ignored.")
    tcp_max_connections = Param(2048, doc="The most connections.")
    disable_tls = Param(0, doc=_TLS, aliases=("tls_disable",))
    enable_tls = Param(0, doc=_TLS, aliases=("tls_enable",))
    tls_port_no = Param(5061, doc=_TLS)
    tls_method = Param("", doc=_TLS)
    tls_verify = Param(0, doc=_TLS)
    tls_require_certificate = Param(0, doc=_TLS)
    tls_certificate = Param("", doc=_TLS)
    tls_private_key = Param("", doc=_TLS)
    tls_ca_list = Param("", doc=_TLS)
    tls_handshake_timeout = Param(120, unit="s", doc=_TLS)
    tls_send_timeout = Param(120, unit="s", doc=_TLS)
    tls_log = Param(3, doc=_TLS, aliases=("tlslog",))

    mcast_loopback = Param(0, doc="Taken and ignored.")
    mcast_ttl = Param(-1, doc="Taken and ignored.")
    tos = Param(0x10, doc="The IP type of service of sent datagrams.")
    pmtu_discovery = Param(0, doc="Taken and ignored.")

    dns_try_ipv6 = Param(1, doc="Ask for AAAA too.")
    dns_retr_time = Param(0, unit="s", doc="Taken; the system's resolver decides.")
    dns_retr_no = Param(0, doc="Taken; the system's resolver decides.")
    dns_servers_no = Param(0, doc="Taken; the system's resolver decides.")
    dns_use_search_list = Param(1, doc="Taken; the system's resolver decides.")
    use_dns_cache = Param(1, doc="Keep answers of DNS.")
    use_dns_failover = Param(0, doc="Try further addresses of a name.")
    dns_cache_flags = Param(0, doc="Taken and ignored.")
    dns_cache_negative_ttl = Param(60, unit="s", doc="How long a failed look-up is kept.")
    dns_cache_min_ttl = Param(0, unit="s", doc="Answers are kept at least this long.")
    dns_cache_max_ttl = Param(0, unit="s", doc="Answers are kept at most this long; 0: no limit.")
    dns_cache_mem = Param(500, unit="kB", doc=_MEMORY)
    dns_cache_gc_interval = Param(120, unit="s", doc=_MEMORY)
    use_dst_blacklist = Param(0, doc="Avoid destinations that failed for a while.")
    dst_blacklist_mem = Param(250, unit="kB", doc=_MEMORY)
    dst_blacklist_expire = Param(60, unit="s", doc="How long a destination is avoided.", aliases=("dst_blacklist_ttl",))
    dst_blacklist_gc_interval = Param(60, unit="s", doc=_MEMORY)
    stun_refresh_interval = Param(0, doc="Taken and ignored.")
    stun_allow_stun = Param(1, doc="Taken and ignored.")
    stun_allow_fp = Param(1, doc="Taken and ignored.")
