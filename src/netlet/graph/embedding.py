"""Embedding: vectors that are learnt for categories, and which columns of the input hold such categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from netlet.graph.building import Builder, Kernel, Operation, Value
from netlet.graph.initialisers import Initialiser, check_initialiser
from netlet.graph.specification import Layer, check_positive

_ROWS = ("embedding", "embedding_bag")  # whose first source holds numbers of categories
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
        _check_table(self)

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        source = sources[0]
        _check_source(builder, source)
        kernel = Kernel(
            "embedding",
            {"categories": self.categories, "dimensions": self.dimensions},
            initialisers={"weight": self.initialiser},
        )
        return builder.add(kernel, sources, (*source.shape, self.dimensions))


@dataclass(frozen=True)
class EmbeddingBag(Layer):
    """Replace a sample's categories by the weighted sum of their vectors: ``EmbeddingBag(7, 3)(categories, weights)``.

    That is the product of a sparse row of `categories` numbers with a matrix, where a sample is given by the places of
    its numbers that are not 0, and by these numbers: both an input of their own, or parts of one. Samples with fewer
    of them are padded with weights of 0. The value is a row of `dimensions` numbers.

    Parameters
    ----------
    categories : int, >= 1
        The numbers of categories must be whole, from 0 to ``categories - 1``.
    dimensions : int, >= 1
        The length of a vector.
    initialiser : str or Initialiser, default "normal"
        How the vectors begin: by default with a standard deviation of 0.01.

    Notes
    -----
    Joulin, Grave, Bojanowski, Mikolov, "Bag of tricks for efficient text classification", EACL 2017.
    """

    n_inputs: ClassVar[int | None] = 2

    categories: int
    dimensions: int
    initialiser: str | Initialiser = "normal"

    def __post_init__(self) -> None:
        _check_table(self)

    def build(self, builder: Builder, sources: tuple[Value, ...]) -> Value:
        numbers, weights = sources
        _check_source(builder, numbers)
        if numbers.shape != weights.shape:
            raise ValueError(
                f"{builder.layer} reads numbers of categories of shape {numbers.shape} and weights of shape "
                f"{weights.shape}; give one weight for each number"
            )
        kernel = Kernel(
            "embedding_bag",
            {"categories": self.categories, "dimensions": self.dimensions},
            initialisers={"weight": self.initialiser},
        )
        return builder.add(kernel, sources, (self.dimensions,))


def _check_table(layer: Embedding | EmbeddingBag) -> None:
    name = type(layer).__name__
    check_positive(layer, "categories", "give the number of categories")
    check_positive(layer, "dimensions", "give the length of a category's vector")
    if layer.categories > _MOST_CATEGORIES:
        raise ValueError(
            f"categories={layer.categories} of {name} is more than {_MOST_CATEGORIES}, up to which float32 holds "
            "whole numbers; join rare categories"
        )
    check_initialiser(layer.initialiser)


def _check_source(builder: Builder, source: Value) -> None:
    """Raise unless numbers of categories come from an input, where they are checked before a kernel reads them."""
    if _first_column(builder.operations, source.operation) is None:
        raise ValueError(
            f"{builder.layer} reads {builder.operations[source.operation].layer}, whose numbers are computed; "
            "an Embedding reads an Input, as it is or through Columns, Reshape and Flatten"
        )


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
        if operation.row in _ROWS:
            source = operation.sources[0]
            first = _first_column(operations, source)
            assert first is not None, "Embedding.build lets nothing else through"
            columns.append((first, operations[source].size, operation.settings["categories"]))
    return columns
