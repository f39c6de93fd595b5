"""The population, round by round: a strategy asks for candidates, threads train them in all folds, and it is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from sklearn.base import clone

from netlet.searching.cross_validation.callbacks import Tasks
from netlet.searching.cross_validation.candidates import Settings
from netlet.searching.cross_validation.folds import Fold
from netlet.searching.cross_validation.jobs import run_jobs
from netlet.searching.cross_validation.member import Member, Outcome
from netlet.searching.cross_validation.networks_within import expected_work, keep_to_one_thread
from netlet.searching.cross_validation.progress_line import ProgressLine
from netlet.searching.cross_validation.resource import Resource
from netlet.searching.cross_validation.scoring import Scoring, fill_in_failures, tell_of_failures
from netlet.searching.cross_validation.stopping import Stop
from netlet.searching.trial import Ask, Strategy, Trial


class Candidate:
    """Settings, the expected work of training with them, and a member of the population for each fold."""

    def __init__(self, base: Any, settings: Settings, folds: Sequence[Fold], scoring: Scoring, stop: Stop) -> None:
        # The settings are copied too: they may be estimators, such as a pipeline's step.
        estimator = clone(base).set_params(**clone(settings, safe=False))
        keep_to_one_thread(estimator, settings, stop)
        first = folds[0]
        self.work = expected_work(estimator, _n_features(first.X_train), first.y_train)
        self.members = [Member(estimator, fold, scoring, stop) for fold in folds]

    def forget(self) -> None:
        """Let go of the trained estimators."""
        for member in self.members:
            member.fitted = None


class Rounds:
    """The population.

    Parameters
    ----------
    base : estimator
    folds : sequence of Fold
    scoring : Scoring
    resource : Resource or None
        What the strategy trains candidates with in parts; None: each is trained to its end.
    n_threads : int
    line : ProgressLine
    tasks : Tasks
    goes_by : str or None
        The metric that counts, where there are several.

    Attributes
    ----------
    settings, outcomes, more
        Rows so far: settings of each candidate, what came of each of its folds, and further columns.
    """

    def __init__(
        self,
        base: Any,
        folds: Sequence[Fold],
        scoring: Scoring,
        resource: Resource | None,
        n_threads: int,
        line: ProgressLine,
        tasks: Tasks,
        goes_by: Any,
    ) -> None:
        self.base, self.folds, self.scoring, self.resource = base, folds, scoring, resource
        self.n_threads, self.line, self.tasks, self.goes_by = n_threads, line, tasks, goes_by
        self.stop = Stop()
        self.settings: list[Settings] = []
        self.outcomes: list[Outcome] = []
        self.more: dict[str, list[Any]] = defaultdict(list)
        self._candidates: dict[int, Candidate] = {}
        self._n_rounds = 0

    def run(self, strategy: Strategy) -> None:
        """Train what a strategy asks for until it asks no more.

        Raises
        ------
        ValueError
            If it asks for nothing at all, the estimator does not know a setting, or all fail.
        """
        while asks := strategy.next_round():
            self._prepare(asks)
            scores = self._train(asks)
            for ask, score in zip(asks, scores, strict=True):
                strategy.tell(self._trial(ask, score))
        if not self.outcomes:
            raise ValueError("No fits were performed. Was the CV iterator empty? Were there no candidates?")
        tell_of_failures(self.outcomes, self.scoring)
        fill_in_failures(self.outcomes, self.scoring)

    def _prepare(self, asks: Sequence[Ask]) -> None:
        """Make the candidates that are new, and let go of those that were not asked for again."""
        kept = {ask.number: self._candidates[ask.number] for ask in asks if ask.number in self._candidates}
        for number, candidate in self._candidates.items():
            if number not in kept:
                candidate.forget()
        self._candidates = {
            ask.number: kept.get(ask.number) or Candidate(self.base, ask.settings, self.folds, self.scoring, self.stop)
            for ask in asks
        }

    def _train(self, asks: Sequence[Ask]) -> list[float]:
        """Train to where it is asked, add the rows, and return the mean score of each."""
        candidates = [self._candidates[ask.number] for ask in asks]
        jobs = [self._job(member, ask) for ask, each in zip(asks, candidates, strict=True) for member in each.members]
        # The longest first, so that no thread begins a long one when the others have ended. Sorting is stable.
        n_folds = len(self.folds)
        order = sorted(range(len(jobs)), key=lambda job: -candidates[job // n_folds].work)
        self.line.begin(self._title(asks), [ask.settings for ask in asks])
        with self.tasks.searching(len(jobs)) as tasks:
            outcomes = run_jobs(
                [partial(job, task) for job, task in zip(jobs, tasks, strict=True)],
                order,
                self.n_threads,
                self.stop,
                lambda job, outcome: self.line.take(job // n_folds, self._score(outcome)),
            )
        self.outcomes += outcomes
        self._add_rows(asks)
        scores = np.array([self._score(each) for each in outcomes], dtype=np.float64)
        return [float(mean) for mean in scores.reshape(-1, n_folds).mean(axis=1)]

    def _job(self, member: Member, ask: Ask) -> Callable[[Any], Outcome]:
        if self.resource is None or ask.epochs is None:
            return partial(member.train, self.tasks)
        return partial(member.train_to, ask.epochs, self.resource, self.tasks)

    def _add_rows(self, asks: Sequence[Ask]) -> None:
        for ask in asks:
            if self.resource is None:
                self.settings.append(ask.settings)
                continue
            amount = self.resource.most if ask.epochs is None else ask.epochs
            self.settings.append({**ask.settings, self.resource.name: amount})
            self.more["iter"].append(self._n_rounds)
            self.more["n_resources"].append(amount)
        self._n_rounds += 1

    def _title(self, asks: Sequence[Ask]) -> str:
        return "searching" if self.resource is None else f"{self.resource.name}={asks[0].epochs}"

    def _score(self, outcome: Outcome) -> Any:
        found = outcome["test_scores"]
        return found.get(self.goes_by, np.nan) if isinstance(found, dict) else found

    def _trial(self, ask: Ask, score: float) -> Trial:
        if not np.isfinite(score):
            return Trial(ask.number, ask.settings, status="failed", reason="its score is not finite")
        in_parts = self.resource is not None and ask.epochs is not None and ask.epochs < self.resource.most
        return Trial(
            ask.number,
            ask.settings,
            score=score,
            cost=-score,
            epochs=ask.epochs or 0,
            status="paused" if in_parts else "done",
        )


def _n_features(X: Any) -> int:
    shape = getattr(X, "shape", None)
    return int(shape[1]) if shape is not None and len(shape) > 1 else 1
