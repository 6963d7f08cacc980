"""The parameters of the core: what a script sets outside of route blocks (SER dialect 2.8).

Booleans are 0 or 1. What serpy takes but has no use for is marked `effect=False`; `versions` names the versions of SER
that have it (`kamailio`: none) where not all do.
"""

from __future__ import annotations

from ..module import Module, Param


class CoreParams(Module):
    """Every global parameter of SER 0.8, 0.9 and 2.0, under SER's name."""

    debug = Param(
        2, doc="Lines up to this level are logged: -3 alert, -1 error, 1 warning, 2 notice, 3 info, 4 debug. SER 2: 0."
    )
    fork = Param(
        1,
        doc="no: one process in the foreground. Here `-P` makes a daemon, and all sockets are served (D33).",
        effect=False,
    )
    log_stderror = Param(0, doc="Log to stderr.")
    log_facility = Param("LOG_DAEMON", doc="The syslog facility.")
    log_name = Param("", doc="The name under which syslog lines appear.", effect=False, versions="kamailio")

    listen = Param[list[str]]([], kind=str, accumulates=True, doc="A socket to listen on: [proto:]host[:port].")
    alias = Param[list[str]]([], kind=str, accumulates=True, doc="A further name of this server: [proto:]host[:port].")
    port = Param(5060, doc="The port of `listen` entries that name none.")
    auto_aliases = Param(
        1,
        doc="Add the names of the listening addresses to the aliases; only literal names are added here.",
        effect=False,
        versions="kamailio",
    )
    advertised_address = Param("", doc="The host to show in Via and Record-Route.")
    advertised_port = Param(0, doc="The port to show in Via and Record-Route.")
    mhomed = Param(0, doc="Choose the socket to send from by the kernel's routes.")

    dns = Param(0, doc="Use DNS to decide whether a Via's host is the source address.", effect=False)
    rev_dns = Param(0, doc="Use reverse DNS for the same.", effect=False)
    check_via = Param(0, doc="Drop replies whose top Via is not ours.")
    syn_branch = Param(
        1, doc="Short branch ids for stateless forwarding; here they always follow RFC 3261 16.11 (D23).", effect=False
    )
    sip_warning = Param(0, doc="Add `Warning: 392` to local replies (D24).")
    server_signature = Param(1, doc="Show `Server` in local replies and `User-Agent` in local requests.")
    reply_to_via = Param(0, doc="Send local replies to the Via's address instead of the source address.")
    phone2tel = Param(1, doc="Take a SIP URI with `user=phone` for a telephone number.", effect=False, versions="2.0")
    max_branches = Param(12, doc="The most destinations of one request (D42).", versions="kamailio")
    udp_mtu = Param(
        0, unit="octets", doc="Larger requests leave UDP; 0: they stay (D43).", effect=False, versions="kamailio"
    )

    memlog = Param(
        4, doc="The log level of memory statistics; memory is Python's affair.", aliases=("mem_log",), effect=False
    )
    memdbg = Param(
        4,
        doc="The log level of memory debugging; memory is Python's affair.",
        aliases=("mem_dbg",),
        effect=False,
        versions="2.0",
    )
    children = Param(8, doc="Processes for each UDP socket; here one process serves all (D34).", effect=False)
    maxbuffer = Param(262144, unit="octets", doc="The most that is asked for as socket receive buffer.")
    statistics = Param("", doc="A file for statistics.", effect=False)
    user = Param("", doc="The user to run as.", aliases=("uid",))
    group = Param("", doc="The group to run as.", aliases=("gid",))
    chroot = Param("", doc="The root folder to change to; use the service manager.", effect=False)
    workdir = Param("", doc="The working directory.", aliases=("wdir",))
    mpath = Param(
        "", doc="Folders with further modules, joined by a colon.", aliases=("loadpath",), versions="kamailio"
    )
    disable_core_dump = Param(0, doc="No core dump after a crash.", effect=False, versions="0.9 2.0")
    open_files_limit = Param(-1, doc="The limit of open files to ask for.", effect=False, versions="0.9 2.0")
    exit_timeout = Param(
        60,
        unit="s",
        doc="How long the end may take; `--grace` decides.",
        aliases=("ser_kill_timeout",),
        effect=False,
        versions="2.0",
    )

    fifo = Param("", doc="Path of the control FIFO.", effect=False, versions="0.8 0.9")
    fifo_dir = Param("/tmp/", doc="Folder of the reply FIFOs.", effect=False, versions="0.9")
    fifo_db_url = Param("", doc="The database of FIFO commands.", effect=False, versions="0.9")
    sock_mode = Param(
        0o660, doc="Permissions of control files.", aliases=("fifo_mode", "file_mode"), effect=False, versions="0.8 0.9"
    )
    sock_user = Param("", doc="Owner of control files.", aliases=("fifo_user",), effect=False, versions="0.9")
    sock_group = Param("", doc="Group of control files.", aliases=("fifo_group",), effect=False, versions="0.9")
    unix_sock = Param("", doc="Path of the control socket.", effect=False, versions="0.9")
    unix_sock_children = Param(1, doc="Processes for the control socket.", effect=False, versions="0.9")
    unix_tx_timeout = Param(
        2, unit="s", doc="Time limit of answers on the control socket.", effect=False, versions="0.9"
    )

    disable_tcp = Param(0, doc="No TCP sockets.", effect=False)
    tcp_children = Param(0, doc="Processes for TCP; one process serves all (D34).", effect=False)
    tcp_connect_timeout = Param(10, unit="s", doc="Time limit of connecting.", effect=False)
    tcp_send_timeout = Param(10, unit="s", doc="Time limit of sending.", effect=False)
    tcp_accept_aliases = Param(0, doc="Honour `alias` in Via.", effect=False, versions="0.9 2.0")
    tcp_connection_lifetime = Param(
        120, unit="s", doc="Idle connections are closed after this.", effect=False, versions="2.0"
    )
    tcp_poll_method = Param("", doc="How the kernel is asked for events.", effect=False, versions="2.0")
    tcp_max_connections = Param(2048, doc="The most connections.", effect=False, versions="2.0")
    disable_tls = Param(0, doc="No TLS sockets.", aliases=("tls_disable",), effect=False)
    enable_tls = Param(0, doc="Serve TLS sockets.", aliases=("tls_enable",), effect=False, versions="2.0")
    tls_port_no = Param(5061, doc="The port of TLS sockets that name none.", effect=False)
    tls_method = Param("", doc="The protocol version: SSLv2, SSLv3, SSLv23 or TLSv1.", effect=False)
    tls_verify = Param(0, doc="Check the peer's certificate.", effect=False)
    tls_require_certificate = Param(0, doc="Refuse clients without a certificate.", effect=False)
    tls_certificate = Param("", doc="The file of the server's certificate.", effect=False)
    tls_private_key = Param("", doc="The file of its private key.", effect=False)
    tls_ca_list = Param("", doc="The file of trusted authorities.", effect=False)
    tls_handshake_timeout = Param(120, unit="s", doc="Time limit of the handshake.", effect=False)
    tls_send_timeout = Param(120, unit="s", doc="Time limit of sending.", effect=False)
    tls_log = Param(3, doc="The log level of TLS.", aliases=("tlslog",), effect=False)

    mcast_loopback = Param(0, doc="Receive the own multicast datagrams.", effect=False, versions="0.9 2.0")
    mcast_ttl = Param(-1, doc="How far multicast datagrams go.", effect=False, versions="0.9 2.0")
    tos = Param(0x10, doc="The IP type of service of sent datagrams.", effect=False, versions="2.0")
    pmtu_discovery = Param(0, doc="Path MTU discovery for sent datagrams.", effect=False, versions="2.0")

    dns_try_ipv6 = Param(1, doc="Ask for AAAA too.", effect=False, versions="2.0")
    dns_retr_time = Param(
        0, unit="s", doc="Time limit of one question; the system's resolver decides.", effect=False, versions="2.0"
    )
    dns_retr_no = Param(
        0, doc="How often a question is repeated; the system's resolver decides.", effect=False, versions="2.0"
    )
    dns_servers_no = Param(
        0, doc="How many name servers are asked; the system's resolver decides.", effect=False, versions="2.0"
    )
    dns_use_search_list = Param(
        1, doc="Complete short names; the system's resolver decides.", effect=False, versions="2.0"
    )
    use_dns_cache = Param(1, doc="Keep answers of DNS.", effect=False, versions="2.0")
    use_dns_failover = Param(0, doc="Try further addresses of a name.", effect=False, versions="2.0")
    dns_cache_flags = Param(0, doc="Which kinds of record are kept.", effect=False, versions="2.0")
    dns_cache_negative_ttl = Param(60, unit="s", doc="How long a failed look-up is kept.", effect=False, versions="2.0")
    dns_cache_min_ttl = Param(0, unit="s", doc="Answers are kept at least this long.", effect=False, versions="2.0")
    dns_cache_max_ttl = Param(
        0, unit="s", doc="Answers are kept at most this long; 0: no limit.", effect=False, versions="2.0"
    )
    dns_cache_mem = Param(500, unit="kB", doc="The memory of the cache of DNS.", effect=False, versions="2.0")
    dns_cache_gc_interval = Param(120, unit="s", doc="How often old answers are removed.", effect=False, versions="2.0")
    use_dst_blacklist = Param(0, doc="Avoid destinations that failed for a while.", effect=False, versions="2.0")
    dst_blacklist_mem = Param(
        250, unit="kB", doc="The memory of the list of destinations to avoid.", effect=False, versions="2.0"
    )
    dst_blacklist_expire = Param(
        60,
        unit="s",
        doc="How long a destination is avoided.",
        aliases=("dst_blacklist_ttl",),
        effect=False,
        versions="2.0",
    )
    dst_blacklist_gc_interval = Param(60, unit="s", doc="How often that list is cleaned.", effect=False, versions="2.0")
    stun_refresh_interval = Param(0, doc="How often STUN bindings are refreshed.", effect=False, versions="2.0")
    stun_allow_stun = Param(1, doc="Answer STUN on SIP sockets.", effect=False, versions="2.0")
    stun_allow_fp = Param(1, doc="Accept STUN with a fingerprint.", effect=False, versions="2.0")
