"""Workers of a Dask cluster.

The task is scattered to one worker, from which the others fetch it when they get ready, and each keeps it unpacked as
the result of that. The scattered task would not do: Dask's memory manager takes replicas away from workers that need
them no more, or not yet, and a worker between two batches would have to fetch it again and again. Each worker is given
one batch at a time, by its address, and trains it on its own threads. When one dies, Dask would wait for its address to
come back, or train the batch where another one is under way; so what it had is dealt out anew by who gave it.
"""

from __future__ import annotations

import queue
import time
import uuid
import warnings
from contextlib import suppress
from typing import Any

from netlet.searching.batch import Batch, Outcome, prepare, stop, train_batch
from netlet.searching.engines.engine import Lost
from netlet.searching.task import Task
from netlet.searching.trial import Ask

_LOOK = 1.0  # seconds between two questions to the scheduler
_FETCH = 30.0  # seconds for a result to come before one looks whether its worker is there still


class OnDask:
    """An `Engine`.

    Parameters
    ----------
    client : distributed.Client
    options : dict
        Parameters of its `submit`, from `joblib.parallel_config`.
    n_threads : int or None
    task : Task
    first : Ask
    """

    name = "Dask"

    def __init__(self, client: Any, options: dict[str, Any], n_threads: int | None, task: Task, first: Ask) -> None:
        self._client, self._options, self._n_threads = client, options, n_threads
        self._task, self._first = task, first
        self._search = uuid.uuid4().hex
        self._threads: dict[str, int] = {}
        self._preparing: dict[str, Any] = {}  # what will be, or is, the task on each worker, by its address
        self._ready: dict[str, Any] = {}
        self._batches: dict[int, tuple[Any, str]] = {}  # by number: result and address
        self._done: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._looked = -_LOOK
        self.look()

    def look(self) -> None:
        if time.perf_counter() - self._looked >= _LOOK:
            self._look_at_cluster()
            self._looked = time.perf_counter()
        for address, future in tuple(self._preparing.items()):
            if future.status == "pending":
                continue
            del self._preparing[address]
            if future.status == "finished":
                self._ready[address] = future
            elif not isinstance(error := _error_of(future), _lost_errors()):
                raise error

    def _look_at_cluster(self) -> None:
        chosen = self._options.get("workers")
        found = {address: n for address, n in self._client.nthreads().items() if chosen is None or address in chosen}
        self.n_threads = self._n_threads or max(found.values(), default=1)
        self._threads = {address: self._n_threads or n for address, n in found.items()}
        for address in (self._ready.keys() | self._preparing.keys()) - found.keys():
            self._client.cancel([self._ready.pop(address, None) or self._preparing.pop(address)])
        for number, (future, address) in self._batches.items():
            if address not in found and not future.done():
                self._done.put(number)
        new = sorted(found.keys() - self._ready.keys() - self._preparing.keys())
        if not new:
            return
        gone: tuple[type[Exception], ...] = (*_lost_errors(), TimeoutError)
        try:
            task = self._client.scatter(self._task, workers=new[:1], hash=False)
        except gone:  # that one; the others are found again
            return
        for address in new:
            self._preparing[address] = self._client.submit(_prepared, task, self._first, **self._own(address))

    def _own(self, address: str) -> dict[str, Any]:
        return self._options | {"workers": [address], "allow_other_workers": False, "pure": False}

    def n_coming(self) -> int:
        return len(self._preparing)

    def n_workers(self) -> int:
        return len(self._ready)

    def n_free(self) -> int:
        return len(self._free())

    def _free(self) -> set[str]:
        return self._ready.keys() - {address for _, address in self._batches.values()}

    def submit(self, batch: Batch) -> None:
        address = min(self._free())
        with warnings.catch_warnings():
            # Weights that paused trials go on from are sent with the call: each goes to one worker, once.
            warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
            future = self._client.submit(
                train_batch, self._ready[address], batch, self._threads[address], self._search, **self._own(address)
            )
        self._batches[batch.number] = (future, address)
        future.add_done_callback(lambda _: self._done.put(batch.number))

    def collect(self, seconds: float) -> list[tuple[int, Outcome | Lost]]:
        try:
            number = self._done.get(timeout=seconds)
        except queue.Empty:
            return []
        if number not in self._batches:  # it was lost before
            return []
        future, address = self._batches[number]
        outcome: Outcome | Lost
        if not future.done():
            outcome = Lost(f"{address} is gone")
        else:
            try:
                outcome = future.result(timeout=_FETCH)
            except TimeoutError:  # its worker died with it, or the way is slow
                self._done.put(number)
                return []
            except _lost_errors() as error:
                outcome = Lost(f"{type(error).__name__}: {error}")
        del self._batches[number]
        if isinstance(outcome, Lost):
            # A worker that is back at its old address is to get ready again.
            self._client.cancel([future, *filter(None, [self._ready.pop(address, None)])])
            self._looked = -_LOOK
        return [(number, outcome)]

    def close(self) -> None:
        under_way = [future for future, _ in self._batches.values()]
        with suppress(Exception):  # the cluster may be gone
            self._client.cancel([*under_way, *self._ready.values(), *self._preparing.values()])
            if under_way:
                self._client.run(stop, self._search, on_error="ignore")
        for kept in (self._batches, self._ready, self._preparing):
            kept.clear()


def _prepared(task: Task, first: Ask) -> Task:
    prepare(task, first)
    return task


def _lost_errors() -> tuple[type[Exception], ...]:
    from concurrent.futures import CancelledError

    from distributed import KilledWorker
    from distributed.comm.core import CommClosedError

    return KilledWorker, CancelledError, CommClosedError


def _error_of(future: Any) -> Exception:
    try:
        future.result(timeout=_FETCH)
    except Exception as error:
        return error
    raise AssertionError(f"{future} has a result and no error")
