"""The trainer: from checked arrays to trained parameters, an epoch at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from netlet.errors import TrainingFailed
from netlet.graph import program as table
from netlet.graph.lowering import Training, lower
from netlet.graph.operations import Operation
from netlet.graph.program import Program
from netlet.kernels.compiling import prepare, when_compiling
from netlet.kernels.memory import aligned_zeros, row_of_streams
from netlet.kernels.random import STREAM_ORDER, new_generator, shuffle
from netlet.kernels.registry import updates
from netlet.kernels.threads import FAILED_STEP, STATUS
from netlet.training.blas import single_threaded_blas
from netlet.training.diagnosis import explain_failure
from netlet.training.history import History
from netlet.training.interrupts import Interrupts
from netlet.training.loop import FINISHED, STOPPED, train_epoch
from netlet.training.losses import Loss
from netlet.training.optimizers import Optimizer
from netlet.training.pace import Pace
from netlet.training.prediction import Predictor, accuracy, mean_loss
from netlet.training.progress import Progress
from netlet.training.team import Team, available_threads


@dataclass(frozen=True)
class Samples:
    """Checked arrays of one set of samples: x (n, n_features), y (n, n_targets), weights (n,) or (0,), of one dtype."""

    x: np.ndarray
    y: np.ndarray
    weights: np.ndarray

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class Settings:
    """How to train.

    Parameters
    ----------
    loss : Loss
    reads : int
        The operation that the loss reads.
    optimizer : Optimizer
    epochs : int, >= 0
    batch_size : int, >= 1
    shuffle : bool
    rows : int64, (n,), optional
        The samples to train on; all where None.
    patience : int, optional
        Stop after so many epochs without a lower validation loss, and keep the best weights.
    time_limit : float, optional
        Seconds of training; compiling is not counted.
    seed : int
    n_threads : int, optional
    callbacks : sequence of callable
        Called after each epoch with an `EpochEnd`; a true answer stops.
    """

    loss: Loss
    reads: int
    optimizer: Optimizer
    epochs: int
    batch_size: int
    shuffle: bool = True
    rows: np.ndarray | None = None
    patience: int | None = None
    time_limit: float | None = None
    seed: int = 0
    n_threads: int | None = None
    callbacks: Sequence[Callable[[Any], Any]] = field(default_factory=tuple)


@dataclass(frozen=True)
class EpochEnd:
    """What a callback is given after an epoch.

    Attributes
    ----------
    network : Network
        With the weights of this moment.
    epoch : int
        From 1.
    loss : float
    validation_loss, validation_accuracy : float or None
    history : History
    """

    network: Any
    epoch: int
    loss: float
    validation_loss: float | None
    validation_accuracy: float | None
    history: History


def train(
    operations: Sequence[Operation],
    theta: np.ndarray,
    state: np.ndarray,
    samples: Samples,
    validation: Samples | None,
    settings: Settings,
    progress: Progress,
    network: Any = None,
) -> History:
    """Train the parameters `theta` and what is kept beside them, `state`, in place.

    Parameters
    ----------
    operations : sequence of Operation
    theta : dtype, (n_theta,)
    state : dtype, (n_state,)
    samples, validation : Samples
    settings : Settings
    progress : Progress
    network : object
        Handed to the callbacks.

    Returns
    -------
    History

    Raises
    ------
    TrainingFailed
        If a loss or a gradient is not finite; `theta` is then what it was before, at the last end of an epoch that was
        followed by a finite loss.
    """
    return _Run(operations, theta, state, samples, validation, settings, progress, network).run()


class _Run:
    """One training: its arrays, allocated once, and its epochs."""

    def __init__(
        self,
        operations: Sequence[Operation],
        theta: np.ndarray,
        state: np.ndarray,
        samples: Samples,
        validation: Samples | None,
        settings: Settings,
        progress: Progress,
        network: Any,
    ) -> None:
        self.operations, self.theta, self.state = operations, theta, state
        self.samples, self.validation = samples, validation
        self.settings, self.progress, self.network = settings, progress, network
        self.history = History()
        self.deadline: float | None = None
        self.n_samples = len(samples) if settings.rows is None else len(settings.rows)
        self.n_steps = -(-self.n_samples // settings.batch_size)
        # Samples are read where they lie when their order is theirs; else each batch is gathered into the arena.
        self.gather = settings.rows is not None or (settings.shuffle and self.n_steps > 1)

    def prepare(self) -> None:
        """Lower the network and allocate; compiles what is not compiled yet."""
        settings, dtype = self.settings, str(self.theta.dtype)
        update = updates[settings.optimizer.rule]
        training = Training(
            settings.loss.row,
            update,
            self.gather,
            weighted=self.samples.weights.size > 0,
            n_targets=settings.loss.n_targets(self.operations[settings.reads].size),
            seed=settings.seed,
        )
        batch_size = min(settings.batch_size, self.n_samples)
        self.program: Program = lower(self.operations, settings.reads, batch_size, dtype, training)
        prepare(train_epoch, dtype)
        prepare(shuffle, dtype)
        self.predictor = Predictor(self.operations, settings.reads, dtype) if self.validation is not None else None

        n_theta = self.theta.size
        self.arena = self.program.new_arena()
        self.dtheta = aligned_zeros((n_theta,), dtype, stream=1)
        self.slots = aligned_zeros((update.n_slots, row_of_streams(n_theta, dtype)), dtype, stream=2)
        self.loss_factors = np.zeros(8, dtype=dtype)
        self.loss_factors[: len(settings.loss.factors())] = settings.loss.factors()
        self.update_settings = np.zeros(8, dtype=dtype)
        self.update_settings[: len(update.settings)] = settings.optimizer.settings()
        self.learning_rates = np.full(self.n_steps, settings.optimizer.learning_rate)
        self.losses = np.zeros((self.n_steps, 2))
        self.cut_losses = np.zeros(self.program.n_cuts)
        self.norms = np.zeros(len(self.program.slices))
        rows = settings.rows if settings.rows is not None else np.arange(self.n_samples if self.gather else 0)
        self.order = np.array(rows, dtype=np.int64)
        self.generator = new_generator(settings.seed, STREAM_ORDER)
        # Two ends of epochs are kept: whether the weights of the last one give a finite loss is known only one step
        # later.
        self.good = [self.theta.copy(), self.theta.copy()]

    def run(self) -> History:
        settings = self.settings
        if self.n_samples == 0 or settings.epochs == 0:
            return self.history
        with self.progress, when_compiling(self._say_once):
            self.prepare()
            if settings.time_limit is not None:  # compiling, done once on a machine, does not count
                self.deadline = time.perf_counter() + settings.time_limit
            n_threads = min(settings.n_threads or available_threads(), self.program.n_cuts)
            crew = Team(n_threads, self._expected_seconds())
            with crew as team, Interrupts(team.stop) as interrupts, single_threaded_blas():
                self.history.stopped = self._epochs(team, interrupts)
            if self.best is not None:
                self.theta[:] = self.best
            self.progress.end(self._ending())
        return self.history

    _said = False
    best: np.ndarray | None = None

    def _say_once(self) -> None:
        if not self._said:
            self._said = True
            self.progress.compiling()

    def _epochs(self, team: Team, interrupts: Interrupts) -> str:
        """Run the epochs; return why they ended."""
        settings, lowest, since = self.settings, np.inf, 0
        pace = Pace(team.n_threads, self.n_steps, fixed=settings.n_threads is not None)
        started = time.perf_counter()
        for epoch in range(1, settings.epochs + 1):
            self.good[epoch % 2][:] = self.theta
            if self.gather and settings.shuffle:
                shuffle(self.order, self.generator)
            threads = pace.next()
            pace.took(threads, team.run(train_epoch, self._arguments(team, epoch), self.deadline, threads))
            status = int(team.control[STATUS])
            if status == STOPPED:
                return "interrupted" if interrupts.asked else "time"
            if status != FINISHED:
                self._fail(epoch, int(team.control[FAILED_STEP]), status)
            record = {"epoch": epoch, "loss": self._mean_loss()}
            if self.validation is not None:
                record |= self._validate(self.validation)
            record["seconds"] = time.perf_counter() - started
            self.history.epochs.append(record)
            self.progress.show(record)

            if "validation_loss" in record:
                if record["validation_loss"] < lowest:
                    lowest, since = record["validation_loss"], 0
                    self.history.best_epoch = epoch
                    if settings.patience is not None:
                        self.best = self.theta.copy() if self.best is None else self.best
                        self.best[:] = self.theta
                else:
                    since += 1
            end = EpochEnd(
                self.network,
                epoch,
                record["loss"],
                record.get("validation_loss"),
                record.get("validation_accuracy"),
                self.history,
            )
            if any([callback(end) for callback in settings.callbacks]):
                return "callback"
            if interrupts.asked:
                return "interrupted"
            if settings.patience is not None and since >= settings.patience:
                return "early"
            if self.deadline is not None and time.perf_counter() >= self.deadline and epoch < settings.epochs:
                return "time"
        return "epochs"

    def _expected_seconds(self) -> float:
        """Return a rough guess, rather low, at how long an epoch takes."""
        operations = 6 * self.program.batch_size * self.theta.size
        return self.n_steps * (2e-6 + operations / 1e11)

    def _arguments(self, team: Team, epoch: int) -> tuple[Any, ...]:
        program, samples = self.program, self.samples
        program.plan[[table.FIRST_STEP, table.FIRST_UPDATE]] = (epoch - 1) * self.n_steps
        return (
            program.nodes, program.settings, program.factors, program.slices, program.rates, program.limits,
            program.plan, self.loss_factors, self.arena, self.theta, self.dtheta, self.slots, self.state, samples.x,
            samples.y, samples.weights, self.order, self.update_settings, self.learning_rates, self.losses,
            self.cut_losses, self.norms, team.control,
        )  # fmt: skip

    def _mean_loss(self) -> float:
        weight = self.losses[:, 1].sum()
        return float((self.losses[:, 0] * self.losses[:, 1]).sum() / weight) if weight > 0 else 0.0

    def _validate(self, validation: Samples) -> dict[str, float]:
        assert self.predictor is not None
        logits = self.predictor.predict(self.theta, self.state, validation.x, self.settings.n_threads)
        arguments = self.settings.loss, logits, validation.y, validation.weights
        share = accuracy(*arguments)
        figures = {"validation_loss": mean_loss(*arguments)}
        return figures if share is None else figures | {"validation_accuracy": share}

    def _fail(self, epoch: int, step: int, status: int) -> None:
        """Put the last good weights back and raise."""
        batch_size = self.program.batch_size
        rows = np.arange(step * batch_size, min((step + 1) * batch_size, self.n_samples))
        rows = self.order[rows] if self.gather else rows
        rate, samples = self.settings.optimizer.learning_rate, self.samples
        targets = samples.y[:0] if self.settings.loss.row.labels else samples.y[rows]
        explanation = explain_failure(
            self.operations, self.settings.reads, self.theta, self.state, samples.x[rows], targets, rate, status
        )
        kept = epoch if step > 0 else epoch - 1  # a finite loss was seen after the weights of that epoch's beginning
        self.theta[:] = self.best if self.best is not None else self.good[kept % 2] if kept > 0 else self.good[1]
        self.history.stopped = "failed"
        which = "those at the best epoch" if self.best is not None else f"those after {max(kept - 1, 0)} epoch(s)"
        raise TrainingFailed(
            f"training stopped in epoch {epoch}, step {step + 1}: {explanation} The weights kept are {which}.",
            self.history,
        )

    def _ending(self) -> str:
        count = len(self.history)
        reasons = {
            "epochs": f"{count} epochs done",
            "early": f"stopped after {count} epochs: no better validation loss for {self.settings.patience} epochs",
            "time": f"stopped by the time limit of {self.settings.time_limit} s after {count} full epochs",
            "interrupted": f"interrupted after {count} full epochs",
            "callback": f"stopped by a callback after {count} epochs",
        }
        text = reasons[self.history.stopped]
        if self.best is not None:
            text += f"; the weights of epoch {self.history.best_epoch} (lowest validation loss) are kept"
        elif self.history.stopped != "epochs":
            text += "; the weights are kept"
        if self.history.epochs:
            text += f"; loss {self.history.epochs[-1]['loss']:.4f}, {self.history.epochs[-1]['seconds']:.2f} s"
        return text
