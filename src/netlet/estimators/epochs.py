"""Training by an update rule, epoch by epoch, with scikit-learn's ends and reports."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from netlet.estimators.engine import Engine, Epoch
from netlet.estimators.health import EstimatorWatch
from netlet.estimators.reports import Reports
from netlet.estimators.targets import least_loss
from netlet.estimators.validation import Validation
from netlet.training.pace import Pace
from netlet.training.stepper import Samples
from netlet.training.team import Team

NOT_FINITE = (
    "Solver produced non-finite parameter weights. The input data may contain large values and need to be preprocessed."
)


class Training:
    """One call of `fit` or `partial_fit`.

    Parameters
    ----------
    estimator : estimator
        Its settings count; its figures are kept in its `_progress`.
    engine : Engine
    samples : Samples
    validation : Validation or None
    reports : Reports
    once : bool
        Whether it is a `partial_fit`: one epoch.
    watch : EstimatorWatch, optional
    """

    def __init__(
        self,
        estimator: Any,
        engine: Engine,
        samples: Samples,
        validation: Validation | None,
        reports: Reports,
        once: bool,
        watch: EstimatorWatch | None = None,
    ) -> None:
        self.estimator, self.engine, self.samples, self.validation = estimator, engine, samples, validation
        self.reports, self.once, self.watch = reports, once, watch
        self.state, self.progress = engine.state, estimator._progress
        self.learnt = engine.stepper.learnt
        self.n_steps = -(-len(samples) // engine.batch_size)
        self.shuffles = estimator.shuffle and self.n_steps > 1
        self.order = np.arange(len(samples) if self.shuffles else 0)
        self.least_loss = least_loss(engine.minimised.loss, samples.y, samples.weights)
        self.good = [self.learnt.copy(), self.learnt.copy()]  # before this epoch and before the last one

    def run(self) -> str | None:
        """Train; return why it ended, None for a `partial_fit` after which there is more to learn."""
        estimator = self.estimator
        n_epochs = 1 if self.once else estimator.max_iter
        self.deadline = None if estimator.time_limit is None else time.perf_counter() + estimator.time_limit
        estimator.n_iter_ = 0
        reason: str | None = None
        with self.engine.stepper.team(estimator.n_threads, self.n_steps) as (team, interrupts):
            self.pace = Pace(team.n_threads, self.n_steps, fixed=estimator.n_threads is not None)
            while reason is None and estimator.n_iter_ < n_epochs:
                epoch = self._epoch(team, estimator.n_iter_)
                if epoch.stopped:
                    reason = "interrupted" if interrupts.asked else "time"
                    break
                if epoch.failed:
                    reason = self._diverged(epoch)
                    break
                reason = self._epoch_ends(epoch)
                if reason is None and interrupts.asked:
                    reason = "interrupted"
        if reason == "interrupted":
            warnings.warn("Training interrupted by user.", stacklevel=6)
        if reason is None and not self.once:
            reason = "max_iter"
            warnings.warn(
                f"Stochastic Optimizer: Maximum iterations ({estimator.max_iter}) reached and the optimization hasn't "
                "converged yet. Increase max_iter, raise tol, or scale the columns of X to about -1 to 1.",
                ConvergenceWarning,
                stacklevel=6,
            )
        ended = reason is not None and reason != "max_iter" if self.once else True
        if self.progress.early_stopping and self.progress.best is not None and ended:
            self.learnt.take(self.progress.best)
        return reason

    def _epoch(self, team: Team, number: int) -> Epoch:
        if self.reports.wanted:
            self.reports.epoch_begins()
        self.good[number % 2].take(self.learnt)
        if self.shuffles:
            # Scikit-learn's stream, too: an order of an order.
            draw = np.arange(len(self.order))
            self.estimator._random_state.shuffle(draw)
            self.order = self.order[draw]
        rates = self.state.rates(self.n_steps, self.estimator.max_iter)
        threads = self.pace.next()
        epoch = self.engine.epoch(team, self.samples, self.order, rates, self.deadline, threads)
        self.pace.took(threads, epoch.seconds)
        return epoch

    def _epoch_ends(self, epoch: Epoch) -> str | None:
        """Record an epoch; return why it was the last one."""
        estimator, progress = self.estimator, self.progress
        self.learnt.epochs += 1
        estimator.n_iter_ += 1
        loss = epoch.loss + self.least_loss
        estimator.t_ += len(self.samples)
        if estimator.verbose:
            print(f"Iteration {estimator.n_iter_}, loss = {loss:.8f}")
        score = validation_loss = None
        if self.validation is not None:
            with blaming("The scorer", estimator.n_iter_):
                score, validation_loss = self.validation.measure()
            if estimator.verbose:
                print(f"Validation score: {score:f}")
        progress.take(loss, score, validation_loss, estimator.tol, self.learnt)
        if self.watch is not None:
            self.watch.after_epoch(epoch.loss - epoch.penalty, validation_loss)
        self.state.epoch_ends(estimator.t_, loss if validation_loss is None else validation_loss)
        if self.reports.wanted:
            with blaming("A callback", estimator.n_iter_):
                if self.reports.epoch_ends(loss, score, validation_loss):
                    return "callback"
        if progress.without_improvement > estimator.n_iter_no_change and not self._goes_on_slower():
            return "converged"
        return "time" if self.deadline is not None and time.perf_counter() >= self.deadline else None

    def _goes_on_slower(self) -> bool:
        """Tell whether training goes on with a smaller learning rate, now that it does not improve any more."""
        estimator = self.estimator
        slower = self.state.goes_on_slower()
        if estimator.verbose:
            what = "Validation score" if self.progress.early_stopping else "Training loss"
            then = f"Setting learning rate to {self.state.learning_rate:f}" if slower else "Stopping."
            print(
                f"{what} did not improve more than tol={estimator.tol:f} for {estimator.n_iter_no_change} consecutive "
                f"epochs. {then}"
            )
        if slower:
            self.progress.without_improvement = 0
        return slower

    def _diverged(self, epoch: Epoch) -> str:
        """Put the last good weights back; raise unless there are better ones from early stopping."""
        estimator, progress = self.estimator, self.progress
        number = estimator.n_iter_
        # That the weights before this epoch are good is known only once a step with them gave a finite loss.
        kept = number if epoch.failed_step > 0 else number - 1
        self.learnt.take(self.good[max(kept, 0) % 2])
        if not progress.early_stopping or progress.best is None:
            raise ValueError(f"{NOT_FINITE} The weights kept are those after {max(kept, 0)} epoch(s).")
        estimator.n_iter_ += 1
        progress.losses.append(float("nan"))
        progress.scores.append(float("nan"))
        progress.validation_losses.append(float("nan"))
        warnings.warn(
            f"The loss is not finite any more in epoch {number + 1}; the weights of the best validation score, "
            f"{progress.best_score:g}, are kept. Use a smaller learning_rate_init, or scale the columns of X.",
            ConvergenceWarning,
            stacklevel=7,
        )
        return "diverged"


@contextmanager
def blaming(who: str, epoch: int) -> Iterator[None]:
    """Add to an exception of a person's own function when it came, and what has become of the model."""
    try:
        yield
    except Exception as error:
        error.add_note(f"{who} raised this after epoch {epoch}; the model keeps the weights that it had then.")
        raise
