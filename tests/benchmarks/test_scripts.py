"""The benchmark scripts start, measure something and print their tables. No time is asserted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "benchmarks"


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
    assert set(figures) == {"netlet, compiled predictor", "netlet, Network.predict"}
    assert all(each["us"] > 0 for each in figures.values())
    assert "| netlet, compiled predictor" in text


@pytest.mark.parametrize("script", ["step.py", "sgemm.py", "start.py", "predict.py", "results.py"])
def test_scripts_explain_themselves(script):
    assert "--quick" in run(script, "--help")


def test_flop_of_a_step_by_hand():
    program = "from shapes import Shape; print(Shape((3, 4, 2), 5, 1).flop)"
    done = subprocess.run([sys.executable, "-c", program], cwd=SCRIPTS, check=True, capture_output=True, text=True)
    # Forward and weights: 2 * 5 * (3 * 4 + 4 * 2) each; input of the second layer: 2 * 5 * 4 * 2.
    assert int(done.stdout) == 2 * (2 * 5 * 20) + 2 * 5 * 8
