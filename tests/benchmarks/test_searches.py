"""The benchmarks of populations and of real tables: what is drawn, compared and laid out. No time is asserted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "benchmarks"
SHARED = Path(os.environ.get("NETLET_SHARED_DATA") or SCRIPTS.parents[1] / "shared" / "data")


@pytest.fixture
def scripts(monkeypatch):
    """Let the scripts be imported as they import one another."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if str(SCRIPTS) in (getattr(sys.modules[name], "__file__", None) or ""):
            del sys.modules[name]


def run(script, *arguments):
    command = [sys.executable, str(SCRIPTS / script), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout


@pytest.mark.parametrize("script", ["population.py", "train_command.py"])
def test_scripts_of_searches_explain_themselves(script):
    assert "--quick" in run(script, "--help")


def test_configurations_are_drawn_once_and_for_all(scripts):
    from configurations import draw

    drawn = draw(300)
    assert drawn == draw(300)
    assert {len(one.hidden) for one in drawn} == {1, 2, 3}
    units = np.array([n for one in drawn for n in one.hidden])
    assert 16 <= units.min() < 18
    assert 125 < units.max() <= 128
    # Log-uniform: half of the sizes are below the geometric mean of the ends, sqrt(16 * 128) = 45.3.
    assert abs((units < 45.3).mean() - 0.5) < 0.06
    rates = np.log10([one.learning_rate for one in drawn])
    assert -4 <= rates.min() < -3.9
    assert -1.1 < rates.max() <= -1
    assert abs((rates < -2.5).mean() - 0.5) < 0.09
    assert sorted(one.seed for one in drawn) == list(range(300))


def test_the_largest_configuration_comes_first(scripts):
    from configurations import Configuration, draw

    sizes = [one.n_parameters for one in draw(64)]
    assert sizes == sorted(sizes, reverse=True)
    # By hand: (64 + 1) * 20 + (20 + 1) * 30 + (30 + 1) * 10.
    assert Configuration((20, 30), 0.1, 0).n_parameters == 1300 + 630 + 310


def test_digits_are_split_without_overlap(scripts):
    from configurations import digits

    parts = digits()
    assert parts.X.shape == (1437, 64)
    assert parts.X_validation.shape == (360, 64)
    assert parts.X.dtype == np.float32
    assert (parts.X.min(), parts.X.max()) == (0, 1)
    np.testing.assert_array_less(np.abs(np.bincount(parts.y) / 1437 - np.bincount(parts.y_validation) / 360), 0.002)


def test_accuracy_and_the_best_of_several(scripts):
    from configurations import accuracy, best

    assert accuracy(np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]]), np.array([0, 1, 1, 1])) == 0.75
    assert best([0.5, float("nan"), 0.75]) == 0.75


def test_ratios_are_taken_within_a_round(scripts):
    from population import times_as_fast

    # The second round was slow for both: medians would give 4 / 1, or 40 / 10.
    assert times_as_fast([4.0, 40.0, 6.0], [1.0, 10.0, 2.0]) == 4.0


def test_population_lays_out_bars_and_what_failed(scripts):
    from population import markdown

    def of(first, following, script, best):
        return [{"first": first, "next": following, "script": script, "accuracies": [0.5, best]}]

    text = markdown(
        {
            "rounds": 1, "configurations": 2, "networks": 1000, "others": [0.0], "absent": {"halving": "no such thing"},
            "search": {"netlet": of(1.0, 0.5, 2.0, 0.9), "scikit-learn": of(9.0, 2.0, 11.0, 0.9),
                       "PyTorch in processes": of(7.0, 6.0, 9.0, 0.95)},
            "threads": {"1": [3.0], "2": [2.0]},
            "memory": {"100": [{"built": 100, "peak": 1000, "parameters": 13200}] * 3,
                       "1000": [{"built": 1000, "peak": 91000, "parameters": 132000}] * 3},
        }
    )  # fmt: skip
    rows = {line.split("|")[1].strip(): [cell.strip() for cell in line.split("|")[2:-1]] for line in text.splitlines()
            if line.startswith("|")}  # fmt: skip
    assert rows["netlet against scikit-learn"] == ["9.00 (bar 8: pass)", "4.00", "5.50"]
    assert rows["netlet against PyTorch in processes"] == ["7.00 (bar 8: MISS)", "12.0", "4.50"]
    assert rows["2 configurations, 20 epochs"][-1] == "1.50 (bar 1.8: MISS)"
    assert rows["2"] == ["200", "0.1", "132", "1", "100"]
    assert "- halving: n/a (no such thing)" in text


