"""The dense layer, dropout, and the table of all layers by name."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from netlet.errors import unknown_name
from netlet.graph.activations import ACTIVATIONS, Identity, activated, activation_layer, check_activation
from netlet.graph.attention import MultiHeadAttention, TransformerBlock
from netlet.graph.augmentation import Augment
from netlet.graph.building import Builder, Kernel, Value
from netlet.graph.convolution import Conv1D, Conv2D
from netlet.graph.embedding import Embedding, EmbeddingBag
from netlet.graph.initialisers import Initialiser, check_initialiser, initialiser_from
from netlet.graph.joining import Add, Concatenate, Multiply, Residual
from netlet.graph.members import MemberDense, MemberMean, MemberScaling
from netlet.graph.normalisation import BatchNorm, LayerNorm, Scaling
from netlet.graph.periodic_embedding import PeriodicEmbedding
from netlet.graph.piecewise_linear_embedding import PiecewiseLinearEmbedding
from netlet.graph.pooling import (
    AveragePool1D,
    AveragePool2D,
    GlobalAveragePool,
    GlobalMaxPool,
    MaxPool1D,
    MaxPool2D,
    Upsample,
)
from netlet.graph.positions import LearnedPositions, SinusoidalPositions
from netlet.graph.recurrent import GRU, LSTM, RNN, Bidirectional
from netlet.graph.shaping import Columns, Flatten, Input, Reshape
from netlet.graph.specification import Layer, check_positive, check_real, check_row
from netlet.graph.time_dense import TiedDense, TimeDense


@dataclass(frozen=True)
class Dropout(Layer):
    """While training, drop each number with probability `rate` and enlarge the others by ``1 / (1 - rate)``.

    Parameters
    ----------
    rate : float, 0 <= rate < 1, default 0.5
        The fraction dropped.
    """

    rate: float = 0.5

    def __post_init__(self) -> None:
        check_real(self, "rate", "it is the fraction dropped, 0.1 to 0.5 is usual")
        if not 0 <= self.rate < 1:
            raise ValueError(
                f"rate={self.rate!r} of Dropout is not in [0, 1); it is the fraction dropped, 0.1 to 0.5 is usual"
            )

    def kernels(self) -> tuple[Kernel, ...]:
        return (Kernel("dropout", factors=(float(self.rate),)),)


@dataclass(frozen=True)
class Dense(Layer):
    """Fully connected: ``y = activation(x W + b)``.

    Parameters
    ----------
    units : int, >= 1
        Outputs per sample.
    activation : str or layer, default "identity"
        One of "identity", "sigmoid", "tanh", "relu", "leaky_relu", "prelu", "elu", "selu", "parametric_selu", "gelu",
        "silu" (or "swish"), "softplus", "mish", "parametric_mish", "step", "exponential", "softmax", or an activation
        layer such as ``LeakyReLU(0.2)``.
    bias : bool, default True
    initialiser : str or Initialiser, default "auto"
        How the weight begins: "auto" (He for ReLU and its kin, LeCun for SELU, else Glorot), "glorot", "he", "normal"
        (0.01), "uniform" (from -0.05 to 0.05) or "zeros". Biases begin at zero.

    Raises
    ------
    ValueError
        If `units` is no positive int, or a name is unknown.
    """

    units: int
    activation: str | Layer = "identity"
    bias: bool = True
    initialiser: str | Initialiser = "auto"

    def __post_init__(self) -> None:
        check_positive(self, "units")
        check_initialiser(self.initialiser)
        check_activation(self.activation)

    def kernels(self) -> tuple[Kernel, ...]:
        following = activation_layer(self.activation)
        return (self._weighted, *(() if isinstance(following, Identity) else following.kernels()))

    @property
    def _weighted(self) -> Kernel:
        return Kernel("dense", {"units": self.units, "bias": int(self.bias)}, initialisers={"weight": self.initialiser})

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        check_row(builder.layer, sources[0].shape)
        return activated(builder, builder.add(self._weighted, sources), self.activation)


LAYERS: dict[str, type[Layer]] = {
    layer.__name__: layer
    for layer in (
        Input, Reshape, Flatten, Columns, Embedding, EmbeddingBag, Dense, *dict.fromkeys(ACTIVATIONS.values()), Dropout,
        Augment,
        BatchNorm, LayerNorm, Scaling, RNN, LSTM, GRU, Bidirectional, Add, Multiply, Concatenate, Residual, Conv1D,
        Conv2D, MaxPool1D, MaxPool2D, AveragePool1D, AveragePool2D, GlobalAveragePool, GlobalMaxPool, Upsample,
        TimeDense, TiedDense, LearnedPositions, SinusoidalPositions, MultiHeadAttention, TransformerBlock,
        PeriodicEmbedding, PiecewiseLinearEmbedding, MemberScaling, MemberDense, MemberMean,
    )
}  # fmt: skip


def layer_from(description: dict[str, Any]) -> Layer:
    """Build a layer from what `Layer.describe` returned.

    Raises
    ------
    ValueError
        If the layer or one of its parameters is unknown.
    """
    values = dict(description)
    name = values.pop("layer", None)
    if name not in LAYERS:
        raise ValueError(unknown_name("layer", name, LAYERS))
    kind = LAYERS[name]
    known = {field.name for field in fields(kind)}
    for parameter, value in values.items():
        if parameter not in known:
            raise ValueError(unknown_name(f"parameter of {name}", parameter, known))
        values[parameter] = _value_from(value)
    return kind(**values)


def _value_from(value: Any) -> Any:
    """Undo what `Layer.describe` did to a field."""
    if isinstance(value, list):
        return tuple(_value_from(each) for each in value)
    if isinstance(value, dict):
        return layer_from(value) if "layer" in value else initialiser_from(value)
    return value
