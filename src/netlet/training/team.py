"""A team: Python threads that enter a compiled function together; the main thread stays free for Ctrl-C."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

import numpy as np

from netlet.kernels.compiling import PLAIN
from netlet.kernels.threads import CONTROL_SIZE, STOP

# A run that is likely to be shorter than this is shared by the calling thread itself; Ctrl-C waits no longer than that.
# Handing a run over costs some 50 us, and two threads woken together may begin on one processor, for milliseconds.
_SHORT = 0.05
_POLL = 0.1  # seconds; Windows does not wake a waiting main thread for Ctrl-C


def available_threads() -> int:
    """Return how many processors this process may use."""
    if PLAIN:
        return 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Team:
    """Threads that stay for a whole training.

    Parameters
    ----------
    n_threads : int, >= 1
    expected_seconds : float
        How long the first run is likely to take.

    Attributes
    ----------
    control : int64, (CONTROL_SIZE,)
        The atomic numbers that the compiled function shares; setting ``control[STOP]`` ends a run at its next step.
    """

    def __init__(self, n_threads: int, expected_seconds: float = 1.0) -> None:
        self.n_threads = 1 if PLAIN else n_threads
        self.control = np.zeros(CONTROL_SIZE, dtype=np.int64)
        self._stop_asked = False
        self._orders: list[queue.SimpleQueue[Any]] = []
        self._reports: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        self._seconds_of_last_run = expected_seconds

    def __enter__(self) -> Team:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for orders in self._orders:
            orders.put(None)

    def _start(self, count: int) -> None:
        while len(self._orders) < count:
            orders: queue.SimpleQueue[Any] = queue.SimpleQueue()
            name = f"netlet-{len(self._orders)}"
            threading.Thread(target=_work, args=(orders, self._reports), name=name, daemon=True).start()
            self._orders.append(orders)

    def stop(self) -> None:
        """End the run under way at its next step, and every later one at once."""
        self._stop_asked = True
        self.control[STOP] = 1

    def run(
        self,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        deadline: float | None = None,
        n_threads: int | None = None,
    ) -> float:
        """Call ``function(thread, n_threads, *arguments)`` on several threads and wait for all.

        Parameters
        ----------
        function : callable
            A native function; it must return soon after ``control[STOP]`` is set.
        arguments : tuple
        deadline : float, optional
            Time on `time.perf_counter`'s clock at which STOP is set.
        n_threads : int, optional
            Default: the whole team.

        Returns
        -------
        float
            Seconds.
        """
        n_threads = self.n_threads if n_threads is None else min(n_threads, self.n_threads)
        self.control[:] = 0
        if self._stop_asked:  # asked after the reset or before it: either way the run sees it
            self.control[STOP] = 1
        started = time.perf_counter()
        here = PLAIN or self._seconds_of_last_run < _SHORT
        others = n_threads - 1 if here else n_threads
        self._start(others)
        for place in range(others):
            self._orders[place].put((function, (place + n_threads - others, n_threads, *arguments)))
        if here:
            function(0, n_threads, *arguments)
        errors = []
        while others:
            try:
                timeout = _POLL if deadline is None else max(0.0, min(_POLL, deadline - time.perf_counter()))
                errors.append(self._reports.get(timeout=timeout))
                others -= 1
            except queue.Empty:
                if deadline is not None and time.perf_counter() >= deadline:
                    self.control[STOP] = 1
                    deadline = None
        self._seconds_of_last_run = time.perf_counter() - started
        for error in errors:
            if error is not None:
                raise error
        return self._seconds_of_last_run


def _work(orders: queue.SimpleQueue[Any], reports: queue.SimpleQueue[BaseException | None]) -> None:
    """Do what is ordered until None comes."""
    while (order := orders.get()) is not None:
        function, arguments = order
        try:
            function(*arguments)
            reports.put(None)
        except BaseException as error:  # handed to the thread that waits
            reports.put(error)
