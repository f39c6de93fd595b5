"""`netlet predict` with what `TableClassifier` and `TableRegressor` saved."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import log_loss

from netlet.data import read_table
from netlet.tables.classifier import TableClassifier
from netlet.tables.regressor import TableRegressor

Command = Callable[..., Any]
TINY: dict[str, Any] = {"epochs": 8, "recipe": {"hidden": (8,)}, "random_state": 0}


def test_a_classifier(netlet: Command, penguins: Path) -> None:
    frame = read_table(penguins).frame
    model = TableClassifier("fast", **TINY).fit(frame.drop("species"), frame["species"])
    model.save("m.netlet")
    outcome = netlet("predict", "m.netlet", penguins, "-o", "p.csv")
    assert outcome.code == 0, outcome.err
    score = 100 * model.score(frame.drop("species"), frame["species"].to_numpy())
    cost = log_loss(frame["species"].to_numpy(), model.predict_proba(frame))
    assert (
        f"Compared with the column 'species' of the table (344 rows): accuracy {score:.1f} %, log loss {cost:.3f}"
        in outcome.err
    )
    got = pl.read_csv("p.csv")
    assert got.columns == ["prediction", "probability_Adelie", "probability_Chinstrap", "probability_Gentoo"]
    assert got["prediction"].to_list() == model.predict(frame).tolist()
    np.testing.assert_allclose(got[:, 1:].to_numpy(), model.predict_proba(frame), rtol=1e-6)
    beside = pl.read_csv(io.StringIO(netlet("predict", "m.netlet", penguins, "--with-input").out))
    assert beside.width == frame.width + 4


def test_a_regressor_with_quantiles(netlet: Command, penguins: Path) -> None:
    frame = read_table(penguins).frame.drop_nulls()
    name = frame.columns[-1] if frame[frame.columns[-1]].dtype.is_numeric() else "body_mass_g"
    x, y = frame.drop(name), frame[name]
    model = TableRegressor("fast", quantiles=(0.1, 0.9), **TINY).fit(x, y)
    model.save("m.netlet")
    x.write_csv("x.csv")
    outcome = netlet("predict", "m.netlet", "x.csv")
    assert "Compared" not in outcome.err
    got = pl.read_csv(io.StringIO(outcome.out))
    assert got.columns == ["prediction", "quantile_0.1", "quantile_0.9"]
    np.testing.assert_allclose(got["prediction"].to_numpy(), model.predict(x))
    frame.write_csv("whole.csv")
    error = np.sqrt(np.mean((y.to_numpy() - model.predict(x)) ** 2))
    said = netlet("predict", "m.netlet", "whole.csv").err
    assert f"({frame.height} rows): R2 {model.score(x, y.to_numpy()):.3f}, RMSE {error:.4g}, MAE " in said


def test_tables_that_do_not_fit(netlet: Command, penguins: Path) -> None:
    frame = read_table(penguins).frame
    TableClassifier("fast", **TINY).fit(frame.drop("species"), frame["species"]).save("m.netlet")
    frame[:, :2].write_csv("narrow.csv")
    outcome = netlet("predict", "m.netlet", "narrow.csv")
    assert outcome.code != 0
    assert "narrow.csv: the table lacks" in outcome.err
    x = np.random.default_rng(0).normal(size=(30, 2))
    TableClassifier("fast", **TINY).fit(x, (x[:, 0] > 0).astype(int)).save("array.netlet")
    outcome = netlet("predict", "array.netlet", penguins)
    assert outcome.code != 0
    assert "array.netlet was fitted on an array" in " ".join(outcome.err.split())


@pytest.mark.parametrize(
    ("classes", "written"),
    [
        ([0.0, 1.0], [0, 1]),
        ([False, True], [0, 1]),
        ([0, 1], [False, True]),
        (["a", "A"], ["a", "A"]),
        (["no", "yes "], ["No", "YES"]),
    ],
)
def test_the_truth_may_be_written_otherwise(netlet: Command, classes: list[Any], written: list[Any]) -> None:
    x = pl.DataFrame({"a": np.arange(60) % 7})
    places = [int(each > 3) for each in x["a"]]
    y = pl.Series("y", [classes[each] for each in places])
    model = TableClassifier("fast", **TINY).fit(x, y)
    model.save("m.netlet")
    x.with_columns(pl.Series("y", [written[each] for each in places])).write_csv("x.csv")
    said = netlet("predict", "m.netlet", "x.csv", "-o", "p.csv").err
    assert f"accuracy {100 * model.score(x, y.to_numpy()):.1f} %, log loss" in said
    assert "no class that the model knows" not in said


def test_classes_that_the_model_does_not_know_are_told(netlet: Command) -> None:
    x = pl.DataFrame({"a": np.arange(60) % 7})
    TableClassifier("fast", **TINY).fit(x, (x["a"] > 3).alias("y")).save("m.netlet")
    x.with_columns(pl.Series("y", ["true", "maybe", None] * 20)).write_csv("x.csv")
    said = " ".join(netlet("predict", "m.netlet", "x.csv", "-o", "p.csv").err.split())
    assert "the table (40 rows): accuracy " in said
    assert "; 20 of these rows hold no class that the model knows, such as 'maybe'" in said


@pytest.mark.parametrize("kind", ["classes", "truth"])
def test_classes_keep_their_names(netlet: Command, kind: str) -> None:
    frame = pl.DataFrame(
        {"a": np.arange(40) % 7, "y": [row % 2 == 0 if kind == "truth" else row % 2 for row in range(40)]}
    )
    TableClassifier("fast", **TINY).fit(frame[:, :1], frame["y"]).save("m.netlet")
    frame.write_csv("x.csv")
    got = netlet("predict", "m.netlet", "x.csv", "-o", "p.parquet")
    assert got.code == 0, got.err
    assert pl.read_parquet("p.parquet").columns[1:] == (
        ["probability_false", "probability_true"] if kind == "truth" else ["probability_0", "probability_1"]
    )
