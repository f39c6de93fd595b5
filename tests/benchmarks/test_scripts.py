"""The benchmark scripts start, measure something and print their tables. No time is asserted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "benchmarks"
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def run(script: str, *arguments: str) -> str:
    command = [sys.executable, str(SCRIPTS / script), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout


@pytest.mark.slow
def test_step_measures_netlet_alone(tmp_path):
    file = tmp_path / "figures.json"
    text = run("step.py", "--quick", "--peers", "none", "--only", "8-16-16-1/16", "--threads", "1", "--json", str(file))
    figures = json.loads(file.read_text())["shapes"]["8-16-16-1/16"]
    assert figures["netlet"]["1"]["us"] > 0
    assert "| 8-16-16-1/16" in text


@pytest.mark.slow
def test_sgemm_prints_a_share():
    assert "%" in run("sgemm.py", "--quick", "--only", "8-16-16-1/16", "--threads", "1")


@pytest.mark.slow
def test_predict_measures_netlet_alone(tmp_path):
    file = tmp_path / "figures.json"
    text = run("predict.py", "--quick", "--peers", "none", "--json", str(file))
    figures = json.loads(file.read_text())["peers"]
    assert set(figures) == {
        "netlet, compiled predictor", "netlet, Network.predict", "netlet, MLPClassifier.predict_proba",
    }  # fmt: skip
    assert all(each["us"] > 0 for each in figures.values())
    assert "| netlet, compiled predictor" in text


@pytest.mark.slow
def test_estimators_compares_a_whole_fit(tmp_path):
    file, task = tmp_path / "figures.json", "digits, (32,), batch 32, float32"
    text = run("estimators.py", "--quick", "--only", task, "--threads", "1", "--rounds", "1", "--json", str(file))
    figures = json.loads(file.read_text())["tasks"][task]
    assert figures["absent"] == {}
    assert figures["ratio"] == pytest.approx(
        figures["seconds"]["scikit-learn"]["1"] / figures["seconds"]["netlet"]["1"]
    )
    assert f"| {task}" in text


@pytest.mark.slow
def test_scores_judges_by_the_pairs(tmp_path):
    file = tmp_path / "figures.json"
    text = run("scores.py", "--quick", "--only", "iris", "--json", str(file))
    for row in json.loads(file.read_text())["rows"]:
        assert len(row["netlet"]) == len(row["scikit-learn"]) == 2
        assert all(score > 0.8 for score in [*row["netlet"], *row["scikit-learn"]])
    assert "| iris" in text


@pytest.mark.slow
def test_shakespeare_trains_and_generates(tmp_path):
    if not (Path(os.environ.get("NETLET_SHARED_DATA") or SHARED) / "text" / "tinyshakespeare.txt").exists():
        pytest.skip("the text is not there; NETLET_SHARED_DATA names the folder that holds text/")
    file = tmp_path / "figures.json"
    text = run("shakespeare.py", "--quick", "--steps", "5", "--threads", "1", "--forms", "eager", "--json", str(file))
    (figures,) = json.loads(file.read_text())["rounds"]
    assert figures["netlet"]["loss"] == pytest.approx(figures["PyTorch"]["loss"], rel=1e-3)
    assert figures["netlet"]["characters"] > 0
    assert "| times as fast as PyTorch" in text


def test_a_lower_score_is_a_missed_bar_only_beyond_the_noise():
    program = (
        "from scores import judged; print([judged(ours, (0.9, 0.8, 0.7)).split()[-1] for ours in "
        "((0.9, 0.8, 0.7), (0.8, 0.71, 0.6), (0.7, 0.9, 0.7), (0.95, 0.86, 0.75))])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=SCRIPTS, check=True, capture_output=True, text=True)
    # Standard errors by hand: 0; 0.0033 of -0.0967; 0.0882 of -0.0333; 0.0033 of 0.0533.
    assert done.stdout.strip() == "['noise)', '(MISS)', 'noise)', '(better)']"


@pytest.mark.parametrize(
    "script",
    ["step.py", "sgemm.py", "start.py", "predict.py", "estimators.py", "scores.py", "results.py", "shakespeare.py"],
)
def test_scripts_explain_themselves(script):
    assert "--quick" in run(script, "--help")


def test_flop_of_a_step_by_hand():
    program = "from shapes import Shape; print(Shape((3, 4, 2), 5, 1).flop)"
    done = subprocess.run([sys.executable, "-c", program], cwd=SCRIPTS, check=True, capture_output=True, text=True)
    # Forward and weights: 2 * 5 * (3 * 4 + 4 * 2) each; input of the second layer: 2 * 5 * 4 * 2.
    assert int(done.stdout) == 2 * (2 * 5 * 20) + 2 * 5 * 8


@pytest.mark.slow
def test_health_measures_with_and_without(tmp_path):
    file = tmp_path / "figures.json"
    text = run("health.py", "--quick", "--json", str(file))
    (figures,) = json.loads(file.read_text())["trainings"].values()
    assert len(figures["ratios"]) == 3
    assert "times as long" in text
