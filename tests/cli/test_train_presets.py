"""`netlet train` by a preset, which is the default: what is said, written and reported."""

from __future__ import annotations

import html
import io
import re
import signal
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest

from netlet import Ensemble, Network
from netlet.cli.health import OPTIONS_OF_PRESETS, in_options
from netlet.cli.live_networks import LiveNetworks
from netlet.data import choose_columns, fit_target, read_table, split_rows
from netlet.insight.health import Finding, Health
from netlet.population.loading import load_networks
from netlet.tables.classifier import TableClassifier
from netlet.tables.regressor import TableRegressor

Command = Callable[..., Any]
QUICK = ("--preset", "fast", "--epochs", 3, "--no-report")
SEARCHES: dict[str, object] = {
    "--trials": 2, "--epochs-in-all": 9, "--ensemble": 3, "--hidden": "8", "--activation": "tanh", "--dropout": 0.5,
    "--optimizer": "sgd", "--learning-rate": 0.1, "--patience": 3, "--validation-share": 0.3,
}  # fmt: skip


def words_of(text: str) -> str:
    return " ".join(text.split())


def page_of(path: str) -> str:
    text = re.sub(r"<style>.*?</style>|<svg.*?</svg>", " ", Path(path).read_text(encoding="utf-8"), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def rows_to_learn_from(path: Path, name: str) -> pl.DataFrame:
    """Give the rows that are not the test's, by what the command is said to do."""
    frame = read_table(path).frame
    frame = frame.filter(frame[name].is_not_null())
    is_number = frame[name].dtype.is_numeric()
    labels = None if is_number else fit_target(frame, name, "classification").encode(frame).astype(np.int64)
    return frame[split_rows(frame.height, 0.2, 0, labels)[0]]


def test_what_is_said(netlet: Command, penguins: Path) -> None:
    outcome = netlet("train", penguins, "-t", "species", *QUICK)
    assert outcome.code == 0, outcome.err
    lines = outcome.out.splitlines()
    assert lines[:7] == [
        "Table      penguins.csv: 344 rows, 8 columns; 19 cells are missing",
        "Target     species, one of 3 classes: Adelie (152), Gentoo (124), Chinstrap (68)",
        "Columns    5 numbers, 2 categories, made into 13 inputs of the network",
        "Rows       275 to learn from, 69 to test with",
        "Network    128 > 128 parametric_selu units, 21,295 parameters",
        "Training   preset fast: 3 epochs in batches of 16, on 219 of the 275 rows, the",
        "           others tell its best epoch",
    ]
    assert re.fullmatch(r"Trained +1 network in [\d.]+ s; log loss 0\.\d+ on rows held out, best epoch [123]", lines[7])
    names = [re.split(r"  +", line)[0] for line in lines]
    place = names.index("Test on 69 rows")
    assert names[place + 1 : place + 4] == ["this model", "logistic regression", "always Adelie"]
    assert "Model      written to penguins.netlet" in lines
    assert all(len(line) <= 80 for line in lines[:-1])


def test_the_model_is_that_of_the_public_classifier(netlet: Command, penguins: Path) -> None:
    assert netlet("train", penguins, "-t", "species", *QUICK, "--drop", "year").code == 0
    kept = rows_to_learn_from(penguins, "species")
    wanted = TableClassifier("fast", epochs=3, random_state=0, drop=("year",))
    wanted.fit(kept.drop("species"), kept["species"])
    model = TableClassifier.load("penguins.netlet")
    frame = read_table(penguins).frame
    np.testing.assert_array_equal(model.predict_proba(frame), wanted.predict_proba(frame))
    assert model.get_params() == wanted.get_params()
    assert (model.target_name, model.dropped_columns_) == ("species", {"year": "as you asked"})

    ensemble = load_networks("penguins.netlet")
    assert isinstance(ensemble, Ensemble)
    notes = ensemble.notes
    assert notes["table"] == {
        "name": "penguins.csv", "rows": {"learn": 275, "watch": 0, "test": 69}, "split_seed": 0,
    }  # fmt: skip
    training = notes["training"]
    assert (training["preset"], training["networks"], training["stopped"]) == ("fast", 1, "done")
    assert training["members"] == [[0, 1.0]]
    assert training["tried"][0]["epochs"] == 3
    assert set(notes["test"]) == {"accuracy", "log_loss"}


def test_the_default_has_several_networks(netlet: Command, penguins: Path) -> None:
    outcome = netlet("train", penguins, "-t", "body_mass_g", "--epochs", 2)
    assert outcome.code == 0
    out, page = words_of(outcome.out), page_of("penguins.html")
    assert "Networks 5 of 128 > 128 parametric_mish units" in out
    assert "preset default: each 2 epochs" in out
    assert "Chosen the average of all 5" in out
    kept = rows_to_learn_from(penguins, "body_mass_g")
    wanted = TableRegressor(epochs=2, random_state=0).fit(kept.drop("body_mass_g"), kept["body_mass_g"])
    frame = read_table(penguins).frame
    np.testing.assert_array_equal(TableRegressor.load("penguins.netlet").predict(frame), wanted.predict(frame))

    assert "5 networks were trained side by side" in page
    assert "by RMSE" in page
    assert "An average of 5 networks" in page
    assert "The curves and settings are those of the first of them." in page
    assert "scaled by its quartiles" in page
    assert "one input: -1 for female, 1 for male, 0 for missing" in page
    assert "274 rows to learn from and to find the best epochs by" in page
    assert "looked at from its beginning to its end. What is told is of the first of 5 networks." in page
    own = re.search(r"this model +(.*)", outcome.out)
    assert own
    assert words_of(own[0]) in page
    scores = [each["score"] for each in load_networks("penguins.netlet").notes["training"]["tried"]]
    low, high = re.search(r"RMSE ([\d.]+) to ([\d.]+) on rows held out", out).groups()  # type: ignore[union-attr]
    assert [float(low), float(high)] == pytest.approx([min(scores), max(scores)], rel=1e-3)


def test_the_score_of_a_network_is_of_the_rows_it_held_out(netlet: Command, penguins: Path) -> None:
    netlet("train", penguins, "-t", "body_mass_g", *QUICK)
    kept = rows_to_learn_from(penguins, "body_mass_g")
    model = TableRegressor.load("penguins.netlet")
    wanted = TableRegressor("fast", epochs=3, random_state=0)
    inputs, y = kept.drop("body_mass_g"), kept["body_mass_g"]
    ready = wanted._ready_from(inputs, y, choose_columns(inputs, None))
    held = next(wanted._parts(ready, 0)).held_out
    off = model.model_.predict(ready.x[held]).ravel() * model.scale_ + model.mean_ - y.to_numpy()[held]
    noted = model.model_.notes["training"]["tried"][0]["score"]
    assert noted == pytest.approx(np.sqrt(np.mean(off**2)), rel=1e-4)


def test_best_has_settings_and_says_which_were_taken(netlet: Command, penguins: Path) -> None:
    outcome = netlet("train", penguins, "-t", "species", "--preset", "best", "--epochs", 1, "--drop", "year")
    assert outcome.code == 0
    assert "Networks   20 of " in outcome.out
    page = page_of("penguins.html")
    assert "They have 4 settings." in page
    assert "dropout 0.3" in page
    assert load_networks("penguins.netlet").notes["training"]["networks"] == 20


def test_the_same_seed_gives_the_same_file(netlet: Command, penguins: Path) -> None:
    words = ("train", penguins, "-t", "species", "--epochs", 2, "--no-report")
    for name, more in (("a", ("--threads", 1)), ("b", ("--threads", 2)), ("c", ("--seed", 1))):
        assert netlet(*words, "-o", f"{name}.netlet", *more).code == 0
    a, b, c = (Path(f"{name}.netlet").read_bytes() for name in "abc")
    assert a == b != c


@pytest.mark.parametrize("option", SEARCHES)
def test_options_of_the_search(netlet: Command, penguins: Path, option: str) -> None:
    words = ("train", penguins, "-t", "species", option, SEARCHES[option], "--preset")
    outcome = netlet(*words, "best")
    assert outcome.code == 2
    assert outcome.err == (
        f"error: {option} is of the search, and --preset best does not search; leave one of them out, or give "
        "--preset search\n"
    )


@pytest.mark.parametrize("words", [("--hidden", "4", "--trials", 1), ("--validation-share", 0), ("--trials", 1)])
def test_options_of_the_search_mean_a_search(netlet: Command, penguins: Path, words: tuple[object, ...]) -> None:
    outcome = netlet("train", penguins, "-t", "species", "--epochs", 1, "--no-report", *words)
    assert outcome.code == 0
    assert isinstance(load_networks("penguins.netlet"), Network)
    assert "preparation" in load_networks("penguins.netlet").notes


def test_an_unknown_preset(netlet: Command, penguins: Path) -> None:
    outcome = netlet("train", penguins, "-t", "species", "--preset", "fats")
    assert outcome.code == 2
    assert outcome.err.startswith("error: --preset='fats' is not one of ")
    assert "did you mean 'fast'" in outcome.err
    for words in (("--forecast", "year", "--horizon", 2), ("--text", "island"), ("--language",)):
        assert "--preset" in netlet("train", penguins, "--preset", "fast", *words).err


def test_too_little_time(netlet: Command, penguins: Path) -> None:
    outcome = netlet("train", penguins, "-t", "species", "--time", 1e-7)
    assert outcome.code == 2
    assert re.fullmatch(
        r"(netlet: compiling .*\n)?error: --time 1e-07 is too little for one network: an epoch of it takes about "
        r"[\d.e-]+ s; give --time \d+ or more\n",
        outcome.err,
    )
    assert not list(Path().glob("penguins.*"))


def test_a_limit_of_time_makes_the_epochs_fewer(
    netlet: Command, penguins: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netlet.cli.preset_time._seconds_of_epoch", lambda *_: 60.0)
    words = ("train", penguins, "-t", "species", "--preset", "default", "--threads", 1)
    out = words_of(netlet(*words, "--time", 1000).out)
    assert "preset default: each 2 epochs" in out  # 0.7 of 1000 s for five networks
    assert "The training had a time limit, so another machine" in page_of("penguins.html")
    assert "each 4 epochs" in words_of(netlet(*words, "--time", 1000, "--epochs", 4, "--no-report").out)


def test_the_time_of_an_epoch(penguins: Path) -> None:
    from netlet.cli.preset_time import _seconds_of_epoch

    kept = rows_to_learn_from(penguins, "species")
    model = TableClassifier("fast", random_state=0)
    ready = model._ready(kept.drop("species"), kept["species"].to_numpy(), None)
    assert 0 < _seconds_of_epoch(next(model._parts(ready, 0)), ready, model._cost_of) < 10


def pressing(monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    told = LiveNetworks.epoch

    def press(self: LiveNetworks, place: int, epoch: int, cost: float) -> None:
        told(self, place, epoch, cost)
        if epoch == at:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(LiveNetworks, "epoch", press)


def test_ctrl_c_keeps_the_networks_that_have_an_epoch(
    netlet: Command, penguins: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pressing(monkeypatch, 2)
    outcome = netlet("train", penguins, "-t", "species", "--epochs", 10_000, "--threads", 1)
    assert outcome.code == 0, outcome.err
    out = words_of(outcome.out)
    assert "1 network in " in out
    assert "when Ctrl-C was pressed" in out
    assert "Model stopped early; what it learned so far is written to penguins.netlet" in out
    assert "1 of 5 networks were trained" in page_of("penguins.html")
    training = load_networks("penguins.netlet").notes["training"]
    assert (training["stopped"], training["members"]) == ("interrupted", [[0, 1.0]])
    assert TableClassifier.load("penguins.netlet").classes_.tolist() == ["Adelie", "Chinstrap", "Gentoo"]


def test_ctrl_c_before_the_first_epoch(netlet: Command, penguins: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from netlet.population.crew import _Shift

    work = _Shift.work

    def press(self: Any) -> None:
        signal.raise_signal(signal.SIGINT)
        while not self._stopped:
            pass
        work(self)

    monkeypatch.setattr(_Shift, "work", press)
    outcome = netlet("train", penguins, "-t", "species", "--threads", 1)
    assert (outcome.code, outcome.err) == (130, "error: stopped; nothing was written\n")
    assert not list(Path().glob("penguins.*"))


@pytest.mark.parametrize(
    ("values", "dtype", "more"),
    [
        ([1, 2, 5], pl.Int64, ()),
        ([True, False], pl.Boolean, ()),
        (["01", "1a"], pl.String, ()),
        ([0.5, 1.5], pl.Float64, ("--task", "classification")),
    ],
)
def test_classes_keep_their_type(
    netlet: Command, values: list[object], dtype: pl.DataType, more: tuple[str, ...]
) -> None:
    frame = pl.DataFrame({"t": values * 60}).with_columns(x=pl.int_range(pl.len()) % len(values))
    frame.write_csv("t.csv")
    assert netlet("train", "t.csv", "-t", "t", "--preset", "fast", "--epochs", 12, "--no-report", *more).code == 0
    outcome = netlet("predict", "t.netlet", "t.csv", "-o", "p.parquet")
    assert "rows, perhaps those it was trained on): accuracy 100.0 %" in outcome.err
    got = pl.read_parquet("p.parquet")
    assert got.schema["prediction"] == dtype
    assert got["prediction"].to_list() == values * 60
    assert got.columns[1] == f"probability_{str(sorted(values)[0]).lower()}"  # type: ignore[type-var]


def test_a_finding_names_only_options_that_presets_have() -> None:
    finding = Finding("x", None, 0, "at batch_size=8", "learning_rate=0.04 is high", "Try learning_rate=0.004.")
    (said,) = in_options(Health((finding,), None), OPTIONS_OF_PRESETS).findings  # type: ignore[arg-type]
    assert said.evidence == "at --batch-size 8"
    assert said.remedy == "Try learning_rate=0.004 (in Python: TableClassifier or TableRegressor)."


def test_what_is_shown_while_networks_are_trained(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("netlet.cli.live.SECONDS_BETWEEN_LINES", 0.0)
    with LiveNetworks("log loss", lambda cost: 2 * cost) as shown:
        assert isinstance(shown, LiveNetworks)
        shown.begin([SimpleNamespace(options={"epochs": 2})] * 2)  # type: ignore[list-item]
        shown.epoch(1, 1, 0.2)
        shown.epoch(1, 2, 0.3)
        shown.epoch(0, 1, 0.15)
        rows = shown._table().plain.splitlines()
    assert capsys.readouterr().err.splitlines() == [
        "0 of 2 networks trained, 0 s; best log loss 0.4 (network 1)",
        "1 of 2 networks trained, 0 s; best log loss 0.4 (network 1)",
        "1 of 2 networks trained, 0 s; best log loss 0.3 (network 0)",
    ]
    assert rows == [
        "1 of 2 networks trained, 0 s",
        "network  epoch  log loss held out  best  of epoch",
        "      0    1/2                0.3   0.3         1",
        "      1    2/2                0.6   0.4         1",
    ]


def test_predicting(netlet: Command, penguins: Path) -> None:
    netlet("train", penguins, "-t", "species", *QUICK)
    frame = read_table(penguins).frame
    frame.head(3).drop("species").select(reversed(frame.columns[1:])).write_csv("other.csv")
    got = pl.read_csv(io.StringIO(netlet("predict", "penguins.netlet", "other.csv").out))
    wanted = TableClassifier.load("penguins.netlet").predict_proba(frame.head(3))
    np.testing.assert_allclose(got[:, 1:].to_numpy(), wanted, rtol=1e-6)

    Path("none.csv").write_text(penguins.read_text().splitlines()[0] + "\n")
    assert netlet("predict", "penguins.netlet", "none.csv", "-o", "p.csv").code == 0
    assert Path("p.csv").read_text() == ",".join(got.columns) + "\n"

    frame.drop("sex", "year").write_csv("few.csv")
    assert (
        "few.csv: the table lacks 2 of the 7 columns the model needs"
        in netlet("predict", "penguins.netlet", "few.csv").err
    )
    frame.head(3).with_columns(sex=pl.lit("m")).write_csv("words.csv")
    told = netlet("predict", "penguins.netlet", "words.csv").err
    assert "Column 'sex': 3 of 3 cells hold values that the model did not learn, such as 'm' (row 1)" in told
    frame.head(1).with_columns(year=pl.lit("soon")).write_csv("text.csv")
    assert (
        "text.csv: column 'year' has 'soon' in row 1, the model was trained with numbers there"
        in netlet("predict", "penguins.netlet", "text.csv").err
    )


def test_kinds_are_those_of_the_whole_table(netlet: Command) -> None:
    """A cell that is no number makes a column text, though it may be among the test's rows alone."""
    n = 60
    cells = np.array([str(i % 7) for i in range(n)], dtype=object)
    label = np.where(np.arange(n) % 7 < 3, "a", "b")
    for place in (0, 30, 59):
        mixed = cells.copy()
        mixed[place] = "soon"
        pl.DataFrame({"mixed": mixed.astype(str), "x": np.arange(n) % 5, "t": label}).write_csv("t.csv")
        assert netlet("train", "t.csv", "-t", "t", *QUICK).code == 0
        assert netlet("predict", "t.netlet", "t.csv", "-o", "p.csv", "--force").code == 0
    columns, _ = choose_columns(read_table("t.csv").frame, "t")
    assert [column.kind for column in columns] == ["category", "number"]


def test_no_test(netlet: Command, penguins: Path) -> None:
    outcome = netlet("train", penguins, "-t", "species", "--preset", "fast", "--epochs", 1, "--test-share", 0)
    assert outcome.code == 0
    assert "344 to learn from, none to test with" in outcome.out
    assert "Test on" not in outcome.out
    assert "No rows were set aside for a test" in page_of("penguins.html")
