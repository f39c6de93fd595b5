"""Embedding: vectors that are learnt for categories, and which columns of the input hold such categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netlet.graph.building import Builder, Kernel, Operation, Value
from netlet.graph.initialisers import Initialiser, check_initialiser
from netlet.graph.specification import Layer, check_positive

_MOST_CATEGORIES = 2**24  # up to there float32 holds every integer


@dataclass(frozen=True)
class Embedding(Layer):
    """Replace each number of a category by its vector. All columns that are read share one table.

    It reads an input, or a part of one: ``Embedding(7, 3)(Columns(0, 2)(x))``. The value has one axis more than what
    is read: for a row of columns it is (columns, dimensions); `Flatten` makes a row of that.

    Parameters
    ----------
    categories : int, >= 1
        The input's numbers must be whole, from 0 to ``categories - 1``.
    dimensions : int, >= 1
        The length of a vector.
    initialiser : str or Initialiser, default "normal"
        How the vectors begin: by default with a standard deviation of 0.01.
    """

    categories: int
    dimensions: int
    initialiser: str | Initialiser = "normal"

    def __post_init__(self) -> None:
        check_positive(self, "categories", "give the number of categories")
        check_positive(self, "dimensions", "give the length of a category's vector")
        if self.categories > _MOST_CATEGORIES:
            raise ValueError(
                f"categories={self.categories} of Embedding is more than {_MOST_CATEGORIES}, up to which float32 holds "
                "whole numbers; join rare categories"
            )
        check_initialiser(self.initialiser)

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        source = sources[0]
        if _first_column(builder.operations, source.operation) is None:
            raise ValueError(
                f"{builder.layer} reads {builder.operations[source.operation].layer}, whose numbers are computed; "
                "an Embedding reads an Input, as it is or through Columns, Reshape and Flatten"
            )
        kernel = Kernel(
            "embedding",
            {"categories": self.categories, "dimensions": self.dimensions},
            initialisers={"weight": self.initialiser},
        )
        return builder.add(kernel, sources, (*source.shape, self.dimensions))


def _first_column(operations: Sequence[Operation], place: int) -> int | None:
    """Return the column of the input at which a value begins; None where it is no part of the input."""
    first = 0
    while operations[place].row == "columns":
        first += operations[place].settings["first"]
        place = operations[place].sources[0]
    return first if operations[place].row == "input" else None


def integer_columns(operations: Sequence[Operation]) -> list[tuple[int, int, int]]:
    """Return which columns of the input hold numbers of categories.

    Parameters
    ----------
    operations : sequence of Operation

    Returns
    -------
    list of (first column, count, categories)
        One for each embedding, in their order.
    """
    columns = []
    for operation in operations:
        if operation.row == "embedding":
            source = operation.sources[0]
            first = _first_column(operations, source)
            assert first is not None, "Embedding.build lets nothing else through"
            columns.append((first, operations[source].size, operation.settings["categories"]))
    return columns
