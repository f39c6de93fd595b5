"""Rounds of candidates times folds: what is trained next, on threads, and the rows of the results."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from sklearn.base import clone

from netlet.search.cross_validation.candidates import Settings
from netlet.search.cross_validation.folds import Fold
from netlet.search.cross_validation.jobs import run_jobs
from netlet.search.cross_validation.member import Member, Outcome
from netlet.search.cross_validation.networks_within import expected_work, keep_to_one_thread
from netlet.search.cross_validation.progress_line import ProgressLine
from netlet.search.cross_validation.resource import Resource
from netlet.search.cross_validation.scoring import Scoring, fill_in_failures, tell_of_failures
from netlet.search.cross_validation.stopping import Stop


class Candidate:
    """Settings, the expected work of training with them, and a member of the population for each fold."""

    def __init__(self, base: Any, settings: Settings, folds: Sequence[Fold], scoring: Scoring, stop: Stop) -> None:
        self.settings = settings
        # The settings are copied too: they may be estimators, such as a pipeline's step.
        estimator = clone(base).set_params(**clone(settings, safe=False))
        keep_to_one_thread(estimator, settings, stop)
        first = folds[0]
        self.work = expected_work(estimator, _n_features(first.X_train), first.y_train)
        self.members = [Member(estimator, fold, scoring, stop) for fold in folds]


class Rounds:
    """The population, round by round.

    Parameters
    ----------
    base : estimator
    folds : sequence of Fold
    scoring : Scoring
    n_threads : int
    line : ProgressLine
    shown_metric : str
        The metric of the progress line, where there are several.

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
        n_threads: int,
        line: ProgressLine,
        shown_metric: Any,
    ) -> None:
        self.base, self.folds, self.scoring, self.n_threads = base, folds, scoring, n_threads
        self.line, self.shown_metric, self.stop = line, shown_metric, Stop()
        self.settings: list[Settings] = []
        self.outcomes: list[Outcome] = []
        self.more: dict[str, list[Any]] = defaultdict(list)
        self._trained: list[Candidate] = []

    def candidates(self, settings: Sequence[Settings]) -> list[Candidate]:
        """Make candidates, untrained.

        Raises
        ------
        ValueError
            If there are none, or the estimator does not know a setting.
        """
        if not settings or not self.folds:
            raise ValueError("No fits were performed. Was the CV iterator empty? Were there no candidates?")
        return [Candidate(self.base, each, self.folds, self.scoring, self.stop) for each in settings]

    def train_once(self, candidates: Sequence[Candidate]) -> None:
        """Train candidates to their end, the longest first, and add their rows."""
        jobs = [member.train for each in candidates for member in each.members]
        for each in candidates:
            self.settings.append(each.settings)
        self._run("searching", candidates, jobs)

    def train_to(self, candidates: Sequence[Candidate], amount: int, resource: Resource) -> list[Outcome]:
        """Train candidates until each has had so much of a resource, and add their rows; return what came of them."""
        jobs = [partial(member.train_to, amount, resource) for each in candidates for member in each.members]
        number = max(self.more["iter"], default=-1) + 1
        self._trained = list(candidates)
        self.more["iter"] += [number] * len(candidates)
        self.more["n_resources"] += [amount] * len(candidates)
        for each in candidates:
            self.settings.append({**each.settings, resource.name: amount})
        return self._run(f"{resource.name}={amount}", candidates, jobs)

    def keep(self, candidates: Sequence[Candidate]) -> None:
        """Let go of the trained estimators of all candidates but these."""
        kept = {id(each) for each in candidates}
        for each in self._trained:
            if id(each) not in kept:
                for member in each.members:
                    member.forget()
        self._trained = list(candidates)

    def scores(self, outcome: Outcome) -> Any:
        """Return the score that the search goes by."""
        found = outcome["test_scores"]
        return found.get(self.shown_metric, float("nan")) if isinstance(found, dict) else found

    def _run(self, what: str, candidates: Sequence[Candidate], jobs: Sequence[Callable[[], Outcome]]) -> list[Outcome]:
        n_folds = len(self.folds)
        # The longest first, so that no thread begins a long one when the others have ended. Sorting is stable.
        order = sorted(range(len(jobs)), key=lambda job: -candidates[job // n_folds].work)
        self.line.begin(what, [each.settings for each in candidates])

        def ended(job: int, outcome: Outcome) -> None:
            self.line.take(job // n_folds, self.scores(outcome))

        outcomes = run_jobs(jobs, order, self.n_threads, self.stop, ended)
        tell_of_failures(outcomes, self.scoring)
        fill_in_failures(outcomes, self.scoring)
        self.outcomes += outcomes
        return outcomes


def _n_features(X: Any) -> int:
    shape = getattr(X, "shape", None)
    return int(shape[1]) if shape is not None and len(shape) > 1 else 1
