"""The search for the right network."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any, Literal

from netlet.errors import check_number, unknown_name
from netlet.population.crew import free_threads
from netlet.searching.budget import Budget, limits_of
from netlet.searching.building import Build, check_training
from netlet.searching.journal import Journal
from netlet.searching.result import SearchResult
from netlet.searching.run import Run
from netlet.searching.samples import task_of
from netlet.searching.space import Space
from netlet.searching.strategies import StrategySpecification, strategy_of
from netlet.searching.trial import Trial
from netlet.searching.workers import Workers
from netlet.training.checkpoint import digest
from netlet.training.progress import Progress, progress_of


def search(
    X: Any,
    y: Any,
    space: Space | Mapping[str, Any],
    budget: Budget | int | tuple[Budget | int, ...] = 64,
    *,
    strategy: str | StrategySpecification = "random",
    metric: str = "loss",
    validation_data: tuple[Any, Any] | None = None,
    validation_share: float = 0.2,
    folds: int | None = None,
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
    workers: Literal["joblib"] | None = None,
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
    budget : Trials, Epochs, Seconds, int, or tuple of these
        An int is a number of trials. Of several the first that is reached ends the search.
    strategy : {"random", "coarse_to_fine", "halving", "hyperband", "tpe"} or strategy
    metric : str
        What the networks are compared by, on the validation samples: "loss", their own; of classes "accuracy",
        "balanced_accuracy", "f1_macro", "log_loss", "smoothed_log_loss" (kinder to doubt where samples are few) or
        "roc_auc"; of numbers "rmse", "mae" or "r2".
    validation_data : tuple (X, y), optional
    validation_share : float in (0, 1)
        The share of the samples held out, at random, where there is no `validation_data`.
    folds : int, >= 2, optional
        Compare by cross-validation instead: a trial trains so many networks, each on all samples but one fold's, and is
        scored by what they predict for the fold left out. For a few thousand samples or fewer.
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
        earlier one ended, however it ended, without training anything twice. A `build` is known by its name only.
    sample_weight : array-like, (n_samples,), optional
    callbacks : sequence of callable
        Each is called with every `Trial` as it ends; a true answer ends the search.
    seed : int, >= 0
        Decides all that is drawn: the same search under a budget of trials or epochs gives the same networks, bit for
        bit, whatever the number of threads.
    n_threads : int, optional
        How many networks are trained at a time; default: as many as there are processors. With `workers`, how many in
        each of them; default: as many as it was given.
    workers : {None, "joblib"}
        Where: on threads of this process, or by the workers of the backend that is active in joblib, which Dask, Ray or
        joblib itself may provide: ``with joblib.parallel_config(backend="dask"): search(...)``.
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
    check_number("folds", folds, int, 2, optional=True)
    check_number("keep", keep, int, 1)
    check_number("seed", seed, int, 0)
    check_number("n_threads", n_threads, int, 1, optional=True)
    if workers not in (None, "joblib"):
        raise ValueError(unknown_name("workers", workers, ("joblib",)) + ", or None")
    check_training(options)
    first = first if isinstance(first, Mapping) else list(first)
    limits, space, specification = limits_of(budget), Space.of(space), strategy_of(strategy)
    entries = {name: space[name] for name in space}
    task = task_of(
        X,
        y,
        validation_data,
        validation_share,
        folds,
        sample_weight,
        metric,
        epochs,
        patience,
        seed,
        build,
        options,
        entries,
    )
    task.plan.check(entries, ("n_inputs", "n_outputs", "has_classes") if build is None else ())
    if metric == "loss" and "loss" in space.scales:
        raise ValueError("loss varies in the space, so that metric='loss' compares what differs; use another metric")
    run = specification.begin(space, seed, limits.trials, epochs, first)
    conditions = {
        "space": space, "strategy": specification, "metric": metric, "epochs": epochs, "patience": patience,
        "folds": folds, "seed": seed, "first": first, "options": options, "build": build,
        "samples": [digest(array) for array in (task.x, task.y, *task.validation)],
        "sample_weight": None if task.sample_weight is None else digest(task.sample_weight),
    }  # fmt: skip
    display = progress if isinstance(progress, Progress) else progress_of(progress, limits.trials, "trials")
    journal = Journal(folder, conditions) if folder is not None else None
    threads = free_threads(n_threads)
    with journal or nullcontext(), Workers(task, n_threads, keep) if workers else nullcontext() as elsewhere:
        return Run(task, run, limits, keep, journal, threads, tuple(callbacks), display, elsewhere).run()
