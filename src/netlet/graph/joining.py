"""Layers that make one value of several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from netlet.graph.building import Builder, Kernel, Value
from netlet.graph.specification import Layer, Node


@dataclass(frozen=True)
class Add(Layer):
    """The sum of two or more nodes of one shape, as a residual connection has it."""

    n_inputs: ClassVar[int | None] = None

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        return builder.fold(Kernel("add"), sources)


@dataclass(frozen=True)
class Multiply(Layer):
    """The product, number by number, of two or more nodes of one shape, as a gate has it."""

    n_inputs: ClassVar[int | None] = None

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        return builder.fold(Kernel("multiply"), sources)


@dataclass(frozen=True)
class Concatenate(Layer):
    """Two or more nodes side by side, along the last axis; their other axes must be equal."""

    n_inputs: ClassVar[int | None] = None

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        if len({source.shape[:-1] for source in sources}) > 1:
            found = " and ".join(str(source.shape) for source in sources)
            raise ValueError(
                f"{builder.layer} joins values of shapes {found} along the last axis; all others must be equal: "
                "put Flatten() or Reshape(...) before it"
            )
        value = sources[0]
        for source in sources[1:]:
            widths = {"width": value.shape[-1], "width2": source.shape[-1]}
            value = builder.add(
                Kernel("concatenate", widths), (value, source), (*value.shape[:-1], sum(widths.values()))
            )
        return value


@dataclass(frozen=True)
class Residual(Layer):
    """``y = x + f(x)``, where f is a chain of layers.

    Parameters
    ----------
    layers : tuple of layers
        f, each layer reading the one before. In summaries and messages they are named after this layer, such as
        ``residual_1.dense_2``.
    project : bool, default False
        Whether x is brought to the size of f(x) by a Dense layer without bias: ``y = x W + f(x)``.

    Notes
    -----
    He, Zhang, Ren, Sun, "Deep residual learning for image recognition", CVPR 2016.
    """

    layers: tuple[Layer, ...]
    project: bool = False

    def __post_init__(self) -> None:
        layers = tuple(self.layers) if isinstance(self.layers, (tuple, list)) else (self.layers,)
        if not layers:
            raise ValueError("layers=() of Residual is empty; give at least one layer, such as Dense(8)")
        for place, layer in enumerate(layers):
            if isinstance(layer, Node) or not isinstance(layer, Layer):
                raise ValueError(f"layers[{place}]={layer!r} of Residual is not a layer; write for example Dense(8)")
            if layer.n_inputs != 1:
                raise ValueError(
                    f"layers[{place}]={layer!r} of Residual does not read one value, as a layer of a chain does; "
                    "build the graph by calling layers, with Add()(x, ...) at its end"
                )
        object.__setattr__(self, "layers", layers)
        object.__setattr__(self, "project", bool(self.project))

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        name, x = builder.layer, sources[0]
        value, counts = x, dict[str, int]()
        for layer in self.layers:
            kind = type(layer).__name__.lower()
            counts[kind] = counts.get(kind, 0) + 1
            builder.layer = f"{name}.{kind}_{counts[kind]}"
            value = layer.build(builder, (value,))
        if self.project:
            builder.layer = f"{name}.projection"
            weighted = Kernel("dense", {"units": value.size, "bias": 0}, initialisers={"weight": "auto"})
            x = builder.add(weighted, (x,), value.shape)
        builder.layer = name
        if x.shape != value.shape:
            raise ValueError(
                f"{name} adds x of shape {x.shape} to f(x) of shape {value.shape}; "
                "add project=True, or let f keep the shape"
            )
        return builder.fold(Kernel("add"), (x, value))
