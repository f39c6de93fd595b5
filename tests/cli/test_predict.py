"""`netlet predict`, from model files and tables to predictions."""

from __future__ import annotations

import errno
import io
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from netlet import Dense, Input, Network, Softmax
from netlet.data import Preparation, read_table

Command = Callable[..., Any]
COLUMNS = ["prediction", "probability_Adelie", "probability_Chinstrap", "probability_Gentoo"]


@pytest.fixture
def model(alone: Command, penguins: Path) -> Path:
    assert alone("train", penguins, "-t", "species", "-o", "m.netlet", "-q", "--epochs", 60).code == 0
    return Path("m.netlet")


def test_predictions_and_probabilities(alone: Command, model: Path, penguins: Path) -> None:
    outcome = alone("predict", model, penguins, "-o", "p.csv")
    assert outcome.code == 0
    assert outcome.out == ""
    assert "344 predictions written to p.csv" in outcome.err
    rows = r"\(344 rows, perhaps those it was trained on\)"
    found = re.search(rf"Compared with the column 'species' of the table {rows}: accuracy ([\d.]+) %", outcome.err)
    assert found
    got = pl.read_csv("p.csv")
    assert got.columns == COLUMNS
    probabilities = got.select(COLUMNS[1:]).to_numpy()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert got["prediction"].to_list() == [
        COLUMNS[1 + k].removeprefix("probability_") for k in probabilities.argmax(axis=1)
    ]
    truth = read_table(penguins).frame["species"]
    assert float(found[1]) == pytest.approx(100 * (got["prediction"] == truth).mean(), abs=0.051)

    network = Network.load(model)
    x = Preparation.from_dict(network.notes["preparation"]).transform(read_table(penguins).frame)
    np.testing.assert_allclose(probabilities, network.predict(x), rtol=1e-6)


def test_standard_output_and_parquet_say_the_same(alone: Command, model: Path, penguins: Path) -> None:
    shown = pl.read_csv(io.StringIO(alone("predict", model, penguins).out))
    alone("predict", model, penguins, "-o", "p.parquet")
    alone("predict", model, penguins, "-o", "p.tsv")
    for other in (pl.read_parquet("p.parquet"), pl.read_csv("p.tsv", separator="\t")):
        assert other.columns == COLUMNS
        assert other["prediction"].equals(shown["prediction"])
        np.testing.assert_allclose(other[COLUMNS[1]], shown[COLUMNS[1]], rtol=1e-6)


def test_other_tables(alone: Command, model: Path, penguins: Path) -> None:
    frame = read_table(penguins).frame
    whole = alone("predict", model, penguins).out
    frame.drop("species").select(reversed(frame.columns[1:])).with_columns(extra=pl.lit("x")).write_parquet("t.parquet")
    assert alone("predict", model, "t.parquet").out == whole
    frame.head(1).with_columns(island=pl.lit("Atlantis"), year=None).write_csv("t.csv")
    assert alone("predict", model, "t.csv").out.count("\n") == 2


def test_no_rows(alone: Command, model: Path, penguins: Path) -> None:
    Path("t.csv").write_text(penguins.read_text().splitlines()[0] + "\n")
    outcome = alone("predict", model, "t.csv", "-o", "p.csv")
    assert outcome.code == 0
    assert Path("p.csv").read_text() == ",".join(COLUMNS) + "\n"
    assert "0 predictions written" in outcome.err


def test_with_input(alone: Command, model: Path, penguins: Path) -> None:
    alone("predict", model, penguins, "-o", "p.csv", "--with-input")
    got = pl.read_csv("p.csv")
    assert got.columns == [*read_table(penguins).frame.columns, *COLUMNS]
    alone("predict", model, penguins, "-o", "p.parquet", "--with-input")
    assert pl.read_parquet("p.parquet").schema["year"] == pl.Int64
    outcome = alone("predict", model, "p.csv", "--with-input")
    assert (outcome.code, outcome.out) == (2, "")
    assert "--with-input: the table has a column 'prediction' already; rename it" in outcome.err


def test_regression(alone: Command, penguins: Path) -> None:
    alone("train", penguins, "-t", "body_mass_g", "-o", "m.netlet", "-q", "--dropout", 0)
    outcome = alone("predict", "m.netlet", penguins)
    got = pl.read_csv(io.StringIO(outcome.out))
    assert got.columns == ["prediction"]
    truth = read_table(penguins).frame["body_mass_g"]
    assert ((got["prediction"] - truth) ** 2).mean() ** 0.5 < 350
    assert "column 'body_mass_g' of the table (342 rows, perhaps those it was trained on): R2 0." in outcome.err


