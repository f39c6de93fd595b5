"""A long text as samples for a network: windows of tokens, each with the tokens that follow its own.

Windows of an epoch lie end to end. Where the first begins moves from epoch to epoch, so that a token is not always
seen with the same ones before it: after as many epochs as there are beginnings, each was taken once.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np


class Windows:
    """The windows of a text.

    Parameters
    ----------
    tokens : int, (n_tokens,)
        More than `length`.
    length : int, >= 1
    seed : int
        Decides the order of beginnings, and that of the windows within an epoch.
    """

    def __init__(self, tokens: np.ndarray, length: int, seed: int) -> None:
        self.tokens, self.length, self.seed = tokens, length, seed
        self._beginnings = np.random.default_rng([seed, 2]).permutation(min(length, len(tokens) - length))

    def count(self, epoch: int) -> int:
        """Return how many windows an epoch has, counted from 0."""
        return (len(self.tokens) - 1 - self._beginning(epoch)) // self.length

    def _beginning(self, epoch: int) -> int:
        return int(self._beginnings[epoch % len(self._beginnings)])

    def places(self, epoch: int) -> np.ndarray:
        """Return where the windows of an epoch begin, in the order in which they are learnt: int64, (n_windows,)."""
        order = np.random.default_rng([self.seed, 3, epoch]).permutation(self.count(epoch))
        return self._beginning(epoch) + order * self.length

    def blocks(self, places: np.ndarray, rows: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Cut windows out, so many at a time.

        Yields
        ------
        x, y : float32, (n, length)
            The tokens, and those that follow each.
        """
        steps = np.arange(self.length + 1)
        for first in range(0, len(places), rows):
            cut = self.tokens[places[first : first + rows, np.newaxis] + steps].astype(np.float32)
            yield np.ascontiguousarray(cut[:, :-1]), np.ascontiguousarray(cut[:, 1:])
