"""Trials that go to a worker together, and come back together."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, TypeAlias

from netlet.network.network import Network
from netlet.population.crew import Ending, run_jobs
from netlet.population.ensemble import Ensemble
from netlet.searching.task import Task, TrialJob
from netlet.searching.trial import Ask, Trial
from netlet.training.snapshot import Snapshot

Work: TypeAlias = tuple[Ask, Snapshot | None, Trial | None]
Result: TypeAlias = tuple[Trial | None, Network | Ensemble | None, Snapshot | None]


@dataclass(frozen=True)
class Batch:
    """Some trials of a round.

    Attributes
    ----------
    number : int
        No other batch of the search has it.
    work : list of tuple (Ask, Snapshot or None, Trial or None)
        What to train, from what snapshot, and what came of it before.
    keep : int
        How many networks are wanted back: the best.
    elapsed : float
        Seconds since the search began; clocks of two machines have no common zero.
    seconds : float or None
        That are left.
    """

    number: int
    work: list[Work]
    keep: int
    elapsed: float
    seconds: float | None


@dataclass(frozen=True)
class Outcome:
    """What came of a batch.

    Attributes
    ----------
    ending : {"done", "time", "interrupted"}
    results : list of tuple (Trial or None, Network, Ensemble or None, Snapshot or None)
        In the order of the batch; no trial where it was not begun.
    """

    ending: Ending
    results: list[Result]


_under_way: dict[str, list[TrialJob]] = {}


def train_batch(task: Task, batch: Batch, n_threads: int, search: str = "") -> Outcome:
    """Train the trials of a batch in this process.

    Parameters
    ----------
    task : Task
    batch : Batch
    n_threads : int
    search : str
        What `stop` calls the search.

    Returns
    -------
    Outcome
    """
    now = time.perf_counter()
    deadline = None if batch.seconds is None else now + batch.seconds
    jobs = [TrialJob(task, ask, snapshot, before, now - batch.elapsed) for ask, snapshot, before in batch.work]
    under_way = _under_way.setdefault(search, [])
    under_way += jobs
    try:
        ending = run_jobs(jobs, n_threads, _leave, deadline)
    finally:
        for job in jobs:
            under_way.remove(job)
    best = sorted((job.trial.cost, job.trial.number) for job in jobs if job.trial and job.trial.score is not None)
    kept = {number for _, number in best[: batch.keep]}
    results = [(job.trial, job.network if job.ask.number in kept else None, job.snapshot) for job in jobs]
    return Outcome(ending, results)


def prepare(task: Task, ask: Ask) -> None:
    """Compile what trials need in this process."""
    TrialJob(task, ask).begin()


def stop(search: str) -> None:
    """End the trials of a search that are under way in this process, soon."""
    for job in tuple(_under_way.get(search, ())):
        job.stop()


def _leave(_job: Any) -> None:
    """Take a result into account where it is sent to."""
