"""Dense layers that every step of a sequence goes through by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netlet.errors import unknown_name
from netlet.graph.activations import activated, check_activation
from netlet.graph.building import Builder, Kernel, Operation, Value
from netlet.graph.initialisers import Initialiser, check_initialiser
from netlet.graph.specification import Layer, check_positive


def check_steps(name: str, shape: tuple[int, ...]) -> None:
    """Raise unless what a layer reads has steps, each with features."""
    if len(shape) < 2:
        raise ValueError(
            f"{name} reads steps with features, (time, features), not the shape {shape}; "
            "begin with Input((time, features)), or put an Embedding or Reshape(...) before it"
        )


@dataclass(frozen=True)
class TimeDense(Layer):
    """Dense on the last axis: every step of a sequence by itself, all with the same weights.

    Parameters
    ----------
    units : int, >= 1
        Outputs per step: (time, features) becomes (time, units).
    activation : str or layer, default "identity"
    bias : bool, default True
    initialiser : str or Initialiser, default "auto"
        As in `Dense`.

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

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        source = sources[0]
        check_steps(builder.layer, source.shape)
        settings = {"units": self.units, "bias": int(self.bias), "features": source.shape[-1]}
        kernel = Kernel("time_dense", settings, initialisers={"weight": self.initialiser})
        value = builder.add(kernel, sources, (*source.shape[:-1], self.units))
        return activated(builder, value, self.activation)


@dataclass(frozen=True)
class TiedDense(Layer):
    """Project every step onto the vectors of an embedding: a logit for each of its categories, by its own table.

    ``y = x W^T`` with the table W of an `Embedding` that lies before it; no bias. What is learnt here and there is one.

    Parameters
    ----------
    embedding : str, optional
        The embedding's name in the summary, such as "embedding_1"; default: the only one that lies before.

    Notes
    -----
    Press, Wolf, "Using the output embedding to improve language models", EACL 2017.
    """

    embedding: str | None = None

    def __post_init__(self) -> None:
        if self.embedding is not None and not isinstance(self.embedding, str):
            raise ValueError(
                f"embedding={self.embedding!r} of TiedDense is not the name of a layer, such as 'embedding_1'; "
                "leave it out where there is one embedding"
            )

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        source = sources[0]
        owner = self._owner(builder, source.operation)
        settings = dict(builder.operations[owner].settings)
        if source.shape[-1] != settings["dimensions"]:
            raise ValueError(
                f"{builder.layer} reads {source.shape[-1]} features, but the vectors of "
                f"{builder.operations[owner].layer} have {settings['dimensions']}; "
                f"put TimeDense({settings['dimensions']}) before it"
            )
        if any(operation.shares == owner for operation in builder.operations):
            raise ValueError(
                f"{builder.layer} would be the second layer to share the table of {builder.operations[owner].layer}; "
                "only one may"
            )
        shape = (*source.shape[:-1], settings["categories"])
        return builder.add(Kernel("tied_dense", settings), sources, shape, shares=owner)

    def _owner(self, builder: Builder, reads: int) -> int:
        """Return the operation of the embedding."""
        before = _before(builder.operations, reads)
        embeddings = {
            operation.layer: place
            for place, operation in enumerate(builder.operations)
            if operation.row == "embedding" and place in before
        }
        if self.embedding is not None and self.embedding not in embeddings:
            raise ValueError(unknown_name(f"embedding before {builder.layer}", self.embedding, embeddings))
        if self.embedding is None and len(embeddings) != 1:
            found = f"{len(embeddings)} ({', '.join(embeddings)})" if embeddings else "none"
            raise ValueError(
                f"{builder.layer} shares the table of the embedding that lies before it, but there is {found}; "
                "put one Embedding before it, or name one: TiedDense('embedding_1')"
            )
        return embeddings[self.embedding] if self.embedding is not None else next(iter(embeddings.values()))


def _before(operations: Sequence[Operation], last: int) -> set[int]:
    """Return the operations that one depends on, itself included."""
    found = {last}
    for place in range(last, -1, -1):
        if place in found:
            found.update(operations[place].sources)
    return found
