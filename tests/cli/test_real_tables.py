"""Real tables through the command, with bars that the measured scores clear; skipped where they are not at hand."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from netlet.population.loading import load_networks

SHARED = Path(os.environ.get("NETLET_SHARED_DATA") or Path(__file__).parents[2].parent / "shared" / "data")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "words", "measure", "bar"),
    [
        ("telco_churn", ["-t", "Churn"], "accuracy", 0.78),
        ("german_credit", ["-t", "good"], "accuracy", 0.72),
        ("phoneme", ["-t", "class"], "accuracy", 0.83),
        ("abalone", ["-t", "rings"], "r2", 0.52),
        ("wine_white", ["-t", "quality", "--task", "regression"], "r2", 0.33),
        ("bike_hour", ["-t", "cnt", "--epochs", "20"], "r2", 0.6),
        ("adult", ["-t", "income", "--drop", "split", "--epochs", "3"], "accuracy", 0.84),
    ],
)
def test_scores(
    fast: Callable[..., Any], tmp_path: Path, name: str, words: list[str], measure: str, bar: float
) -> None:
    path = SHARED / "tables" / f"{name}.parquet"
    if not path.exists():
        pytest.skip(f"{path} is not there; NETLET_SHARED_DATA names the folder that holds tables/")
    outcome = fast("train", path, *words, "-q")
    assert outcome.code == 0, outcome.err
    assert load_networks(tmp_path / f"{name}.netlet").notes["test"][measure] >= bar
    compared = fast("predict", f"{name}.netlet", path, "-o", "p.parquet")
    assert "Compared with the column" in compared.err
