"""Layers that bring numbers to a common scale, each feature with a scale of its own that is learnt.

A feature is a place on the last axis of what is read.
"""

from __future__ import annotations

from dataclasses import dataclass

from netlet.graph.building import Builder, Kernel, Value
from netlet.graph.initialisers import Constant
from netlet.graph.specification import Layer, check_real


def _check_eps(layer: Layer) -> None:
    check_real(layer, "eps", "1e-5 is usual")
    eps = layer.eps  # type: ignore[attr-defined]
    if eps <= 0:
        raise ValueError(f"eps={eps!r} of {type(layer).__name__} is not > 0; 1e-5 is usual")


@dataclass(frozen=True)
class BatchNorm(Layer):
    """Bring every feature to mean 0 and variance 1 over the batch, then scale and shift it.

    In evaluation, and where the layer is frozen, running statistics stand for those of the batch. While training, the
    whole batch must be seen at once: such a network is trained by one thread.

    Parameters
    ----------
    momentum : float, 0 < momentum <= 1, default 0.1
        The share of the new batch in the running statistics, as in PyTorch (Keras calls 1 minus that momentum).
    eps : float, > 0, default 1e-5
        Added to the variance.

    Notes
    -----
    Ioffe, Szegedy, "Batch normalization: accelerating deep network training by reducing internal covariate shift",
    ICML 2015. A batch of one row has no variance: its output is the shift alone.
    """

    momentum: float = 0.1
    eps: float = 1e-5

    def __post_init__(self) -> None:
        check_real(self, "momentum", "it is the share of the new batch, 0.1 is usual")
        if not 0 < self.momentum <= 1:
            raise ValueError(
                f"momentum={self.momentum!r} of BatchNorm is not in (0, 1]; it is the share of the new batch, "
                "0.1 is usual"
            )
        _check_eps(self)

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        return builder.add(
            Kernel(
                "batch_normalisation",
                {"features": sources[0].shape[-1]},
                (self.eps, self.momentum),
                {"scale": Constant(1.0)},
            ),
            sources,
        )


@dataclass(frozen=True)
class LayerNorm(Layer):
    """Bring the last axis of every sample to mean 0 and variance 1, then scale and shift each feature.

    Parameters
    ----------
    eps : float, > 0, default 1e-5
        Added to the variance.

    Notes
    -----
    Ba, Kiros, Hinton, "Layer normalization", 2016.
    """

    eps: float = 1e-5

    def __post_init__(self) -> None:
        _check_eps(self)

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        return builder.add(
            Kernel(
                "layer_normalisation",
                {"features": sources[0].shape[-1]},
                (self.eps,),
                {"scale": Constant(1.0)},
            ),
            sources,
        )


@dataclass(frozen=True)
class Scaling(Layer):
    """Multiply each feature by a factor that is learnt; it begins at 1."""

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        return builder.add(
            Kernel("scaling", {"features": sources[0].shape[-1]}, initialisers={"scale": Constant(1.0)}), sources
        )
