"""Rows as the networks read them, and one that looks on while they are trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from netlet.training.progress import Progress


@dataclass(frozen=True, eq=False)
class Ready:
    """Rows as the networks read them.

    Attributes
    ----------
    x : float32, (n_rows, n_inputs)
    y : array, (n_rows,)
        Class numbers or standardised numbers.
    weights : float64, (n_rows,), or None
    """

    x: np.ndarray
    y: np.ndarray
    weights: np.ndarray | None = None


class Onlooker(Progress):
    """Is told of a training of several networks; the base of others, it shows nothing."""

    def begin(self, parts: Sequence[Any]) -> None:
        """Take note of the networks to train, `members.Part`."""

    def epoch(self, place: int, epoch: int, cost: float) -> None:
        """Take note of an epoch of the network of this place, and its cost on rows held out; called by any thread."""

    def ended(self, outcomes: Sequence[Any], ending: str) -> None:
        """Take note of what became of each network, `population.member.Outcome`, and why all ended, `crew.Ending`."""
