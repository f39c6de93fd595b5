"""Methods that look at all samples for each step, by `scipy.optimize.minimize` on the flat parameter vector.

They choose their steps themselves, so they have no learning rate. An iteration counts as an epoch. They work in double
precision, whatever the network's dtype.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np

from netlet.errors import TrainingFailed, check_number
from netlet.graph.building import Operation
from netlet.kernels.compiling import when_compiling
from netlet.kernels.registry import layers
from netlet.training.endings import ending_of
from netlet.training.history import History
from netlet.training.interrupts import Interrupts
from netlet.training.learnt import Learnt
from netlet.training.objective import Objective, Stopped
from netlet.training.position import Position
from netlet.training.prediction import Predictor, accuracy, mean_loss
from netlet.training.progress import Progress
from netlet.training.settings import EpochEnd, Settings
from netlet.training.stepper import Rule, Samples, expected_seconds
from netlet.training.team import Team


@dataclass(frozen=True)
class FullBatch:
    """Base of the full-batch methods.

    Parameters
    ----------
    tolerance : float, >= 0
        The training has converged when no number of the gradient is larger.
    """

    tolerance: float = 1e-5
    method: ClassVar[str] = ""
    tolerance_option: ClassVar[str] = "gtol"

    def __post_init__(self) -> None:
        check_number("tolerance", self.tolerance, float, 0)

    def options(self) -> dict[str, Any]:
        """Return the options for `scipy.optimize.minimize`."""
        return {self.tolerance_option: self.tolerance}

    def describe(self) -> dict[str, Any]:
        """Return the method as a dict of plain values."""
        return {"optimizer": type(self).__name__} | asdict(self)


@dataclass(frozen=True)
class LBFGS(FullBatch):
    """Limited-memory BFGS (L-BFGS-B without bounds): the usual choice for small networks and some thousand samples.

    Parameters
    ----------
    tolerance : float, >= 0, default 1e-5
    memory : int, >= 1, default 10
        How many steps the approximation of the curvature remembers.

    References
    ----------
    Byrd, Lu, Nocedal, Zhu, "A limited memory algorithm for bound constrained optimization", 1995.
    """

    memory: int = 10
    method: ClassVar[str] = "L-BFGS-B"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number("memory", self.memory, int, 1)

    def options(self) -> dict[str, Any]:
        # The relative decrease at which SciPy would stop by itself is set aside: `tolerance` says when it is enough.
        return super().options() | {"maxcor": self.memory, "ftol": 0.0, "maxfun": 10**9, "maxls": 40}


@dataclass(frozen=True)
class ConjugateGradient(FullBatch):
    """Nonlinear conjugate gradients (Polak and Ribiere), which need no memory of earlier steps."""

    method: ClassVar[str] = "CG"


@dataclass(frozen=True)
class NewtonCG(FullBatch):
    """Newton's method, its equations solved by conjugate gradients; curvature from differences of gradients.

    Parameters
    ----------
    tolerance : float, >= 0, default 1e-5
        On the mean change of a parameter in an iteration; it has converged, too, when no number of the gradient is
        larger.
    """

    method: ClassVar[str] = "Newton-CG"
    tolerance_option: ClassVar[str] = "xtol"


@dataclass(frozen=True)
class TruncatedNewton(FullBatch):
    """Truncated Newton (TNC without bounds)."""

    method: ClassVar[str] = "TNC"

    def options(self) -> dict[str, Any]:
        return super().options() | {"maxfun": 10**9, "ftol": 0.0, "xtol": 0.0}


FULL_BATCH: dict[str, Callable[..., FullBatch]] = {
    "lbfgs": LBFGS,
    "cg": ConjugateGradient,
    "newton_cg": NewtonCG,
    "tnc": TruncatedNewton,
}


def check_operations(method: FullBatch, operations: Sequence[Operation]) -> None:
    """Raise ValueError if a layer is random: these methods need a loss that depends on the parameters alone."""
    for operation in operations[1:]:
        if layers[operation.row].is_random:
            raise ValueError(
                f"{operation.layer} is random while training, but {type(method).__name__} needs the same loss for the "
                "same weights; leave the layer out and use l2, or use an optimizer such as 'adam'"
            )


@dataclass(frozen=True)
class _Evaluation:
    """The loss at some parameters, the largest number of its gradient, and the state that it left."""

    theta: np.ndarray
    loss: float
    gradient: float
    state: np.ndarray


class _Enough(Exception):
    """The training is to end, for the reason given."""


class Minimisation:
    """One training of a network in place, by a full-batch method.

    Parameters
    ----------
    method : FullBatch
    operations, learnt, samples, validation, progress, network
        As for `netlet.training.trainer.Training`.
    rule : Rule
        Without limits of the gradient, L1 penalties and factors of the learning rate.
    settings : Settings
        Batch size, order and schedule are not used; an epoch is an iteration.
    """

    def __init__(
        self,
        method: FullBatch,
        operations: Sequence[Operation],
        learnt: Learnt,
        samples: Samples,
        validation: Samples | None,
        rule: Rule,
        settings: Settings,
        progress: Progress,
        network: Any = None,
    ) -> None:
        self.method, self.operations, self.learnt, self.rule = method, operations, learnt, rule
        self.validation, self.settings, self.progress, self.network = validation, settings, progress, network
        self.samples = samples
        self.position = Position()
        self.started = 0.0
        self.last: _Evaluation | None = None
        self._stop_asked = False
        self._team: Team | None = None
        self.gradient = np.inf  # the largest number of that of the last iteration

    @property
    def history(self) -> History:
        """What the training went through so far."""
        return self.position.history

    def expected_seconds(self) -> float:
        """Return a rough guess at how long all iterations take on one thread."""
        n_samples = len(self.samples) if self.settings.rows is None else len(self.settings.rows)
        return self.settings.epochs * expected_seconds(1, n_samples, self.learnt.theta.size)

    def stop(self) -> None:
        """Ask the training to end at its next step, and not to begin if it has not; for another thread to call."""
        self._stop_asked = True
        team = self._team
        if team is not None:
            team.stop()

    def run(self) -> History:
        """Train to the end.

        Returns
        -------
        History
            Its `stopped` is also "converged" (the tolerance is reached) or "stalled" (no step lowers the loss any
            more).

        Raises
        ------
        TrainingFailed
            If the loss at the start is not finite.
        """
        from scipy import optimize

        minimize: Any = optimize.minimize  # its stubs know no callback that is a method
        settings, history = self.settings, self.position.history
        if settings.epochs == 0:
            return history
        settings.begin(self.network)
        double = Learnt(self.learnt.theta.astype(np.float64), self.learnt.state.astype(np.float64))
        with self.progress, when_compiling(self.progress.compiling):
            self.objective = Objective(self.operations, double, self._chosen_samples(), self.rule)
            if self.validation is not None and settings.validation_rows is not None:
                self.validation = self.validation.rows(settings.validation_rows)
            self.predictor = Predictor(self.operations, self.rule.reads, self.learnt.dtype)
            with self.objective.stepper.team(settings.n_threads, 1) as (team, interrupts):
                self._team, self.interrupts = team, interrupts
                if self._stop_asked:
                    team.stop()
                self.started = time.perf_counter()
                if settings.time_limit is not None:
                    self.objective.deadline = self.started + settings.time_limit
                try:
                    result = minimize(
                        self._evaluate,
                        double.theta.copy(),
                        method=self.method.method,
                        jac=True,
                        callback=self._iterated,
                        options=self.method.options() | self._iterations(),
                    )
                    history.stopped = "converged" if self._has_converged(result.success) else "stalled"
                except _Enough as reason:
                    history.stopped = str(reason)
                except Stopped:
                    history.stopped = "interrupted" if interrupts.asked or self._stop_asked else "time"
            if self.position.best is not None:
                self.learnt.take(self.position.best)
            self.progress.end(ending_of(history, self.position.best is not None, settings))
        return history

    interrupts: Interrupts
    objective: Objective
    predictor: Predictor

    def _chosen_samples(self) -> Samples:
        """Return those to train on, in double precision: copies, which only a training under way has."""
        rows = self.settings.rows
        chosen = self.samples if rows is None else self.samples.rows(rows)
        return Samples(*(each.astype(np.float64, copy=False) for each in (chosen.x, chosen.y, chosen.weights)))

    def _iterations(self) -> dict[str, int]:
        # The callback counts the iterations; SciPy must not stop before it.
        return {} if self.method.method == "TNC" else {"maxiter": self.settings.epochs + 1}

    def _has_converged(self, success: bool) -> bool:
        # L-BFGS-B and TNC call it a success, too, when the loss does not change any more; Newton-CG calls it a failure
        # when the curvature is lost in rounding, as it is next to the optimum.
        by_gradient = self.method.tolerance_option == "gtol"
        return self.gradient <= self.method.tolerance or (success and not by_gradient)

    def _evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        assert self._team is not None
        loss, gradient = self.objective(theta, self._team)
        if self.last is None:
            self.gradient = float(np.abs(gradient).max())
        if self.last is None and not math.isfinite(loss):
            self.position.history.stopped = "failed"
            raise TrainingFailed(
                "the loss or its gradient is not finite at the start: scale the columns of X to about -1 to 1, or "
                "begin with smaller weights",
                self.position.history,
            )
        self.last = _Evaluation(theta.copy(), loss, float(np.abs(gradient).max()), self.objective.learnt.state.copy())
        return loss, gradient

    def _iterated(self, theta: np.ndarray) -> None:
        """Record an iteration, which counts as an epoch."""
        settings, position = self.settings, self.position
        if self.last is None or not np.array_equal(self.last.theta, theta):
            self._evaluate(np.asarray(theta))
        assert self.last is not None
        self.gradient = self.last.gradient
        self.learnt.theta[:], self.learnt.state[:] = theta, self.last.state
        self.learnt.epochs += 1
        stepper = self.objective.stepper
        record: dict[str, float] = {"epoch": position.epoch + 1, "loss": self.last.loss}
        if stepper.has_penalty:
            record["penalty"] = stepper.penalty()
            record["loss"] -= record["penalty"]
        if self.validation is not None:
            record |= self._validate(self.validation)
        record["seconds"] = time.perf_counter() - self.started
        position.add(record, self.learnt, keep_best=settings.patience is not None, best_by=settings.best_by)
        self.progress.show(record)
        end = EpochEnd(
            self.network, position.epoch, record["loss"], record.get("validation_loss"),
            record.get("validation_accuracy"), position.history,
        )  # fmt: skip
        if any([callback(end) for callback in settings.callbacks]):
            raise _Enough("callback")
        if settings.patience is not None and position.since >= settings.patience:
            raise _Enough("early")
        if position.epoch >= settings.epochs:
            raise _Enough("epochs")
        if self.interrupts.asked or self._stop_asked:
            raise _Enough("interrupted")
        if self.objective.deadline is not None and time.perf_counter() >= self.objective.deadline:
            raise _Enough("time")

    def _validate(self, validation: Samples) -> dict[str, float]:
        learnt = self.learnt
        logits = self.predictor.predict(learnt.theta, learnt.state, validation.x, self.settings.n_threads)
        share = accuracy(self.rule.loss, logits, validation.y, validation.weights)
        figures = {"validation_loss": mean_loss(self.rule.loss, logits, validation.y, validation.weights)}
        return figures if share is None else figures | {"validation_accuracy": share}
