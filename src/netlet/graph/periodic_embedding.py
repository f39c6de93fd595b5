"""Periodic embedding: numeric features through waves whose frequencies and phases are learnt."""

from __future__ import annotations

import math
from dataclasses import dataclass

from netlet.graph.building import Builder, Kernel, Value
from netlet.graph.initialisers import Normal, Uniform
from netlet.graph.specification import Layer, check_positive, check_real, check_row


@dataclass(frozen=True)
class PeriodicEmbedding(Layer):
    """Put beside each feature what a linear map of its own makes of waves: ``sum_l w_l cos(2 pi f_l x + p_l)``.

    So a network can bend at any place of a feature, as trees do. All of it is learnt for each feature apart. The value
    is a row of ``size * n_features`` numbers: all features as they are, then the first mapped number of each, then the
    second ... The features should be on one scale, about from -3 to 3.

    Parameters
    ----------
    frequencies : int, >= 1, default 16
        Waves of each feature.
    scale : float, > 0, default 0.1
        The standard deviation of the frequencies to begin with, in turns per unit of x. Larger ones bend sharper, and
        overfit sooner.
    size : int, >= 2, default 4
        Numbers for each feature: itself and ``size - 1`` that are mapped.

    Raises
    ------
    ValueError, TypeError
        If a number is not as it should be.

    Notes
    -----
    The phases begin uniform between -pi and pi, the maps between -1 and 1 over the square root of `frequencies`. The
    published maps have a bias too, which says nothing that the bias of a dense layer behind them does not.
    Holzmueller, Grinsztajn, Steinwart, "Better by default: strong pre-tuned MLPs and boosted trees on tabular data",
    NeurIPS 2024 (there PBLD), after Gorishniy, Rubachev, Babenko, NeurIPS 2022.

    Examples
    --------
    >>> from netlet import Dense, Input, Network, PeriodicEmbedding
    >>> network = Network([Input(5), PeriodicEmbedding(), Dense(2)], seed=0)
    >>> network.parameters["periodicembedding_1.frequency"].shape, network.parameters["dense_1.weight"].shape
    ((5, 16), (20, 2))
    """

    frequencies: int = 16
    scale: float = 0.1
    size: int = 4

    def __post_init__(self) -> None:
        check_positive(self, "frequencies", "give the number of waves of each feature; 16 is usual")
        check_positive(self, "size", "give the numbers for each feature; 4 is usual")
        if self.size < 2:
            raise ValueError(
                f"size={self.size} of PeriodicEmbedding is not >= 2; one number is the feature itself, 4 is usual"
            )
        check_real(self, "scale", "it is the deviation of the frequencies, 0.1 is usual")
        if self.scale <= 0:
            raise ValueError(
                f"scale={self.scale!r} of PeriodicEmbedding is not > 0; it is the deviation of the frequencies, "
                "0.1 is usual"
            )

    def kernels(self) -> tuple[Kernel, ...]:
        mapped = Uniform(1 / math.sqrt(self.frequencies))
        return (
            Kernel(
                "periodic_embedding",
                {"waves": self.frequencies, "size": self.size},
                initialisers={
                    "frequency": Normal(self.scale), "phase": Uniform(math.pi), "weight": mapped,
                },
            ),
        )  # fmt: skip

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        check_row(builder.layer, sources[0].shape)
        return builder.add(self.kernels()[0], sources)
