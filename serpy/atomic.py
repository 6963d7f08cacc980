"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile


def replace(path: str | os.PathLike[str], data: bytes) -> None:
    """Put new content in the place of a file, at once: nobody sees half of it. A symbolic link stays one.

    Raises:
        OSError
    """
    target = os.path.realpath(path)
    known = os.stat(target)
    handle, made = tempfile.mkstemp(prefix=".serpy-", dir=os.path.dirname(target))
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if (known.st_uid, known.st_gid) != (os.geteuid(), os.getegid()):
                # a script may belong to the group of the server: it must still be able to read it
                os.fchown(file.fileno(), known.st_uid, known.st_gid)
            os.fchmod(file.fileno(), stat.S_IMODE(known.st_mode))
            os.fsync(file.fileno())
        os.replace(made, target)
    except BaseException:
        os.unlink(made)
        raise
