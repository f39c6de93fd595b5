"""Watch a training: look at a few samples now and then, with the kernels that train, and keep the figures.

The looks are a callback's: the training's loop knows nothing of them, and without them nothing is done. They see the
same samples each time, without dropout, so that what changes is the network. How far apart they are follows from the
sizes alone, not from a clock: the same seed gives the same figures.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from netlet.errors import TrainingFailed
from netlet.graph import program as table
from netlet.graph.building import Operation
from netlet.graph.embedding import integer_columns
from netlet.insight.health.baseline import baseline_of
from netlet.insight.health.figures import Figures, LayerLook, Look
from netlet.insight.health.finding import Health
from netlet.insight.health.order import findings_of
from netlet.insight.walk import Walk
from netlet.kernels.blas import single_threaded_blas
from netlet.kernels.compiling import LOSS, address
from netlet.training.full_batch import Minimisation
from netlet.training.learnt import Learnt
from netlet.training.settings import EpochEnd
from netlet.training.stepper import Rule, Samples, expected_seconds
from netlet.training.trainer import Training

_ROWS = 256
_SHARE = 0.01  # of the training's time, as far as it can be foreseen; a third of what is promised
_SECONDS_OF_AN_OPERATION = 1e-4  # its calls from Python, and its figures

# Where the derivative is below a twentieth of its largest: 1 - y^2 < 0.05, and 4 y (1 - y) < 0.05.
_FLAT_TANH, _FLAT_SIGMOID = 0.975, 0.0127
_ALIKE = 1e-6  # of the largest weight: rounding apart, equal
_LINEAR = ("dense", "embedding", "identity", "dropout", "batch_normalisation")
# Rows with a weight for each unit and each number that all units read, column by column (and gate by gate).
_OF_UNITS = ("dense", "time_dense", "convolution", "rnn", "gru", "lstm")
_SCALING = ("batch_normalisation", "layer_normalisation", "scaling")


class Watch:
    """Looks at a training that has not begun.

    Parameters
    ----------
    operations : sequence of Operation
    learnt : Learnt
        What is trained, in place.
    rule : Rule
    samples : Samples
        Those that are learnt from; a few are looked at.
    rows : int64, (n,), optional
        The rows of these that are learnt from; all where None.
    batch_size : int
    epochs : int
        As many as there may be.
    """

    def __init__(
        self,
        operations: Sequence[Operation],
        learnt: Learnt,
        rule: Rule,
        samples: Samples,
        rows: np.ndarray | None,
        batch_size: int,
        epochs: int,
    ) -> None:
        self.operations, self.learnt, self.rule, self.last = operations, learnt, rule, epochs
        self.n_samples = len(samples) if rows is None else len(rows)
        self.batch_size = min(batch_size, self.n_samples)
        self.n_steps = -(-self.n_samples // self.batch_size)
        self.walk = Walk(self.operations, self.rule.reads, self.learnt.theta, self.learnt.state)
        # At even distances: samples are often sorted by class.
        count = min(self.n_samples, self.walk.block, _ROWS)
        chosen = np.linspace(0, self.n_samples - 1, count).astype(np.int64)
        self.samples = samples.rows(chosen if rows is None else rows[chosen])
        n_theta = self.learnt.theta.size
        look = expected_seconds(1, count, n_theta) + _SECONDS_OF_AN_OPERATION * len(self.walk.kept)
        self.every = math.ceil(look / (_SHARE * expected_seconds(self.n_steps, self.batch_size, n_theta)))
        self.looks: list[Look] = []
        self._before, self._now = self.learnt.theta.copy(), self.learnt.theta.copy()
        self._noted = self._apart = 0  # the epoch of the weights now, and how many after those before
        self.look(0)

    def next_call(self, epoch: int) -> int:
        """Return after which epoch to call next: one before that of a look, whose updates are then known, and that."""
        look, last = (epoch // self.every + 1) * self.every, self.last
        return min(each for each in (look - 1, look, last - 1, max(last, epoch + 1)) if each > epoch)

    def __call__(self, end: EpochEnd) -> None:
        """Take part in a training as its callback."""
        self.after(end.epoch)

    def after(self, epoch: int) -> None:
        """Note the weights after an epoch, and look if it is time."""
        self._before, self._now = self._now, self._before
        self._now[:] = self.learnt.theta
        self._noted, self._apart = epoch, epoch - self._noted
        if epoch % self.every == 0:
            self.look(epoch)

    def look(self, epoch: int) -> None:
        """Look at the network as it is, and keep the figures."""
        with single_threaded_blas(), np.errstate(over="ignore", invalid="ignore"):  # they are what is looked for
            logits = self.walk.forward(self.samples.x)
            loss, slope = self._loss(logits)
            gradients = self.walk.backward(slope)
            layers = tuple(self._layer(place, gradients[place]) for place in self.walk.kept[1:] if place in gradients)
            spread = float(logits.std(axis=0, dtype=np.float64).max())
        self.looks.append(Look(epoch, loss, layers, spread))

    def figures(
        self,
        losses: Sequence[float],
        validation_losses: Sequence[float] = (),
        *,
        failed: bool = False,
        keeps_best: bool = False,
    ) -> Figures:
        """Return all that was seen, with a last look if the end was not seen yet.

        Parameters
        ----------
        losses, validation_losses : sequence of float
            Of each epoch, without penalties.
        failed : bool
            Whether it broke off with numbers that are not finite.
        keeps_best : bool
            Whether the weights of the best validation were put back.
        """
        done = len(losses)
        put_back = keeps_best and not np.array_equal(self.learnt.theta, self._now)
        if put_back or self.looks[-1].epoch < done:
            self.look(done)
        baseline, target_spread = baseline_of(self.rule.loss, self.operations[self.rule.reads].size, self.samples)
        centres, spreads = self._columns()
        return Figures(
            losses=tuple(losses),
            validation_losses=tuple(validation_losses),
            looks=tuple(self.looks),
            baseline=baseline,
            target_spread=target_spread,
            centres=centres,
            spreads=spreads,
            n_samples=self.n_samples,
            batch_size=self.batch_size,
            learning_rate=self.rule.optimizer.learning_rate if self.rule.optimizer is not None else None,
            has_hidden=any(self.operations[place].row not in _LINEAR for place in self.walk.kept[1:-1]),
            failed=failed,
            keeps_best=keeps_best,
        )

    def report(
        self,
        losses: Sequence[float],
        validation_losses: Sequence[float] = (),
        *,
        failed: bool = False,
        keeps_best: bool = False,
    ) -> Health:
        """Return what was found, from what `figures` takes."""
        figures = self.figures(losses, validation_losses, failed=failed, keeps_best=keeps_best)
        return Health(findings_of(figures), figures)

    def _columns(self) -> tuple[np.ndarray, np.ndarray]:
        first = [operation for operation in self.operations[1:] if 0 in operation.sources]
        if any(operation.row in _SCALING for operation in first) or integer_columns(self.operations):
            return np.zeros(0), np.zeros(0)
        x = self.samples.x
        return x.mean(axis=0, dtype=np.float64), x.std(axis=0, dtype=np.float64)

    def _loss(self, logits: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the mean loss, and the gradient of it with respect to the logits."""
        loss, dtype = self.rule.loss, logits.dtype
        address(loss.row.kernel, LOSS, str(dtype))
        factors = np.zeros(table.N_SETTINGS, dtype)
        factors[: len(loss.factors())] = loss.factors()
        weights = self.samples.weights
        total = float(weights.sum()) if weights.size else len(logits)
        slope = np.zeros_like(logits)
        mean = loss.row.kernel(logits, self.samples.y, weights, dtype.type(1 / total), factors, slope)
        return float(mean), slope

    def _layer(self, place: int, gradient: np.ndarray) -> LayerLook:
        operation, values = self.operations[place], self.walk.values[place]
        hidden = place != self.rule.reads
        return LayerLook(
            layer=operation.layer,
            row=operation.row,
            mean=float(values.mean()),
            spread=float(values.std()),
            gradient=math.sqrt(float(np.vdot(gradient, gradient)) * len(gradient)),
            dead=_dead(operation, values) if hidden else None,
            saturated=_saturated(operation, values) if hidden else None,
            update=self._update(operation) if self._apart == 1 else None,
            size=self._size(operation),
            alike=hidden and self._alike(operation),
            has_weights=any(block.is_weight for block in operation.blocks),
        )

    def _update(self, operation: Operation) -> float | None:
        """Return the ratio of update to weight; None without weights, and where they are all 0."""
        moved = size = 0.0
        for block, place in operation.places():
            if block.is_weight:
                before, now = self._before[place], self._now[place]
                moved, size = moved + float(((now - before) ** 2).sum()), size + float(np.vdot(before, before))
        return math.sqrt(moved / size / self.n_steps) if size > 0 else None

    def _size(self, operation: Operation) -> float | None:
        parts = [self.learnt.theta[place] for block, place in operation.places() if block.is_weight]
        return math.sqrt(sum(float(np.vdot(part, part)) for part in parts)) if parts else None

    def _alike(self, operation: Operation) -> bool:
        """Tell whether all units of a layer have the same weights; of gates, within each of them."""
        if operation.row not in _OF_UNITS:
            return False
        n_units = operation.settings.get("units", operation.width)
        if n_units < 2:
            return False
        for block, place in operation.places():
            if block.is_weight:
                weight = self.learnt.theta[place].reshape(block.n_rows, -1, n_units)
                if np.ptp(weight, axis=2).max() > _ALIKE * np.abs(weight).max():
                    return False
        return True


