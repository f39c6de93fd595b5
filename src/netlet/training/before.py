"""The network as it was before a run of epochs, to go back to where the run or the next one fails."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from netlet.training.learnt import Learnt
from netlet.training.position import Position
from netlet.training.stepper import Stepper


@dataclass
class Before:
    """The network before a run of epochs.

    Parameters
    ----------
    learnt : Learnt
        A copy.
    epoch : int
        How many epochs were done.
    n_updates : int
    slots : array or None
        The optimizer's memory, where the run is of several epochs.
    """

    learnt: Learnt
    epoch: int = 0
    n_updates: int = 0
    slots: np.ndarray | None = None

    def note(self, stepper: Stepper, epoch: int, several: bool) -> None:
        """Copy the network before a run of one or several epochs."""
        now = stepper.learnt
        self.learnt.take(now)
        self.learnt.epochs, self.learnt.steps = now.epochs, now.steps
        self.epoch, self.n_updates = epoch, stepper.n_updates
        self.slots = stepper.slots.copy() if several else None

    def put_back(self, stepper: Stepper, position: Position) -> None:
        """Make it as if the run, and what came after it, had not been."""
        now = stepper.learnt
        now.take(self.learnt)
        now.epochs, now.steps = self.learnt.epochs, self.learnt.steps
        stepper.n_updates = self.n_updates
        assert self.slots is not None
        stepper.slots[:] = self.slots
        del position.history.records[self.epoch :]