@pytest.mark.slow
def test_population_measures_netlet_alone(tmp_path):
    file = tmp_path / "figures.json"
    text = run(
        "population.py", "--quick", "--peers", "none", "--parts", "search", "threads", "--json", str(file)
    )  # fmt: skip
    figures = json.loads(file.read_text())
    assert figures["absent"] == {}
    (one,) = figures["search"]["netlet"]
    assert one["script"] > one["first"] > 0
    assert len(one["accuracies"]) == 8
    assert max(one["accuracies"]) == one["best again"] > 0.9
    assert all(seconds[0] > 0 for seconds in figures["threads"].values())
    assert "| netlet " in text


@pytest.mark.slow
def test_population_compares_halving(tmp_path):
    file = tmp_path / "figures.json"
    run("population.py", "--quick", "--peers", "none", "--parts", "halving", "--json", str(file))
    figures = json.loads(file.read_text())
    assert figures["absent"] == {}
    assert min(figures["halving"]["best"]["random"] + figures["halving"]["best"]["halving"]) > 0.5


@pytest.mark.slow
def test_population_measures_the_memory_of_tiny_networks(tmp_path):
    file = tmp_path / "figures.json"
    run("population.py", "--quick", "--peers", "none", "--parts", "tiny", "--json", str(file))
    figures = json.loads(file.read_text())
    assert figures["absent"] == {}
    few, many = (figures["memory"][n][0] for n in ("10", "100"))
    assert few["parameters"] * 10 == many["parameters"] == 100 * 33 * 4
    assert many["peak"] > few["peak"]


def test_scores_of_tables_by_hand(scripts):
    from train_command import scores

    found = scores("classification", np.array([[0.8, 0.2], [0.4, 0.6], [0.3, 0.7], [0.5, 0.5]]), np.array([0, 1, 0, 1]))
    assert found["accuracy"] == 0.5
    assert found["log_loss"] == pytest.approx(-np.log(0.8 * 0.6 * 0.3 * 0.5) / 4)
    assert found["auc"] == 0.5  # of four pairs, 0.6 > 0.2 and 0.5 > 0.2 are in order
    found = scores("regression", np.array([1.0, 2.0, 4.0]), np.array([1.0, 3.0, 5.0]))
    assert found == {"r2": pytest.approx(1 - 2 / 8), "rmse": pytest.approx((2 / 3) ** 0.5)}


def test_gains_are_positive_where_netlet_is_better_and_agree_with_the_scores(scripts):
    from train_command import gains, scores

    rng = np.random.default_rng(0)
    y = rng.standard_normal(50)
    close, far = y + 0.1 * rng.standard_normal(50), y + rng.standard_normal(50)
    centre, error = gains("regression", close, far, y)["r2"]
    assert centre == pytest.approx(scores("regression", close, y)["r2"] - scores("regression", far, y)["r2"])
    assert 0 < 2 * error < centre

    labels = np.array([0, 1, 1, 0])
    sure, unsure = np.array([[0.9, 0.1], [0.1, 0.9], [0.2, 0.8], [0.7, 0.3]]), np.full((4, 2), 0.5)
    found = gains("classification", unsure, sure, labels)
    assert found["accuracy"][0] == -0.5  # ties go to the first class, as everywhere
    expected = scores("classification", sure, labels)["log_loss"] - scores("classification", unsure, labels)["log_loss"]
    assert found["log_loss"][0] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("gained", "verdict"),
    [
        ([[0.03, 0.01]], "win"),
        ([[-0.03, 0.01]], "loss"),
        ([[0.02, 0.01]], "level"),
        ([[0.05, 0.01], [-0.05, 0.01]], "level"),
    ],
)
def test_verdicts_of_tables(scripts, gained, verdict):
    from train_command import verdict_of

    assert verdict_of(gained) == verdict


def test_tables_are_laid_out_with_the_best_in_bold(scripts):
    from train_command import markdown

    def once(linear, boosted, net):
        scores = {"linear": linear, "LightGBM": boosted, "netlet": net}
        return {
            "task": "classification", "rows": 1200, "seconds": dict.fromkeys(scores, 2.0),
            "scores": {name: {"accuracy": a, "log_loss": 1 - a} for name, a in scores.items()},
            "gains": {"accuracy": [net - boosted, 0.001], "log_loss": [boosted - net, 0.001]},
        }  # fmt: skip

    text = markdown(
        {"machine": "this one", "time": 60.0, "seeds": [0, 1], "absent": {"b": "why"},
         "tables": {"a": [once(0.5, 0.8, 0.9), once(0.5, 0.7, 0.9)]}}
    )  # fmt: skip
    line = next(line for line in text.splitlines() if line.startswith("| a "))
    cells = [cell.strip() for cell in line.split("|")[1:-1]]
    assert cells == ["a", "1,200", "0.5000 (0.0000)", "0.7500 (0.0707)", "**0.9000 (0.0000)**", "win"]
    assert "by accuracy, 1 tables: 1 won, 0 level, 0 lost." in text
    assert "by log loss, 1 tables: 0 won, 0 level, 1 lost." in text
    assert "**0.1000" in text  # of log losses the least
    assert "- b: n/a (why)" in text