@contextmanager
def watching(training: Training | Minimisation, tells: bool = True) -> Iterator[None]:
    """Look at a training that is run within; its history then has `health`, if it broke off with TrainingFailed too.

    Parameters
    ----------
    training : Training or Minimisation
    tells : bool, default True
        Whether findings are shown where the training shows its progress.
    """
    settings = training.settings
    n_rows = len(training.samples) if settings.rows is None else len(settings.rows)
    batch_size = n_rows if isinstance(training, Minimisation) else settings.batch_size
    watch = Watch(
        training.operations, training.learnt, training.rule, training.samples, settings.rows, batch_size,
        settings.epochs,
    )  # fmt: skip
    training.settings = replace(settings, callbacks=(*settings.callbacks, watch))
    try:
        yield
    except TrainingFailed:
        _report(watch, training, tells)
        raise
    _report(watch, training, tells)


def _report(watch: Watch, training: Training | Minimisation, tells: bool) -> None:
    """Make the report of a training that has ended, put it in the history, and show it."""
    history = training.history
    validated = bool(history.records) and "validation_loss" in history.records[-1]
    history.health = watch.report(
        history.column("loss") if history.records else (),
        history.column("validation_loss") if validated else (),
        failed=history.stopped == "failed",
        keeps_best=training.position.best is not None,
    )
    for finding in history.health.findings if tells else ():
        training.progress.end(str(finding))


def _dead(operation: Operation, values: np.ndarray) -> float | None:
    if operation.row != "relu":
        return None
    units = values.reshape(-1, operation.shape[-1]) if len(operation.shape) > 1 else values
    return float((units.max(axis=0) <= 0).mean())


def _saturated(operation: Operation, values: np.ndarray) -> float | None:
    if operation.row == "tanh":
        return float((np.abs(values) > _FLAT_TANH).mean())
    if operation.row == "sigmoid":
        return float((np.abs(values - 0.5) > 0.5 - _FLAT_SIGMOID).mean())
    return None
