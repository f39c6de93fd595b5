"""The loss over all samples and its gradient, as a function of the flat parameter vector."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from netlet.graph import program as table
from netlet.graph.building import Operation
from netlet.kernels.registry import layers
from netlet.kernels.threads import STATUS
from netlet.training.learnt import Learnt
from netlet.training.loop import FINISHED, STOPPED
from netlet.training.stepper import Rule, Samples, Stepper
from netlet.training.team import Team

# Rows are taken together whose values and gradients have room in a near cache, but enough of them for BLAS.
_NUMBERS_OF_A_BLOCK = 2**18
_LEAST_ROWS, _MOST_ROWS = 256, 8192


class Stopped(Exception):
    """An evaluation was stopped by Ctrl-C or a time limit."""


class Objective:
    """Loss and penalties over all samples.

    Random layers draw the same numbers at every evaluation, so that it is a function of the parameters.

    Parameters
    ----------
    operations : sequence of Operation
    learnt : Learnt
        Its parameters are overwritten at each evaluation.
    samples : Samples
    rule : Rule
        Its optimizer and limits are not used.
    block : int, >= 1, optional
        How many rows to take together; default: so many that a near cache holds their values. All where a layer must
        see the whole batch.

    Attributes
    ----------
    deadline : float or None
        Time on `time.perf_counter`'s clock at which an evaluation stops.
    """

    def __init__(
        self, operations: Sequence[Operation], learnt: Learnt, samples: Samples, rule: Rule, block: int | None = None
    ) -> None:
        rule = replace(rule, optimizer=None, clip_value=np.inf, clip_norm=np.inf)
        indivisible = any(layers[operation.row].whole_batch for operation in operations[1:])
        if block is None:
            numbers = 2 * sum(operation.size for operation in operations)
            block = min(max(_NUMBERS_OF_A_BLOCK // numbers, _LEAST_ROWS), _MOST_ROWS)
        self.block = max(1, len(samples) if indivisible else min(len(samples), block))
        self.samples, self.learnt = samples, learnt
        self.stepper = Stepper(operations, learnt, rule, self.block, gather=False, weighted=samples.weights.size > 0)
        self.deadline: float | None = None
        self._order, self._rates = np.empty(0, dtype=np.int64), np.zeros(1)

    def __call__(self, theta: np.ndarray, team: Team) -> tuple[float, np.ndarray]:
        """Evaluate.

        Parameters
        ----------
        theta : array, (n_theta,)
        team : Team

        Returns
        -------
        loss : float
            The weighted mean over the samples, with the penalties; infinite where it is not finite.
        gradient : float64, (n_theta,)
            Zero for parameters that are frozen, and where the loss is not finite.

        Raises
        ------
        Stopped
            If the team was told to stop, or the deadline is over.
        """
        if self.deadline is not None and time.perf_counter() >= self.deadline:
            raise Stopped  # a short run is not watched while it goes on
        self.learnt.theta[:] = theta
        loss, weight, gradient = 0.0, 0.0, np.zeros(theta.shape)
        for start in range(0, len(self.samples), self.block):
            part = self.samples.rows(slice(start, start + self.block))
            self.stepper.run(team, part, self._order, self._rates, self.deadline)
            status = team.control[STATUS]
            if status == STOPPED:
                raise Stopped
            if status != FINISHED:
                return np.inf, np.zeros(theta.shape)
            own_loss, own_weight = self.stepper.losses[0]
            loss, weight = loss + float(own_loss * own_weight), weight + float(own_weight)
            gradient += own_weight * self.stepper.dtheta
        gradient /= weight
        self._add_l1(gradient)
        return loss / weight + self.stepper.penalty(), gradient

    def _add_l1(self, gradient: np.ndarray) -> None:
        """Add the gradient of the L1 penalty, which training takes as a proximal step; 0 where a weight is 0."""
        program = self.stepper.program
        for piece, rates in zip(program.slices, program.rates, strict=True):
            if rates[table.L1]:
                place = slice(piece[table.START], piece[table.STOP_AT])
                gradient[place] += rates[table.L1] * np.sign(self.learnt.theta[place])
