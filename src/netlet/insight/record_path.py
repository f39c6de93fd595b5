"""The path of a training through the space of the parameters."""

from __future__ import annotations

from typing import Any

import numpy as np

from netlet.insight.recorder import Recorder
from netlet.training.settings import EpochEnd


class RecordPath(Recorder):
    """A callback that keeps the parameters before the first epoch, after every few and at the end.

    With ``batch_size="all"`` an epoch is one step, and the path has all of them. Each training begins a new path. With
    `patience` the path goes on to where the training stopped, from which the best weights are put back.

    Parameters
    ----------
    every : int, >= 1, default 1
        Epochs from one point to the next.

    Attributes
    ----------
    path : dtype, (n, n_parameters)
        The parameters, laid out as `Network.theta`, at the epochs that `epochs` says.
    epochs : int64, (n,)
        0 is before the first.

    Examples
    --------
    >>> import numpy as np
    >>> from netlet import Dense, Network, RecordPath
    >>> path = RecordPath()
    >>> network = Network([Dense(1)], seed=0)
    >>> _ = network.fit(np.eye(3), [1.0, 2.0, 3.0], epochs=5, callbacks=[path], progress=False)
    >>> path.path.shape, bool((path.path[-1] == network.theta).all())
    ((6, 4), True)
    """

    def __init__(self, every: int = 1) -> None:
        super().__init__(every)
        self._points: list[np.ndarray] = []
        self._last: tuple[int, np.ndarray] | None = None

    def __call__(self, end: EpochEnd) -> None:
        super().__call__(end)
        # The last epoch belongs to the path; that it was the last is known only when no other call follows.
        self._last = None if end.epoch % self.every == 0 else (end.epoch, end.network.theta.copy())

    @property
    def path(self) -> np.ndarray:
        points = self._points if self._last is None else [*self._points, self._last[1]]
        return np.array(points)

    @property
    def epochs(self) -> np.ndarray:
        epochs = self._epochs if self._last is None else [*self._epochs, self._last[0]]
        return np.array(epochs, dtype=np.int64)

    def __len__(self) -> int:
        return len(self.epochs)

    def __repr__(self) -> str:
        return f"RecordPath(every={self.every}; {len(self)} points)"

    def _keep(self, network: Any) -> None:
        self._points.append(network.theta.copy())

    def _clear(self) -> None:
        self._points, self._last = [], None
