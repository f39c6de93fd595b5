"""Continue a text, token after token: the network computes a row, the window that ends with the last token."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from netlet.network.network import Network
from netlet.text.sampling import draw
from netlet.training.prediction import Predictor


class Continuation:
    """A network that gives the logits of each step's next token, ready to continue texts; it copies the weights.

    A step must not see those after it: what stands behind the last token, while the text is shorter than the window,
    is then of no account.

    Parameters
    ----------
    network : Network
        It reads (window,) and gives (window, n_tokens).
    """

    def __init__(self, network: Network) -> None:
        operations = network._operations
        self.window = operations[0].size
        self.n_tokens = operations[-1].size // self.window
        self._theta, self._state = network.theta.copy(), network.state.copy()
        self._predictor = Predictor(operations, len(operations) - 1, network.dtype, keeps_arena=True, block=1)
        self._dtype = network.dtype

    def tokens(
        self, context: Sequence[int], n_tokens: int, temperature: float, top_k: int | None, seed: int | None
    ) -> Iterator[int]:
        """Draw the tokens that follow some.

        Parameters
        ----------
        context : sequence of int
            One at least; the last window of it counts.
        n_tokens : int, >= 0
        temperature, top_k
            As in `draw`.
        seed : int or None
            None: drawn anew.
        """
        generator = np.random.default_rng(seed)
        last = context[-self.window :]
        row = np.zeros((1, self.window), dtype=self._dtype)
        row[0, : len(last)] = last
        filled = len(last)
        logits = np.empty((1, self.window * self.n_tokens), dtype=self._dtype)
        steps = logits.reshape(self.window, self.n_tokens)
        for _ in range(n_tokens):
            self._predictor.fill(self._theta, self._state, row, logits, 1)
            token = draw(steps[filled - 1], temperature, top_k, generator)
            if filled == self.window:
                row[0, :-1] = row[0, 1:]
                row[0, -1] = token
            else:
                row[0, filled] = token
                filled += 1
            yield token
