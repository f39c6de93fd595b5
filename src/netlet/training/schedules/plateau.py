"""Less learning rate where the loss stops falling: the one schedule with a memory."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from netlet.training.schedules.base import Schedule, check_int, check_real


@dataclass(frozen=True)
class ReduceOnPlateau(Schedule):
    """Multiply the learning rate by `factor` when the loss has not fallen for `patience` epochs.

    It depends on the training itself, so its `factors` are ones, and the factor is that of what `watch` returns.

    Parameters
    ----------
    factor : float in (0, 1), default 0.1
    patience : int, >= 1, default 10
        Epochs, counted as `Network.fit` counts them before it stops a training early.
    threshold : float in [0, 1), default 1e-4
        A loss counts as lower if it is lower than the lowest by more than this share of it.
    cooldown : int, >= 0, default 0
        Epochs after each reduction that do not count.
    least : float in [0, 1], default 0
        What the learning rate is multiplied by at least, after all reductions.
    """

    factor: float = 0.1
    patience: int = 10
    threshold: float = 1e-4
    cooldown: int = 0
    least: float = 0.0

    def __post_init__(self) -> None:
        check_real(self, "factor", 0.0, 1.0, "0.1 leaves a tenth of the learning rate", above=True, below=True)
        check_int(self, "patience", 1, "give the number of epochs without a lower loss")
        check_real(self, "threshold", 0.0, 1.0, "0.0001 asks that the loss falls by 0.01%", below=True)
        check_int(self, "cooldown", 0, "give the number of epochs that do not count after a reduction")
        check_real(self, "least", 0.0, 1.0, "it is the share of the learning rate that is always left; 0 is usual")

    def at(self, steps: np.ndarray, steps_per_epoch: int, total_steps: int) -> np.ndarray:  # noqa: ARG002
        return np.ones(len(steps))

    def watch(self) -> PlateauWatch:
        return PlateauWatch(self)


class PlateauWatch:
    """Follows the loss of a training for `ReduceOnPlateau`.

    Parameters
    ----------
    rule : ReduceOnPlateau
    resting : int
        Epochs at the beginning that do not count, such as a warm-up.

    Attributes
    ----------
    factor : float
        What the learning rate is to be multiplied by from now on; 1 at first.

    Examples
    --------
    >>> watch = ReduceOnPlateau(0.5, patience=2).watch()
    >>> for loss in (0.9, 0.8, 0.8, 0.81):
    ...     watch.after_epoch(loss)
    >>> watch.factor
    0.5
    """

    def __init__(self, rule: ReduceOnPlateau, resting: int = 0) -> None:
        self.rule = rule
        self.factor = 1.0
        self._lowest = math.inf
        self._since = 0
        self._resting = resting

    def after_epoch(self, loss: float) -> None:
        """Take note of an epoch's loss; that of validation where there is one. NaN is no lower loss."""
        rule = self.rule
        # The share of its magnitude: a likelihood's negative logarithm may be below zero.
        margin = rule.threshold * abs(self._lowest) if math.isfinite(self._lowest) else 0.0
        if loss < self._lowest - margin:
            self._lowest, self._since = float(loss), 0
        else:
            self._since += 1
        if self._resting > 0:
            self._resting -= 1
            self._since = 0
        if self._since >= rule.patience:
            self.factor = max(self.factor * rule.factor, rule.least)
            self._since, self._resting = 0, rule.cooldown

    def state(self) -> dict[str, Any]:
        """Return what it remembers as plain values, for checkpoints; "lowest" is None before the first loss."""
        lowest = self._lowest if math.isfinite(self._lowest) else None
        return {"factor": self.factor, "lowest": lowest, "since": self._since, "resting": self._resting}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned.

        Raises
        ------
        ValueError
            If something is missing.
        """
        missing = [name for name in self.state() if name not in state]
        if missing:
            raise ValueError(f"state={state!r} lacks {', '.join(missing)}; give what PlateauWatch.state() returned")
        self.factor = float(state["factor"])
        self._lowest = math.inf if state["lowest"] is None else float(state["lowest"])
        self._since, self._resting = int(state["since"]), int(state["resting"])
