"""Workers of a Dask cluster.

The task is scattered to all workers at once; one that comes later fetches it from another. A worker keeps it unpacked,
so that all its batches share it. Each worker is given one batch at a time, by its address, and trains it on its own
threads: Dask's way of one call a thread would not let netlet train the longest first. The address is a wish, so that
Dask itself gives a batch to another worker when one dies (``distributed.scheduler.allowed-failures`` times).
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
_FETCH = 30.0  # seconds for a result to come; a worker that dies with it makes Dask train it again, meanwhile


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
        self._client, self._options, self._n_threads, self._first = client, options, n_threads, first
        self._search = uuid.uuid4().hex
        self._local_task = task
        self._task = self._scattered()
        self._threads: dict[str, int] = {}
        self._preparing: dict[str, Any] = {}  # by address
        self._ready: set[str] = set()
        self._batches: dict[str, tuple[Any, int, str]] = {}  # by key: future, number, address
        self._done: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._looked = -_LOOK
        self.look()

    def _scattered(self) -> Any:
        return self._client.scatter(self._local_task, broadcast=True, hash=False)

    def look(self) -> None:
        if time.perf_counter() - self._looked >= _LOOK:
            self._look_at_cluster()
            self._looked = time.perf_counter()
        for address, future in tuple(self._preparing.items()):
            if future.status != "pending":
                del self._preparing[address]
                if future.status == "finished":
                    self._ready.add(address)
                elif not isinstance(error := _error_of(future), _lost_errors()):
                    raise error

    def _look_at_cluster(self) -> None:
        chosen = self._options.get("workers")
        found = self._client.nthreads()
        if chosen is not None:
            found = {address: count for address, count in found.items() if address in chosen}
        self.n_threads = self._n_threads or max(found.values(), default=1)
        self._threads = {address: self._n_threads or count for address, count in found.items()}
        self._ready &= found.keys()
        self._preparing = {address: future for address, future in self._preparing.items() if address in found}
        if found and self._task.status in ("cancelled", "lost"):  # every worker that had it died
            self._task = self._scattered()
        for address in found.keys() - self._ready - self._preparing.keys():
            own = self._options | {"workers": [address], "allow_other_workers": False, "pure": False}
            self._preparing[address] = self._client.submit(prepare, self._task, self._first, **own)

    def n_coming(self) -> int:
        return len(self._preparing)

    def n_workers(self) -> int:
        return len(self._ready)

    def n_free(self) -> int:
        return len(self._free())

    def _free(self) -> set[str]:
        return self._ready - {address for _, _, address in self._batches.values()}

    def submit(self, batch: Batch) -> None:
        address = min(self._free())
        own = self._options | {"workers": [address], "allow_other_workers": True, "pure": False}
        with warnings.catch_warnings():
            # Weights that paused trials go on from are sent with the call: each goes to one worker, once.
            warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
            future = self._client.submit(
                train_batch, self._task, batch, self._threads[address], self._search, **own
            )  # fmt: skip
        self._batches[future.key] = (future, batch.number, address)
        future.add_done_callback(self._done.put)

    def collect(self, seconds: float) -> list[tuple[int, Outcome | Lost]]:
        try:
            future = self._done.get(timeout=seconds)
        except queue.Empty:
            return []
        number = self._batches[future.key][1]
        outcome: Outcome | Lost
        if future.status == "finished":
            try:
                outcome = future.result(timeout=_FETCH)
            except TimeoutError:
                self._done.put(future)
                return []
            except _lost_errors() as error:
                outcome = Lost(str(error))
        else:
            failure = _error_of(future)
            if not isinstance(failure, _lost_errors()):
                raise failure
            outcome = Lost(f"{type(failure).__name__}: {failure}")
            self._looked = -_LOOK
        del self._batches[future.key]
        return [(number, outcome)]

    def close(self) -> None:
        futures = [future for future, _, _ in self._batches.values()]
        with suppress(Exception):  # the cluster may be gone
            if futures:
                self._client.cancel(futures)
                self._client.run(stop, self._search, on_error="ignore")
            self._client.cancel([self._task, *self._preparing.values()])
        self._batches.clear()
        self._preparing.clear()


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
