"""Self-attention, and the Transformer block that is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import Any

from netlet.errors import unknown_name
from netlet.graph.activations import ACTIVATIONS
from netlet.graph.building import Builder, Kernel, Value
from netlet.graph.initialisers import Initialiser, check_initialiser
from netlet.graph.normalisation import LayerNorm
from netlet.graph.specification import Layer, check_positive, check_real
from netlet.graph.time_dense import TimeDense

_LENGTHS = -1


def _check_padding(layer: Layer) -> None:
    padding: Any = layer.padding  # type: ignore[attr-defined]
    if padding is None or padding == "lengths":
        return
    if isinstance(padding, bool) or not isinstance(padding, Integral) or padding < 0:
        raise ValueError(
            f"padding={padding!r} of {type(layer).__name__} is not None, 'lengths' or an int >= 0; "
            "give the number that stands for padding, such as 0"
        )
    object.__setattr__(layer, "padding", int(padding))


@dataclass(frozen=True)
class MultiHeadAttention(Layer):
    """Self-attention: every step of a sequence takes from the others what fits its query, once for each head.

    It reads (time, width) and gives (time, width). Where sequences are padded to one length, `padding` says how that is
    seen, and the layer reads a second value: ``MultiHeadAttention(4, padding=0)(x, tokens)``. No step sees padding;
    what is computed at steps that are padding themselves means nothing. Where a step sees no other, not even itself,
    the heads give 0.

    Parameters
    ----------
    heads : int, >= 1
        Must divide the width.
    causal : bool, default False
        Whether a step sees only itself and those before it.
    padding : None, int or "lengths"
        An int: the second value holds numbers, (time,), of which this one is padding. "lengths": it holds the number of
        steps, (1,), after which all is padding.
    bias : bool, default True
        Of the projections to queries, keys and values, and of the output's.
    initialiser : str or Initialiser, default "auto"
        Of their weights.

    Notes
    -----
    Vaswani and others, "Attention is all you need", NeurIPS 2017. A sample keeps ``(heads + 1) * time^2`` numbers.
    """

    heads: int
    causal: bool = False
    padding: int | str | None = None
    bias: bool = True
    initialiser: str | Initialiser = "auto"

    def __post_init__(self) -> None:
        check_positive(self, "heads", "give the number of heads")
        _check_padding(self)
        check_initialiser(self.initialiser)

    @property
    def n_inputs(self) -> int:  # type: ignore[override]
        """How many values it reads."""
        return 1 if self.padding is None else 2

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        name, shape = builder.layer, sources[0].shape
        if len(shape) != 2:
            raise ValueError(
                f"{name} reads a sequence, (time, width), not the shape {shape}; begin with Input((time, width)), or "
                "put an Embedding or Reshape((time, width)) before it"
            )
        time, width = shape
        if width % self.heads:
            raise ValueError(
                f"{name} has heads={self.heads}, which do not divide the width {width} of what it reads; "
                f"use {_nearest_divisor(width, self.heads)} heads"
            )
        settings = {"steps": time, "heads": self.heads, "causal": int(self.causal)}
        builder.layer = f"{name}.input"
        both = TimeDense(3 * width, bias=self.bias, initialiser=self.initialiser).build(builder, sources[:1])
        builder.layer = name
        if self.padding is None:
            value = builder.add(Kernel("attention", settings), (both,), shape)
        else:
            mask, lengths = sources[1], self.padding == "lengths"
            wanted = (1,) if lengths else (time,)
            if mask.shape != wanted:
                what = "one length for each sample" if lengths else "a number for each step"
                raise ValueError(
                    f"{name} with padding={self.padding!r} reads {what}, of shape {wanted}, as its second value, not "
                    f"the shape {mask.shape}; give it an Input({wanted[0]})"
                )
            padding = _LENGTHS if self.padding == "lengths" else int(self.padding)
            value = builder.add(Kernel("padded_attention", settings | {"padding": padding}), (both, mask), shape)
        builder.layer = f"{name}.output"
        value = TimeDense(width, bias=self.bias, initialiser=self.initialiser).build(builder, (value,))
        builder.layer = name
        return value


def _nearest_divisor(width: int, heads: int) -> int:
    """Return the divisor of the width that is nearest to a number of heads."""
    return min((each for each in range(1, width + 1) if width % each == 0), key=lambda each: abs(each - heads))


@dataclass(frozen=True)
class TransformerBlock(Layer):
    """A block of a Transformer that normalises first: ``h = x + attention(norm(x))``, ``y = h + f(norm(h))``.

    f is the feed-forward part, at each step by itself: Dense(hidden), the activation, Dense(width). It reads and gives
    (time, width); with `padding` it reads a second value, as `MultiHeadAttention` does.

    Parameters
    ----------
    heads : int, >= 1
        Must divide the width.
    hidden : int, >= 1, optional
        Units of the feed-forward part; default: 4 times the width.
    dropout : float, 0 <= dropout < 1, default 0
        The fraction dropped, while training, of what the attention and what f adds.
    causal : bool, default False
        Whether a step sees only itself and those before it.
    activation : str, default "gelu"
    padding : None, int or "lengths"
        As in `MultiHeadAttention`.
    eps : float, > 0, default 1e-5
        Of the normalisations.

    Notes
    -----
    Xiong and others, "On layer normalization in the Transformer architecture", ICML 2020. After the last block the sum
    has gone through no normalisation: put a `LayerNorm` there.
    """

    heads: int
    hidden: int | None = None
    dropout: float = 0.0
    causal: bool = False
    activation: str = "gelu"
    padding: int | str | None = None
    eps: float = 1e-5

    def __post_init__(self) -> None:
        check_positive(self, "heads", "give the number of heads")
        if self.hidden is not None:
            check_positive(self, "hidden", "give the units of the feed-forward part, 4 times the width is usual")
        check_real(self, "dropout", "it is the fraction dropped, 0.1 is usual")
        if not 0 <= self.dropout < 1:
            raise ValueError(
                f"dropout={self.dropout!r} of TransformerBlock is not in [0, 1); it is the fraction dropped, "
                "0.1 is usual"
            )
        if self.activation not in ACTIVATIONS:
            raise ValueError(unknown_name("activation", self.activation, ACTIVATIONS))
        _check_padding(self)
        LayerNorm(self.eps)

    @property
    def n_inputs(self) -> int:  # type: ignore[override]
        """How many values it reads."""
        return 1 if self.padding is None else 2

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        name, x = builder.layer, sources[0]
        hidden = self.hidden or 4 * x.shape[-1]

        def following(part: str, layer: Layer, *values: Value) -> Value:
            builder.layer = f"{name}.{part}"
            return layer.build(builder, values)

        def added(part: str, x: Value, value: Value) -> Value:
            builder.layer = f"{name}.{part}"
            if self.dropout:
                value = builder.add(Kernel("dropout", factors=(self.dropout,)), (value,))
            builder.layer = name
            return builder.fold(Kernel("add"), (x, value))

        attention = MultiHeadAttention(self.heads, self.causal, self.padding)
        value = following("layernorm_1", LayerNorm(self.eps), x)
        x = added("dropout_1", x, following("attention", attention, value, *sources[1:]))
        value = following("layernorm_2", LayerNorm(self.eps), x)
        value = following("dense_1", TimeDense(hidden, self.activation), value)
        return added("dropout_2", x, following("dense_2", TimeDense(x.shape[-1]), value))
