"""Keep BLAS to one thread: while netlet's threads call it, and where its bits must not depend on their number."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_lock = threading.Lock()
_users = 0
_controller: Any = None
_limit: Any = None


@contextmanager
def single_threaded_blas() -> Iterator[None]:
    """Limit the BLAS of NumPy and of SciPy to one thread within the block.

    The limit is the process's, not the thread's: the first of several blocks sets it and the last lifts it, so that a
    training that ends does not change the arithmetic of another that goes on.
    """
    global _users, _controller, _limit
    with _lock:
        if _users == 0:
            if _controller is None:
                import scipy.linalg.cython_blas  # noqa: F401  (the controller sees only libraries that are loaded)
                from threadpoolctl import ThreadpoolController

                _controller = ThreadpoolController().select(user_api="blas")
            _limit = _controller.limit(limits=1)
        _users += 1
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0:
                _limit.restore_original_limits()
                _limit = None
