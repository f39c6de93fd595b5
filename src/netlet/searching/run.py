"""A search under way: its trials are trained as a population, round after round."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from netlet.errors import BudgetTooSmall, TrainingFailed
from netlet.kernels.compiling import when_compiling
from netlet.network.network import Network
from netlet.population.crew import run_jobs
from netlet.searching.budget import Limits
from netlet.searching.journal import Journal
from netlet.searching.result import SearchResult
from netlet.searching.task import Task, TrialJob
from netlet.searching.trial import Ask, Strategy, Trial
from netlet.training.progress import Progress
from netlet.training.snapshot import Snapshot


class Run:
    """One search and its rounds.

    Parameters
    ----------
    task : Task
    strategy : Strategy
    limits : Limits
    keep : int
        How many of the best networks to keep.
    journal : Journal or None
    n_threads : int
    callbacks : tuple of callable
    display : Progress
    """

    def __init__(
        self,
        task: Task,
        strategy: Strategy,
        limits: Limits,
        keep: int,
        journal: Journal | None,
        n_threads: int,
        callbacks: tuple[Callable[[Trial], Any], ...],
        display: Progress,
    ) -> None:
        self.task, self.strategy, self.limits, self.keep = task, strategy, limits, keep
        self.journal, self.n_threads, self.callbacks, self.display = journal, n_threads, callbacks, display
        self.trials: dict[int, Trial] = {}
        self.snapshots: dict[int, Snapshot] = {}
        self.networks: dict[int, Network] = {}
        self.spent = 0  # epochs asked for

    def run(self) -> SearchResult:
        """Search until the budget is spent."""
        asks = self.strategy.next_round()
        with self.display, when_compiling(self.display.compiling):
            self._compile(asks)
            before = self.journal.seconds if self.journal is not None else 0.0
            self.began = time.perf_counter() - before
            deadline = None if self.limits.seconds is None else self.began + self.limits.seconds
            stopped = "done"
            while asks and stopped == "done":
                affordable = self._affordable(asks)
                stopped = self._round(affordable, deadline)
                if len(affordable) < len(asks):
                    break
                if stopped == "done":
                    for ask in asks:
                        self.strategy.tell(self.trials[ask.number])
                    asks = self.strategy.next_round()
            seconds = time.perf_counter() - self.began
            self._check_scored(seconds, stopped)
            result = SearchResult(
                [self.trials[number] for number in sorted(self.trials)], self.task.metric, {}, seconds, stopped,
                self.task.validation,
            )  # fmt: skip
            result.networks.update((t.number, self.networks[t.number]) for t in result.ranking()[: self.keep])
            self.display.end(self._summary(stopped, seconds))
        return result

    def _compile(self, asks: Sequence[Ask]) -> None:
        """Compile what trials need, before the time is counted; errors of settings are raised here."""
        if asks:
            TrialJob(self.task, asks[0]).begin()

    def _affordable(self, asks: Sequence[Ask]) -> list[Ask]:
        """Return the asks that the budget in epochs, if it is one, still covers."""
        if self.limits.epochs is None:
            return list(asks)
        within = []
        for ask in asks:
            wanted = ask.epochs or self.task.epochs
            before = self.trials[ask.number].epochs if ask.number in self.trials else 0
            if self.spent + wanted - before > self.limits.epochs:
                break
            self.spent += wanted - before
            within.append(ask)
        if not within and not self.trials:
            raise BudgetTooSmall(
                f"a budget of {self.limits.epochs} epochs is less than one trial, which takes "
                f"{asks[0].epochs or self.task.epochs} epochs; give more, or fewer epochs to each trial"
            )
        return within

    def _round(self, asks: Sequence[Ask], deadline: float | None) -> str:
        """Train the networks of a round; return "done", or why the search is to end."""
        to_train = []
        for ask in asks:
            found = self.journal.result_of(ask) if self.journal is not None else None
            if found is None:
                to_train.append(ask)
            else:
                self._found_before(found)
        to_train.sort(key=lambda ask: -self.task.rough_cost(ask))
        try:
            ending: str = run_jobs(map(self._job, to_train), self.n_threads, self._ended, deadline)
        except _Enough:
            ending = "callback"
        self._let_go()
        return ending

    def _job(self, ask: Ask) -> TrialJob:
        number = ask.number
        before, snapshot = self.trials.get(number), self.snapshots.pop(number, None)
        if before is not None and snapshot is None and self.journal is not None:
            snapshot = self.journal.snapshot(number)
        return TrialJob(self.task, ask, snapshot, before, self.began)

    def _found_before(self, trial: Trial) -> None:
        """Take a result of the journal into account."""
        self.trials[trial.number] = trial
        network = self.journal.network(trial.number) if self.journal is not None else None
        if network is not None:
            self.networks[trial.number] = network

    def _ended(self, job: TrialJob) -> None:
        """Take a result into account, and write it down."""
        trial = job.trial
        if trial is None:  # it was stopped before it began
            return
        number = trial.number
        self.trials[number] = trial
        self.networks.pop(number, None)
        if job.network is not None and trial.score is not None:
            self.networks[number] = job.network
        if job.snapshot is not None:
            self.snapshots[number] = job.snapshot
        if self.journal is not None:
            if self._is_among_best(trial):
                self.journal.keep_network(number, job.network)
            self.journal.keep_snapshot(number, job.snapshot)
            self.journal.write(job.ask, trial, time.perf_counter() - self.began)
        self.display.count(len(self.trials), self._text())
        if any([callback(trial) for callback in self.callbacks]):
            raise _Enough

    def _is_among_best(self, trial: Trial) -> bool:
        better = sum(each.cost < trial.cost for each in self.trials.values())
        return trial.score is not None and better < self.keep

    def _let_go(self) -> None:
        """Forget the networks that are not among the best, and what is not gone on with."""
        ranking = sorted(self.networks, key=lambda number: (self.trials[number].cost, number))
        for number in ranking[self.keep :]:
            del self.networks[number]
            if self.journal is not None:
                self.journal.keep_network(number, None)

    def _check_scored(self, seconds: float, stopped: str) -> None:
        """Raise unless there is a network with a score."""
        if any(trial.score is not None for trial in self.trials.values()):
            return
        if stopped == "interrupted":
            raise KeyboardInterrupt
        failed = [trial for trial in self.trials.values() if trial.status == "failed"]
        if failed:
            raise TrainingFailed(f"all {len(failed)} trials failed; the first: {failed[0].reason}")
        one = next(iter(self.trials.values()), None)
        if one is None or not one.epochs:
            takes = f"one epoch takes more than {seconds:.2g} s"
        else:
            takes = f"one trial takes about {one.seconds * self.task.epochs / one.epochs:.2g} s"
        raise BudgetTooSmall(
            f"the budget of {self.limits} ended before one network was trained: {takes}; give more time"
        )

    def _text(self) -> str:
        scored = [trial for trial in self.trials.values() if trial.score is not None]
        parts = []
        if scored:
            best = min(scored, key=lambda trial: (trial.cost, trial.number))
            parts.append(f"best {self.task.metric.name} {best.score:.4f} (trial {best.number})")
        failed = sum(trial.status == "failed" for trial in self.trials.values())
        if failed:
            parts.append(f"{failed} failed")
        return ", ".join(parts)

    def _summary(self, stopped: str, seconds: float) -> str:
        why = {"done": "", "time": ", the time is over", "interrupted": ", interrupted", "callback": ""}[stopped]
        return f"{len(self.trials)} networks tried in {seconds:.1f} s{why}; {self._text()}"


class _Enough(Exception):
    """A callback wants the search to end."""
