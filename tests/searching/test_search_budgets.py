"""Budgets in trials, epochs and seconds: what they end, and what they say."""

from __future__ import annotations

import io

import numpy as np
import pytest
from search_samples import SPACE, same_bits, three_classes

from netlet import scales
from netlet.errors import BudgetTooSmall
from netlet.searching.budget import Epochs, Limits, Seconds, Trials, limits_of
from netlet.searching.search import search
from netlet.searching.strategies import Halving

X, Y = three_classes()


def quiet(*arguments, **options):
    return search(*arguments, **({"progress": False, "epochs": 4} | options))


@pytest.mark.plain
@pytest.mark.parametrize(
    ("budget", "limits", "text"),
    [
        (64, Limits(64), "64 trials"),
        (Trials(1000), Limits(1000), "1,000 trials"),
        (Epochs(5), Limits(epochs=5), "5 epochs"),
        (Seconds(0.5), Limits(seconds=0.5), "0.5 seconds"),
        ((10, Seconds(60)), Limits(10, None, 60), "10 trials or 60 seconds"),
        ([Epochs(7), Trials(3)], Limits(3, 7), "3 trials or 7 epochs"),
    ],
)
def test_what_a_budget_stands_for(budget, limits, text):
    assert limits_of(budget) == limits
    assert str(limits) == text


@pytest.mark.plain
@pytest.mark.parametrize(
    ("budget", "error", "message"),
    [
        (0, ValueError, "budget=Trials(count)=0 is not >= 1"),
        (2.5, TypeError, "budget=2.5 is not a budget; use Trials(64)"),
        (True, TypeError, "budget=True is not a budget"),
        ((), TypeError, "is not a budget"),
        (None, TypeError, "budget=None is not a budget"),
        ("60s", TypeError, "Seconds(60)"),
        ((Trials(3), 4), ValueError, "names Trials twice; give each kind once"),
    ],
)
def test_what_is_no_budget(budget, error, message):
    with pytest.raises(error) as caught:
        quiet(X, Y, SPACE, budget)
    assert message in str(caught.value)


@pytest.mark.plain
@pytest.mark.parametrize(("kind", "count"), [(Trials, 0), (Epochs, -1), (Seconds, 0), (Seconds, -2.0), (Trials, 1.5)])
def test_counts_that_are_none(kind, count):
    with pytest.raises((ValueError, TypeError), match=rf"budget={kind.__name__}\(count\)={count}"):
        kind(count)


@pytest.mark.plain
@pytest.mark.parametrize("count", [4, 5, 11, 50])
@pytest.mark.parametrize("strategy", ["random", "halving", "hyperband", "coarse_to_fine"])
def test_never_more_epochs_than_asked(strategy, count):
    found = quiet(X, Y, SPACE, Epochs(count), strategy=strategy)
    spent = sum(trial.epochs for trial in found.trials)
    assert count - 4 < spent <= count
    assert found.stopped == "done"
    again = quiet(X, Y, SPACE, Epochs(count), strategy=strategy, n_threads=3)
    assert [(t.settings, t.score, t.epochs) for t in again.trials] == [
        (t.settings, t.score, t.epochs) for t in found.trials
    ]
    assert same_bits(found.network, again.network)


@pytest.mark.plain
def test_epochs_that_were_not_needed_go_to_others():
    space = {"hidden": scales.Sizes((1, 2), (2, 6)), "learning_rate": scales.LogUniform(0.3, 0.6)}
    found = quiet(X, Y, space, Epochs(200), epochs=50, patience=1)
    spent = sum(trial.epochs for trial in found.trials)
    assert len(found.trials) > 200 / 50
    assert 150 < spent <= 200


@pytest.mark.plain
def test_the_first_limit_that_is_reached_ends_it():
    assert len(quiet(X, Y, SPACE, (Trials(3), Epochs(1000))).trials) == 3
    assert len(quiet(X, Y, SPACE, (Trials(30), Epochs(8))).trials) == 2
    assert len(quiet(X, Y, SPACE, (Trials(2), Seconds(1000))).trials) == 2


