"""One training at a time in a folder: a lock that the operating system lifts when the process ends, however it ends."""

from __future__ import annotations

import os
import threading
from pathlib import Path

_taken: set[str] = set()
_guard = threading.Lock()


class FolderLock:
    """A lock on a folder, taken when it is made.

    Other processes are kept out on POSIX systems only, by a record lock on a file in the folder. The file stays, which
    means nothing: the lock on it dies with its process. A network file system that knows no locks keeps nobody out.

    Parameters
    ----------
    path : path
        The file to lock; made if need be.

    Raises
    ------
    BlockingIOError
        If another training has it.
    OSError
        If the file cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self._name = os.path.realpath(path)
        with _guard:
            # A record lock is the process's: it would keep no other thread out, and closing any handle lifts it.
            if self._name in _taken:
                raise BlockingIOError("another training of this process uses it")
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
            try:
                self._lock()
            except BaseException:
                os.close(self._handle)
                raise
            _taken.add(self._name)
            self._held = True  # the name may be another lock's, once this one is released

    def _lock(self) -> None:
        if os.name != "posix":
            return
        import errno
        import fcntl

        try:
            fcntl.lockf(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EAGAIN):
                raise BlockingIOError("another process uses it") from None

    def release(self) -> None:
        """Let others have it; once more does nothing."""
        with _guard:
            held, self._held = self._held, False
            if held:
                _taken.discard(self._name)
                os.close(self._handle)
