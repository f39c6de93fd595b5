"""From scikit-learn's settings to netlet's: the update rule, the learning rate of each step, the optimizer's memory."""

from __future__ import annotations

from typing import Any

import numpy as np

from netlet.training.full_batch import FULL_BATCH, FullBatch
from netlet.training.optimizers import OPTIMIZERS, SGD, Momentum, optimizer_of
from netlet.training.optimizers.base import Optimizer
from netlet.training.schedules import Schedule, schedule_of

_SMALLEST_RATE = 1e-6  # at which scikit-learn's adaptive learning rate gives up
_ADAM_LIKE = ("adam", "adam_eps_hat", "adamw", "amsgrad", "nadam")
SOLVERS = ("lbfgs", "sgd", "adam", *(name for name in OPTIMIZERS if name not in ("sgd", "adam")))
SOLVERS += tuple(name for name in FULL_BATCH if name != "lbfgs")


def is_full_batch(solver: Any) -> bool:
    """Tell whether a solver looks at all samples for each step."""
    return isinstance(solver, FullBatch) or (isinstance(solver, str) and solver in FULL_BATCH)


def update_rule(estimator: Any) -> Optimizer:
    """Return the optimizer that an estimator's settings stand for.

    `momentum` and `nesterovs_momentum` count for "sgd", `momentum` for "momentum" and "nesterov", the betas and
    `epsilon` for Adam and its kin. An optimizer given as an object has all its settings itself.
    """
    solver, rate = estimator.solver, estimator.learning_rate_init
    # Optimizers want a momentum below 1, scikit-learn allows 1 itself; rounded to the kernel's type this is 1.
    momentum = min(float(estimator.momentum), float(np.nextafter(1.0, 0.0)))
    if isinstance(solver, Optimizer):
        return solver
    if solver == "sgd":
        return Momentum(rate, momentum, nesterov=bool(estimator.nesterovs_momentum)) if momentum else SGD(rate)
    if solver in ("momentum", "nesterov"):
        return Momentum(rate, momentum, nesterov=solver == "nesterov")
    if solver in _ADAM_LIKE:
        # The form of Adam that scikit-learn has.
        kind: Any = OPTIMIZERS["adam_eps_hat" if solver == "adam" else solver]
        return kind(rate, beta1=estimator.beta_1, beta2=estimator.beta_2, eps=estimator.epsilon)  # type: ignore[no-any-return]
    return optimizer_of(solver, rate)


def full_batch_method(estimator: Any) -> tuple[str, dict[str, Any]]:
    """Return the method's name and options for `scipy.optimize.minimize`.

    For a name `tol` limits the gradient, as in scikit-learn, and SciPy's own test of the loss's relative decrease
    stays in force; an object such as ``LBFGS(tolerance=1e-6)`` brings its own.
    """
    solver = estimator.solver
    if isinstance(solver, FullBatch):
        method, options = solver.method, solver.options()
    else:
        kind: Any = FULL_BATCH[solver]
        method, options = kind.method, {kind.tolerance_option: estimator.tol}
    if method in ("L-BFGS-B", "TNC"):
        options["maxfun"] = estimator.max_fun
    if method != "TNC":
        options["maxiter"] = estimator.max_iter
    return method, options


class OptimizerState:
    """An optimizer while it is at work: its learning rate, and what it remembers from one fit to the next.

    Parameters
    ----------
    estimator : estimator
        Whose settings decide.

    Attributes
    ----------
    rule : Optimizer
    learning_rate : float
        That of the next epoch, before the schedule's factors.
    slots : dtype, (n_slots, n_theta), or None
        The rule's memory, where no engine holds it.
    n_updates : int
    """

    def __init__(self, estimator: Any) -> None:
        self.rule = update_rule(estimator)
        self.learning_rate = self.rule.learning_rate
        self.slots: np.ndarray | None = None
        self.n_updates = 0
        self.schedule: Schedule = schedule_of(estimator.schedule)
        self.watch = self.schedule.watch()
        self._epochs = 0
        self._change = estimator.learning_rate if estimator.solver == "sgd" else "constant"
        self._power = estimator.power_t

    def is_like(self, other: OptimizerState) -> bool:
        """Tell whether another one has the same settings, so that this one can go on in its place."""
        own, others = ((each.rule, each.schedule, each._change, each._power) for each in (self, other))
        return own == others

    def continue_from(self, before: OptimizerState, samples_seen: int) -> None:
        """Take over the memory of an optimizer with the same rule, and the learning rate that follows from it."""
        if before.rule.rule == self.rule.rule:
            self.slots, self.n_updates = before.slots, before.n_updates
        if self.schedule == before.schedule:
            self._epochs, self.watch = before._epochs, before.watch
        self.epoch_ends(samples_seen, counts=False)

    def rates(self, n_steps: int, n_epochs: int) -> np.ndarray:
        """Return the learning rate of each step of an epoch: float64, (n_steps,)."""
        if self.watch is None and type(self.schedule).__name__ == "ConstantRate":
            return np.full(n_steps, self.learning_rate)
        total = max(n_epochs, self._epochs + 1) * n_steps
        factors = self.schedule.factors(self._epochs * n_steps, n_steps, n_steps, total)
        return np.asarray(self.learning_rate * factors * (self.watch.factor if self.watch is not None else 1.0))

    def epoch_ends(self, samples_seen: int, loss: float = np.nan, counts: bool = True) -> None:
        """Change the learning rate as scikit-learn does after an epoch, and tell the schedule."""
        if self._change == "invscaling":
            self.learning_rate = float(self.rule.learning_rate) / (samples_seen + 1) ** self._power
        if counts:
            self._epochs += 1
            if self.watch is not None:
                self.watch.after_epoch(loss)

    def goes_on_slower(self) -> bool:
        """Divide an adaptive learning rate by 5; tell whether training is to go on with it."""
        if self._change != "adaptive" or self.learning_rate <= _SMALLEST_RATE:
            return False
        self.learning_rate /= 5.0
        return True