def test_ranks_of_tables_are_over_the_seeds_in_common(scripts):
    from tables_shown import markdown

    def fit(table, model, seed, value, busy=False):
        return {
            "table": table, "model": model, "seed": seed, "task": "regression", "seconds": 4.0, "cpu_seconds": 3.0,
            "row_microseconds": 5.0, "busy": busy, "scores": {"rmse": value, "r2": 0.5},
        }  # fmt: skip

    found = [
        fit("a", "LightGBM", 0, 2.0), fit("a", "LightGBM", 1, 4.0), fit("a", "netlet default", 0, 1.0),
        fit("a", "netlet default", 1, 1.5), fit("a", "netlet default", 2, 90.0), fit("a", "RealMLP-TD", 1, 1.0, True),
        fit("b", "LightGBM", 0, 1.0), fit("b", "netlet default", 0, 1.25),
    ]  # fmt: skip
    lines = markdown(found, ["LightGBM", "RealMLP-TD", "netlet default", "absent"], ["a", "b"]).splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("|")]
    assert ["a", "2", "3.0000", "**1.2500**"] in rows
    assert ["a", "1", "4.0000", "**1.0000**", "1.5000"] in rows
    assert ["mean rank", "1.50", "1.50"] in rows
    assert ["mean rank", "3.00", "1.00", "2.00"] in rows
    assert "- netlet default beside LightGBM: better on 1 of 2 tables, behind on b 25.0 %." in lines
    assert "- netlet default beside RealMLP-TD: better on 0 of 1 tables, behind on a 50.0 %." in lines
    times = rows[next(n for n, row in enumerate(rows) if row[0] == "seconds of a fit") :]
    assert times[2][0] == "a"
    assert times[2][2] == ""  # other work ran beside RealMLP-TD


def test_other_test_rows_than_the_command_s_are_noticed(scripts):
    from train_command import check_rows

    check_rows({"accuracy": 0.8}, {"test": {"accuracy": 0.8}})
    with pytest.raises(RuntimeError, match="other rows"):
        check_rows({"accuracy": 0.8}, {"test": {"accuracy": 0.81}})
    with pytest.raises(RuntimeError, match="no scores"):
        check_rows({"accuracy": 0.8}, {})


def test_the_rows_are_those_that_the_command_sets_aside(scripts, tmp_path):
    import polars as pl

    from netlet.data import split_rows
    from train_command import rows_of

    rng = np.random.default_rng(0)
    n = 60
    frame = pl.DataFrame(
        {
            "number": [None if i == 3 else float(v) for i, v in enumerate(rng.standard_normal(n))],
            "kind": [None if i == 5 else "xyz"[i % 3] for i in range(n)],
            "day": pl.Series([f"2024-01-{1 + i % 28:02d}" for i in range(n)]).str.to_date(),
            "split": ["train"] * n,
            "told": [None if i == 7 else "no" if i % 4 else "yes" for i in range(n)],
        }
    )
    frame.write_parquet(tmp_path / "table.parquet")
    rows = rows_of(tmp_path / "table.parquet", "told", "classification", ["split"], seed=4)
    assert list(rows.X.columns) == ["number", "kind", "day days", "day month", "day weekday"]
    assert rows.classes == ("no", "yes")
    assert np.flatnonzero(~rows.known).tolist() == [7]
    labels = np.array([0 if i % 4 else 1 for i in range(n) if i != 7])
    np.testing.assert_array_equal(rows.y, labels)
    np.testing.assert_array_equal(rows.test, split_rows(59, 0.2, 4, labels)[1])
    assert np.isnan(rows.X["number"][3])
    assert rows.X["kind"].isna().tolist() == [i == 5 for i in range(59)]
    assert not set(rows.kept) & set(rows.test)
    assert len(rows.kept) + len(rows.test) == 59


@pytest.mark.slow
def test_tables_from_file_to_scores(tmp_path):
    if not (SHARED / "tables" / "phoneme.parquet").exists():
        pytest.skip(f"{SHARED / 'tables'} is not there; NETLET_SHARED_DATA names the folder that holds tables/")
    pytest.importorskip("lightgbm")
    file = tmp_path / "figures.json"
    text = run("train_command.py", "--preset", "fast", "--tables", "phoneme", "--json", str(file))
    figures = json.loads(file.read_text())
    assert figures["absent"] == {}
    scores = figures["tables"]["phoneme"][0]["scores"]
    assert scores["netlet"]["accuracy"] > 0.78
    assert scores["LightGBM"]["accuracy"] > 0.85
    assert "| phoneme" in text
