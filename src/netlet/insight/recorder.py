"""The base of callbacks that keep something every few epochs, beginning with the network as it is before the first."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from netlet.errors import check_number
from netlet.training.settings import EpochEnd


class Recorder(ABC):
    """Keeps something before the first epoch and after every `every`-th one; each training begins anew.

    Parameters
    ----------
    every : int, >= 1
    """

    def __init__(self, every: int) -> None:
        check_number("every", every, int, 1)
        self.every = int(every)
        self._epochs: list[int] = []

    @property
    def epochs(self) -> np.ndarray:
        """The epochs after which something was kept: int64, (n,). 0 is before the first."""
        return np.array(self._epochs, dtype=np.int64)

    def next_call(self, epoch: int) -> int:
        """Return after which epoch to call next: those between may be run together."""
        return (epoch // self.every + 1) * self.every

    def begin(self, network: Any) -> None:
        """Take part in a training that is about to begin."""
        self._forget()
        self._note(0, network)

    def __call__(self, end: EpochEnd) -> None:
        """Take part in a training after an epoch."""
        if self._epochs and end.epoch <= self._epochs[-1]:
            self._forget()
        if end.epoch % self.every == 0:
            self._note(end.epoch, end.network)

    def _note(self, epoch: int, network: Any) -> None:
        self._keep(network)
        self._epochs.append(epoch)

    def _forget(self) -> None:
        self._epochs = []
        self._clear()

    @abstractmethod
    def _keep(self, network: Any) -> None:
        """Keep what is wanted of a network as it is."""

    @abstractmethod
    def _clear(self) -> None:
        """Forget what was kept."""
