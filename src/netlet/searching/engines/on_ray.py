"""Workers of a Ray cluster: an actor on each node, or several where they are to have fewer threads than it has CPUs.

The task is put into Ray's object store: once to each node, where all actors map the same memory. An actor unpacks it
once. An actor that died is replaced by a new one, and so are those of a node that went when another one comes.
"""

from __future__ import annotations

import time
from typing import Any

from netlet.searching.batch import Batch, Outcome, prepare, train_batch
from netlet.searching.engines.engine import Lost
from netlet.searching.task import Task
from netlet.searching.trial import Ask

_LOOK = 1.0  # seconds between two questions to the cluster
_MOST_FAILURES = 5  # of actors that never got ready


class _Population:
    """What runs in an actor."""

    def __init__(self, task: list[Any], n_threads: int) -> None:
        self._packed, self._n_threads = task, n_threads

    def prepare(self, first: Ask) -> None:
        # Here and not in __init__, so that an error is told as what it is and not as the death of an actor.
        import ray

        self._task = ray.get(self._packed[0])
        prepare(self._task, first)

    def train(self, batch: Batch) -> Outcome:
        return train_batch(self._task, batch, self._n_threads)


class OnRay:
    """An `Engine`.

    Parameters
    ----------
    options : dict
        Of actors, from `joblib.parallel_config`.
    n_jobs : int
        The most actors; -1: as many as there is room for.
    n_threads : int or None
    task : Task
    first : Ask

    Raises
    ------
    ValueError
        If no node has as many CPUs as a worker is to have threads.
    """

    name = "Ray"

    def __init__(self, options: dict[str, Any], n_jobs: int, n_threads: int | None, task: Task, first: Ask) -> None:
        import ray

        if not ray.is_initialized():
            ray.init()
        most = max((cpus for _, cpus in _nodes()), default=0)
        if n_threads is not None and 0 < most < n_threads:
            raise ValueError(f"n_threads={n_threads} is more than any node of Ray has CPUs; give at most {most}")
        self._options, self._n_threads, self._first = options, n_threads, first
        self._most = n_jobs if n_jobs > 0 else None
        self.n_threads = n_threads or max(most, 1)
        self._kind: Any = ray.remote(_Population)
        self._task = ray.put(task)
        self._places: dict[Any, str] = {}  # the node of each actor
        self._preparing: dict[Any, Any] = {}  # result to actor
        self._ready: set[Any] = set()
        self._batches: dict[Any, tuple[int, Any]] = {}  # result to number and actor
        self._n_failures = 0
        self._looked = -_LOOK
        self.look()

    def look(self) -> None:
        import ray

        if time.perf_counter() - self._looked >= _LOOK:
            nodes = _nodes()
            for actor in [actor for actor in self._ready - self._busy() if self._places[actor] not in dict(nodes)]:
                self._forget(actor)  # it would cost a batch to learn that
            for node, cpus in nodes:
                n_threads = self._n_threads or cpus
                here = sum(place == node for place in self._places.values())
                for _ in range(cpus // n_threads - here):
                    if self._most is None or len(self._places) < self._most:
                        self._begin(node, n_threads)
            self._looked = time.perf_counter()
        if not self._preparing:
            return
        for result in ray.wait(list(self._preparing), num_returns=len(self._preparing), timeout=0)[0]:
            actor = self._preparing.pop(result)
            try:
                ray.get(result)
            except _lost_errors():
                self._forget(actor)
                self._n_failures += 1
                if self._n_failures == _MOST_FAILURES:
                    raise
            else:
                self._ready.add(actor)
                self._n_failures = 0

    def _begin(self, node: str, n_threads: int) -> None:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        own = {"num_cpus": n_threads, "scheduling_strategy": NodeAffinitySchedulingStrategy(node, soft=False)}
        actor: Any = self._kind.options(**(own | self._options)).remote([self._task], n_threads)
        self._places[actor] = node
        self._preparing[actor.prepare.remote(self._first)] = actor

    def _forget(self, actor: Any) -> None:
        self._places.pop(actor, None)
        self._ready.discard(actor)

    def n_coming(self) -> int:
        return len(self._preparing)

    def n_workers(self) -> int:
        return len(self._ready)

    def n_free(self) -> int:
        return len(self._ready) - len(self._batches)

    def _busy(self) -> set[Any]:
        return {actor for _, actor in self._batches.values()}

    def submit(self, batch: Batch) -> None:
        free = self._ready - self._busy()
        actor = next(actor for actor in self._places if actor in free)
        self._batches[actor.train.remote(batch)] = (batch.number, actor)

    def collect(self, seconds: float) -> list[tuple[int, Outcome | Lost]]:
        import ray

        if not self._batches:
            time.sleep(seconds)
            return []
        found: list[tuple[int, Outcome | Lost]] = []
        for result in ray.wait(list(self._batches), num_returns=1, timeout=seconds)[0]:
            number, actor = self._batches.pop(result)
            try:
                found.append((number, ray.get(result)))
            except _lost_errors() as error:
                self._forget(actor)
                ray.kill(actor)
                self._looked = -_LOOK
                found.append((number, Lost(f"{type(error).__name__}: {str(error).splitlines()[0]}")))
        return found

    def close(self) -> None:
        import ray

        for actor in self._places:
            ray.kill(actor)
        for kept in (self._places, self._preparing, self._ready, self._batches):
            kept.clear()
        del self._task


def _nodes() -> list[tuple[str, int]]:
    """Return the nodes that have a CPU, and how many."""
    import ray

    nodes: Any = ray.nodes  # it has no types
    found = [(node["NodeID"], int(node["Resources"].get("CPU", 0))) for node in nodes() if node["Alive"]]
    return [(node, cpus) for node, cpus in found if cpus]


def _lost_errors() -> tuple[type[Exception], ...]:
    from ray import exceptions

    return (
        exceptions.RayActorError, exceptions.WorkerCrashedError, exceptions.NodeDiedError, exceptions.OutOfMemoryError,
        exceptions.ObjectLostError,
    )  # fmt: skip
