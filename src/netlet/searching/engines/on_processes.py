"""Processes of this machine, of joblib's loky.

A process is given the task as it begins. When one dies, loky gives up all of them: what was under way is lost, and
others are begun.
"""

from __future__ import annotations

import queue
from typing import Any

from netlet.searching.batch import Batch, Outcome, prepare, train_batch
from netlet.searching.engines.engine import Lost
from netlet.searching.task import Task
from netlet.searching.trial import Ask
from netlet.training.team import available_threads

_MOST_FAILURES = 5  # of processes that never got ready

_task: Task | None = None


class OnProcesses:
    """An `Engine`.

    Parameters
    ----------
    n_jobs : int
        Processes.
    n_threads : int or None
        Of each; None: their share of the processors.
    task : Task
    first : Ask
    """

    name = "processes"

    def __init__(self, n_jobs: int, n_threads: int | None, task: Task, first: Ask) -> None:
        self._n_jobs, self._task, self._first = n_jobs, task, first
        self.n_threads = n_threads or max(1, available_threads() // n_jobs)
        self._batches: dict[Any, int] = {}
        self._done: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._executor: Any = None
        self._probe: Any = None
        self._n_failures = 0
        self._begin()

    def _begin(self) -> None:
        self._executor = _loky().ProcessPoolExecutor(
            max_workers=self._n_jobs, initializer=_receive, initargs=(self._task, self._first)
        )
        self._probe = self._executor.submit(_is_ready)

    def look(self) -> None:
        if self._probe is not None and self._probe.done():
            probe, self._probe = self._probe, None
            try:
                probe.result()
            except _loky().BrokenProcessPool:
                self._n_failures += 1
                if self._n_failures == _MOST_FAILURES:
                    raise
                self._renew()
            else:
                self._n_failures = 0

    def n_coming(self) -> int:
        return 0 if self._probe is None else self._n_jobs

    def n_workers(self) -> int:
        return self._n_jobs if self._probe is None else 0

    def n_free(self) -> int:
        return self.n_workers() - len(self._batches)

    def submit(self, batch: Batch) -> None:
        for _ in range(2):
            try:
                future = self._executor.submit(_train, batch, self.n_threads)
                break
            except _loky().BrokenProcessPool:
                self._renew()
        self._batches[future] = batch.number
        future.add_done_callback(self._done.put)

    def _renew(self) -> None:
        self._executor.shutdown(wait=True, kill_workers=True)
        self._begin()

    def collect(self, seconds: float) -> list[tuple[int, Outcome | Lost]]:
        try:
            future = self._done.get(timeout=seconds)
        except queue.Empty:
            return []
        number = self._batches.pop(future)
        try:
            return [(number, future.result())]
        except _loky().BrokenProcessPool as error:
            if not self._batches:  # the last of those that were lost together
                self._renew()
            return [(number, Lost(f"{type(error).__name__}: {str(error).splitlines()[0]}"))]

    def close(self) -> None:
        self._executor.shutdown(wait=True, kill_workers=bool(self._batches) or self._probe is not None)
        self._batches.clear()


def _loky() -> Any:
    """Return loky, which joblib brings along or depends on, by its version."""
    try:
        from joblib.externals import loky
    except ImportError:
        import loky
    return loky


def _receive(task: Task, first: Ask) -> None:
    global _task
    _task = task
    prepare(task, first)


def _is_ready() -> bool:
    return _task is not None


def _train(batch: Batch, n_threads: int) -> Outcome:
    assert _task is not None
    return train_batch(_task, batch, n_threads)
