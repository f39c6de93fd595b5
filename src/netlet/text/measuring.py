"""How well a network foresees a text."""

from __future__ import annotations

import numpy as np

from netlet.network.network import Network
from netlet.training.losses import SequenceCrossEntropy
from netlet.training.output import loss_of
from netlet.training.prediction import Predictor, mean_loss

_ROWS = 32  # windows computed together
_IGNORED = -1


class Measure:
    """The cross-entropy of texts under a network, with its weights of the moment.

    Parameters
    ----------
    network : Network
        It reads (window,) and gives (window, n_tokens).
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self.window = network._operations[0].size
        self._loss, reads = loss_of(SequenceCrossEntropy(ignore=_IGNORED), network._operations)
        self._predictor = Predictor(network._operations, reads, network.dtype, keeps_arena=True, block=_ROWS)

    def nats(self, tokens: np.ndarray) -> float:
        """Return the sum of ``-log p`` over all tokens but the first.

        The text is cut into windows that lie end to end: a token is foreseen from those before it in its window, so
        that the first of a window has little to go by.

        Parameters
        ----------
        tokens : int, (n_tokens,)
            Two or more.

        Returns
        -------
        float
        """
        total = 0.0
        n_whole = (len(tokens) - 1) // self.window
        for first in range(0, n_whole, _ROWS):
            start, stop = first * self.window, min(first + _ROWS, n_whole) * self.window
            shape = -1, self.window
            total += self._nats(tokens[start:stop].reshape(shape), tokens[start + 1 : stop + 1].reshape(shape))
        rest = tokens[n_whole * self.window :]
        if len(rest) > 1:
            x, y = np.zeros((1, self.window)), np.full((1, self.window), _IGNORED)
            x[0, : len(rest) - 1], y[0, : len(rest) - 1] = rest[:-1], rest[1:]
            total += self._nats(x, y, len(rest) - 1)
        return total

    def _nats(self, x: np.ndarray, y: np.ndarray, n_steps: int | None = None) -> float:
        learnt, dtype = self._network._built(), self._network.dtype
        logits = self._predictor.predict(learnt.theta, learnt.state, np.ascontiguousarray(x, dtype), 1)
        loss = mean_loss(self._loss, logits, np.ascontiguousarray(y, dtype), np.empty(0, dtype))
        return loss * len(x) * (n_steps or self.window)
