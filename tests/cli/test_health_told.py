"""What `netlet train` says of the health of a training: on the screen and in the report."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from rich.console import Console

from netlet.cli.health import in_options, look_at_best, show_health
from netlet.cli.lines import show_scores
from netlet.cli.screen import Screen
from netlet.data import Target
from netlet.insight.health import Finding, Health
from netlet.report.health_section import HealthFacts
from netlet.searching.search import search

Command = Callable[..., Any]
QUICK = ("--trials", 1, "--hidden", 8, "--epochs", 8)


def section(page: Path) -> str:
    found = re.search(r'<section id="health">.*?</section>', page.read_text(), re.DOTALL)
    assert found is not None
    return found[0]


def test_a_high_rate_is_told_with_the_options_of_the_command(netlet: Command, penguins: Path) -> None:
    outcome = netlet("train", penguins, "-t", "species", *QUICK, "--learning-rate", 3)
    said = re.search(r"^Health .*?^Test on", outcome.out, re.DOTALL | re.MULTILINE)
    assert said is not None
    assert said[0].startswith("Health     learning rate too high, from epoch ")
    assert "Try --learning-rate 0.3." in said[0]
    assert "learning rate too high" not in outcome.err  # it is said once
    page = section(Path("penguins.html"))
    assert "<b>Learning rate too high, from epoch " in page
    assert "<b>Try --learning-rate 0.3.</b>" in page
    assert 'href="#health"' in Path("penguins.html").read_text()


def test_a_healthy_training_has_one_line_and_its_figures(netlet: Command, penguins: Path) -> None:
    out = netlet("train", penguins, "-t", "species", *QUICK).out
    assert out.count("Health ") == 1
    page = section(Path("penguins.html"))
    assert "Nothing was found that keeps the network from learning." in page
    assert "The training was looked at from its beginning to its end." in page
    assert "<td>dense_1 relu</td>" in page
    assert "after epoch 8" in page


@pytest.mark.parametrize("folds", [None, 3])
def test_the_best_of_a_search_is_trained_again_as_it_was(folds: int | None) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 4)).astype(np.float32)
    y = (X[:, 0] + X[:, 1] > 0).astype(int)
    found = search(
        X, y, {"units": [4, 8], "n_layers": 1, "learning_rate": [0.01, 0.03]}, 3, epochs=6, patience=2,
        folds=folds, seed=0, n_threads=1, progress=False,
    )  # fmt: skip
    facts = look_at_best(found)
    assert facts.health is not None
    name = f"Network {found.best.number}, the best of the search, was trained once more"
    assert facts.looked_at.startswith(name + (" on the first of 3 folds," if folds else ","))
    assert facts.looked_at.endswith("The other 2 networks were not looked at.")
    network = found.network if folds is None else found.network.networks[0]  # type: ignore[union-attr]
    size = float(np.linalg.norm(network.parameters["dense_1.weight"]))  # type: ignore[union-attr]
    assert facts.health.figures.looks[-1].layers[0].size == pytest.approx(size, rel=1e-6)
    if folds is None:
        assert list(facts.health.figures.losses) == found.best.curves["loss"]


def test_a_search_says_what_was_looked_at(netlet: Command, penguins: Path) -> None:
    out = netlet("train", penguins, "-t", "species", "--trials", 3, "--epochs", 6, "--hidden", 8).out
    assert "Health     " in out
    page = section(Path("penguins.html"))
    assert re.search(r"Network \d, the best of the search, was trained once more on the first of 5 folds", page)


def test_a_long_training_is_not_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    found = search(X, X[:, 0], {"units": 4, "n_layers": 1}, 1, epochs=2, seed=0, n_threads=1, progress=False)
    monkeypatch.setattr("netlet.cli.health._SECONDS_OF_LOOK", 0.0)
    facts = look_at_best(found)
    assert facts.health is None
    assert facts.looked_at.startswith("No training was looked at: to train network 0")


def test_parameters_are_said_as_options() -> None:
    finding = Finding(
        "batch too small", None, 3, "with batch_size=2 the loss rises", "Steps at learning_rate=0.1 are noise",
        "Try batch_size=32, learning_rate=0.01, or ask find_learning_rate, or stop (patience=5)",
    )  # fmt: skip
    (said,) = in_options(Health((finding,), None)).findings  # type: ignore[arg-type]
    assert said.evidence == "with --batch-size 2 the loss rises"
    assert said.cause == "Steps at --learning-rate 0.1 are noise"
    assert said.remedy == "Try --batch-size 32, --learning-rate 0.01, or stop (--patience 5)"


def test_a_guess_that_is_as_good_says_little_only_where_the_simple_model_fails_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    target = Target("t", "regression")
    for linear, said in ((0.5, "linear is: the simpler"), (1.5, "these columns seem to say little of t.")):
        figures = {"linear": linear, "the mean": 1.0}
        scores = [(name, {"r2": 0.0, "rmse": rmse, "mae": rmse}) for name, rmse in {"model": 1.2, **figures}.items()]
        show_scores(Screen(), target, 9, scores)
        assert said in capsys.readouterr().out


def test_each_finding_is_told_in_three_sentences() -> None:
    screen = Screen()
    screen.console = Console(width=200, record=True, highlight=False)
    finding = Finding("dead ReLUs", "dense_2", 0, "60% are 0", "They went down", "Lower the rate")
    show_health(screen, HealthFacts("Looked at network 3.", Health((finding,), None)))  # type: ignore[arg-type]
    assert [line.rstrip() for line in screen.console.export_text().splitlines()] == [
        "Health     dead ReLUs in dense_2, before training: 60% are 0.",
        "           They went down.",
        "           Lower the rate.",
        "           Looked at network 3.",
    ]


def test_forecasts_tell_it_too(netlet: Command, tmp_path: Path) -> None:
    steps, noise = np.arange(400), np.random.default_rng(0).normal(size=400)
    sales = 5 + np.sin(steps * np.pi / 6) + 0.3 * noise
    pl.DataFrame({"step": steps, "sales": sales}).write_csv("sales.csv")
    out = netlet(
        "train", "sales.csv", "--forecast", "sales", "--time-column", "step", "--horizon", 3, "--epochs", 20
    ).out
    assert "Health     nothing was found" in out
    assert "looked at from its beginning" in section(Path("sales.html"))
