"""Training by a method that looks at all samples for each step: L-BFGS and its like, by `scipy.optimize.minimize`."""

from __future__ import annotations

import time
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from netlet.estimators.engine import Minimised
from netlet.estimators.epochs import NOT_FINITE, blaming
from netlet.estimators.health import EstimatorWatch
from netlet.estimators.reports import Reports
from netlet.estimators.sets import SparseSamples, block_rows
from netlet.estimators.solver import full_batch_method
from netlet.estimators.targets import least_loss
from netlet.estimators.validation import Validation
from netlet.network.network import Network
from netlet.training.full_batch import FULL_BATCH, FullBatch, check_operations
from netlet.training.learnt import Learnt
from netlet.training.objective import Objective, Stopped
from netlet.training.stepper import Samples


class _Enough(Exception):
    """A callback wants to stop."""


class Minimisation:
    """One `fit` by a full-batch method; it computes in double precision, whatever the network's dtype.

    Parameters
    ----------
    estimator : estimator
    network : Network
        Its weights are changed in place.
    minimised : Minimised
    samples : Samples
    validation : Validation or None
    reports : Reports
    watch : EstimatorWatch, optional
    """

    def __init__(
        self,
        estimator: Any,
        network: Network,
        minimised: Minimised,
        samples: Samples,
        validation: Validation | None,
        reports: Reports,
        watch: EstimatorWatch | None = None,
    ) -> None:
        self.estimator, self.network, self.validation, self.reports = estimator, network, validation, reports
        self.watch = watch
        if isinstance(estimator.solver, FullBatch):
            method = estimator.solver
        else:
            method = FULL_BATCH[estimator.solver]()
        check_operations(method, network._operations)
        self.learnt = network._built()
        double = Learnt(self.learnt.theta.astype(np.float64), self.learnt.state.astype(np.float64))
        weight = float(samples.weights.sum(dtype=np.float64)) if samples.weights.size else float(len(samples))
        rule = replace(minimised, alpha=minimised.alpha / weight).rule(network, None)
        block = {"block": block_rows(samples.x.shape[1], "float64")} if isinstance(samples, SparseSamples) else {}
        self.objective = Objective(network._operations, double, _in_double(samples), rule, **block)
        self.least_loss = least_loss(minimised.loss, samples.y, samples.weights)
        self.latest: np.ndarray | None = None

    def run(self) -> str:
        """Train; return why it ended."""
        from scipy import optimize

        estimator, objective = self.estimator, self.objective
        method, options = full_batch_method(estimator)
        estimator.n_iter_ = 0
        minimize: Any = optimize.minimize  # its stubs know no callback that is a method
        with objective.stepper.team(estimator.n_threads, 1) as (team, interrupts):
            self.team = team
            if estimator.time_limit is not None:
                objective.deadline = time.perf_counter() + estimator.time_limit
            try:
                start = objective.learnt.theta.copy()
                result = minimize(
                    self._evaluate, start, method=method, jac=True, callback=self._iterated, options=options
                )
            except _Enough:
                return "callback"
            except Stopped:
                if not interrupts.asked:
                    return "time"
                warnings.warn("Training interrupted by user.", stacklevel=6)
                return "interrupted"
        self._keep(result.x)
        estimator.n_iter_ = min(int(result.nit), estimator.max_iter)
        estimator.loss_ = float(result.fun) + self.least_loss
        if result.status == 0 or (method == "TNC" and result.success):
            return "converged"
        warnings.warn(self._explain(result), ConvergenceWarning, stacklevel=6)
        return "max_iter"

    def _evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        loss, gradient = self.objective(theta, self.team)
        if self.latest is None:
            if not np.isfinite(loss):
                raise ValueError(NOT_FINITE)
            self.latest = theta.copy()
        return loss, gradient

    def _iterated(self, intermediate_result: Any) -> None:
        """Note an iteration, which counts as an epoch; TNC hands over the parameters alone."""
        estimator = self.estimator
        theta = getattr(intermediate_result, "x", intermediate_result)
        loss = getattr(intermediate_result, "fun", None)
        loss = float(self.objective(theta, self.team)[0] if loss is None else loss) + self.least_loss
        self._keep(theta)
        estimator.n_iter_ += 1
        self.learnt.epochs += 1
        if estimator.verbose:
            print(f"Iteration {estimator.n_iter_}, loss = {loss:.8f}")
        score = validation_loss = None
        if self.validation is not None:
            with blaming("The scorer", estimator.n_iter_):
                score, validation_loss = self.validation.measure()
        if self.watch is not None:
            self.objective.learnt.theta[:] = theta  # whose last evaluation may have been a step that was not taken
            self.watch.after_epoch(loss - self.least_loss - self.objective.stepper.penalty(), validation_loss)
        estimator._progress.take(loss, score, validation_loss, estimator.tol, self.learnt)
        if self.reports.wanted:
            with blaming("A callback", estimator.n_iter_):
                if self.reports.epoch_ends(loss, score, validation_loss):
                    raise _Enough

    def _keep(self, theta: np.ndarray) -> None:
        self.learnt.theta[:], self.learnt.state[:] = theta, self.objective.learnt.state

    def _explain(self, result: Any) -> str:
        estimator = self.estimator
        limits = f"max_iter={estimator.max_iter}, max_fun={estimator.max_fun}"
        return (
            f"{estimator.solver} failed to converge after {estimator.n_iter_} iteration(s) (status={result.status}): "
            f"{result.message}. Increase the limit that was reached ({limits}), raise tol, or scale the columns of X "
            "to about -1 to 1."
        )


def _in_double(samples: Samples) -> Samples:
    """Return samples in double precision; a sparse matrix is converted a block at a time, by its targets' dtype."""
    y, weights = samples.y.astype(np.float64), samples.weights.astype(np.float64)
    if isinstance(samples, SparseSamples):
        return SparseSamples(samples.x, y, weights)
    return Samples(samples.x.astype(np.float64, copy=False), y, weights)
