"""Piecewise-linear embedding: numeric features through bins whose edges are quantiles of the samples."""

from __future__ import annotations

import math
from dataclasses import dataclass

from netlet.graph.building import Builder, Kernel, Value
from netlet.graph.initialisers import Uniform
from netlet.graph.specification import Layer, check_positive, check_row


@dataclass(frozen=True)
class PiecewiseLinearEmbedding(Layer):
    """Put beside each feature linear maps of how far it fills each of its bins: ``sum_t w_t c_t``.

    ``c_t = (x - b_t) / (b_(t+1) - b_t)`` clipped to 0 .. 1, but where x lies beyond all edges: there the first, or the
    last, goes on as a line. So a network can bend at every edge, as trees do. The maps are learnt for each feature
    apart, the edges are not: `Network.initialise_from_data` sets them to quantiles of the samples. The value is a row
    of ``size * n_features`` numbers: all features as they are, then the first mapped number of each, then the second
    ...

    Parameters
    ----------
    bins : int, >= 1, default 16
        Of each feature. More of them bend in more places, and overfit sooner. A feature whose quantiles coincide, such
        as one of few distinct values, uses fewer.
    size : int, >= 2, default 4
        Numbers for each feature: itself and ``size - 1`` that are mapped.

    Raises
    ------
    ValueError, TypeError
        If a number is not as it should be.

    Notes
    -----
    The edges begin evenly spaced from -3 to 3, the maps between -1 and 1 over the square root of `bins`. The edges are
    in the network's `state`, n_features rows of ``bins + 1``, and in its file. Gorishniy, Rubachev, Babenko, "On
    embeddings for numerical features in tabular deep learning", NeurIPS 2022.

    Examples
    --------
    >>> import numpy as np
    >>> from netlet import Dense, Input, Network
    >>> from netlet.graph.piecewise_linear_embedding import PiecewiseLinearEmbedding
    >>> network = Network([Input(1), PiecewiseLinearEmbedding(bins=4), Dense(2)], seed=0)
    >>> network.initialise_from_data(np.arange(9.0)[:, None] ** 2).state.tolist()
    [0.0, 4.0, 16.0, 36.0, 64.0]
    """

    bins: int = 16
    size: int = 4

    def __post_init__(self) -> None:
        check_positive(self, "bins", "give the number of bins of each feature; 16 is usual")
        check_positive(self, "size", "give the numbers for each feature; 4 is usual")
        if self.size < 2:
            raise ValueError(
                f"size={self.size} of PiecewiseLinearEmbedding is not >= 2; one number is the feature itself, 4 is "
                "usual"
            )

    def kernels(self) -> tuple[Kernel, ...]:
        mapped = Uniform(1 / math.sqrt(self.bins))
        settings = {"bins": self.bins, "size": self.size}
        return (Kernel("piecewise_linear_embedding", settings, initialisers={"weight": mapped}),)

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        check_row(builder.layer, sources[0].shape)
        return builder.add(self.kernels()[0], sources)
