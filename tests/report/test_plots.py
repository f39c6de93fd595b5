"""What the pictures are drawn from agrees with scikit-learn and with sums by hand; axes are where they should be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_facts import made_trials
from sklearn.calibration import calibration_curve
from sklearn.metrics import average_precision_score, confusion_matrix, roc_auc_score, roc_curve

from netlet.data.importance import ColumnImportance
from netlet.report.plots.classes import confused_pairs, confusion, precision_recall, reliability, roc
from netlet.report.plots.importance import importance_plot
from netlet.report.plots.parallel import (
    BEST_DRAWN,
    MOST_OTHERS,
    drawn_lines,
    parallel_coordinates,
    setting_axes,
    setting_axis,
)
from netlet.report.plots.timeline import running_best
from netlet.report.scales import Categories, Linear, Log, fitting
from netlet.report.words import duration, figure, fitted, setting, shortened, text_width
from netlet.searching.trial import Trial

pytestmark = pytest.mark.plain


@pytest.mark.parametrize("decimals", [1, 6])
def test_curves_like_scikit_learn(decimals: int) -> None:
    random = np.random.default_rng(0)
    truth = random.random(500) < 0.3
    scores = np.round(random.normal(size=500) + truth, decimals)  # with one decimal, many are equal
    found, ours = roc(truth, scores), precision_recall(truth, scores)
    assert found is not None
    assert ours is not None
    assert found.area == pytest.approx(roc_auc_score(truth, scores))
    assert ours.area == pytest.approx(average_precision_score(truth, scores))
    alarms, hits, _ = roc_curve(truth, scores, drop_intermediate=False)
    np.testing.assert_allclose(found.x, alarms)
    np.testing.assert_allclose(found.y, hits)


def test_no_curve_of_one_class() -> None:
    assert roc(np.ones(5, dtype=bool), np.arange(5.0)) is None
    assert precision_recall(np.zeros(5, dtype=bool), np.arange(5.0)) is None
    assert roc(np.zeros(0, dtype=bool), np.zeros(0)) is None


def test_confusion_like_scikit_learn() -> None:
    random = np.random.default_rng(1)
    labels, predicted = random.integers(0, 7, 400), random.integers(0, 7, 400)
    counts = confusion(labels, predicted, 7)
    np.testing.assert_array_equal(counts, confusion_matrix(labels, predicted))
    pairs = confused_pairs(counts, 5)
    assert [count for *_, count in pairs] == sorted(counts[~np.eye(7, dtype=bool)], reverse=True)[:5]
    assert all(counts[i, j] == count and i != j for i, j, count in pairs)
    assert confused_pairs(np.diag([3, 4]), 5) == []


def test_reliability_like_scikit_learn() -> None:
    random = np.random.default_rng(2)
    said = random.random(2_000)
    labels = (random.random(2_000) < said**2).astype(np.int64)
    bins = reliability(labels, np.stack([1 - said, said], axis=1))
    true, mean = calibration_curve(labels, said, n_bins=10)
    np.testing.assert_allclose(bins.true, true)
    np.testing.assert_allclose(bins.said, mean)
    assert bins.error == pytest.approx(float((np.abs(true - mean) * np.histogram(said, 10, (0, 1))[0]).sum() / 2_000))


def test_wilson_interval_by_hand() -> None:
    bins = reliability(np.array([1] * 8 + [0] * 2), np.full((10, 2), 0.5))
    assert bins.interval(5) == pytest.approx((0.4901, 0.9433), abs=2e-4)  # 8 of 10, from a table


def test_axes_of_settings() -> None:
    random = np.random.default_rng(3)
    rates = {at: float(10 ** random.uniform(-4, 0)) for at in range(30)}
    even = {at: float(random.uniform(0.001, 0.5)) for at in range(30)}
    betas = {at: float(1 - 10 ** random.uniform(-3, -0.5)) for at in range(30)}
    assert setting_axis("rate", rates).scale == Log(min(rates.values()), max(rates.values()))
    assert isinstance(setting_axis("dropout", even).scale, Linear)
    scale = setting_axis("beta", betas).scale
    assert isinstance(scale, Log)
    assert scale.from_one
    sizes = {0: (64, 64), 1: (8,), 2: (16, 8), 3: (32,), 4: (8,)}
    assert setting_axis("hidden", sizes).scale == Categories(("8", "32", "16 × 8", "64 × 64"))
    assert setting_axis("batch", {0: 32, 1: 16, 2: 32, 3: 128}).scale == Categories(("16", "32", "128"))
    assert setting_axis("decay", {0: None, 1: 0.5}).places == {1: 0.5}


def test_settings_that_do_not_differ_have_no_axis() -> None:
    axes, shared = setting_axes(made_trials(12, 0))
    assert [axis.name for axis in axes] == ["hidden", "activation", "learning_rate", "beta1", "batch_size", "dropout"]
    assert shared == {"optimizer": "adam"}


def test_of_many_trials_the_best_are_drawn() -> None:
    trials = made_trials(1_000, 0)
    assert drawn_lines(trials[:100]) == list(trials[:100])
    drawn = drawn_lines(trials)
    assert len(drawn) == BEST_DRAWN + MOST_OTHERS
    assert drawn[-BEST_DRAWN:] == list(trials[-BEST_DRAWN:])
    assert len({trial.number for trial in drawn}) == len(drawn)


def test_running_best() -> None:
    scores = [0.5, 0.4, None, 0.7, 0.6]
    trials = [Trial(at, {}, score, started=float(at), seconds=1.0) for at, score in enumerate(scores)]
    assert running_best(trials, True) == [(1.0, 0.5), (4.0, 0.7)]
    assert running_best(trials, False) == [(1.0, 0.5), (2.0, 0.4)]


@given(st.floats(-1e12, 1e12), st.floats(1e-9, 1e12), st.integers(2, 12))
def test_ticks_are_inside_in_order_and_few(low: float, width: float, most: int) -> None:
    if low + width <= low:
        return
    ticks = Linear(low, low + width, most).ticks()
    places = [place for place, _ in ticks]
    assert places == sorted(places)
    assert all(0 <= place <= 1 for place in places)
    assert len(ticks) <= most + 1


@given(st.floats(-12, 6), st.floats(0.7, 12))
def test_ticks_of_logarithmic_axes(low: float, decades: float) -> None:
    scale = Log(10.0**low, 10.0 ** (low + decades))
    ticks = scale.ticks()
    assert 2 <= len(ticks) <= 12
    assert len({text for _, text in ticks}) == len(ticks)
    assert all(-1e-9 <= place <= 1 + 1e-9 for place, _ in ticks)


def test_ticks_by_hand() -> None:
    assert Linear(0.0, 1.0, 6, percent=True).ticks()[1] == (pytest.approx(0.2), "20\N{NO-BREAK SPACE}%")
    assert [text for _, text in Linear(-1.2, 2.1, 5).ticks()] == ["−1", "0", "1", "2"]
    assert [text for _, text in Log(1e-4, 1.0).ticks()] == ["0.0001", "0.001", "0.01", "0.1", "1"]
    assert [text for _, text in Log(0.9, 0.999, from_one=True).ticks()] == ["0.999", "0.99", "0.9"]
    assert fitting([3.0, 3.0]).place(3.0) == pytest.approx(0.5)


def test_words() -> None:
    assert (figure(12345.6), figure(0.000012), figure(-3.0), figure(1234.0, 3), figure(float("nan"))) == (
        "12,346",
        "1.2e−5",
        "−3",
        "1230",
        "not a number",
    )
    assert (duration(0.05), duration(5.25), duration(61), duration(754), duration(8000)) == (
        "50 ms",
        "5.2 s",
        "61 s",
        "12 min 34 s",
        "2 h 13 min",
    )
    assert (setting(None), setting(True), setting((64, 32)), setting(0.00012345)) == (
        "none",
        "yes",
        "64 × 32",
        "0.000123",
    )
    assert shortened("a" * 30 + "z" * 30, 21) == "a" * 15 + "…" + "z" * 5
    assert shortened("line\n  break", 40) == "line break"


@given(st.text(max_size=80), st.floats(20, 300))
def test_fitted_text_fits(text: str, width: float) -> None:
    short = fitted(text, width, 12.0)
    assert text_width(short, 12.0) <= width or len(short) <= 4


@pytest.mark.parametrize(("status", "word"), [("failed", "failed"), ("stopped", "no score")])
def test_the_axis_of_scores_says_failed_only_of_what_failed(status: Any, word: str) -> None:
    trials = [*made_trials(6, 0), Trial(6, made_trials(6, 0)[0].settings, status=status)]
    drawing = parallel_coordinates(trials, "accuracy", True, 0)
    assert drawing is not None
    assert f">{word}</text>" in drawing.svg()
    assert (">failed</text>" in drawing.svg()) == (status == "failed")


def test_importances_of_any_size_are_written_short() -> None:
    svg = importance_plot([ColumnImportance("a", 1797966532068.0, 2694039122379.0)], "R2").svg()
    assert ">1.8e12 ± 2.69e12</text>" in svg
