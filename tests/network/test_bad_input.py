"""Every wrong input is refused before any compiled code, with the parameter's name, its value, and what to do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from samples import classifier, fit, regressor, three_classes, yes_or_no
from scipy import sparse

from netlet import Adam, Dense, Network

pytestmark = pytest.mark.plain
X, Y = three_classes()
NUMBERS = X[:, 0]
NAN, INF = np.nan, np.inf


def with_value(value, row=3, column=2, like=X):
    changed = like.astype(object if isinstance(value, str | None) else like.dtype, copy=True)
    changed[(row, column) if changed.ndim == 2 else row] = value
    return changed


FEATURES = {
    "one dimension": (NUMBERS, ValueError, r"X has shape \(30,\), not \(n_samples, n_features\); X.reshape\(-1, 1\)"),
    "three dimensions": (X.reshape(30, 2, 2), ValueError, r"X has shape \(30, 2, 2\).*use X.reshape\(len\(X\), -1\)$"),
    "a number": (3.0, ValueError, r"X has shape \(\)"),
    "no rows": (X[:0], ValueError, "X has no rows; training needs at least one sample"),
    "no columns": (X[:, :0], ValueError, r"X has no columns \(shape \(30, 0\)\); give at least one feature"),
    "uneven rows": ([[1.0, 2.0], [3.0]], ValueError, "X is not a rectangular array .*all rows need the same length"),
    "NaN": (with_value(NAN), ValueError, "X holds nan in row 3, column 2; fill in or drop missing values first"),
    "infinity": (with_value(INF), ValueError, "X holds inf in row 3, column 2; replace it by a finite number"),
    "minus infinity": (with_value(-INF), ValueError, "X holds -inf in row 3, column 2"),
    "None": (with_value(None), ValueError, "X holds nan in row 3, column 2; fill in or drop missing values first"),
    "too large": (with_value(1e300), ValueError, r"X holds .*1e\+300.* in row 3, column 2, too large for float32"),
    "text": (np.array([["1", "2"]] * 30), TypeError, "X holds text .*, not numbers; encode it as numbers first"),
    "bytes": (np.array([[b"1"]] * 30), TypeError, "X holds bytes"),
    "a word": (with_value("red"), TypeError, "X holds 'red' in row 3, column 2, which is not a number; encode it"),
    "complex": (X + 1j, TypeError, "X holds complex numbers"),
    "dates": (np.full((30, 1), "2020-01-01", "datetime64[D]"), TypeError, "X holds dates"),
    "time spans": (np.full((30, 1), 5, "timedelta64[s]"), TypeError, "X holds time spans"),
    "records": (np.zeros((30, 1), [("a", "f8")]), TypeError, "X holds no numbers"),
    "sparse": (sparse.csr_matrix(X), TypeError, r"X is a sparse matrix, which is not supported; use X.toarray\(\)"),
    "NaN of pandas": (pd.DataFrame(with_value(NAN), columns=list("abcd")), ValueError, r"row 3, column 2 \('c'\)"),
    "word of pandas": (pd.DataFrame(with_value("red"), columns=list("abcd")), TypeError, r"row 3, column 2 \('c'\)"),
    "null of polars": (pl.DataFrame({"a": [1.0, None] * 15, "b": [1.0] * 30}), ValueError, r"row 1, column 0 \('a'\)"),
    "word of polars": (pl.DataFrame({"a": ["x"] * 30, "b": [1.0] * 30}), TypeError, r"'x' in row 0, column 0 \('a'\)"),
}  # fmt: skip


@pytest.mark.parametrize("case", FEATURES)
def test_features_that_are_none_are_refused(case):
    values, kind, message = FEATURES[case]
    network = classifier()
    with pytest.raises(kind, match=message):
        fit(network, values, Y)
    assert "not built" in repr(network), "a refused fit changed the network"


@pytest.mark.parametrize("case", FEATURES)
def test_features_for_validation_are_checked_too(case):
    values, kind, _ = FEATURES[case]
    with pytest.raises(kind, match="^validation X "):
        fit(classifier(), X, Y, validation_data=(values, Y))


@pytest.mark.parametrize("case", [case for case in FEATURES if case not in ("no rows", "no columns", "uneven rows")])
def test_features_for_prediction_are_checked_too(case):
    values, kind, message = FEATURES[case]
    with pytest.raises(kind, match=message):
        classifier().build(np.shape(values)[1] if np.ndim(values) == 2 else 4).predict(values)


LABELS = {
    "too few": (Y[:29], ValueError, "y has 29 rows, X has 30; give one target for each row of X"),
    "a number": (1, ValueError, "y has a single number, X has 30"),
    "two columns": (
        np.eye(3)[Y],
        ValueError,
        r"y has shape \(30, 3\), the loss 'cross_entropy' needs \(30,\) of class labels",
    ),
    "one class": (
        np.ones(30, int),
        ValueError,
        "y holds only the class 1; training needs samples of at least two classes",
    ),
    "too large": (
        Y + 1,
        ValueError,
        r"y holds the label 3 in row 2, not an int from 0 to 2 \(the network has 3 outputs\); use",
    ),
    "negative": (Y - 1, ValueError, "y holds the label -1 in row 0, not an int from 0 to 2"),
    "a fraction": (Y + 0.5, ValueError, "y holds the label 0.5 in row 0, not an int from 0 to 2"),
    "NaN": (
        with_value(NAN, like=Y.astype(float)),
        ValueError,
        "y holds nan in row 3, column 0; fill in or drop missing values first",
    ),
    "infinity": (with_value(INF, like=Y.astype(float)), ValueError, "y holds inf in row 3"),
    "words": (np.array(["a", "b", "c"])[Y], TypeError, r"y holds text .*numpy.unique\(y, return_inverse=True\)"),
    "a word": (with_value("red", like=Y), TypeError, r"y holds 'red' in row 3, which is not a number"),
}


@pytest.mark.parametrize("case", LABELS)
def test_labels_that_are_none_are_refused(case):
    values, kind, message = LABELS[case]
    network = classifier()
    with pytest.raises(kind, match=message):
        fit(network, X, values)
    if case != "one class":
        with pytest.raises(kind, match="validation " + message):
            fit(network, X, Y, validation_data=(X, values))
        with pytest.raises(kind, match=message):
            classifier().build(4).evaluate(X, values)


def test_one_class_is_enough_for_measuring():
    assert classifier().build(4).evaluate(X, np.ones(30))["loss"] > 0
    fit(classifier(), X, Y, validation_data=(X, np.ones(30)))


OTHER_TARGETS = {
    "outside [0, 1]": (yes_or_no(), Y, "y holds 2 in row 2, column 0, outside \\[0, 1\\]; use 0 for no and 1 for yes"),
    "one answer": (
        yes_or_no(),
        np.zeros(30),
        "y holds only the class 0; training needs samples of at least two classes",
    ),
    "too wide": (regressor(), X[:, :2], r"y has shape \(30, 2\), the loss 'squared_error' needs \(30, 1\)"),
    "too narrow": (regressor(n_outputs=2), NUMBERS, r"y has shape \(30, 1\), the loss 'squared_error' needs \(30, 2\)"),
    "three dimensions": (regressor(), X.reshape(30, 2, 2), r"y has shape \(30, 2, 2\)"),
    "NaN": (regressor(), with_value(NAN, like=NUMBERS), "y holds nan in row 3"),
    "NaN of two": (regressor(n_outputs=4), with_value(NAN), "y holds nan in row 3, column 2"),
}


@pytest.mark.parametrize("case", OTHER_TARGETS)
def test_targets_that_are_none_are_refused(case):
    network, values, message = OTHER_TARGETS[case]
    with pytest.raises(ValueError, match=message):
        fit(network, X, values)


WEIGHTS = {
    "too few": (
        np.ones(29),
        ValueError,
        r"sample_weight has shape \(29,\), not \(30,\); give one weight for each row of X",
    ),
    "two dimensions": (np.ones((30, 1)), ValueError, r"sample_weight has shape \(30, 1\)"),
    "negative": (
        with_value(-1.0, like=np.ones(30)),
        ValueError,
        "sample_weight holds -1 in row 3; weights must be >= 0",
    ),
    "all zero": (np.zeros(30), ValueError, "sample_weight is 0 for every row; at least one sample needs a weight > 0"),
    "NaN": (with_value(NAN, like=np.ones(30)), ValueError, "sample_weight holds nan in row 3"),
    "words": (["a"] * 30, TypeError, "sample_weight holds text"),
}


@pytest.mark.parametrize("case", WEIGHTS)
def test_weights_that_are_none_are_refused(case):
    values, kind, message = WEIGHTS[case]
    with pytest.raises(kind, match=message):
        fit(classifier(), X, Y, sample_weight=values)
    with pytest.raises(kind, match=message):
        fit(classifier(), X, Y, validation_data=(X, Y, values))
    with pytest.raises(kind, match=message):
        classifier().build(4).evaluate(X, Y, sample_weight=values)


SETTINGS = [
    ({"epochs": -1}, ValueError, "epochs=-1 is not >= 0"),
    ({"epochs": 2.5}, TypeError, "epochs=2.5 is not an int"),
    ({"epochs": True}, TypeError, "epochs=True is not an int"),
    ({"batch_size": 0}, ValueError, "batch_size=0 is not >= 1; use 'all' or an int"),
    ({"batch_size": -3}, ValueError, "batch_size=-3 is not >= 1"),
    ({"batch_size": "auto"}, TypeError, "batch_size='auto' is not an int; use 'all' or an int"),
    ({"batch_size": 2.0}, TypeError, "batch_size=2.0 is not an int"),
    ({"learning_rate": -0.1}, ValueError, r"learning_rate=-0.1 is not a number in \(0, inf\)"),
    ({"learning_rate": 0}, ValueError, "learning_rate=0 "),
    ({"learning_rate": NAN}, ValueError, "learning_rate=nan"),
    (
        {"learning_rate": 0.1, "optimizer": Adam()},
        ValueError,
        "learning_rate=0.1 is given beside an optimizer that has its own",
    ),
    (
        {"optimizer": "admm"},
        ValueError,
        r"optimizer='admm' is not one of 'adadelta', .*'adam', .*'lbfgs', .*'tnc'; did you mean 'adam'\?",
    ),
    ({"loss": "crossentropy"}, ValueError, r"loss='crossentropy' is not one of .*did you mean '\w*cross_entropy'\?"),
    ({"progress": "baar"}, ValueError, r"progress='baar' is not one of .*did you mean 'bar'\?"),
    ({"patience": 0, "validation_share": 0.2}, ValueError, "patience=0 is not >= 1"),
    ({"patience": 3}, ValueError, "patience=3 needs validation samples; give validation_data or validation_share=0.1"),
    ({"time_limit": 0}, ValueError, "time_limit=0 is not > 0"),
    ({"time_limit": "1h"}, TypeError, "time_limit='1h' is not a number"),
    ({"n_threads": 0}, ValueError, "n_threads=0 is not >= 1"),
    ({"validation_share": 1.0}, ValueError, "validation_share=1.0 is not >= 0 and < 1"),
    ({"validation_share": -0.1}, ValueError, "validation_share=-0.1"),
    (
        {"validation_share": 0.001},
        ValueError,
        "validation_share=0.001 of 30 samples leaves 30 to train and 0 to validate; both",
    ),
    ({"validation_data": X}, TypeError, r"validation_data is not a tuple \(X, y\) or \(X, y, sample_weight\)"),
    ({"validation_data": (X,)}, TypeError, "validation_data is not a tuple"),
    ({"validation_data": (X[:, :3], Y)}, ValueError, "validation X has 3 features, the network reads 4"),
    ({"validation_data": (X[:5], Y)}, ValueError, "validation y has 30 rows"),
]


@pytest.mark.parametrize(("settings", "kind", "message"), SETTINGS, ids=[repr(case[0])[:60] for case in SETTINGS])
def test_settings_outside_their_range_are_refused(settings, kind, message):
    network = classifier()
    with pytest.raises(kind, match=message):
        fit(network, X, Y, **settings)
    assert "not built" in repr(network), "a refused fit changed the network"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"dtype": "float16"}, r"dtype='float16' is not one of 'float32', 'float64'; did you mean 'float\d\d'\?"),
        ({"dtype": "float64x"}, "did you mean 'float64'"),
        ({"seed": -1}, r"seed=-1 is not an int from 0 to 2\*\*64 - 1"),
        ({"seed": 2**64}, "seed=18446744073709551616"),
        ({"seed": 1.5}, "seed=1.5"),
        ({"seed": True}, "seed=True"),
    ],
)
def test_a_network_of_wrong_arguments_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Network([Dense(1)], **arguments)


def test_other_columns_than_in_training_are_refused():
    network = classifier().build(4)
    for ask in (network.predict, lambda x: network.evaluate(x, Y), lambda x: fit(network, x, Y)):
        with pytest.raises(
            ValueError, match="X has 3 features, the network reads 4; give the same columns as in training"
        ):
            ask(X[:, :3])


def test_measuring_no_rows_is_refused():
    with pytest.raises(ValueError, match="X has no rows; evaluating needs at least one sample"):
        classifier().build(4).evaluate(X[:0], Y[:0])


@pytest.mark.parametrize("n_threads", [0, -1, 1.5])
def test_predicting_with_no_threads_is_refused(n_threads):
    with pytest.raises((ValueError, TypeError), match=f"n_threads={n_threads} is not"):
        classifier().build(4).predict(X, n_threads=n_threads)
