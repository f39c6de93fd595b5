"""A few rows take a short way through the checks and the engine; it must lead where the long one does."""

from __future__ import annotations

import numpy as np
import pytest
from samples import regressor

from netlet import Dense, Embedding, Flatten, Input, Network
from netlet.kernels.blas import single_threaded_blas
from netlet.training.prediction import BLOCK, Predictor
from netlet.training.samples.arrays import features_of, few_features_of

plain = pytest.mark.plain
RNG = np.random.default_rng(0)


@plain
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("given", ["float16", "float32", "float64", "longdouble"])
@pytest.mark.parametrize("order", ["C", "F", "strided", "read-only"])
def test_both_ways_through_the_checks_give_the_same_array(order, given, dtype):
    X = RNG.normal(size=(3, 5)).astype(given)
    if order == "F":
        X = np.asfortranarray(X)
    elif order == "strided":
        X = np.repeat(X, 2, axis=1)[:, ::2]
    elif order == "read-only":
        X.flags.writeable = False
    few, thorough = few_features_of(X, dtype, 5), features_of(X, dtype, 5)
    assert few.dtype == thorough.dtype == dtype
    assert few.flags.carray
    assert few.tobytes() == thorough.tobytes()


@plain
def test_what_is_right_is_not_copied():
    X = RNG.normal(size=(3, 5)).astype(np.float32)
    assert few_features_of(X, "float32", 5) is X


WRONG = {
    "nan": (np.array([[0, np.nan]], np.float32), "X holds nan in row 0, column 1"),
    "infinity": (np.array([[0, -np.inf]]), "X holds -inf in row 0, column 1"),
    "too large": (np.array([[1e300, 0]]), "X holds 1e.300 in row 0, column 0, too large for float32"),
    "too wide": (np.zeros((1, 3), np.float32), "X has 3 features, the network reads 2"),
    "a vector": (np.zeros(2, np.float32), r"X has shape \(2,\)"),
    "a cube": (np.zeros((1, 1, 2), np.float32), r"X has shape \(1, 1, 2\)"),
}


@plain
@pytest.mark.parametrize("kind", WRONG)
def test_what_is_wrong_is_told_as_before(kind):
    X, message = WRONG[kind]
    network = regressor().build(2)
    with pytest.raises(ValueError, match=message):
        network.predict(X)


@plain
@pytest.mark.parametrize("category", [-1, 3, 0.5])
def test_categories_are_looked_at(category):
    network = Network([Input(1), Embedding(categories=3, dimensions=2), Flatten(), Dense(1)], seed=0)
    network.predict(np.ones((1, 1), np.float32))
    with pytest.raises(ValueError, match="which an Embedding reads"):
        network.predict(np.full((1, 1), category, np.float32))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sizes", [(20, 32, 2), (64, 100, 10), (784, 128, 10), (1024, 500, 3), (3000, 700, 1)])
def test_blas_left_to_itself_gives_the_bits_of_one_thread(sizes, dtype):
    network = Network([Input(sizes[0]), *[Dense(n, activation="tanh") for n in sizes[1:]]], seed=0, dtype=dtype)
    predictor = Predictor(network._operations, len(network._operations) - 1, dtype)
    for n in {1, 2, 3, predictor._few - 1, predictor._few}:
        if 0 < n <= predictor._few:
            x = RNG.normal(size=(n, sizes[0])).astype(dtype)
            alone = predictor.predict(network.theta, network.state, x)
            with single_threaded_blas():
                assert predictor.predict(network.theta, network.state, x).tobytes() == alone.tobytes()


def test_no_more_rows_than_the_arena_holds_take_the_short_way():
    network = regressor().build(2)
    assert Predictor(network._operations, len(network._operations) - 1, "float32")._few <= BLOCK


@pytest.mark.parametrize("n", [1, 7, BLOCK])
def test_arenas_are_used_again(n):
    network = regressor().build(2)
    for _ in range(5):
        network.predict(np.zeros((n, 2), np.float32))
    assert len(network._predictor._spare) <= 1
