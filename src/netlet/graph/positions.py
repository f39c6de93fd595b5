"""Layers that tell the steps of a sequence apart: attention alone does not know their order."""

from __future__ import annotations

from dataclasses import dataclass

from netlet.graph.building import Builder, Kernel, Value
from netlet.graph.initialisers import Initialiser, check_initialiser
from netlet.graph.specification import Layer
from netlet.graph.time_dense import check_steps


@dataclass(frozen=True)
class LearnedPositions(Layer):
    """Add to every step a vector of its own place, which is learnt.

    Parameters
    ----------
    initialiser : str or Initialiser, default "normal"
        How the vectors begin: by default with a standard deviation of 0.01.
    """

    initialiser: str | Initialiser = "normal"

    def __post_init__(self) -> None:
        check_initialiser(self.initialiser)

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        check_steps(builder.layer, sources[0].shape)
        features = {"features": sources[0].shape[-1]}
        return builder.add(Kernel("learned_positions", features, initialisers={"position": self.initialiser}), sources)


@dataclass(frozen=True)
class SinusoidalPositions(Layer):
    """Add to every step sines and cosines of its place, of frequencies from 1 to 1 / 10000; nothing is learnt.

    Notes
    -----
    Vaswani and others, "Attention is all you need", NeurIPS 2017, section 3.5.
    """

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        check_steps(builder.layer, sources[0].shape)
        return builder.add(Kernel("sinusoidal_positions", {"features": sources[0].shape[-1]}), sources)
