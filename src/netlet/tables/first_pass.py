"""What a first pass over blocks of rows finds out: a summary of the targets, and a sample of the rows.

Each row has a key, a number in [0, 1) that depends on the seed and on the row's place in the blocks alone; the sample
is the rows with the smallest keys. So they are known again in every pass without being remembered.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import polars as pl


class Summary:
    """What one pass over the targets finds out.

    Attributes
    ----------
    n_rows : int
    mean, deviation, low, high : float
        Of numbers.
    """

    def __init__(self) -> None:
        self.n_rows = 0
        self.mean = self._squares = 0.0
        self.low, self.high = math.inf, -math.inf
        self._counts: Counter[Any] = Counter()

    @property
    def deviation(self) -> float:
        """The standard deviation."""
        return math.sqrt(self._squares / self.n_rows)

    def add(self, y: np.ndarray, is_numbers: bool) -> None:
        """Add the targets of a block."""
        before, self.n_rows = self.n_rows, self.n_rows + len(y)
        if not is_numbers:
            values, counts = np.unique(y, return_counts=True)
            self._counts.update(dict(zip(values.tolist(), counts.tolist(), strict=True)))
            return
        # Chan, Golub, LeVeque, "Algorithms for computing the sample variance", 1983.
        difference = float(y.mean()) - self.mean
        self._squares += float(y.var()) * len(y) + difference**2 * before * len(y) / self.n_rows
        self.mean += difference * len(y) / self.n_rows
        self.low, self.high = min(self.low, float(y.min())), max(self.high, float(y.max()))

    def classes(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the classes, sorted, and how many rows each has.

        Raises
        ------
        TypeError
            If some blocks have text and others numbers.
        """
        kinds = {type(each) for each in self._counts}
        if len(kinds) > 1:
            raise TypeError(f"y holds classes of several kinds: {sorted(each.__name__ for each in kinds)}; use one")
        labels = sorted(self._counts)
        array = np.array(labels, dtype=object if kinds == {str} else None)
        return array, np.array([self._counts[each] for each in labels])


class Sample:
    """The rows with the smallest keys so far: a table, targets and weights."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.keys = np.empty(0)
        self.frame: pl.DataFrame | None = None
        self.y: np.ndarray | None = None
        self.weights: np.ndarray | None = None

    def add(self, keys: np.ndarray, frame: pl.DataFrame, y: np.ndarray, weights: np.ndarray | None) -> None:
        chosen = keys <= np.partition(keys, self.size - 1)[self.size - 1] if len(keys) > self.size else keys <= 1
        if len(self.keys) == self.size:
            chosen &= keys < self.keys.max()
        frame = frame.filter(pl.Series(chosen))
        if self.frame is None or self.y is None:
            self.keys, self.frame, self.y = keys[chosen], frame, y[chosen]
            self.weights = None if weights is None else weights[chosen]
            return
        if not frame.height:
            return
        together = pl.concat([self.frame, frame.select(self.frame.columns)], how="vertical_relaxed")
        all_keys = np.concatenate([self.keys, keys[chosen]])
        best = np.sort(np.argsort(all_keys, kind="stable")[: self.size])
        self.keys, self.frame, self.y = all_keys[best], together[best], np.concatenate([self.y, y[chosen]])[best]
        if self.weights is not None and weights is not None:
            self.weights = np.concatenate([self.weights, weights[chosen]])[best]


def keys_of(seed: int, place: int, n_rows: int) -> np.ndarray:
    """Return a number in [0, 1) for each row of a block, always the same."""
    return np.random.default_rng([seed, place]).random(n_rows)
