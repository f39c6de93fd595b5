"""The learning-rate range test: train a few steps with a rate that grows, and see where the loss falls and rises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from netlet.errors import TrainingFailed
from netlet.graph.building import Operation
from netlet.kernels.compiling import prepare
from netlet.kernels.random import STREAM_ORDER, new_generator, shuffle
from netlet.kernels.threads import FAILED_STEP, STATUS
from netlet.training.learnt import Learnt
from netlet.training.loop import FINISHED
from netlet.training.stepper import Rule, Samples, Stepper

_MEMORY = 0.9  # of the running mean that smooths the losses
_MARGIN = 4.0  # between the lowest point and the suggestion
_DIVERGED = 4.0  # times the lowest loss: there is nothing to learn beyond


@dataclass(frozen=True, eq=False)
class RangeTest:
    """The outcome of a range test.

    Attributes
    ----------
    learning_rates : float64, (n_steps,)
        As far as the loss stayed finite and within four times its lowest.
    losses, smoothed : float64, (n_steps,)
        Each step's loss, and its running mean.
    suggestion : float
        A learning rate to begin with: a quarter of that at which the smoothed loss was lowest.
    """

    learning_rates: np.ndarray
    losses: np.ndarray
    smoothed: np.ndarray
    suggestion: float

    def plot(self, ax: Any = None) -> Any:
        """Draw the losses over the learning rates, with the suggestion.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Default: those of a new figure.

        Returns
        -------
        Axes
        """
        from netlet import plots

        return plots.range_test(self, ax)


def range_test(
    operations: Sequence[Operation],
    learnt: Learnt,
    samples: Samples,
    rule: Rule,
    batch_size: int,
    learning_rates: np.ndarray,
    n_threads: int | None = None,
) -> RangeTest:
    """Train on a copy of the network, a step for each learning rate.

    Parameters
    ----------
    operations, learnt, samples, rule, batch_size, n_threads
        As for training; `learnt` is not changed.
    learning_rates : float64, (n_steps,)
        Ascending.

    Returns
    -------
    RangeTest

    Raises
    ------
    TrainingFailed
        If not even the first loss is finite.

    References
    ----------
    Smith, "Cyclical learning rates for training neural networks", WACV 2017.
    """
    prepare(shuffle, learnt.dtype)
    stepper = Stepper(
        operations, learnt.copy(), rule, min(batch_size, len(samples)), gather=True, weighted=samples.weights.size > 0
    )
    order, generator = np.arange(len(samples)), new_generator(rule.seed, STREAM_ORDER)
    per_epoch = len(samples) // stepper.batch_size  # whole batches, so that each loss weighs the same
    losses: list[float] = []
    with stepper.team(n_threads, per_epoch) as (team, interrupts):
        while len(losses) < len(learning_rates):
            shuffle(order, generator)
            rates = learning_rates[len(losses) : len(losses) + per_epoch]
            stepper.run(team, samples, order, np.ascontiguousarray(rates))
            done = len(rates) if team.control[STATUS] == FINISHED else int(team.control[FAILED_STEP])
            losses.extend(stepper.losses[:done, 0])
            if team.control[STATUS] != FINISHED or losses[-1] > 100 * abs(losses[0]) + 1:
                break
    if interrupts.asked:
        raise KeyboardInterrupt
    if not losses:
        raise TrainingFailed(
            f"the loss is not finite at the first step already, with the learning rate {learning_rates[0]:g}: "
            "scale the columns of X to about -1 to 1, or begin with smaller weights"
        )
    return _judge(learning_rates[: len(losses)], np.array(losses))


def _judge(rates: np.ndarray, losses: np.ndarray) -> RangeTest:
    """Smooth the losses, cut them where they diverge, and find where they are lowest."""
    number = np.arange(1, len(losses) + 1)
    running, smoothed = 0.0, np.empty(len(losses))
    for step, loss in enumerate(losses):
        running = _MEMORY * running + (1 - _MEMORY) * loss
        smoothed[step] = running / (1 - _MEMORY ** number[step])
    lowest = np.minimum.accumulate(smoothed) if len(smoothed) else smoothed
    over = np.flatnonzero(smoothed > _DIVERGED * np.abs(lowest))
    end = int(over[0]) if len(over) else len(losses)
    rates, losses, smoothed = rates[:end], losses[:end], smoothed[:end]
    # The lowest point is near the edge of what is stable: a quarter of it leaves room for the noise of single batches.
    return RangeTest(rates, losses, smoothed, max(float(rates[0]), float(rates[np.argmin(smoothed)]) / _MARGIN))
