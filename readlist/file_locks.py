"""The operating system's lock on an open file, which ends when the file is closed, and so with the process.

The one call for all locks of readlist: that of a library (`store.lock`) and those that show that a temporary file is in
use (`temporary_files`). The index is locked by SQLite.
"""

from __future__ import annotations

import errno
import os
import sys

if sys.platform != "win32":
    import fcntl

UNSUPPORTED_ERRNOS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})
"""What a file system without locks returns, such as some NFS and FUSE mounts."""
_HELD_ERRNOS = frozenset({errno.EACCES, errno.EAGAIN})


def try_lock(handle: int, *, shared: bool = False, wait: bool = False, offset: int = 0) -> bool:
    """Lock an open file; return False where another process has locked it, unless this is to `wait`.

    Windows locks only the byte at `offset`, and nobody else can read a locked byte. Raises OSError.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(handle, offset, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
    except OSError as error:
        if error.errno not in _HELD_ERRNOS:
            raise
        return False
    return True
