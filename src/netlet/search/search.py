"""The search for the right network: trials are trained as a population, round after round."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any

import numpy as np

from netlet.errors import TrainingFailed, check_number
from netlet.kernels.compiling import when_compiling
from netlet.network.network import Network
from netlet.population.crew import free_threads, run_jobs
from netlet.population.member import check_options
from netlet.search.budget import Budget, Epochs, Seconds, Trials, budget_of
from netlet.search.building import Build, Plan, perceptron
from netlet.search.journal import Journal
from netlet.search.metrics import metric_of
from netlet.search.result import SearchResult
from netlet.search.space import Space
from netlet.search.strategies.names import strategy_of
from netlet.search.strategies.specification import StrategySpecification
from netlet.search.task import Task, TrialJob
from netlet.search.trial import Ask, Strategy, Trial
from netlet.training.checkpoint import digest
from netlet.training.progress import Progress, progress_of
from netlet.training.samples.arrays import features_of
from netlet.training.snapshot import Snapshot


class BudgetTooSmall(ValueError):
    """The budget ended before one network was trained far enough to be scored."""


def search(
    X: Any,
    y: Any,
    space: Space | Mapping[str, Any],
    budget: Budget | int = 64,
    *,
    strategy: str | StrategySpecification = "random",
    metric: str = "loss",
    validation_data: tuple[Any, Any] | None = None,
    validation_share: float = 0.2,
    epochs: int = 50,
    patience: int | None = None,
    build: Build | None = None,
    first: Iterable[Mapping[str, Any]] = (),
    keep: int = 20,
    folder: str | os.PathLike[str] | None = None,
    sample_weight: Any = None,
    callbacks: Sequence[Callable[[Trial], Any]] = (),
    seed: int = 0,
    n_threads: int | None = None,
    progress: bool | str | Progress = "auto",
    **options: Any,
) -> SearchResult:
    """Train many networks with different settings, and find the best.

    Parameters
    ----------
    X : array-like, (n_samples, n_features)
        Scaled, as for `Network.fit`.
    y : array-like, (n_samples,) or (n_samples, n_targets)
        Ints, from 0 on, are classes; floats are numbers to predict.
    space : dict of str to scale or value
        What varies: a scale of `netlet.scales`, a list of choices, or a fixed value, for each name. Names: parameters
        of `Network.fit` ("learning_rate", "optimizer", "batch_size", "l2" ...), of optimizers ("beta1", "momentum",
        "weight_decay" ...), and of `build`; without a `build`: "hidden", or "n_layers" and "units", "activation",
        "dropout", "normalisation".
    budget : Trials, Epochs, Seconds, or int
        An int is a number of trials.
    strategy : {"random", "coarse_to_fine", "halving", "hyperband", "tpe"} or strategy
    metric : {"loss", "accuracy", "balanced_accuracy", "f1_macro", "log_loss", "roc_auc", "rmse", "mae", "r2"}
        What the networks are compared by, on the validation samples.
    validation_data : tuple (X, y), optional
    validation_share : float in (0, 1)
        The share of the samples held out, at random, where there is no `validation_data`.
    epochs : int, >= 1
        Of a network that is trained to the end.
    patience : int, >= 1, optional
        End a training when its validation loss has not fallen for so many epochs, and take its best weights.
    build : callable, optional
        Makes a `Network` from the settings that do not train it, given by name, and from ``seed`` if it takes one.
        Default: dense layers.
    first : sequence of dict
        Settings of the space to try first.
    keep : int, >= 1
        How many of the best networks to keep.
    folder : path, optional
        Where every trial is written down as soon as it is through. The same call with the same folder goes on where an
        earlier one ended, however it ended, without training anything twice.
    sample_weight : array-like, (n_samples,), optional
    callbacks : sequence of callable
        Each is called with every `Trial` as it ends; a true answer ends the search.
    seed : int, >= 0
        Decides all that is drawn: the same search under a budget of trials or epochs gives the same networks, bit for
        bit, whatever the number of threads.
    n_threads : int, optional
        How many networks are trained at a time; default: as many as there are processors.
    progress : {"auto", "bar", "lines", "none"} or bool
    **options
        Parameters of `Network.fit` for all networks.

    Returns
    -------
    SearchResult

    Raises
    ------
    ValueError, TypeError
        If a parameter or the data are not as they should be, before anything is trained.
    BudgetTooSmall
        If not one network could be scored within the budget; the message says how long one takes.
    TrainingFailed
        If the training of every network failed.
    CheckpointMismatch
        If `folder` holds another search.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from netlet import scales, search
    >>> x, y = load_iris(return_X_y=True)
    >>> x = (x - x.mean(axis=0)) / x.std(axis=0)
    >>> space = {"hidden": scales.Sizes((1, 2), (4, 32)), "learning_rate": scales.LogUniform(1e-3, 1e-1)}
    >>> found = search(x, y, space, 8, epochs=20, metric="accuracy", progress=False)
    >>> len(found.trials), found.best.score > 0.9
    (8, True)
    """
    check_number("epochs", epochs, int, 1)
    check_number("patience", patience, int, 1, optional=True)
    check_number("keep", keep, int, 1)
    check_number("seed", seed, int, 0)
    check_number("n_threads", n_threads, int, 1, optional=True)
    check_options(options)
    limit, space, specification = budget_of(budget), Space.of(space), strategy_of(strategy)
    task = _task(
        X, y, validation_data, validation_share, sample_weight, metric, epochs, patience, seed, build, options
    )
    own = ("n_inputs", "n_outputs", "has_classes") if build is None else ()
    task.plan.check(space.names, own)
    conditions = {
        "space": space, "strategy": specification, "metric": metric, "epochs": epochs, "patience": patience,
        "seed": seed, "first": list(first), "options": options, "build": build,
        "samples": [digest(task.x), digest(task.y), *map(digest, task.validation)],
    }  # fmt: skip
    n_trials = limit.count if isinstance(limit, Trials) else None
    run = specification.begin(space, seed, n_trials, epochs, first)
    display = progress if isinstance(progress, Progress) else progress_of(progress, n_trials, "trials")
    journal = Journal(folder, conditions) if folder is not None else None
    with journal or nullcontext():
        return _Search(task, run, limit, keep, journal, free_threads(n_threads), tuple(callbacks), display).run()


class _Search:
    """One search and its rounds."""

    def __init__(
        self,
        task: Task,
        strategy: Strategy,
        budget: Budget,
        keep: int,
        journal: Journal | None,
        n_threads: int,
        callbacks: tuple[Callable[[Trial], Any], ...],
        display: Progress,
    ) -> None:
        self.task, self.strategy, self.budget, self.keep = task, strategy, budget, keep
        self.journal, self.n_threads, self.callbacks, self.display = journal, n_threads, callbacks, display
        self.trials: dict[int, Trial] = {}
        self.snapshots: dict[int, Snapshot] = {}
        self.networks: dict[int, Network] = {}
        self.spent = 0  # epochs asked for

    def run(self) -> SearchResult:
        asks = self.strategy.next_round()
        with self.display, when_compiling(self.display.compiling):
            self._compile(asks)
            before = self.journal.seconds if self.journal is not None else 0.0
            self.began = time.perf_counter() - before
            deadline = self.began + self.budget.count if isinstance(self.budget, Seconds) else None
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
            self._check_scored(seconds)
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
        if not isinstance(self.budget, Epochs):
            return list(asks)
        within = []
        for ask in asks:
            wanted = ask.epochs or self.task.epochs
            before = self.trials[ask.number].epochs if ask.number in self.trials else 0
            if self.spent + wanted - before > self.budget.count:
                break
            self.spent += wanted - before
            within.append(ask)
        if not within and not self.trials:
            raise BudgetTooSmall(
                f"budget={self.budget!r} is less than one trial, which takes {asks[0].epochs or self.task.epochs} "
                "epochs; give more, or fewer epochs to each trial"
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

    def _check_scored(self, seconds: float) -> None:
        """Raise unless there is a network with a score."""
        if any(trial.score is not None for trial in self.trials.values()):
            return
        failed = [trial for trial in self.trials.values() if trial.status == "failed"]
        if failed:
            raise TrainingFailed(f"all {len(failed)} trials failed; the first: {failed[0].reason}")
        one = next(iter(self.trials.values()), None)
        if one is None or not one.epochs:
            takes = f"one epoch takes more than {seconds:.2g} s"
        else:
            takes = f"one trial takes about {one.seconds * self.task.epochs / one.epochs:.2g} s"
        raise BudgetTooSmall(f"budget={self.budget!r} ended before one network was trained: {takes}; give more time")

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


def _task(
    X: Any, y: Any, validation_data: Any, validation_share: float, sample_weight: Any, metric: str, epochs: int,
    patience: int | None, seed: int, build: Build | None, options: dict[str, Any],
) -> Task:  # fmt: skip
    """Check the samples, hold some out if need be, and put together what all trials share."""
    dtype = "float64" if getattr(X, "dtype", None) == np.float64 and build is not None else "float32"
    x, y = features_of(X, dtype, None, "X"), _targets("y", y)
    if len(x) != len(y):
        raise ValueError(f"y has {len(y)} rows, X has {len(x)}; give one target for each row of X")
    weight = None if sample_weight is None else np.asarray(sample_weight)
    has_classes = bool(np.issubdtype(y.dtype, np.integer) or y.dtype == bool)
    if validation_data is None:
        check_number("validation_share", validation_share, float, 0, above=True, below=1)
        held = round(len(x) * validation_share)
        if not 0 < held < len(x):
            raise ValueError(
                f"validation_share={validation_share} of {len(x)} samples leaves {len(x) - held} to train "
                f"and {held} to validate; both need at least one"
            )
        order = np.random.default_rng([seed, 1]).permutation(len(x))
        out, rows = np.sort(order[:held]), np.sort(order[held:])
        validation, x, y = (x[out], y[out]), x[rows], y[rows]
        weight = None if weight is None else weight[rows]
    else:
        if not isinstance(validation_data, (tuple, list)) or len(validation_data) != 2:
            raise TypeError("validation_data is not a tuple (X, y)")
        validation = features_of(validation_data[0], dtype, x.shape[1], "validation X"), _targets(
            "validation y", validation_data[1]
        )
    n_outputs = (
        max(int(y.max()), int(validation[1].max())) + 1 if has_classes and y.ndim == 1 else 1 if y.ndim == 1 else y.shape[1]
    )
    made = build or partial(
        perceptron, n_inputs=x.shape[1], n_outputs=max(n_outputs, 2) if has_classes else n_outputs, has_classes=has_classes
    )
    plan = Plan(made, options)
    return Task(x, y, validation, weight, plan, metric_of(metric, has_classes), epochs, patience, seed)


def _targets(name: str, y: Any) -> np.ndarray:
    array = np.asarray(y)
    if array.dtype.kind not in "iufb":
        raise TypeError(
            f"{name} holds {array.dtype}; give numbers, or for class names: classes, y = numpy.unique(y, return_inverse=True)"
        )
    if array.ndim not in (1, 2) or not array.size:
        raise ValueError(f"{name} has shape {array.shape}; give one number for each sample, or one row of numbers")
    return array.astype(np.int64) if array.dtype.kind in "iub" else array
