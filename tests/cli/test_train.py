"""`netlet train`, from tables to model files."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from netlet import Network
from netlet.data import Preparation

Command = Callable[..., Any]
QUICK = ("--epochs", "3", "--hidden", "8")


def table(path: Path, n: int = 200, **columns: object) -> Path:
    rng = np.random.default_rng(0)
    x = rng.normal(size=n)
    frame = pl.DataFrame({
        "x": x,
        "word": rng.choice(["u", "v"], n),
        "number": 1000 + 50 * x,
        "label": np.where(x > 0, "yes", "no"),
        **columns,
    })  # fmt: skip
    frame.write_csv(path)
    return path


def accuracy(text: str) -> float:
    found = re.search(r"this model +([\d.]+) %", text)
    assert found, text
    return float(found[1]) / 100


def test_penguins(alone: Command, penguins: Path) -> None:
    outcomes = [alone("train", penguins, "--target", "species", "--seed", seed, "-o", "m.netlet") for seed in range(5)]
    assert [outcome.code for outcome in outcomes] == [0] * 5
    assert np.median([accuracy(outcome.out) for outcome in outcomes]) >= 0.98


def test_the_report(alone: Command, penguins: Path) -> None:
    out = alone("train", penguins, "-t", "species", *QUICK).out
    lines = out.splitlines()
    assert lines[:6] == [
        "Table      penguins.csv: 344 rows, 8 columns; 19 cells are missing",
        "Target     species, one of 3 classes: Adelie (152), Gentoo (124), Chinstrap (68)",
        "Columns    5 numbers, 2 categories, made into 15 inputs of the network",
        "Rows       220 to learn from, 55 to see when to stop, 69 to test with",
        "Network    15 inputs > 8 relu > 3 softmax, 155 parameters",
        "Training   Adam, learning rate 0.001, batches of 32, dropout 0.1",
    ]
    assert lines[6] == "Health     nothing was found that keeps the network from learning"
    assert re.fullmatch(r"Test on 69 rows +accuracy +log loss", lines[8])
    assert [re.split(r"  +", line)[0] for line in lines[9:12]] == [
        "this model",
        "logistic regression",
        "always Adelie",
    ]
    assert lines[13] == "Model      written to penguins.netlet"
    assert lines[15] == f"  netlet predict penguins.netlet {penguins} -o predictions.csv"
    assert all(len(line) <= 80 for line in lines[:15])


def test_quiet(alone: Command, penguins: Path) -> None:
    outcome = alone("train", penguins, "-t", "species", "-q", *QUICK)
    assert outcome.out.startswith("Test on 69 rows")
    assert outcome.out.splitlines()[-1] == "Model      written to penguins.netlet"
    assert outcome.err == ""


def test_the_model_file_holds_what_predicting_needs(alone: Command, penguins: Path) -> None:
    alone("train", penguins, "-t", "species", *QUICK)
    network = Network.load("penguins.netlet")
    preparation = Preparation.from_dict(network.notes["preparation"])
    assert preparation.target.classes == ("Adelie", "Chinstrap", "Gentoo")
    assert network.notes["table"] == {
        "name": "penguins.csv", "rows": {"learn": 220, "watch": 55, "test": 69}, "split_seed": 0,
    }  # fmt: skip
    assert set(network.notes["test"]) == {"accuracy", "log_loss"}
    assert json.loads(json.dumps(network.notes)) == network.notes


def test_the_same_seed_gives_the_same_model(alone: Command, penguins: Path) -> None:
    thetas = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        alone("train", penguins, "-t", "species", *QUICK, "--seed", seed, "-o", f"{name}.netlet")
        thetas.append(Network.load(f"{name}.netlet").theta)
    np.testing.assert_array_equal(thetas[0], thetas[1])
    assert (thetas[0] != thetas[2]).any()


def test_regression(alone: Command) -> None:
    outcome = alone(
        "train", table(Path("t.csv")), "-t", "number", "--epochs", "60", "--drop", "label", "--dropout", "0"
    )
    assert "Target     number, a number from" in outcome.out
    assert "Left out   label: as you asked" in outcome.out
    found = re.search(r"this model +([\d.]+)", outcome.out)
    assert found
    assert float(found[1]) > 0.95


def test_whole_numbers_as_classes_or_numbers(alone: Command) -> None:
    path = table(Path("t.csv"), stars=np.random.default_rng(1).integers(1, 4, 200))
    assert "only 3 different whole numbers: taken as classes" in alone("train", path, "-t", "stars", *QUICK).out
    assert "stars, a number from 1 to 3" in alone("train", path, "-t", "stars", "--task", "regression", *QUICK).out


def test_what_was_left_out_is_said(alone: Command) -> None:
    label = [None, None, *(["yes", "no"] * 99)]
    path = table(Path("t.csv"), label=label, name=[f"n{i}" for i in range(200)], same=["s"] * 200, row=range(200))
    out = alone("train", path, "-t", "label", *QUICK).out
    assert "2 rows without a target left out." in out
    assert "Left out   name: text that differs in every row, so it only names the row" in out
    assert "Left out   same: every row is s" in out
    assert "Left out   row: it only counts the rows" in out


def test_hidden_none_is_a_linear_model(alone: Command, penguins: Path) -> None:
    assert "15 inputs > 3 softmax, 48 parameters" in alone("train", penguins, "-t", "species", "--hidden", "none").out


def test_no_test_and_no_validation(alone: Command, penguins: Path) -> None:
    outcome = alone("train", penguins, "-t", "species", *QUICK, "--test-share", 0, "--validation-share", 0)
    assert "344 to learn from, none to test with" in outcome.out
    assert "Test on" not in outcome.out
    assert Path("penguins.netlet").exists()


def test_time(alone: Command, penguins: Path) -> None:
    alone("train", penguins, "-t", "species", "--time", 0.2, "--epochs", 10**7, "--patience", 10**7)
    assert Network.load("penguins.netlet").notes["training"]["stopped"] == "time"


def test_a_class_of_one_row(alone: Command) -> None:
    path = table(Path("t.csv"), label=["rare", *(["yes", "no", "no"] * 100)[:199]])
    outcome = alone("train", path, "-t", "label", *QUICK)
    assert outcome.code == 0
    assert "one of 3 classes" in outcome.out


def test_columns_that_say_nothing(alone: Command) -> None:
    path = table(Path("t.csv"), coin=np.random.default_rng(1).choice(["head", "tail"], 200))
    out = alone("train", path, "-t", "coin", "--validation-share", 0, "--epochs", 60, "--dropout", 0).out
    assert re.search("No better than always (head|tail): these columns seem to say little of coin.", out)


def test_few_rows(alone: Command) -> None:
    assert alone("train", table(Path("t.csv"), 12), "-t", "label", *QUICK).code == 0


def test_names_that_look_like_markup(alone: Command) -> None:
    path = Path("[red].csv")
    path.write_text(table(Path("t.csv")).read_text().replace("label", "[bold]x[/bold]"))
    outcome = alone("train", path, "-t", "[bold]x[/bold]", *QUICK)
    assert outcome.code == 0
    assert "[bold]x[/bold], one of 2 classes" in outcome.out
    assert "written to [red].netlet" in outcome.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["none.csv", "-t", "label"],
            r"none\.csv does not exist; give a CSV or Parquet file, such as head\.csv, other\.txt, t\.csv$",
        ),
        (["t.csv"], r"say with --target which column to predict; the columns of t\.csv are: x, word, number, label$"),
        (["t.csv", "-t", "lable"], "target 'lable' is not a column of the table; did you mean 'label'"),
        (["t.csv", "-t", "label", "--drop", "wort"], "--drop 'wort' is not a column of the table; did you mean 'word'"),
        (["t.csv", "-t", "label", "--task", "regression"], "target 'label' is text"),
        (["t.csv", "-t", "label", "--test-share", "0.999"], "--test-share=0.999 sets aside all of the 200 rows"),
        (
            ["t.csv", "-t", "label", "-o", "none/m.netlet"],
            "--output none.m.netlet cannot be written: there is no folder none",
        ),
        (["t.csv", "-t", "label", "-o", "folder"], "--output folder is a folder; give the name of a file"),
        (["t.csv", "-t", "label", "-o", "t.csv", "--force"], r"--output t\.csv is the table itself; give another name"),
        (
            ["t.csv", "-t", "label", "-o", "other.txt"],
            r"--output other\.txt is there already; give another name, or --force",
        ),
        (["head.csv", "-t", "a"], "the table names its columns but has no rows"),
    ],
)
def test_errors(alone: Command, words: list[str], message: str) -> None:
    table(Path("t.csv"))
    Path("folder").mkdir()
    Path("other.txt").write_text("mine")
    Path("head.csv").write_text("a,b\n")
    before = sorted(os.listdir())
    outcome = alone("train", *words)
    assert outcome.code == 2
    assert re.match(f"error: {message}", outcome.err)
    assert outcome.err.count("\n") == 1
    assert sorted(os.listdir()) == before
    assert Path("other.txt").read_text() == "mine"


def test_a_model_is_replaced_and_another_file_only_by_force(alone: Command) -> None:
    path = table(Path("t.csv"))
    assert alone("train", path, "-t", "label", *QUICK).code == 0
    assert alone("train", path, "-t", "number", *QUICK).code == 0
    assert Network.load("t.netlet").notes["preparation"]["target"]["column"] == "number"
    Path("other.txt").write_text("mine")
    assert alone("train", path, "-t", "label", *QUICK, "-o", "other.txt", "--force").code == 0
    assert Network.load("other.txt").notes["preparation"]["target"]["column"] == "label"


def test_the_output_is_checked_before_the_table_is_read(alone: Command) -> None:
    assert "there is no folder" in alone("train", "none.csv", "-o", "none/m.netlet").err


def test_a_full_disk_leaves_the_old_model(alone: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    path = table(Path("t.csv"))
    alone("train", path, "-t", "label", *QUICK)
    old = Path("t.netlet").read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", full)
    outcome = alone("train", path, "-t", "number", "-q", *QUICK)
    assert outcome.code == 1
    assert outcome.err == f"error: the model was not written to t.netlet: {os.strerror(errno.ENOSPC)}\n"
    assert Path("t.netlet").read_bytes() == old
    assert sorted(os.listdir()) == ["t.csv", "t.netlet"]


def test_training_that_fails(alone: Command, penguins: Path) -> None:
    outcome = alone("train", penguins, "-t", "species", "--learning-rate", 1e30, "-q")
    assert outcome.code == 1
    assert "error: training stopped in epoch 1" in outcome.err
    assert not Path("penguins.netlet").exists()


def test_ctrl_c_while_training_keeps_the_model(alone: Command, penguins: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin = Network._begin

    def interrupted(self: Network, X: Any, y: Any, options: Any) -> Any:
        def press(state: Any) -> None:
            if state.epoch == 3:
                signal.raise_signal(signal.SIGINT)

        return begin(self, X, y, replace(options, callbacks=(press,)))

    monkeypatch.setattr(Network, "_begin", interrupted)
    outcome = alone("train", penguins, "-t", "species", "--epochs", 10**6)
    assert outcome.code == 0
    assert "Model      stopped early; what it learned so far is written to penguins.netlet" in outcome.out
    notes = Network.load("penguins.netlet").notes["training"]
    assert (notes["best"]["epochs"], notes["stopped"]) == (3, "interrupted")


def test_ctrl_c_before_training(alone: Command, penguins: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("netlet.cli.prepare.read_table", interrupted)
    outcome = alone("train", penguins, "-t", "species")
    assert (outcome.code, outcome.err) == (130, "error: stopped; nothing was written\n")
    assert not os.listdir()


def test_ctrl_c_after_the_model_is_written(alone: Command, penguins: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("netlet.cli.train.baselines", interrupted)
    outcome = alone("train", penguins, "-t", "species", *QUICK)
    assert outcome.code == 0
    assert "this model" in outcome.out
    assert Path("penguins.netlet").exists()


def test_a_read_only_file_and_a_folder_that_refuses(alone: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    path = table(Path("t.csv"))
    Path("m.netlet").write_text("mine")
    monkeypatch.setattr("os.access", lambda *_: False)
    assert "the file is read-only; give another name" in alone("train", path, "-t", "label", "-o", "m.netlet").err

    def refuse(**_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    outcome = alone("train", path, "-t", "label")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(
        f"error: --output t.netlet cannot be written: {os.strerror(errno.EACCES)}; give another"
    )
