"""`netlet train` with the search: what is found, what is said of it, and what the model file and the page hold."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from netlet import Ensemble, Network, load
from netlet.data import Preparation, read_table

Command = Callable[..., Any]
SHORT = ("--trials", 6, "--epochs", 6)


def table(n: int = 240, **columns: object) -> Path:
    """Write a table in which two columns tell the target, and one nothing."""
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(2, n))
    label = np.where(a * b + 0.3 * rng.normal(size=n) > 0, "yes", "no")
    path = Path("t.csv")
    number = 10 + 3 * a - b + 0.2 * rng.normal(size=n)
    frame = pl.DataFrame({"a": a, "b": b, "c": rng.normal(size=n), "label": label, "number": number, **columns})
    frame.write_csv(path)
    return path


def page_of(path: str) -> str:
    """Give the words of a page in one line."""
    text = Path(path).read_text(encoding="utf-8")
    text = re.sub(r"<style>.*?</style>|<svg.*?</svg>", " ", text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def words_of(text: str) -> str:
    """Give what was printed in one line, as it would be on a screen without an edge."""
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("target", "drop", "measures"),
    [("label", "number", ["accuracy", "log_loss"]), ("number", "label", ["r2", "rmse", "mae"])],
)
def test_screen_model_and_page_say_the_same(netlet: Command, target: str, drop: str, measures: list[str]) -> None:
    outcome = netlet("train", table(), "-t", target, "--drop", drop, *SHORT)
    assert (outcome.code, outcome.err) == (0, "")
    out, page = words_of(outcome.out), page_of("t.html")
    notes = load("t.netlet").notes
    training = notes["training"]

    found = re.search(r"Found (\d+) networks tried in ([\d.]+) s", out)
    assert found
    assert int(found[1]) == training["networks"] == 6
    assert "6 networks were tried in" in page
    assert f"by {'log loss' if target == 'label' else 'R2'} in 5-fold cross-validation" in page
    best = re.search(
        rf"network {'log loss' if target == 'label' else 'R2'} epochs .*? batch (\d+) (-?[\d.]+) (\d+)", out
    )
    assert best
    assert int(best[1]) == training["best"]["number"]
    assert float(best[2]) == pytest.approx(training["best"]["score"], abs=5e-5)
    assert int(best[3]) == training["best"]["epochs"] <= 6

    shares = dict(training["members"])
    assert sum(shares.values()) == pytest.approx(1)
    if len(shares) > 1:
        chosen = re.search(r"Chosen the average of networks (.*?), each", out)
        assert chosen
        said = {int(number): float(share) for number, share in re.findall(r"(\d+) \((\d+)%\)", chosen[1])}
        assert said == {number: pytest.approx(100 * share, abs=0.5) for number, share in shares.items()}
        assert all(f"network {number} {100 * share:.1f} %" in page for number, share in shares.items())
    else:
        assert f"Chosen network {next(iter(shares))} alone" in out

    own = re.search(r"this model +(.*)", outcome.out)
    assert own
    figures = [float(figure) for figure in own[1].replace(" %", "").replace(",", "").split()]
    expected = [notes["test"][key] * (100 if key == "accuracy" else 1) for key in measures]
    np.testing.assert_allclose(figures, expected, rtol=2e-3, atol=5.1e-2 if target == "label" else 1e-3)
    assert words_of(own[0]) in page  # the figures, as they are written
    rows = notes["table"]["rows"]
    assert f"Test on {rows['test']} rows" in out
    assert f"{rows['test']} rows to test with" in page
    assert f"{rows['learn'] + rows['watch']} to learn from and to see what is best" in out
    assert f"{rows['learn'] + rows['watch']} rows to learn from and to choose by" in page
    headings = re.findall(r"<th[^>]*>([^<]*)</th>", Path("t.html").read_text(encoding="utf-8"))
    assert "predicted" in headings
    assert target not in headings  # of the errors: it stands there as what is true


def test_the_search_is_worth_it(netlet: Command) -> None:
    outcome = netlet(
        "train", table(400), "-t", "label", "--drop", "number", "--trials", 6, "--epochs", 40, "--no-report"
    )
    this, linear = (
        float(re.search(rf"{name} +([\d.]+) %", outcome.out)[1])  # type: ignore[index]
        for name in ("this model", "logistic regression")
    )
    assert this > 80 > 70 > linear


@pytest.mark.parametrize(
    "budget", [("--trials", 7), ("--epochs-in-all", 40), ("--trials", 4, "--epochs", 64, "--batch-size", 8)]
)
def test_the_same_seed_gives_the_same_file(netlet: Command, budget: tuple[object, ...]) -> None:
    words = ("train", table(), "-t", "label", "--drop", "number", "--no-report", "--epochs", 6, *budget)
    for name, more in (("a", ()), ("b", ("--threads", 1)), ("c", ("--threads", 2)), ("d", ("--seed", 1))):
        assert netlet(*words, "-o", f"{name}.netlet", *more).code == 0
    a, b, c, d = (Path(f"{name}.netlet").read_bytes() for name in "abcd")
    assert a == b == c
    assert a != d


def test_a_time_limit(netlet: Command) -> None:
    path = table(1000)
    words = ("train", path, "-t", "label", "--drop", "number", "-q", "--no-report", "--preset", "search")
    assert netlet(*words, "--trials", 2, "--epochs", 1).code == 0  # what comes once, such as compiling, is over
    outcome = netlet(*words, "--time", 2)
    assert outcome.code == 0, outcome.err
    notes = load("t.netlet").notes["training"]
    assert notes["stopped"] == "time"
    assert notes["networks"] >= 2


def test_a_table_that_is_sorted_by_its_classes(netlet: Command) -> None:
    """More rows of the first class than are timed before the search."""
    label = ["no"] * 2500 + ["yes"] * 700
    file = table(3200, label=label)
    outcome = netlet("train", file, "-t", "label", "--time", 3, "--no-report", "--batch-size", 32, "--preset", "search")
    assert outcome.code == 0, outcome.err


def test_too_little_time(netlet: Command) -> None:
    outcome = netlet("train", table(), "-t", "label", "--time", 0.001, "--preset", "search")
    assert outcome.code == 2
    assert re.fullmatch(
        r"(netlet: compiling .*\n)?error: --time 0\.001 is too little for one network: reading and preparing the table "
        r"took [\d.]+ s, and a network takes about [\d.e-]+ s; give --time \d+ or more\n",
        outcome.err,
    )
    assert not list(Path().glob("t.[nh]*"))


def test_too_few_epochs(netlet: Command) -> None:
    outcome = netlet("train", table(), "-t", "label", "--epochs-in-all", 3, "-q")
    assert outcome.code == 2
    assert outcome.err.startswith("error: --epochs-in-all is too little for one network: ")
    assert "which takes 100 epochs" in outcome.err
    assert outcome.err.count("\n") == 1
    assert not list(Path().glob("t.[nh]*"))


def test_what_is_given_is_not_searched_for(netlet: Command) -> None:
    given = ("--hidden", "7,5", "--activation", "tanh", "--dropout", 0, "--batch-size", 50, "--learning-rate", 0.02,
             "--optimizer", "momentum")  # fmt: skip
    out = netlet("train", table(), "-t", "label", *given, "--trials", 3, "--epochs", 2, "--ensemble", 1).out
    assert "varied: weight decay; fixed: hidden layers 7, 5, " in words_of(out)
    settings = load("t.netlet").notes["training"]["best"]["settings"]
    assert settings.pop("weight_decay") > 0
    assert settings == {
        "hidden": [7, 5], "activation": "tanh", "dropout": 0.0, "batch_size": 50, "learning_rate": 0.02,
        "optimizer": "momentum",
    }  # fmt: skip
    network = Network.load("t.netlet")
    assert [layer.units for layer in network.layers if hasattr(layer, "units")] == [7, 5, 2]


@pytest.mark.parametrize("name", ["adamw", "rprop", "lion", "adadelta", "sgd", "averaged_momentum"])
def test_any_optimizer_is_searched_with(netlet: Command, name: str) -> None:
    outcome = netlet(
        "train", table(100), "-t", "label", "--trials", 2, "--epochs", 1, "--optimizer", name, "--no-report"
    )
    assert outcome.code == 0
    assert "failed" not in outcome.out
    assert f"fixed: optimizer {name}" in words_of(outcome.out)


def test_one_network_or_several(netlet: Command) -> None:
    words = ("train", table(), "-t", "label", *SHORT)
    out = netlet(*words, "--ensemble", 1).out
    assert isinstance(load("t.netlet"), Network)
    assert "Rows       154 to learn from, 38 to see what is best, 48 to test with" in out
    assert "Chosen" not in out
    page = page_of("t.html")
    assert "on the validation rows" in page
    assert f"Network {load('t.netlet').notes['training']['best']['number']} of the search" in page
    netlet(*words, "--ensemble", 4)
    model = load("t.netlet")
    assert isinstance(model, Ensemble)
    assert len(model.notes["training"]["members"]) <= 4
    assert len(model.networks) == 5 * len(model.notes["training"]["members"])  # of five folds each


def test_predicting_with_an_ensemble(netlet: Command) -> None:
    path = table()
    assert netlet("train", path, "-t", "label", *SHORT, "--no-report").code == 0
    outcome = netlet("predict", "t.netlet", path, "--with-input")
    got = pl.read_csv(io.StringIO(outcome.out))
    frame = read_table(path).frame
    assert got.columns == [*frame.columns, "prediction", "probability_no", "probability_yes"]
    model = load("t.netlet")
    assert isinstance(model, Ensemble)
    expected = model.predict(Preparation.from_dict(model.notes["preparation"]).transform(frame))
    np.testing.assert_allclose(got.select(got.columns[-2:]).to_numpy(), expected, rtol=1e-6)
    assert got["prediction"].to_list() == [("no", "yes")[k] for k in expected.argmax(axis=1)]
    right = (got["prediction"] == frame["label"]).mean()
    assert f"accuracy {100 * right:.1f} %" in outcome.err
    netlet("predict", "t.netlet", path, "-o", "p.parquet")
    np.testing.assert_array_equal(pl.read_parquet("p.parquet").select(got.columns[-2:]).to_numpy(), expected)

    assert netlet("train", path, "-t", "number", *SHORT, "--no-report").code == 0
    model = load("t.netlet")
    preparation = Preparation.from_dict(model.notes["preparation"])
    expected = model.predict(preparation.transform(frame)).reshape(-1) * preparation.target.scale
    got = pl.read_csv(io.StringIO(netlet("predict", "t.netlet", path).out))
    np.testing.assert_allclose(got["prediction"], expected + preparation.target.mean, rtol=1e-5)


def test_no_test(netlet: Command) -> None:
    outcome = netlet("train", table(), "-t", "label", *SHORT, "--test-share", 0)
    assert outcome.code == 0
    assert "240 to learn from and to see what is best, none to test with" in outcome.out
    assert "Test on" not in outcome.out
    assert "No rows were set aside for a test, so nothing says how good the model is on new rows." in page_of("t.html")
    assert load("t.netlet").notes["test"] == {}


def test_without_validation_one_network_is_trained(netlet: Command) -> None:
    outcome = netlet("train", table(), "-t", "label", "--epochs", 3, "--validation-share", 0)
    assert outcome.code == 0
    assert "Network    " in outcome.out
    assert "Search" not in outcome.out
    assert isinstance(load("t.netlet"), Network)
    assert "One network was trained, and no other tried" in page_of("t.html")


@pytest.mark.plain
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--trials", 0), "error: --trials 0 is out of range; it has to be at least 1\n"),
        (("--epochs-in-all", 0), "error: --epochs-in-all 0 is out of range; it has to be at least 1\n"),
        (("--ensemble", 0), "error: --ensemble 0 is out of range; it has to be at least 1 and less than 101\n"),
        (("--time", -1), "error: --time -1.0 is out of range; it has to be more than 0\n"),
        (("--optimizer", "nope"), "error: --optimizer='nope' is not one of "),
        (("--activation", "nope"), "error: --activation='nope' is not one of "),
        (("--activation", "softmax"), "error: --activation='softmax' is not one of "),
        (("--validation-share", 0.999), "error: --validation-share=0.999 sets aside all of the "),
        (
            ("--report", "r.html", "--no-report"),
            "error: --report names a file and --no-report wants none; leave one of them out\n",
        ),
        (("--report", "t.netlet"), "error: --report t.netlet is the model itself; give another name\n"),
        (("--report", "t.csv", "--force"), "error: --report t.csv is the table itself; give another name\n"),
        (("--report", "none/r.html"), "error: --report none"),
        (("--report", "mine.html"), "error: --report mine.html is there already; give another name, or --force"),
        (("--report", "folder"), "error: --report folder is a folder; give the name of a file"),
    ],
)
def test_bad_options(netlet: Command, words: tuple[object, ...], message: str) -> None:
    table()
    Path("mine.html").write_text("mine")
    Path("folder").mkdir()
    before = sorted(Path().iterdir())
    outcome = netlet("train", "t.csv", "-t", "label", *words)
    assert outcome.code == 2
    assert outcome.err.startswith(message)
    assert outcome.err.count("\n") == 1
    assert sorted(Path().iterdir()) == before
    assert Path("mine.html").read_text() == "mine"


def test_where_the_report_goes(netlet: Command) -> None:
    words = ("train", table(), "-t", "label", "--trials", 2, "--epochs", 1)
    out = netlet(*words, "-o", "m.netlet").out
    assert (
        out.index("Model      written to m.netlet") < out.index("Report     written to m.html") < out.index("Predict ")
    )
    assert netlet(*words, "-o", "m.netlet").code == 0  # a report is replaced, as a model is
    Path("m.html").write_text("mine")
    assert "--report m.html is there already" in netlet(*words, "-o", "m.netlet").err
    assert netlet(*words, "-o", "m.netlet", "--force").code == 0
    assert "netlet report</title>" in Path("m.html").read_text()
    assert "Report     written to r.htm" in netlet(*words, "--report", "r.htm", "-q").out
    assert not Path("t.html").exists()
    assert "Report" not in netlet(*words, "--no-report").out
    assert not Path("t.html").exists()


def test_a_report_that_cannot_be_written(netlet: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("netlet.cli.page.write_report", full)
    outcome = netlet("train", table(), "-t", "label", "--trials", 2, "--epochs", 1)
    assert outcome.code == 1
    assert outcome.err == "error: the model is written, but the report was not, to t.html: No space left on device\n"
    assert load("t.netlet").notes["training"]["networks"] == 2


def test_every_network_fails(netlet: Command) -> None:
    outcome = netlet("train", table(), "-t", "number", "--trials", 2, "--epochs", 2, "--learning-rate", 1e30, "-q")
    assert outcome.code == 1
    assert outcome.err.startswith("error: all 2 trials failed; the first: ")
    assert not list(Path().glob("t.[nh]*"))
