"""Which columns hold categories, and that a number outside an embedding's table is refused before a kernel reads it."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import Add, Input
from netlet.graph.embedding import Embedding, EmbeddingBag, integer_columns
from netlet.graph.graph import graph_of
from netlet.graph.joining import Concatenate
from netlet.graph.operations import operations_of
from netlet.graph.shaping import Columns, Flatten, Reshape
from netlet.training.samples.integers import check_integers

pytestmark = pytest.mark.plain


def columns_of(output):
    return integer_columns(operations_of(graph_of(output)))


def test_columns_are_counted_over_all_inputs():
    numbers, categories = Input(3)(), Input(5)()
    first = Flatten()(Embedding(7, 2)(Columns(0, 2)(categories)))
    second = Flatten()(Embedding(4, 3)(Columns(1, 2)(Columns(2, 3)(categories))))
    both = Concatenate()(numbers, first, second)
    assert columns_of(both) == [(3, 2, 7), (6, 2, 4)]


def test_an_input_read_through_other_shapes_keeps_its_columns():
    assert columns_of(Embedding(7, 2)(Input(3)())) == [(0, 3, 7)]
    assert columns_of(Embedding(7, 2)(Reshape((3, 2))(Input(6)()))) == [(0, 6, 7)]
    x = Input((2, 3))()
    assert columns_of(Embedding(7, 2)(Columns(4, 1)(Flatten()(x)))) == [(4, 1, 7)]
    assert columns_of(Add()(Embedding(7, 2)(x), Embedding(9, 2)(x))) == [(0, 6, 7), (0, 6, 9)]
    assert columns_of(EmbeddingBag(7, 2)(Columns(4, 1)(Flatten()(x)), Columns(0, 1)(Flatten()(x)))) == [(4, 1, 7)]
    assert columns_of(Columns(0, 2)(Flatten()(x))) == []


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_whole_numbers_within_the_tables_pass(dtype):
    x = np.array([[0.5, 0, 3], [-1.5, 6, 0], [np.pi, 2, 1]], dtype)
    check_integers(x, [(1, 1, 7), (2, 1, 4)])
    check_integers(x[:0], [(1, 1, 7)])
    check_integers(x, [])


@pytest.mark.parametrize(
    ("value", "shown"),
    [(4, "4"), (-1, "-1"), (1.5, "1.5"), (np.nan, "nan"), (np.inf, "inf"), (2.0**31, "2.14748365e+09")],
)
@pytest.mark.parametrize("row", [0, 9000])
def test_anything_else_is_refused_with_its_place(value, shown, row):
    x = np.ones((10_000, 4))
    x[row, 2] = value
    message = (
        rf"^validation X holds {shown} in row {row}, column 2, which an Embedding reads: it is not an int from 0 to 3"
    )
    with pytest.raises(ValueError, match=message.replace("+", r"\+")):
        check_integers(x, [(0, 1, 2), (1, 2, 4)], "validation X")


def test_numbers_just_off_an_int_are_refused():
    with pytest.raises(ValueError, match="holds 2.99999976 in row 0, column 0"):
        check_integers(np.array([[np.nextafter(np.float32(3), np.float32(0))]], np.float32), [(0, 1, 4)])
