"""One trial: what all trials share, and training the network of one of them."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from netlet.errors import TrainingFailed
from netlet.network.network import Network
from netlet.network.options import FitOptions, Shared
from netlet.searching.building import Plan, rough_cost
from netlet.searching.metrics import Metric
from netlet.searching.trial import Ask, Trial
from netlet.training.full_batch import Minimisation
from netlet.training.snapshot import Snapshot
from netlet.training.trainer import Training


@dataclass(frozen=True)
class Task:
    """What all trials of a search share; it can be sent to other processes.

    Parameters
    ----------
    x, y : array
        Samples to learn from: (n, n_inputs), (n,) or (n, n_targets).
    validation : tuple of array
        Samples to compare by: (X, y).
    sample_weight : array or None
    plan : Plan
    metric : Metric
    epochs : int
        Of a trial that is trained to the end.
    patience : int or None
    seed : int
    """

    x: np.ndarray
    y: np.ndarray
    validation: tuple[np.ndarray, np.ndarray]
    sample_weight: np.ndarray | None
    plan: Plan
    metric: Metric
    epochs: int
    patience: int | None
    seed: int
    shared: Shared = field(default_factory=dict, compare=False, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is made from the rest."""
        return self.__dict__ | {"shared": {}}

    def seed_of(self, number: int) -> int:
        """Return the seed of a trial's network."""
        return int(np.random.SeedSequence([self.seed, number]).generate_state(1)[0])

    def rough_cost(self, ask: Ask) -> float:
        """Return about how long a trial takes, compared with others."""
        n_outputs = int(self.y.max()) + 1 if np.issubdtype(self.y.dtype, np.integer) and self.y.ndim == 1 else 1
        return rough_cost(ask.settings, self.x.shape[1], n_outputs)


class TrialJob:
    """Train the network of one trial on one thread, from the beginning or from where it was paused.

    Parameters
    ----------
    task : Task
    ask : Ask
    snapshot : Snapshot, optional
        What an earlier job left of the same trial.
    before : Trial, optional
        What came of it then.
    began : float
        When the search began, on `time.perf_counter`'s clock.

    Attributes
    ----------
    trial : Trial or None
        What came of it; None before.
    network : Network or None
        With the weights that were scored.
    snapshot : Snapshot or None
        To go on from, where the trial is paused.
    """

    def __init__(
        self, task: Task, ask: Ask, snapshot: Snapshot | None = None, before: Trial | None = None, began: float = 0.0
    ) -> None:
        self.task, self.ask, self.snapshot, self.before, self.began = task, ask, snapshot, before, began
        self.trial: Trial | None = None
        self.network: Network | None = None
        self._training: Training | Minimisation | None = None
        self._stop_asked = False

    def stop(self) -> None:
        """Ask it, from another thread, to end soon, or not to begin."""
        self._stop_asked = True
        if self._training is not None:
            self._training.stop()

    def run(self, deadline: float | None) -> None:
        """Train and score."""
        if self._stop_asked:
            return
        started = time.perf_counter()
        seconds = self.before.seconds if self.before is not None else 0.0
        began = self.before.started if self.before is not None else started - self.began
        self._so_far = Trial(self.ask.number, self.ask.settings, started=began)
        trial: Trial | None
        try:
            trial = self._train(deadline)
        except TrainingFailed as error:
            history = error.history
            done = {"epochs": len(history), "curves": _curves(history)} if history is not None else {}
            trial = self._failed(str(error), **done)
        except Exception as error:  # settings that do not go together are no reason to end the others
            trial = self._failed(f"{type(error).__name__}: {error}")
        self._training = None
        if trial is not None:
            self.trial = replace(trial, seconds=seconds + time.perf_counter() - started)

    def _failed(self, reason: str, **figures: Any) -> Trial:
        self.network = self.snapshot = None
        return replace(self._so_far, status="failed", reason=reason, **figures)

    def begin(self) -> tuple[Network, Training | Minimisation]:
        """Make the network and its training, compiled and ready."""
        task, ask = self.task, self.ask
        network = task.plan.network(ask.settings, task.seed_of(ask.number))
        options = FitOptions(
            **task.plan.training(ask.settings), epochs=task.epochs, patience=task.patience,
            validation_data=task.validation, sample_weight=task.sample_weight, n_threads=1, progress=False,
            shared=task.shared,
        )  # fmt: skip
        training = network._begin(task.x, task.y, options)
        if isinstance(training, Training):
            training.prepare()
        elif ask.epochs is not None and ask.epochs < task.epochs:
            raise ValueError(
                f"optimizer={options.optimizer!r} cannot be paused after {ask.epochs} epochs and gone on with; "
                "use strategy='random', or another optimizer"
            )
        return network, training

    def _train(self, deadline: float | None) -> Trial | None:
        """Train and score; None if it was stopped before it came further than it was."""
        task, ask = self.task, self.ask
        network, training = self.begin()
        self._training = training
        self._so_far = replace(self._so_far, n_parameters=int(network.theta.size))
        if self._stop_asked:
            training.stop()
        if isinstance(training, Minimisation):
            if deadline is not None:
                training.settings = replace(training.settings, time_limit=max(deadline - time.perf_counter(), 1e-3))
            history = training.run()
        else:
            if self.snapshot is not None:
                training.go_on_from(self.snapshot)
                self.snapshot = None
            history = training.advance(ask.epochs or task.epochs, deadline)
            self.snapshot = training.snapshot() if history.stopped == "paused" else None
            training.put_best_back()
        status: Any = {"paused": "paused", "time": "stopped", "interrupted": "stopped"}.get(history.stopped, "done")
        if status == "stopped" and len(history) <= (0 if self.before is None else self.before.epochs):
            return None if self.before is not None else replace(self._so_far, status="stopped")
        self._so_far = replace(self._so_far, epochs=len(history), curves=_curves(history))
        score = self._score(network)
        if not math.isfinite(score):
            return self._failed(f"its {task.metric.name} is {score}")
        self.network = network
        return replace(self._so_far, status=status, score=score, cost=task.metric.cost(score))

    def _score(self, network: Network) -> float:
        x, y = self.task.validation
        if self.task.metric.of is None:
            return network.evaluate(x, y)["loss"]
        outputs = network.predict(x, n_threads=1)
        return self.task.metric.of(outputs.reshape(len(x), -1), y)


def _curves(history: Any) -> dict[str, list[float]]:
    """Return the figures of each epoch, without its number."""
    names = [name for name in (history.epochs[0] if history.epochs else {}) if name not in ("epoch", "seconds")]
    return {name: history.column(name) for name in names}
