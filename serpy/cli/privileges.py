"""Giving up root's rights: the script's `user` and `group`."""

from __future__ import annotations

import grp
import os
import pwd


class PrivilegeError(Exception):
    """The user or group cannot be taken on; the text is for people."""


def become(user: str, group: str) -> None:
    """Run as this user and group from now on; an empty name changes nothing. Numbers are ids.

    Raises:
        PrivilegeError
    """
    if not user and not group:
        return
    try:
        uid = _uid(user) if user else None
        gid = _gid(group) if group else None
    except KeyError as error:
        raise PrivilegeError(
            f"{error.args[0]}: there is no such account on this machine; mend `user` and `group` in the script"
        ) from None
    if uid in (None, os.geteuid()) and gid in (None, os.getegid()):
        return
    try:
        if uid is not None and gid is None and (account := _account(uid)):
            gid = account.pw_gid
        if gid is not None:
            os.setgid(gid)
        if uid is not None:
            # root's further groups must not stay
            if account := _account(uid):
                os.initgroups(account.pw_name, os.getgid())
            else:
                os.setgroups([])
            os.setuid(uid)
    except PermissionError:
        raise PrivilegeError(
            f"only root can become {user or group}; start serpy as root, or take `user` and `group` out of the script"
        ) from None


def _uid(user: str) -> int:
    return int(user) if user.isdigit() else pwd.getpwnam(user).pw_uid


def _gid(group: str) -> int:
    return int(group) if group.isdigit() else grp.getgrnam(group).gr_gid


def _account(uid: int) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        return None
