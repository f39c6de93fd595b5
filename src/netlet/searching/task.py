"""One trial: what all trials share, and training the network of one of them."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from netlet.errors import TrainingFailed
from netlet.network.network import Network
from netlet.network.options import FitOptions, Shared
from netlet.population.ensemble import Ensemble
from netlet.searching.building import Plan, rough_cost
from netlet.searching.metrics import Metric
from netlet.searching.trial import Ask, Status, Trial
from netlet.training.full_batch import Minimisation
from netlet.training.history import History
from netlet.training.snapshot import Snapshot, joined, parted
from netlet.training.trainer import Training


@dataclass(frozen=True)
class Task:
    """What all trials of a search share; it can be sent to other processes.

    Parameters
    ----------
    x, y : array
        Samples to learn from: (n, n_inputs), (n,) or (n, n_targets).
    validation : tuple of array, or tuple of int64 (m,)
        Samples to compare by: (X, y); of a cross-validation the rows that each fold leaves out.
    sample_weight : array or None
    plan : Plan
    metric : Metric
    epochs : int
        Of a trial that is trained to the end.
    patience : int or None
    seed : int
    has_folds : bool
        Whether a trial trains a network for each fold, each on all samples but the fold's.
    """

    x: np.ndarray
    y: np.ndarray
    validation: tuple[np.ndarray, ...]
    sample_weight: np.ndarray | None
    plan: Plan
    metric: Metric
    epochs: int
    patience: int | None
    seed: int
    has_folds: bool = False
    shared: Shared = field(default_factory=dict, compare=False, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is made from the rest."""
        return self.__dict__ | {"shared": {}}

    @property
    def truth(self) -> np.ndarray:
        """The targets that predictions are compared with."""
        return self.y if self.has_folds else self.validation[1]

    def parts(self) -> list[dict[str, Any]]:
        """Return what each network of a trial learns from and is stopped by: parameters of a training."""
        if not self.has_folds:
            return [{"validation_data": self.validation}]
        everything = np.arange(len(self.x))
        return [{"rows": np.setdiff1d(everything, held), "validation_rows": held} for held in self.validation]

    def predictions(self, networks: Sequence[Network]) -> np.ndarray:
        """Return what a trial's networks say of the samples that each was not trained on: (n, n_outputs).

        Parameters
        ----------
        networks : sequence of Network
            One, or one for each fold.
        """
        if not self.has_folds:
            outputs = networks[0].predict(self.validation[0], n_threads=1)
            return outputs.reshape(len(outputs), -1)
        parts = [each.predict(self.x[held], n_threads=1) for each, held in zip(networks, self.validation, strict=True)]
        together = np.empty((len(self.x), int(np.prod(parts[0].shape[1:]))), dtype=parts[0].dtype)
        for held, part in zip(self.validation, parts, strict=True):
            together[held] = part.reshape(len(held), -1)
        return together

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
    network : Network or Ensemble or None
        With the weights that were scored; of a cross-validation the average of the folds' networks.
    snapshot : Snapshot or None
        To go on from, where the trial is paused.
    """

    def __init__(
        self, task: Task, ask: Ask, snapshot: Snapshot | None = None, before: Trial | None = None, began: float = 0.0
    ) -> None:
        self.task, self.ask, self.snapshot, self.before, self.began = task, ask, snapshot, before, began
        self.trial: Trial | None = None
        self.network: Network | Ensemble | None = None
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
            done = {"epochs": len(history), "curves": _curves([history])} if history is not None else {}
            trial = self._failed(str(error), **done)
        except Exception as error:  # settings that do not go together are no reason to end the others
            trial = self._failed(f"{type(error).__name__}: {error}")
        self._training = None
        if trial is not None:
            self.trial = replace(trial, seconds=seconds + time.perf_counter() - started)

    def _failed(self, reason: str, **figures: Any) -> Trial:
        self.network = self.snapshot = None
        return replace(self._so_far, status="failed", reason=reason, **figures)

    def begin(self, part: dict[str, Any] | None = None) -> tuple[Network, Training | Minimisation]:
        """Make a network and its training, compiled and ready; of a cross-validation that of a part, else the first."""
        part = self.task.parts()[0] if part is None else part
        task, ask = self.task, self.ask
        network = task.plan.network(ask.settings, task.seed_of(ask.number))
        options = FitOptions(
            **task.plan.training(ask.settings), **part, epochs=task.epochs, patience=task.patience,
            sample_weight=task.sample_weight, n_threads=1, progress=False, shared=task.shared,
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
        task = self.task
        parts = task.parts()
        snapshots = [None] * len(parts) if self.snapshot is None else parted(self.snapshot)
        self.snapshot = None
        networks, endings, histories, kept = [], [], [], []
        for part, snapshot in zip(parts, snapshots, strict=True):
            network, training = self.begin(part)
            self._so_far = replace(self._so_far, n_parameters=int(network.theta.size))
            networks.append(network)
            histories.append(self._advance(training, snapshot, deadline))
            endings.append(training.history.stopped)
            if isinstance(training, Training):
                if self.ask.epochs is not None and len(histories[-1]):
                    kept.append(training.snapshot())
                training.put_best_back()
            if endings[-1] in ("time", "interrupted"):
                break
        status, epochs = _status(endings), min(len(history) for history in histories)
        whole = len(networks) == len(parts)
        if status == "stopped" and (not whole or epochs <= (0 if self.before is None else self.before.epochs)):
            return None if self.before is not None else replace(self._so_far, status="stopped")
        self._so_far = replace(self._so_far, epochs=max(map(len, histories)), curves=_curves(histories))
        score = self._score(networks)
        if not math.isfinite(score):
            return self._failed(f"its {task.metric.name} is {score}")
        self.network = Ensemble(networks) if task.has_folds else networks[0]
        self.snapshot = joined(kept) if status == "paused" else None
        return replace(self._so_far, status=status, score=score, cost=task.metric.cost(score))

    def _advance(self, training: Training | Minimisation, snapshot: Snapshot | None, deadline: float | None) -> History:
        self._training = training
        if self._stop_asked:
            training.stop()
        if isinstance(training, Training):
            if snapshot is not None:
                training.go_on_from(snapshot)
            return training.advance(self.ask.epochs or self.task.epochs, deadline)
        if deadline is not None:
            training.settings = replace(training.settings, time_limit=max(deadline - time.perf_counter(), 1e-3))
        return training.run()

    def _score(self, networks: list[Network]) -> float:
        task = self.task
        if task.metric.of is not None:
            return task.metric.of(task.predictions(networks), task.truth)
        if not task.has_folds:
            return networks[0].evaluate(*task.validation)["loss"]
        pairs = zip(networks, task.validation, strict=True)
        losses = [network.evaluate(task.x[held], task.y[held])["loss"] for network, held in pairs]
        return float(np.average(losses, weights=[len(held) for held in task.validation]))


def _status(endings: list[str]) -> Status:
    """Return the status of a trial whose trainings ended so."""
    if any(ending in ("time", "interrupted") for ending in endings):
        return "stopped"
    return "paused" if "paused" in endings else "done"


def _curves(histories: list[History]) -> dict[str, list[float]]:
    """Return the figures of each epoch, without its number: the mean over the folds.

    Of a fold that ended early its last figures count for the rest: a mean over the others alone would leap there.
    """
    begun = [history for history in histories if len(history)]
    length = max(map(len, begun), default=0)
    names = [name for name in begun[0].epochs[0] if name not in ("epoch", "seconds")] if begun else []
    return {
        name: [
            float(np.mean([history.records[min(epoch, len(history) - 1)][name] for history in begun]))
            for epoch in range(length)
        ]
        for name in names
    }
