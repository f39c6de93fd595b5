"""Threads that do jobs side by side, each job by itself on one thread."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, Literal, Protocol, TypeVar

from netlet.kernels.blas import single_threaded_blas
from netlet.training.interrupts import Interrupts

_POLL = 0.1  # seconds; Windows does not wake a waiting main thread for Ctrl-C

Ending = Literal["done", "time", "interrupted"]


class Job(Protocol):
    """Something to do on one thread."""

    def run(self, deadline: float | None) -> None:
        """Do it, on some thread; return soon after the deadline on `time.perf_counter`'s clock."""
        ...

    def stop(self) -> None:
        """Ask it, from another thread, to end soon, or not to begin."""
        ...


AJob = TypeVar("AJob", bound=Job)


def run_jobs(
    jobs: Iterable[AJob], n_threads: int, ended: Callable[[AJob], None], deadline: float | None = None
) -> Ending:
    """Do jobs, in the order in which they are given, each on the next thread that is free.

    Parameters
    ----------
    jobs : iterable of Job
        May be drawn up while others are done; it is asked for one at a time.
    n_threads : int, >= 1
        BLAS keeps to one thread in each of them.
    ended : callable
        Called on the calling thread with every job that was done, as they end.
    deadline : float, optional
        Time on `time.perf_counter`'s clock after which none is begun.

    Returns
    -------
    {"done", "time", "interrupted"}
        Why it ended; interrupted is Ctrl-C. Jobs that were under way have been told to end, and have.

    Raises
    ------
    Exception
        What a job, the iterable or `ended` raised, once the jobs under way have ended.
    """
    shift = _Shift(iter(jobs), deadline)
    with single_threaded_blas(), Interrupts(shift.stop) as interrupts:
        working = 0
        try:
            for place in range(n_threads):
                threading.Thread(target=shift.work, name=f"netlet-{place}", daemon=True).start()
                working += 1
            while working:
                report = shift.next_report()
                if report is None:
                    working -= 1
                else:
                    ended(report)
        except Exception:
            shift.stop()
            while working:
                working -= shift.next_report() is None
            raise
        except BaseException:  # a second Ctrl-C, which is not to wait
            shift.stop()
            raise
    if shift.error is not None:
        raise shift.error
    if interrupts.asked:
        return "interrupted"
    return "time" if shift.out_of_time else "done"


def free_threads(n_threads: int | None) -> int:
    """Return how many threads to use where the user left it open: as many as there are processors."""
    from netlet.training.team import available_threads

    return n_threads or available_threads()


class _Shift(Generic[AJob]):
    """What the threads share."""

    def __init__(self, jobs: Iterator[AJob], deadline: float | None) -> None:
        self._jobs, self._deadline = jobs, deadline
        self._lock = threading.Lock()
        self._under_way: dict[int, AJob] = {}  # by id, for a job that has no hash
        self._stopped = False
        self.out_of_time = False
        self.error: BaseException | None = None
        self.reports: queue.SimpleQueue[AJob | None] = queue.SimpleQueue()

    def stop(self) -> None:
        """Begin no more jobs, and ask those under way to end."""
        self._stopped = True
        for job in tuple(self._under_way.values()):
            job.stop()

    def next_report(self) -> AJob | None:
        """Wait for a job that was done; None tells that a thread has ended."""
        while True:
            try:
                return self.reports.get(timeout=_POLL)
            except queue.Empty:
                continue

    def _is_stopped(self) -> bool:
        return self._stopped

    def work(self) -> None:
        """Do jobs until there are no more."""
        try:
            while (job := self._next()) is not None:
                try:
                    job.run(self._deadline)
                finally:
                    del self._under_way[id(job)]
                self.reports.put(job)
        except BaseException as error:  # handed to the thread that waits
            self.error = self.error or error
            self.stop()
        finally:
            self.reports.put(None)

    def _next(self) -> AJob | None:
        with self._lock:
            if self._is_stopped():
                return None
            if self._deadline is not None and time.perf_counter() >= self._deadline:
                self.out_of_time = True
                return None
            job = next(self._jobs, None)
        if job is not None:
            self._under_way[id(job)] = job
            if self._is_stopped():  # asked between the lock and the line above
                job.stop()
        return job