@pytest.mark.parametrize(
    ("values", "dtype"),
    [([1, 2, 5], pl.Int64), ([True, False], pl.Boolean), (["01", "1a"], pl.String)],
)
def test_classes_keep_their_type(alone: Command, values: list[object], dtype: pl.DataType) -> None:
    frame = pl.DataFrame({"t": values * 60}).with_columns(x=pl.int_range(pl.len()) % len(values))
    frame.write_csv("t.csv")
    alone("train", "t.csv", "-t", "t", "-o", "m.netlet", "-q")
    outcome = alone("predict", "m.netlet", "t.csv", "-o", "p.parquet")
    assert "accuracy 100.0 %" in outcome.err
    got = pl.read_parquet("p.parquet")
    assert got.schema["prediction"] == dtype
    assert got["prediction"].to_list() == values * 60
    assert got.columns[1] == f"probability_{str(sorted(values)[0]).lower()}"  # type: ignore[type-var]


def test_a_column_named_as_the_target_that_is_something_else(alone: Command, model: Path, penguins: Path) -> None:
    read_table(penguins).frame.with_columns(species=pl.lit(3)).write_csv("t.csv")
    outcome = alone("predict", model, "t.csv")
    assert outcome.code == 0
    assert "Compared" not in outcome.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["mm.netlet", "t.csv"], r"mm\.netlet does not exist; did you mean m\.netlet\?"),
        (["t.csv", "m.netlet"], r"t\.csv is no model file of netlet"),
        (
            ["bare.netlet", "t.csv"],
            r"bare\.netlet holds a model but not how to prepare a table for it; use a model that",
        ),
        (["bent.netlet", "t.csv"], r"bent\.netlet was altered: its network does not fit its preparation"),
        (["old.netlet", "t.csv"], r"old\.netlet: the model's preparation has version 99"),
        (["m.netlet", "none.csv"], r"none\.csv does not exist"),
        (["m.netlet", "m.netlet"], r"m\.netlet is a binary file"),
        (["m.netlet", "few.csv"], r"few\.csv: the table lacks 2 of the 7 columns the model needs: year, sex$"),
        (
            ["m.netlet", "text.csv"],
            r"text\.csv: column 'year' has 'soon' in row 1, the model was trained with numbers there",
        ),
        (["m.netlet", "t.csv", "-o", "p.xlsx"], r"--output p\.xlsx does not end in \.csv, \.tsv or \.parquet"),
        (["m.netlet", "t.csv", "-o", "t.csv", "--force"], r"--output t\.csv is the table itself"),
        (["m.netlet", "t.csv", "-o", "few.csv"], r"--output few\.csv is there already; give another name, or --force"),
        (["m.netlet", "t.csv", "-o", "none/p.csv"], r"--output none.p\.csv cannot be written: there is no folder none"),
    ],
)
def test_errors(alone: Command, model: Path, penguins: Path, words: list[str], message: str) -> None:
    frame = read_table(penguins).frame
    frame.write_csv("t.csv")
    frame.drop("sex", "year").write_csv("few.csv")
    frame.head(1).with_columns(year=pl.lit("soon")).write_csv("text.csv")
    notes = Network.load(model).notes
    bare = Network([Input(15), Dense(4), Softmax()], seed=0)
    bare.save("bare.netlet", notes={})
    bare.save("bent.netlet", notes=notes)
    changed = json.loads(json.dumps(notes))
    changed["preparation"]["version"] = 99
    bare.save("old.netlet", notes=changed)
    before = {name: Path(name).read_bytes() for name in os.listdir()}
    outcome = alone("predict", *words)
    assert outcome.code == 2
    assert outcome.out == ""
    assert re.match(f"error: {message}", outcome.err)
    assert outcome.err.count("\n") == 1
    assert {name: Path(name).read_bytes() for name in os.listdir()} == before


def test_a_full_disk(alone: Command, model: Path, penguins: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("p.csv").write_text("old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", full)
    outcome = alone("predict", model, penguins, "-o", "p.csv", "--force")
    assert (outcome.code, outcome.err) == (1, f"error: p.csv was not written: {os.strerror(errno.ENOSPC)}\n")
    assert Path("p.csv").read_text() == "old"
    assert sorted(os.listdir()) == ["m.netlet", "p.csv"]
