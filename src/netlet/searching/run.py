"""A search under way: its trials are trained as a population, round after round."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from netlet.errors import BudgetTooSmall, TrainingFailed
from netlet.kernels.compiling import when_compiling
from netlet.network.network import Network
from netlet.population.crew import run_jobs
from netlet.population.ensemble import Ensemble
from netlet.searching.budget import Limits
from netlet.searching.building import kernels_of
from netlet.searching.journal import Journal
from netlet.searching.result import SearchResult
from netlet.searching.task import Task, TrialJob
from netlet.searching.trial import Ask, GoesOn, Strategy, Trial
from netlet.searching.workers import Workers
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
    workers : Workers, optional
        What trains instead of threads of this process.
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
        workers: Workers | None = None,
    ) -> None:
        self.task, self.strategy, self.limits, self.keep = task, strategy, limits, keep
        self.journal, self.n_threads, self.callbacks, self.display = journal, n_threads, callbacks, display
        self.workers = workers
        self.trials: dict[int, Trial] = {}
        self.snapshots: dict[int, Snapshot] = {}
        self.paused: set[int] = set()
        self.networks: dict[int, Network | Ensemble] = {}
        self.expected = 0.0  # seconds of one trial, at a rough guess

    def run(self) -> SearchResult:
        """Search until the budget is spent."""
        self._take_earlier()
        asks = self.strategy.next_round()
        with self.display, when_compiling(self.display.compiling):
            self._compile(asks)
            before = self.journal.seconds if self.journal is not None else 0.0
            self.began = time.perf_counter() - before
            deadline = None if self.limits.seconds is None else self.began + self.limits.seconds
            stopped = "done"
            while asks and stopped == "done":
                stopped = self._round(asks, deadline)
                if stopped == "done":
                    for ask in asks:
                        self.strategy.tell(self.trials[ask.number])
                    asks = self.strategy.next_round()
                    self._forget_paused(asks)
            if isinstance(self.strategy, GoesOn):
                self._tell_rest(asks)
            seconds = time.perf_counter() - self.began
            self._check_scored(stopped)
            self._restore_networks(all_kept=stopped in ("done", "spent"))
            result = SearchResult(
                [self.trials[number] for number in sorted(self.trials)], self.task.metric, {}, seconds,
                "done" if stopped == "spent" else stopped, self.task,
            )  # fmt: skip
            best = [trial.number for trial in result.ranking()[: self.keep] if trial.number in self.networks]
            result.networks.update((number, self.networks[number]) for number in best)
            self.display.end(self._summary(result.stopped, seconds))
        return result

    def _take_earlier(self) -> None:
        """Hand over what the journal holds to a strategy that will not ask for the same again."""
        if self.journal is None or not isinstance(self.strategy, GoesOn):
            return
        finished = self.strategy.go_on_from(sorted(self.journal.found.values(), key=lambda trial: trial.number))
        for trial in finished:
            self._found_before(trial)
        self._let_go()

    def _tell_rest(self, asks: Sequence[Ask]) -> None:
        """Tell what came of a round that was cut short: a later search learns from it."""
        for ask in asks:
            trial = self.trials.get(ask.number)
            self.strategy.tell(trial or Trial(ask.number, ask.settings, status="stopped"))

    def _compile(self, asks: Sequence[Ask]) -> None:
        """Compile what trials need, before the time is counted; raise if none of them can begin."""
        wrong: Exception | None = None
        kinds: set[str] = set()
        for ask in asks:
            kind = kernels_of(ask.settings)
            if kind in kinds:
                continue
            try:
                _, training = TrialJob(self.task, ask).begin()
            except Exception as error:  # it will be recorded as the trial's failure
                wrong = wrong or error
                continue
            kinds.add(kind)
            self.expected = max(self.expected, training.expected_seconds())
        if wrong is not None and not kinds:
            raise wrong
        if self.workers is not None and asks:
            self.workers.prepare(asks[0])

    def _affordable(self, asks: Sequence[Ask]) -> list[Ask]:
        """Return the first of the asks, as many as the budget in epochs, if it is one, still covers."""
        if self.limits.epochs is None:
            return list(asks)
        spent = sum(trial.epochs for trial in self.trials.values())
        within = []
        for ask in asks:
            wanted = ask.epochs or self.task.epochs
            spent += wanted - (self.trials[ask.number].epochs if ask.number in self.trials else 0)
            if spent > self.limits.epochs:
                break
            within.append(ask)
        if not within and not self.trials:
            raise BudgetTooSmall(
                f"a budget of {self.limits.epochs} epochs is less than one trial, which takes "
                f"{asks[0].epochs or self.task.epochs} epochs; give more, or fewer epochs to each trial"
            )
        return within

    def _round(self, asks: Sequence[Ask], deadline: float | None) -> str:
        """Train the networks of a round; return "done", or why the search is to end: "spent" if the epochs are."""
        left = list(asks)
        while left:  # a training that ends early leaves epochs to the others
            affordable = self._affordable(left)
            if not affordable:
                return "spent"
            ending = self._train(affordable, deadline)
            if ending != "done":
                return ending
            left = left[len(affordable) :]
        return "done"

    def _train(self, asks: Sequence[Ask], deadline: float | None) -> str:
        to_train, cut_short = [], {}
        for ask in asks:
            before = self.trials.get(ask.number)
            if before is not None and before.status == "done":  # it ended by itself; more epochs change nothing
                continue
            found = self.journal.result_of(ask) if self.journal is not None else None
            if found is not None and found.status != "stopped":
                self._found_before(found)
                continue
            if found is not None:
                cut_short[ask.number] = (found, before)
            to_train.append(ask)
        to_train.sort(key=lambda ask: -self.task.rough_cost(ask))
        try:
            jobs = map(self._job, to_train)
            ending: str
            if self.workers is not None:
                ending = self.workers.run(jobs, self._ended, deadline)
            else:
                ending = run_jobs(jobs, self.n_threads, self._ended, deadline)
        except _Enough:
            ending = "callback"
        for number, (found, before) in cut_short.items():
            if self.trials.get(number) is before:  # there was no time for it
                self._found_before(found)
        self._let_go()
        return ending

    def _job(self, ask: Ask) -> TrialJob:
        number = ask.number
        before, snapshot = self.trials.get(number), self.snapshots.pop(number, None)
        if before is not None and snapshot is None and self.journal is not None:
            snapshot = self.journal.snapshot(before)
        return TrialJob(self.task, ask, snapshot, before, self.began)

    def _found_before(self, trial: Trial) -> None:
        """Take a result of the journal into account."""
        network = self.journal.network(trial) if self.journal is not None else None
        if trial.status == "stopped" and network is None:  # its weights are not to be had again
            trial = replace(trial, score=None, cost=math.inf)
        before = self.trials.get(trial.number)
        self._note(trial, network)
        self._drop_files_before(trial, before)  # a kill may have come before that

    def _note(self, trial: Trial, network: Network | Ensemble | None) -> None:
        number = trial.number
        self.trials[number] = trial
        self.networks.pop(number, None)
        if network is not None and trial.score is not None:
            self.networks[number] = network
        if trial.status == "paused":
            self.paused.add(number)
        else:
            self.paused.discard(number)

    def _ended(self, job: TrialJob) -> None:
        """Take a result into account, and write it down."""
        trial = job.trial
        if trial is None:  # it was stopped before it began
            return
        before = self.trials.get(trial.number)
        self._note(trial, job.network)
        if job.snapshot is not None:
            self.snapshots[trial.number] = job.snapshot
        if self.journal is not None:
            # In this order: at every moment the last line of a trial is one whose files are there.
            if job.network is not None and self._is_among_best(trial):
                self.journal.keep_network(trial, job.network)
            if job.snapshot is not None:
                self.journal.keep_snapshot(trial, job.snapshot)
            self.journal.write(job.ask, trial, time.perf_counter() - self.began)
            self._drop_files_before(trial, before)
        self.display.count(len(self.trials), self._text())
        if any([callback(trial) for callback in self.callbacks]):
            raise _Enough

    def _drop_files_before(self, trial: Trial, before: Trial | None) -> None:
        """Forget the files of a trial's earlier epochs; one that was stopped is gone on with from there."""
        if self.journal is not None and before is not None and trial.status != "stopped":
            self.journal.drop_network(before)
            self.journal.drop_snapshot(before)

    def _is_among_best(self, trial: Trial) -> bool:
        better = sum(each.cost < trial.cost for each in self.trials.values())
        return trial.score is not None and better < self.keep

    def _let_go(self) -> None:
        """Forget the networks that are not among the best."""
        ranking = sorted(self.networks, key=lambda number: (self.trials[number].cost, number))
        for number in ranking[self.keep :]:
            del self.networks[number]
            if self.journal is not None:
                self.journal.drop_network(self.trials[number])

    def _forget_paused(self, asks: Sequence[Ask]) -> None:
        """Forget how to go on with the trials that are not."""
        for number in self.paused - {ask.number for ask in asks}:
            self.paused.discard(number)
            self.snapshots.pop(number, None)
            if self.journal is not None:
                self.journal.drop_snapshot(self.trials[number])

    def _restore_networks(self, all_kept: bool) -> None:
        """Train again the best networks that are not there any more; the very best only, where time is short.

        They were let go while others seemed better, which became worse or failed in later epochs; or their files are
        damaged. The same training gives the same network.
        """
        ranking = sorted((trial.cost, number) for number, trial in self.trials.items() if trial.score is not None)
        missing = [number for _, number in ranking[: self.keep if all_kept else 1] if number not in self.networks]
        asks = [Ask(number, self.trials[number].settings, self._epochs_again(number)) for number in missing]
        run_jobs([TrialJob(self.task, ask) for ask in asks], self.n_threads, self._restored)

    def _epochs_again(self, number: int) -> int | None:
        trial = self.trials[number]
        return trial.epochs if trial.status == "paused" else None

    def _restored(self, job: TrialJob) -> None:
        if job.network is not None:
            self.networks[job.ask.number] = job.network
            if self.journal is not None:
                self.journal.keep_network(self.trials[job.ask.number], job.network)

    def _check_scored(self, stopped: str) -> None:
        """Raise unless there is a network with a score."""
        if any(trial.score is not None for trial in self.trials.values()):
            return
        if stopped == "interrupted":
            raise KeyboardInterrupt
        failed = [trial for trial in self.trials.values() if trial.status == "failed"]
        if failed:
            raise TrainingFailed(f"all {len(failed)} trials failed; the first: {failed[0].reason}")
        longest = max((trial.seconds for trial in self.trials.values()), default=0.0)
        takes = max(self.expected, longest * self.task.epochs)
        raise BudgetTooSmall(
            f"the budget of {self.limits} ended before one network was trained for an epoch: one trial of "
            f"{self.task.epochs} epochs takes about {takes:.2g} s; give more time, or fewer epochs to each trial"
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
