"""The parameters of tm (SER dialect 7.1) and the times of the machines that follow from them."""

from __future__ import annotations

from ...dialect import Dialect
from ...module import Module, Param, ParamError
from .fsm import Settings, doubling

_NOT_YET = "Taken and ignored: "
_MILLISECONDS_FROM = 1000
"""A time of this or more in a SER file can only be meant in milliseconds (D1)."""


class TmParams(Module):
    """Every parameter of tm, under SER's name.

    Times are in seconds in SER files and in milliseconds in Kamailio files (D1); None stands for the default of RFC
    3261 or of SER, which the text names.
    """

    fr_timer = Param[int | None](
        None, kind=int, unit="s", doc="How long a final response may take, and the ACK for one; default 64*T1, 32 s."
    )
    fr_inv_timer = Param[int | None](
        None, kind=int, unit="s", doc="How long an INVITE may ring after a provisional response; default 120 s."
    )
    wt_timer = Param[int | None](
        None, kind=int, unit="s", doc="How long an ended transaction still recognises retransmissions; default 5 s."
    )
    delete_timer = Param[int | None](
        None, kind=int, unit="s", doc=_NOT_YET + "transactions are freed by themselves.", effect=False
    )
    retr_timer1 = Param[int | None](
        None, kind=int, unit="ms", doc="T1: the first retransmission interval, doubled each time; default 500."
    )
    retr_timer2 = Param[int | None](
        None, kind=int, unit="ms", doc="T2: the longest retransmission interval; below 100 in seconds; default 4000."
    )
    retr_timer1p1 = Param[int | None](None, kind=int, unit="s", doc="The first retransmission interval.")
    retr_timer1p2 = Param[int | None](None, kind=int, unit="s", doc="The second retransmission interval.")
    retr_timer1p3 = Param[int | None](None, kind=int, unit="s", doc="The third retransmission interval.")
    noisy_ctimer = Param(1, doc="1: an INVITE that rings too long is answered 408 and cancelled; 0: it ends silently.")
    restart_fr_on_each_reply = Param(
        1, doc="0: only the first provisional response, and those of a higher code from 180 on, restart fr_inv_timer."
    )
    ruri_matching = Param(1, doc="Without a branch of RFC 3261: the Request-URIs must be equal too.")
    via1_matching = Param(1, doc="Without a branch of RFC 3261: the top Vias must be equal too.")
    aggregate_challenges = Param(1, doc="Put the challenges of all branches into the 401 or 407 that is passed on.")
    default_code = Param(500, doc="The code of t_reply where the script gives 0.")
    default_reason = Param("Server Internal Error", doc="The reason of t_reply where the script gives an empty one.")

    fr_timer_avp = Param("", doc=_NOT_YET + "attributes come with a later version.", effect=False)
    fr_inv_timer_avp = Param("", doc=_NOT_YET + "attributes come with a later version.", effect=False)
    uac_from = Param("sip:foo@foo.bar", doc=_NOT_YET + "the FIFO comes with a later version.", effect=False)
    tw_append = Param("", doc=_NOT_YET + "t_write_req comes with a later version.", effect=False)
    unix_tx_timeout = Param(2, doc=_NOT_YET + "t_write_unix comes with a later version.", effect=False)
    pass_provisional_replies = Param(0, doc=_NOT_YET + "no module asks for provisional responses.", effect=False)
    var_timers = Param(1, doc=_NOT_YET + "each transaction has its own times anyway.", effect=False)
    blst_methods_add = Param[int | None](None, kind=int, doc=_NOT_YET + "there is no blacklist.", effect=False)
    blst_methods_lookup = Param[int | None](None, kind=int, doc=_NOT_YET + "there is no blacklist.", effect=False)

    def settings(self) -> Settings:
        """The times that the script chose.

        Raises:
            ParamError: a time is negative, or 0 where something must be awaited.
        """
        t1 = self._retransmission("retr_timer1", 500)
        t2 = max(self._retransmission("retr_timer2", 4000), t1)
        waits = doubling(t1, t2)
        # RFC 3261 17.1.1.2: the INVITE's interval doubles without a limit, as long as timer B lets it
        invite_waits = doubling(t1, 64 * t1)
        if any(name in self.values for name in ("retr_timer1p1", "retr_timer1p2", "retr_timer1p3")):
            steps = [
                self._retransmission(f"retr_timer1p{n}", 1000 * default) for n, default in ((1, 1), (2, 2), (3, 4))
            ]
            waits = invite_waits = (*steps, t2)
        elif self.retr_timer2 is not None:
            invite_waits = waits
        return Settings(
            fr=self._time("fr_timer", 64 * t1),
            fr_inv=self._time("fr_inv_timer", 120.0),
            linger=self._time("wt_timer", 5.0),
            t2=t2,
            waits=waits,
            invite_waits=invite_waits,
            restart_c=bool(self.restart_fr_on_each_reply),
        )

    def seconds(self, name: str, value: int) -> float:
        """A time in seconds from a parameter in this script's unit, with a warning where the unit was guessed."""
        if self.host.dialect is Dialect.KAMAILIO:
            return value / 1000
        if value < _MILLISECONDS_FROM:
            return float(value)
        self.warnings.append(
            ParamError(
                name,
                f"{name} {value} is taken as milliseconds: SER's unit is the second, and this would be {value} s",
                f"write {max(value // 1000, 1)}",
            )
        )
        return value / 1000

    def _time(self, name: str, default: float) -> float:
        value: int | None = self.values.get(name)
        if value is None:
            return default
        if value <= 0:
            raise ParamError(name, f"{name} is {value}; a time must be above 0", "give a number of seconds, such as 30")
        return self.seconds(name, value)

    def _retransmission(self, name: str, default: int) -> float:
        value: int | None = self.values.get(name)
        if value is None:
            return default / 1000
        if value <= 0:
            raise ParamError(name, f"{name} is {value}; a time must be above 0", "give a number of milliseconds")
        # 0.8 and 0.9 count in seconds here, 2.0 in milliseconds; nobody retransmits after 100 s or within 100 ms
        return float(value) if value < 100 else value / 1000
