"""Permutation importance agrees with scikit-learn's, and the worst rows are the worst."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_breast_cancer, make_friedman1
from sklearn.inspection import permutation_importance as reference
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

from netlet.data.importance import likely_first, permutation_importance
from netlet.report.errors_worth import worst_errors

pytestmark = pytest.mark.plain


def r2(truth: np.ndarray, outputs: np.ndarray) -> float:
    return float(1 - np.square(truth - outputs).sum() / np.square(truth - truth.mean()).sum())


def accuracy(truth: np.ndarray, outputs: np.ndarray) -> float:
    return float((outputs.argmax(axis=1) == truth).mean())


@pytest.fixture(scope="module")
def friedman() -> tuple[pl.DataFrame, np.ndarray, DecisionTreeRegressor]:
    x, y = make_friedman1(1_500, n_features=8, noise=0.5, random_state=0)
    model = DecisionTreeRegressor(max_depth=6, min_samples_leaf=20, random_state=0).fit(x[:700], y[:700])
    return pl.DataFrame(x[700:], schema=[f"x{at}" for at in range(8)]), y[700:], model


def test_like_scikit_learn_in_regression(friedman: tuple[pl.DataFrame, np.ndarray, DecisionTreeRegressor]) -> None:
    frame, y, model = friedman
    found = permutation_importance(lambda f: model.predict(f.to_numpy()), frame, y, r2, repeats=100, seed=3)
    theirs = reference(model, frame.to_numpy(), y, scoring="r2", n_repeats=100, random_state=0)
    assert found.score == pytest.approx(r2(y, model.predict(frame.to_numpy())))
    means = dict(zip(frame.columns, theirs.importances_mean, strict=True))
    spreads = dict(zip(frame.columns, theirs.importances_std, strict=True))
    clear = [c.column for c in found.columns if c.mean > 0.05]
    assert len(clear) >= 4
    assert clear == sorted(clear, key=lambda name: -means[name])
    for column in found.columns:
        # Two means of 100 differ by spread * sqrt(2 / 100), two spreads by a tenth; four of these.
        assert abs(column.mean - means[column.column]) <= 4 * max(spreads[column.column], 1e-12) * np.sqrt(2 / 100)
        assert column.deviation == pytest.approx(spreads[column.column], rel=0.4, abs=1e-12)


def test_like_scikit_learn_in_classification() -> None:
    x, y = load_breast_cancer(return_X_y=True)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(x[:300], y[:300])
    frame = pl.DataFrame(x[300:], schema=[f"x{at}" for at in range(30)])
    found = permutation_importance(lambda f: model.predict_proba(f.to_numpy()), frame, y[300:], accuracy, repeats=20)
    theirs = reference(model, x[300:], y[300:], n_repeats=20, random_state=0)
    for column in found.columns:
        at = int(column.column[1:])
        error = max(theirs.importances_std[at], 1 / len(frame)) * np.sqrt(2 / 20)
        assert abs(column.mean - theirs.importances_mean[at]) <= 4 * error


def test_a_column_that_is_not_read_has_exactly_no_importance() -> None:
    random = np.random.default_rng(0)
    frame = pl.DataFrame({"used": random.normal(size=200), "other": random.normal(size=200)})
    y = frame["used"].to_numpy() * 2
    found = permutation_importance(lambda f: f["used"].to_numpy() * 2, frame, y, r2)
    assert [column.column for column in found.columns] == ["used", "other"]
    assert found.columns[0].mean > 1.0
    assert (found.columns[1].mean, found.columns[1].deviation) == (0.0, 0.0)


def test_raw_columns_of_any_kind() -> None:
    names = ["a", "b", None, "c"] * 50
    frame = pl.DataFrame(
        {
            "word": names,
            "flag": [True, False] * 100,
            "day": pl.date_range(pl.date(2020, 1, 1), pl.date(2020, 7, 18), eager=True),
        }
    )
    y = np.array([name == "a" for name in names], dtype=np.int64)

    def predict(f: pl.DataFrame) -> np.ndarray:
        assert f.schema == frame.schema
        hit = (f["word"] == "a").fill_null(False).to_numpy().astype(float)
        return np.stack([1 - hit, hit], axis=1)

    found = permutation_importance(predict, frame, y, accuracy, time_limit=60.0)
    assert found.columns[0].column == "word"
    assert [column.mean for column in found.columns[1:]] == [0.0, 0.0]


def test_same_seed_same_numbers_whichever_columns() -> None:
    random = np.random.default_rng(5)
    frame = pl.DataFrame({name: random.normal(size=3_000) for name in "abcd"})
    y = frame["a"].to_numpy() + frame["c"].to_numpy()

    def predict(f: pl.DataFrame) -> np.ndarray:
        return np.asarray(f["a"].to_numpy() + f["c"].to_numpy())

    whole = permutation_importance(predict, frame, y, r2, seed=4)
    part = permutation_importance(predict, frame, y, r2, seed=4, columns=["c"])
    assert whole.n_rows == part.n_rows == 2_000
    assert part.columns[0] in whole.columns
    assert whole == permutation_importance(predict, frame, y, r2, seed=4)
    assert whole != permutation_importance(predict, frame, y, r2, seed=5)


def test_time_limit_keeps_the_likely_columns_and_names_the_others() -> None:
    random = np.random.default_rng(6)
    frame = pl.DataFrame(
        {f"noise {at}": random.normal(size=500) for at in range(20)} | {"cause": random.normal(size=500)}
    )
    y = frame["cause"].to_numpy() ** 2
    found = permutation_importance(lambda f: f["cause"].to_numpy() ** 2, frame, y, r2, time_limit=1e-9)
    assert [column.column for column in found.columns] == ["cause"]
    assert len(found.left_out) == 20


def test_likely_first_is_not_led_by_many_values() -> None:
    random = np.random.default_rng(7)
    y = random.integers(0, 2, 400)
    frame = pl.DataFrame(
        {
            "key": [f"row {at}" for at in range(400)],
            "constant": [None] * 400,
            "half": np.where(random.random(400) < 0.8, y, 1 - y),
            "name": np.where(y == 1, "yes", "no"),
        }
    )
    assert likely_first(frame, y)[:2] == ["name", "half"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"repeats": 0}, "repeats=0"),
        ({"columns": ["b"]}, "'b'"),
        ({"truth": np.zeros(3)}, "frame has 4 rows and truth 3"),
        ({"frame": pl.DataFrame({"a": []}), "truth": np.zeros(0)}, "at least one"),
        ({"most_rows": 0}, "most_rows=0"),
        ({"time_limit": 0.0}, "time_limit"),
    ],
)
def test_bad_input_is_named(change: dict[str, object], message: str) -> None:
    given = {"frame": pl.DataFrame({"a": [1.0, 2.0, 3.0, 4.0]}), "truth": np.arange(4.0)} | change
    with pytest.raises(ValueError, match=message):
        permutation_importance(lambda f: f["a"].to_numpy(), score=r2, **given)  # type: ignore[arg-type]


def test_worst_errors_of_classes() -> None:
    frame = pl.DataFrame({"a": [10, 11, 12, 13], "b": ["p", None, "q", "r"]})
    outputs = np.array([[0.9, 0.1], [0.8, 0.2], [0.4, 0.6], [0.05, 0.95]])
    found = worst_errors(frame, np.array([0, 1, 0, 0]), outputs, ["no", "yes"], rows=np.array([5, 7, 9, 11]))
    assert [(e.row, e.truth, e.prediction, e.confidence) for e in found] == [
        (12, "no", "yes", 0.95),
        (8, "yes", "no", 0.8),
        (10, "no", "yes", 0.6),
    ]
    assert found[1].cells == {"a": 11, "b": None}
    assert worst_errors(frame, np.array([0, 0, 1, 1]), outputs, ["no", "yes"]) == ()


def test_worst_errors_of_numbers() -> None:
    frame = pl.DataFrame({"day": pl.date_range(pl.date(2024, 2, 28), pl.date(2024, 3, 1), eager=True)})
    found = worst_errors(frame, np.array([1.0, 2.0, 3.0]), np.array([[1.5], [-2.0], [2.9]]), count=2)
    assert [(e.row, e.truth, e.prediction, e.confidence) for e in found] == [(2, 2.0, -2.0, None), (1, 1.0, 1.5, None)]
    assert found[0].cells == {"day": "2024-02-29"}
    with pytest.raises(ValueError, match="truth 2"):
        worst_errors(frame, np.zeros(2), np.zeros(3))
