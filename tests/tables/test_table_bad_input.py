"""Odd tables and odd targets: each a clear error, or what the guide says happens."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from netlet.data import TableError
from netlet.errors import TrainingFailed
from netlet.tables.classifier import TableClassifier
from netlet.tables.regressor import TableRegressor

TINY: dict[str, Any] = {"epochs": 8, "recipe": {"hidden": (8,), "dropout": 0.0}, "random_state": 0}
N = 60
RNG = np.random.default_rng(0)
A = RNG.normal(size=N)
Y = np.where(A > 0, "yes", "no")


def classifier(**changes):
    return TableClassifier("fast", **(TINY | changes))


def fitted(**columns):
    return classifier().fit({"a": A} | columns, Y)


def test_columns_that_teach_nothing_are_left_out_and_named():
    words = [f"word {k} of many" for k in range(N)]
    model = fitted(
        same=[7] * N, empty=[None] * N, id=RNG.permutation(N) + 100, count=np.arange(N), name=words,
    )  # fmt: skip
    assert model.preparation_.columns == ("a",)
    assert model.dropped_columns_["same"] == "every row is 7"
    assert model.dropped_columns_["empty"] == "every cell is empty"
    assert model.dropped_columns_["id"].startswith("an identifier by its name")
    assert model.dropped_columns_["count"] == "it only counts the rows"
    assert model.dropped_columns_["name"].startswith("text that differs in every row")
    # They may be absent, or hold anything, when predicting.
    assert model.predict({"a": [1.0], "same": ["?!"]}).shape == (1,)


def test_nothing_to_learn_from():
    with pytest.raises(TableError, match=r"no column is left to predict from \(a: every row is 1"):
        classifier().fit({"a": [1] * N}, Y)


def test_ten_thousand_categories():
    values = np.repeat([f"shop {k}" for k in range(10_000)], 2)
    y = (np.repeat(RNG.integers(0, 2, size=10_000), 2) > 0).astype(int)
    model = classifier(epochs=1).fit({"shop": values}, y)
    assert len(model.preparation_.embedded[0].values) == 10_000
    probabilities = model.predict_proba({"shop": ["shop 3", "shop 9999", "another"]})
    assert np.isfinite(probabilities).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)


def test_a_category_never_seen_counts_as_missing():
    for many in (3, 20):
        model = fitted(kind=[f"k{place % many}" for place in range(N)])
        new, none = (model.predict_proba({"a": [0.1], "kind": [each]}) for each in ("?other?", None))
        np.testing.assert_array_equal(new, none)


@pytest.mark.parametrize(
    ("y", "error", "message"),
    [
        (["one"] * N, ValueError, r"y has 1 class, \['one'\]; a classifier needs rows of two classes"),
        ([1.0, np.nan] * (N // 2), ValueError, "Input y contains NaN"),
        ([1.0, np.inf] * (N // 2), ValueError, "Input y contains NaN or infinity"),
        (["a", None] * (N // 2), ValueError, "Input y contains NaN or None"),
        (pd.Series([1, None] * (N // 2), dtype="Int64"), ValueError, "Input y contains NaN"),
        (pl.Series(["a", None] * (N // 2)), ValueError, "Input y contains NaN"),
        (["a", np.nan] * (N // 2), ValueError, "Input y contains NaN or None"),
        (np.array(["a", pd.NA] * (N // 2), dtype=object), ValueError, "Input y contains NaN or None"),
        (np.ma.masked_array([0, 1] * (N // 2), mask=A > 1), ValueError, "Input y contains NaN or None"),
        ([datetime.date(2024, 1, 1 + k % 2) for k in range(N)], ValueError, "of the kind date; give them as text"),
        (["a", 1] * (N // 2), ValueError, None),
        (np.array(["a", 1] * (N // 2), dtype=object), TypeError, "y holds classes of several kinds: int, str"),
        (RNG.normal(size=N), ValueError, "Unknown label type"),
        (np.array(["2024-01-01", "2024-01-02"] * (N // 2), dtype="datetime64[D]"), ValueError, "no classes"),
        (["a", "b"], ValueError, "X has 60 rows and y has 2"),
        (np.zeros((N, 2), dtype=int), ValueError, "1d array"),
        (None, ValueError, "requires y to be passed, but the target y is None"),
    ],
)
def test_targets_that_are_no_classes(y, error, message):
    if message is None:  # NumPy makes text of both
        assert classifier().fit({"a": A}, y).classes_.tolist() == ["1", "a"]
        return
    with pytest.raises(error, match=message):
        classifier().fit({"a": A}, y)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([1.0, np.nan] * (N // 2), "Input y contains NaN"),
        ([1.0, np.inf] * (N // 2), "Input y contains infinity"),
        ([1.0, None] * (N // 2), "Input y contains NaN"),
        ([1.0, pd.NA] * (N // 2), "Input y contains NaN"),
        (np.ma.masked_array(A, mask=A > 1), "Input y contains NaN"),
        (A * 1e-300, "y holds numbers too near to each other to scale; give them in a smaller unit"),
        (["tall"] * N, "y holds text: .*tall.*; give numbers, or use TableClassifier"),
        ([1.7e308, -1.7e308] * (N // 2), "y holds numbers too large to scale"),
        (np.array(["2024-01-01"] * N, dtype="datetime64[D]"), "no numbers; give days or seconds"),
        (np.zeros((N, 2)), "1d array"),
        ([1.0] * 3, "X has 60 rows and y has 3"),
    ],
)
def test_targets_that_are_no_numbers(y, message):
    with pytest.raises(ValueError, match=message):
        TableRegressor("fast", **TINY).fit({"a": A}, y)


def test_numbers_too_near_to_each_other_in_blocks():
    model = TableRegressor("fast", **TINY)
    with pytest.raises(ValueError, match="y holds numbers too near to each other to scale"):
        model.fit_stream(lambda: [({"a": A}, A * 1e-300)] * 2)
    model.fit_stream(lambda: [({"a": A}, A * 1e-300), ({"a": A}, A)])


def test_a_constant_target_is_predicted():
    model = TableRegressor("fast", **TINY).fit({"a": A}, [3.5] * N)
    assert model.predict({"a": [0.0, 9.0]}).tolist() == [3.5, 3.5]


def test_infinities():
    with pytest.raises(TableError, match=r"column 'b' has an infinite number in row 2 \(1 in all\)"):
        fitted(b=[0.0, np.inf] + [1.0] * (N - 2))
    with pytest.raises(TableError, match="column 'a' has an infinite number in row 1"):
        fitted().predict({"a": [-np.inf]})


def test_dates_in_several_formats():
    days = [datetime.date(2024, 1, 1) + datetime.timedelta(days=int(each)) for each in RNG.integers(0, 700, size=N)]
    y = np.array([each.month > 6 for each in days])
    forms = ["%Y-%m-%d", "%d.%m.%Y", "%Y/%m/%d"]
    tables = {
        "objects": days,
        "moments": pd.to_datetime(pd.Series(days)),
        **{form: [each.strftime(form) for each in days] for form in forms},
    }
    models = {name: classifier().fit({"a": A, "day": column}, y) for name, column in tables.items()}
    reference = models["objects"]
    assert reference.preparation_.names == ("a", "day days", "day month", "day weekday")
    given = {"a": A, "day": days}
    for name in forms:
        assert models[name].preparation_ == reference.preparation_, name
        np.testing.assert_array_equal(models[name].predict_proba(given), reference.predict_proba(given))
        # A model that was fitted on one form reads the others.
        np.testing.assert_array_equal(
            reference.predict_proba({"a": A, "day": tables[name]}), reference.predict_proba(given)
        )
    assert "day hour" in models["moments"].preparation_.names


def test_dates_of_several_forms_in_one_column_are_text():
    mixed = [f"2024-01-{1 + row % 28:02}" for row in range(N - 2)] + ["31.01.2024"] * 2
    model = fitted(day=mixed)
    assert model.preparation_.embedded[0].column == "day"  # of 29 values
    model = fitted(day=[f"20{10 + row // 12}-{1 + row % 12:02}-05" for row in range(N - 2)] + ["1.2.2024", "2.2.2024"])
    wrong = "2 of 60 dates are not in the form of '2010-01-05', the first is '1.2.2024' in row 59"
    assert model.dropped_columns_["day"] == f"text, for {wrong}"
    slashed = [f"{1 + row % 12:02}/03/2024" for row in range(N)]  # month or day first: nobody knows
    assert fitted(day=slashed).preparation_.embedded[0].column == "day"


def test_what_is_no_date_when_predicting():
    model = fitted(day=["2024-02-03"] * 20 + ["2024-03-01"] * (N - 20))
    with pytest.raises(TableError, match="column 'day' has 'soon' in row 2, the model was trained with dates there"):
        model.predict({"a": [0.0, 0.0], "day": ["2024-01-01", "soon"]})


def test_two_columns_of_one_name():
    frame = pd.DataFrame(np.column_stack([A, A]), columns=["a", "a"])
    with pytest.raises(TableError, match="X has more than one column named a; rename them"):
        classifier().fit(frame, Y)
    with pytest.raises(TableError, match="X has more than one column named 1"):
        classifier().fit({1: A, "1": A}, Y)


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, dict])
def test_columns_at_prediction(make):
    columns = {"a": A, "b": RNG.normal(size=N), "c": np.tile(["x", "y", "z"], N // 3)}
    model = classifier().fit(make(columns), Y)
    assert model.feature_names_in_.tolist() == ["a", "b", "c"]
    wanted = model.predict_proba(make(columns))
    np.testing.assert_array_equal(model.predict_proba(make(dict(reversed(columns.items())))), wanted)
    np.testing.assert_array_equal(model.predict_proba(make({"more": A} | columns | {"most": Y})), wanted)
    with pytest.raises(TableError, match="the table lacks 2 of the 3 columns the model needs: b, c"):
        model.predict(make({"a": A}))
    with pytest.raises(ValueError, match="X has no column names, .* fitted with a, b, c; give a table"):
        model.predict(np.zeros((2, 3)))
    with pytest.raises(TypeError, match=r"X is a list of dicts; give a dict of columns, or .* polars.DataFrame\(X\)"):
        model.predict([{"a": 1.0, "b": 2.0, "c": "x"}])


def test_columns_of_an_array_go_by_their_place():
    x = RNG.normal(size=(N, 3))
    model = classifier().fit(x, Y)
    assert not hasattr(model, "feature_names_in_")
    assert model.n_features_in_ == 3
    np.testing.assert_array_equal(model.predict_proba(pd.DataFrame(x, columns=list("pqr"))), model.predict_proba(x))
    with pytest.raises(ValueError, match="X has 2 features, but TableClassifier is expecting 3 features as input"):
        model.predict(x[:, :2])


@pytest.mark.parametrize("preset", ["fast", "default"])
def test_three_rows_are_all_learnt_from(preset):
    rows = {"a": [1.0, 2.0, 9.0], "c": ["x", "y", "x"]}
    model = TableClassifier(preset, **TINY).fit(rows, ["n", "n", "p"])
    probabilities = model.predict_proba(rows)
    assert probabilities.shape == (3, 2)
    assert np.isfinite(probabilities).all()
    numbers = TableRegressor(preset, **TINY).fit(rows, [1.0, 2.0, 3.0]).predict(rows)
    assert ((numbers >= 1) & (numbers <= 3)).all()
    with pytest.raises(ValueError, match="a regressor needs at least 2 rows"):
        TableRegressor(**TINY).fit({"a": [1.0], "b": [2.0]}, [1.0])


@pytest.mark.parametrize("preset", ["fast", "default"])
def test_one_in_a_thousand(preset, monkeypatch):
    """Both classes are in the rows learnt from and in those held out, of every network."""
    seen = parts_of_training(monkeypatch)
    n = 5_000
    y = np.zeros(n, dtype=int)
    y[:5] = 1
    x = {"a": RNG.normal(size=n) + 5 * y}
    model = TableClassifier(preset, class_weight="balanced", **TINY | {"epochs": 2}).fit(x, y)
    assert len(seen) == (1 if preset == "fast" else 4)
    for part in seen:
        assert set(y[part.rows]) == set(y[part.held_out]) == {0, 1}
    assert np.isfinite(model.predict_proba(x)).all()


@pytest.mark.parametrize("preset", ["fast", "default"])
@pytest.mark.parametrize("rare", [1, 2, 3])
def test_every_network_learns_every_class(preset, rare, monkeypatch):
    seen = parts_of_training(monkeypatch)
    y = np.array(["common"] * (N - rare) + ["rare"] * rare)
    model = TableClassifier(preset, **TINY).fit({"a": A}, y)
    for part in seen:
        assert set(y[part.rows]) == {"common", "rare"}
        if rare == 1:
            assert set(y[part.held_out]) == {"common"}
        assert not set(part.rows) & set(part.held_out)
    assert model.predict_proba({"a": [0.0]}).shape == (1, 2)


def test_as_many_classes_as_rows():
    model = TableClassifier(**TINY).fit({"a": A[:12]}, np.arange(12))
    assert model.predict_proba({"a": A[:3]}).shape == (3, 12)


def parts_of_training(monkeypatch):
    seen: list[Any] = []
    from netlet.tables import base

    train = base.train_parts

    def noted(parts, *args, **options):
        seen.extend(parts)
        return train(parts, *args, **options)

    monkeypatch.setattr(base, "train_parts", noted)
    return seen


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"preset": "fastest"}, ValueError, "preset='fastest' is not one of .*did you mean 'fast'"),
        ({"epochs": 0}, ValueError, "epochs=0 is not >= 1"),
        ({"epochs": 2.5}, TypeError, "epochs=2.5 is not an int"),
        ({"batch_size": -1}, ValueError, "batch_size=-1"),
        ({"learning_rate": 0}, ValueError, "learning_rate=0 is not > 0"),
        ({"patience": 0}, ValueError, "patience=0"),
        ({"time_limit": 0}, ValueError, "time_limit=0"),
        ({"n_threads": 0}, ValueError, "n_threads=0"),
        ({"recipe": {"droput": 0.1}}, ValueError, "recipe='droput' is not one of .*did you mean 'dropout'"),
        ({"recipe": [1]}, TypeError, r"recipe=\[1\] is not a dict"),
        ({"preset": ["fast"]}, ValueError, r"preset=\['fast'\] is not one of 'best', 'default', 'fast'"),
        ({"recipe": {"hidden": 64}}, TypeError, r"hidden=64 is not a sequence of ints; .* such as \(128, 128\)"),
        ({"random_state": -1}, ValueError, "random_state=-1 is not >= 0; use an int >= 0"),
        ({"time_limit": 1e-9}, TrainingFailed, "time_limit=1e-09 is too little for an epoch; give more seconds"),
        ({"class_weight": {"yes": "2"}}, ValueError, "class_weight={'yes': '2'} is not finite and >= 0"),
        ({"class_weight": {"yes": 0, "no": 0}}, ValueError, "make rows weigh 0 to 0, which is too small"),
        ({"class_weight": {"yes": 1e300}}, ValueError, "make rows weigh 1 to 1e[+]300, which is too large"),
        ({"encoding": "quantiles"}, ValueError, "encoding='quantiles' is not one of .*did you mean 'quantile'"),
        ({"drop": "a"}, TypeError, "drop='a' is not a sequence of names"),
        ({"drop": ("aa",)}, TableError, "drop has 'aa', which is no column of X"),
        ({"class_weight": "even"}, ValueError, "class_weight='even' is not 'balanced'"),
        ({"class_weight": {"maybe": 2}}, ValueError, "class_weight holds 'maybe', which is not among the classes"),
        ({"class_weight": {"yes": -2}}, ValueError, "class_weight={'yes': -2} is not finite and >= 0"),
    ],
)
def test_parameters_that_are_none(changes, error, message):
    with pytest.raises(error, match=message):
        TableClassifier(**({"preset": "fast"} | TINY | changes)).fit({"a": A}, Y)


def test_targets_of_other_rows_have_no_importance():
    with pytest.raises(ValueError, match="X has 60 rows and y has 5; give the truth of each row"):
        fitted().importance({"a": A}, Y[:5])


@pytest.mark.parametrize(
    ("quantiles", "error", "message"),
    [
        ((0.5, 0.1), ValueError, "not ascending"),
        ((0.0, 0.5), ValueError, r"not a number in \(0, 1\)"),
        ((), ValueError, "at least one"),
        (0.5, TypeError, "not a sequence"),
        ((0.01, 0.1, 0.2, 0.7, 0.8, 0.9, 0.99), ValueError, "and the median are 8 numbers, at most 7"),
    ],
)
def test_quantiles_that_are_none(quantiles, error, message):
    with pytest.raises(error, match=message):
        TableRegressor("fast", quantiles=quantiles, **TINY).fit({"a": A}, A)
