"""What training changes: the parameters, the state, and how much training there has been."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass
class Learnt:
    """The numbers of a network.

    Parameters
    ----------
    theta : dtype, (n_theta,)
        The parameters; changed in place.
    state : dtype, (n_state,)
        What layers keep beside them, such as running means; changed in place.
    epochs, steps : int
        Epochs and steps of training so far. Orders and dropout masks follow from them and the seed, so that a second
        `fit` does not draw those of the first again.
    """

    theta: np.ndarray
    state: np.ndarray
    epochs: int = 0
    steps: int = 0

    @property
    def dtype(self) -> str:
        """The type of the numbers."""
        return str(self.theta.dtype)

    def __setstate__(self, values: dict[str, Any]) -> None:
        """Take the numbers out of a file that they are mapped to for reading, as joblib does with large arrays.

        Compiled training writes without asking, which would end the process.
        """
        arrays = {name: np.array(values[name]) for name in ("theta", "state") if not values[name].flags.writeable}
        self.__dict__.update(values | arrays)

    def copy(self) -> Learnt:
        """Return a copy that does not follow."""
        return Learnt(self.theta.copy(), self.state.copy(), self.epochs, self.steps)

    def take(self, other: Learnt) -> None:
        """Take the parameters and the state of a copy; the training so far stays counted."""
        self.theta[:], self.state[:] = other.theta, other.state
