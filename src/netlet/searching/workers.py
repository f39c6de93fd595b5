"""Trials in other processes and on other machines: dealt out in batches, gone after where a worker dies."""

from __future__ import annotations

import time
import warnings
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from types import TracebackType
from typing import TypeVar

from netlet.errors import WorkerLost
from netlet.population.crew import Ending
from netlet.searching.batch import Batch, Outcome
from netlet.searching.engines import Engine, Lost, engine_of_joblib
from netlet.searching.task import Task, TrialJob
from netlet.searching.trial import Ask, Trial
from netlet.training.interrupts import Interrupts

_POLL = 0.1
_BATCHES = 8  # to each worker in a round: the last ones end at about the same time, and little is lost with a worker
_TRIES = 3  # workers that may die with a trial before it is held to be what kills them
_GRACE = 10.0  # seconds for results to come in after the deadline
_PATIENCE = 10.0  # seconds to wait for all workers once there is one, and until a word is said if there is none

Item = TypeVar("Item")


class Workers:
    """Train trials on an engine, to be used in a ``with`` statement.

    Parameters
    ----------
    task : Task
    n_threads : int or None
        Of each worker; None: what it may use.
    keep : int
        How many of the best networks are kept.
    """

    def __init__(self, task: Task, n_threads: int | None, keep: int) -> None:
        self._task, self._n_threads, self._keep = task, n_threads, keep
        self._engine: Engine | None = None
        self._n_batches = 0

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._engine is not None:
            self._engine.close()

    def prepare(self, ask: Ask) -> None:
        """Send the task to the workers, and let them compile what trials need; return when they are ready.

        Parameters
        ----------
        ask : Ask
            A trial to get ready with; it is not trained.

        Raises
        ------
        ValueError, TimeoutError
            If joblib has no other processes active, or there is no worker.
        """
        engine = self._engine = engine_of_joblib(self._n_threads, self._task, ask)
        began = time.perf_counter()
        patience = _Patience(engine)
        while not engine.n_workers() or (engine.n_coming() and time.perf_counter() < began + _PATIENCE):
            engine.look()
            patience.check()
            time.sleep(_POLL / 10)

    def run(self, jobs: Iterable[TrialJob], ended: Callable[[TrialJob], None], deadline: float | None = None) -> Ending:
        """Train trials; parameters, result and errors are those of `run_jobs`.

        On Ctrl-C what is under way is given up. A trial whose worker died is trained again, and is a failed trial when
        it is the third time.
        """
        engine = self._engine
        assert engine is not None
        waiting = deque(dealt_out(list(jobs), max(engine.n_workers(), 1), engine.n_threads))
        suspects: deque[TrialJob] = deque()
        under_way: dict[int, list[TrialJob]] = {}
        losses: Counter[int] = Counter()
        patience = _Patience(engine)
        with Interrupts(lambda: None) as interrupts:
            while waiting or suspects or under_way:
                over = deadline is not None and time.perf_counter() >= deadline
                if interrupts.asked:
                    return "interrupted"
                if over and (not under_way or time.perf_counter() > (deadline or 0.0) + _GRACE):
                    break
                engine.look()
                patience.check()
                if not over:
                    while waiting and engine.n_free() > 0:
                        self._submit(engine, waiting.popleft(), under_way, deadline)
                    if suspects and not waiting and not under_way and engine.n_free() > 0:
                        self._submit(engine, [suspects.popleft()], under_way, deadline)
                for number, outcome in engine.collect(_POLL):
                    batch = under_way.pop(number)
                    lost = _taken_into_account(batch, outcome, ended)
                    again = _again(lost, losses, ended)
                    if again and isinstance(outcome, Lost):
                        _warn(engine.name, again, outcome)
                    waiting += [[job] for job in again if losses[job.ask.number] < _TRIES - 1]
                    suspects += [job for job in again if losses[job.ask.number] == _TRIES - 1]
        return "time" if deadline is not None and time.perf_counter() >= deadline else "done"

    def _submit(
        self, engine: Engine, jobs: list[TrialJob], under_way: dict[int, list[TrialJob]], deadline: float | None
    ) -> None:
        now = time.perf_counter()
        work = [(job.ask, job.snapshot, job.before) for job in jobs]
        left = None if deadline is None else deadline - now
        engine.submit(Batch(self._n_batches, work, self._keep, now - jobs[0].began, left))
        under_way[self._n_batches] = jobs
        self._n_batches += 1


def dealt_out(items: Sequence[Item], n_workers: int, n_threads: int) -> list[list[Item]]:
    """Deal items out to batches, each as mixed as the whole.

    Parameters
    ----------
    items : sequence
        The longest first; so they are in every batch.
    n_workers, n_threads : int, >= 1
        Workers, and threads of each.

    Returns
    -------
    list of list
        Enough for every worker to have several, but each with two items a thread at least, as far as there are so many:
        its threads would wait for the last of them.
    """
    least = 1 if n_threads == 1 else 2 * n_threads
    count = max(min(len(items) // least, _BATCHES * n_workers), min(len(items), n_workers))
    return [list(items[place::count]) for place in range(count)]


def _taken_into_account(
    batch: list[TrialJob], outcome: Outcome | Lost, ended: Callable[[TrialJob], None]
) -> list[TrialJob]:
    """Hand on the results; return the jobs that have none for no reason of ours."""
    if isinstance(outcome, Lost):
        return batch
    without = []
    for job, (trial, network, snapshot) in zip(batch, outcome.results, strict=True):
        # Ctrl-C in a worker was not the user's, or has come here as well.
        if outcome.ending == "interrupted" and (trial is None or trial.status == "stopped"):
            without.append(job)
        else:
            job.trial, job.network, job.snapshot = trial, network, snapshot
            ended(job)
    return without


def _again(lost: list[TrialJob], losses: Counter[int], ended: Callable[[TrialJob], None]) -> list[TrialJob]:
    """Return the lost trials that are to be tried once more; the others have failed."""
    again = []
    for job in lost:
        number = job.ask.number
        losses[number] += 1
        if losses[number] < _TRIES:
            again.append(job)
            continue
        reason = f"the process that trained it died, {_TRIES} times; the last time nothing else was trained"
        before = job.before or Trial(number, job.ask.settings)
        job.trial = replace(before, score=None, cost=float("inf"), status="failed", reason=reason)
        job.network = job.snapshot = None
        ended(job)
    return again


def _warn(name: str, again: list[TrialJob], outcome: Lost) -> None:
    numbers = ", ".join(str(job.ask.number) for job in again[:10]) + (", ..." if len(again) > 10 else "")
    one = len(again) == 1
    warnings.warn(
        f"a worker of {name} died ({outcome.reason}): trial{'' if one else 's'} {numbers} "
        f"{'is' if one else 'are'} trained again",
        WorkerLost,
        stacklevel=6,
    )


class _Patience:
    """Say so when there is no worker for long."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._since, self._said = engine, time.perf_counter(), False

    def check(self) -> None:
        now = time.perf_counter()
        if self._engine.n_workers():
            self._since = now
        elif not self._said and now > self._since + _PATIENCE:
            self._said = True
            warnings.warn(
                f"{self._engine.name} has had no worker that is ready for {_PATIENCE:.0f} s; the search waits for one. "
                "Ctrl-C ends it",
                WorkerLost,
                stacklevel=6,
            )
