"""The native engine as the estimators use it: an epoch at a time, with scikit-learn's L2 term."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from netlet.estimators.sets import SparseSamples, block_rows
from netlet.estimators.solver import OptimizerState
from netlet.graph.lowering import Terms
from netlet.kernels.threads import FAILED_STEP, STATUS
from netlet.network.network import Network
from netlet.training.loop import FINISHED, STOPPED
from netlet.training.losses import Loss
from netlet.training.stepper import Rule, Samples, Stepper
from netlet.training.team import Team


@dataclass(frozen=True)
class Minimised:
    """What training minimises.

    Parameters
    ----------
    loss : Loss
    reads : int
        The operation that the loss reads.
    alpha : float
        The L2 term ``alpha / 2 * sum w^2`` is divided by the weight of a batch; without an optimizer it is not.
    clip_value, clip_norm : float
    """

    loss: Loss
    reads: int
    alpha: float
    clip_value: float = np.inf
    clip_norm: float = np.inf

    def rule(self, network: Network, optimizer: Any) -> Rule:
        """Return it as the rule of a step by an optimizer, or without one over all samples."""
        decay = optimizer.weight_decay if optimizer is not None else 0.0
        return Rule(
            self.loss,
            self.reads,
            optimizer,
            seed=network.seed,
            frozen=network.frozen,
            terms={"": Terms(1.0, 0.0, float(self.alpha), float(decay), 0.0)},
            l2_of_batch=optimizer is not None,
            clip_value=self.clip_value,
            clip_norm=self.clip_norm,
        )


class Engine:
    """A network lowered for training by an update rule.

    Parameters
    ----------
    network : Network
    minimised : Minimised
    state : OptimizerState
        Its memory is taken over.
    batch_size : int
    gather : bool
        Whether samples are drawn by an order while they lie in memory.
    weighted : bool
    """

    def __init__(
        self,
        network: Network,
        minimised: Minimised,
        state: OptimizerState,
        batch_size: int,
        gather: bool,
        weighted: bool,
    ) -> None:
        self.network, self.minimised, self.state = network, minimised, state
        self.batch_size, self.gather, self.weighted = batch_size, gather, weighted
        learnt = network._built()
        rule = minimised.rule(network, state.rule)
        self.stepper = Stepper(network._operations, learnt, rule, batch_size, gather, weighted)
        if state.slots is not None and state.slots.shape == (len(self.stepper.slots), learnt.theta.size):
            self.stepper.slots[:, : learnt.theta.size] = state.slots
            self.stepper.n_updates = state.n_updates

    def serves(self, network: Network, minimised: Minimised, state: OptimizerState, *layout: Any) -> bool:
        """Tell whether it can go on with what is asked."""
        return (
            self.network is network
            and self.state is state
            and self.minimised == minimised
            and layout == (self.batch_size, self.gather, self.weighted)
            and self.stepper.learnt is network._built()
            and self.stepper.rule.frozen == network.frozen
        )

    def remember(self) -> None:
        """Hand the rule's memory to the optimizer's state."""
        n_theta = self.stepper.learnt.theta.size
        self.state.slots, self.state.n_updates = self.stepper.slots[:, :n_theta].copy(), self.stepper.n_updates

    def epoch(
        self, team: Team, samples: Samples, order: np.ndarray, rates: np.ndarray, deadline: float | None, threads: int
    ) -> Epoch:
        """Take a step for each batch.

        Parameters
        ----------
        team : Team
        samples : Samples
        order : int64, (n_samples,) or (0,)
            Empty where samples are taken as they lie.
        rates : float64, (n_steps,)
        deadline : float or None
        threads : int
        """
        n_samples, size = len(samples), self.batch_size
        # Sparse features are densified a block of batches at a time, each of which is a run of its own.
        rows = block_rows(samples.x.shape[1], str(samples.y.dtype), size) if isinstance(samples, SparseSamples) else 0
        result = Epoch(FINISHED, 0, 0.0, 0.0)
        for start in range(0, n_samples, rows or n_samples):
            stop = min(start + rows, n_samples) if rows else n_samples
            first, last = start // size, -(-stop // size)
            part, own_order = self._part(samples, order, start, stop)
            result.seconds += self.stepper.run(team, part, own_order, rates[first:last], deadline, threads)
            result.status = int(team.control[STATUS])
            if result.status != FINISHED:
                result.failed_step = first + int(team.control[FAILED_STEP])
                return result
            counts = np.full(last - first, float(size))
            counts[-1] = stop - start - (last - first - 1) * size
            penalty = self.stepper.penalty_of_batches()
            result.loss += float(self.stepper.losses[:, 0] @ counts) + penalty
            result.penalty += penalty
        result.loss /= n_samples
        result.penalty /= n_samples
        return result

    def _part(self, samples: Samples, order: np.ndarray, start: int, stop: int) -> tuple[Samples, np.ndarray]:
        """Return the samples of a run, and their order where they are drawn by one."""
        if self.gather:
            return samples, order[start:stop]
        if isinstance(samples, SparseSamples):
            return samples.rows(order[start:stop] if order.size else slice(start, stop)), order[:0]
        return (samples if stop - start == len(samples) else samples.rows(slice(start, stop))), order


@dataclass
class Epoch:
    """How an epoch went: its status, the step that failed, the mean loss with the penalty, the seconds, the penalty."""

    status: int
    failed_step: int
    loss: float
    seconds: float
    penalty: float = 0.0

    @property
    def stopped(self) -> bool:
        """Whether it was broken off by Ctrl-C or a deadline."""
        return self.status == STOPPED

    @property
    def failed(self) -> bool:
        """Whether a loss or a gradient was not finite."""
        return self.status not in (FINISHED, STOPPED)
