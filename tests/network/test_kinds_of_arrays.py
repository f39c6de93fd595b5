"""Arrays of every kind give the same result as plain ones, and compile nothing of their own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from samples import classifier, fit, regressor, three_classes

from netlet import Dense, Flatten, Input, Network
from netlet.kernels.compiling import when_compiling

pytestmark = pytest.mark.plain
X, Y = three_classes()
WHOLE = np.round(4 * X)


def read_only(values):
    values = values.copy()
    values.flags.writeable = False
    return values


def misaligned(values):
    room = np.zeros(values.nbytes + 1, np.uint8)
    view = room[1:].view(values.dtype).reshape(values.shape)
    view[...] = values
    return view


KINDS = {
    "list": lambda x: x.tolist(),
    "float16": lambda x: x.astype(np.float16),
    "float32": lambda x: x.astype(np.float32),
    "float64": lambda x: x.astype(np.float64),
    "long double": lambda x: x.astype(np.longdouble),
    "int8": lambda x: x.astype(np.int8),
    "int64": lambda x: x.astype(np.int64),
    "object": lambda x: x.astype(object),
    "big-endian": lambda x: x.astype(">f4"),
    "Fortran": np.asfortranarray,
    "strided": lambda x: np.repeat(np.repeat(x, 2, axis=0), 3, axis=1)[::2, ::3],
    "backwards": lambda x: np.ascontiguousarray(x[::-1])[::-1],
    "read-only": lambda x: read_only(x.astype(np.float32)),
    "read-only float64": read_only,
    "misaligned": lambda x: misaligned(x.astype(np.float32)),
    "matrix": np.asmatrix,
    "memoryview": lambda x: memoryview(np.ascontiguousarray(x)),
    "masked": np.ma.masked_array,
    "pandas": pd.DataFrame,
    "pandas int": lambda x: pd.DataFrame(x.astype(int)).convert_dtypes(),
    "polars": lambda x: pl.DataFrame(x, schema=list("abcd")),
}


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_array_gives_the_same_network(kind, dtype):
    values = KINDS[kind](WHOLE)
    expected, network = classifier(dtype), classifier(dtype)
    fit(expected, WHOLE, Y, epochs=2, batch_size=8)
    expected.predict(WHOLE)
    compiled = []
    with when_compiling(lambda: compiled.append(1)):
        fit(network, values, Y, epochs=2, batch_size=8)
        found = network.predict(values)
    np.testing.assert_array_equal(network.theta, expected.theta)
    np.testing.assert_array_equal(found, expected.predict(WHOLE))
    assert network.evaluate(values, Y) == expected.evaluate(WHOLE, Y)
    assert not compiled


@pytest.mark.parametrize(
    "kind", ["list", "int64", "object", "big-endian", "read-only", "strided", "series", "polars series"]
)
def test_every_kind_of_target_gives_the_same_network(kind):
    kinds = {
        "series": lambda y: pd.Series(y[:, 0]),
        "polars series": lambda y: pl.Series(y[:, 0]),
        "strided": lambda y: np.repeat(y, 2, axis=0)[::2],
    }
    target = WHOLE[:, :1]
    expected, network = regressor(), regressor()
    fit(expected, X, target)
    fit(network, X, kinds.get(kind, KINDS.get(kind))(target))
    np.testing.assert_array_equal(network.theta, expected.theta)


def test_true_and_false_are_numbers():
    expected, network = classifier(), classifier()
    fit(expected, (X > 0).astype(float), Y)
    fit(network, X > 0, Y)
    np.testing.assert_array_equal(network.theta, expected.theta)


def test_a_masked_value_is_a_missing_one():
    masked = np.ma.masked_array(X.copy(), mask=np.zeros(X.shape, bool))
    masked[3, 2] = np.ma.masked
    with pytest.raises(ValueError, match="row 3, column 2"):
        fit(classifier(), masked, Y)


def test_read_only_data_stay_as_they_are():
    values, weights = read_only(X.astype(np.float32)), read_only(np.ones(30, np.float32))
    labels = read_only(Y.astype(np.float32))
    for shuffle in (True, False):
        fit(classifier(), values, labels, sample_weight=weights, shuffle=shuffle, epochs=2)
    np.testing.assert_array_equal(values, X.astype(np.float32))


def test_no_samples_of_a_shape_give_no_predictions():
    network = Network([Input((2, 3)), Flatten(), Dense(4)], seed=0).build(6)
    assert network.predict(np.zeros((0, 2, 3))).shape == (0, 4)