@pytest.mark.plain
def test_too_few_epochs_for_one_trial():
    with pytest.raises(BudgetTooSmall, match="a budget of 3 epochs is less than one trial, which takes 4 epochs"):
        quiet(X, Y, SPACE, Epochs(3))
    found = quiet(X, Y, SPACE, Epochs(3), strategy=Halving(2, least_epochs=1, n_trials=2))
    assert sorted(t.epochs for t in found.trials) == [1, 2]  # both for one, the better for one more


def test_too_little_time_for_one_trial():
    x = np.zeros((20000, 50))
    x[:, 0] = np.arange(20000) % 7
    y = np.arange(20000) % 2
    with pytest.raises(
        BudgetTooSmall, match=r"0\.01 seconds ended before.*one trial of 4 epochs takes about [\d.e+]+ s"
    ):
        quiet(x, y, {"hidden": (300, 300), "learning_rate": [0.1, 0.2]}, Seconds(0.01))


def test_it_ends_in_time():
    x, y = three_classes(4000)
    quiet(x[:50], y[:50], {"hidden": (256, 256), "learning_rate": 0.01}, 1)  # compiled
    space = {"hidden": scales.Sizes((2, 3), (64, 256)), "learning_rate": scales.LogUniform(1e-4, 1e-2)}
    found = quiet(x, y, space, Seconds(1.5), epochs=300, keep=3)
    assert found.stopped == "time"
    assert found.seconds > 1.4
    cut_short = [t for t in found.trials if t.status == "stopped"]
    assert cut_short
    assert all(t.epochs < 300 for t in cut_short)
    assert all((t.score is None) == (t.epochs == 0) for t in cut_short)
    assert list(found.networks) == [t.number for t in found.ranking()[:3]]
    assert found.network.evaluate(*found.task.validation)["loss"] == found.best.score


def test_what_ends_with_the_time_between_two_rungs_keeps_its_score():
    x, y = three_classes(2000)
    space = {"hidden": scales.Sizes((1, 2), (32, 128)), "learning_rate": scales.LogUniform(1e-4, 1e-2)}
    found = quiet(x, y, space, Seconds(3.0), epochs=30_000, strategy=Halving(3, least_epochs=2, n_trials=9))
    assert found.stopped == "time"
    assert all(t.score is not None or t.epochs == 0 for t in found.trials)
    assert sum(t.score is not None for t in found.trials) >= 9
    for number, network in found.networks.items():
        assert network.evaluate(*found.task.validation)["loss"] == found.trials[number].score


@pytest.mark.plain
@pytest.mark.parametrize(("budget", "of"), [(Trials(5), "/5"), (Epochs(20), ""), (Seconds(100), "")])
def test_the_lines_of_progress(budget, of, monkeypatch, capsys):
    monkeypatch.setattr("netlet.training.progress._SECONDS_BETWEEN_LINES", 0.0)
    ticks = iter(range(10**6))
    monkeypatch.setattr("netlet.training.progress.time.monotonic", lambda: float(next(ticks)))
    seen = []

    def until_the_fifth(trial):
        seen.append(trial)
        return len(seen) == 5

    found = quiet(X, Y, SPACE, budget, metric="accuracy", progress="lines", callbacks=[until_the_fifth], n_threads=1)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith(f"trials 1{of}  best accuracy {seen[0].score:.4f} (trial {seen[0].number})")
    assert lines[-2].startswith(f"trials {len(found.trials)}{of}  best accuracy {found.best.score:.4f}")
    assert lines[-1].startswith(f"{len(found.trials)} networks tried in ")
    assert f"best accuracy {found.best.score:.4f} (trial {found.best.number})" in lines[-1]


@pytest.mark.plain
def test_progress_tells_what_failed_and_that_the_time_is_over(capsys):
    space = {"hidden": [(3,), (0,)], "learning_rate": 0.01}
    quiet(X, Y, space, 2, progress="lines")
    assert ", 1 failed" in capsys.readouterr().err
    quiet(X, Y, SPACE, Seconds(0.5), epochs=2, progress="lines")
    assert ", the time is over; best loss" in capsys.readouterr().err


@pytest.mark.plain
def test_no_progress_is_no_output(capsys):
    quiet(X, Y, SPACE, 2)
    assert capsys.readouterr() == ("", "")


@pytest.mark.plain
def test_a_bar(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    quiet(X, Y, SPACE, 3, progress="bar")
    assert "3 networks tried in" in stream.getvalue()
