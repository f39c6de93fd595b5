"""What each piece of the tables' recipe is worth: `fast` without it, beside `fast` with all of them.

Eight tables of 178 to 5,404 rows, two seeds, the splits of `tables.py`. A table's change is the log of the ratio of the
log loss or RMSE on test rows to that of the whole recipe, in percent: above 0 the piece is worth having. A table counts
as better or worse without the piece where the score differs by more than 1 percent. `spread` is the standard error of
the mean over the tables. Time is the ratio of the processor seconds of all fits, with one thread.

Few rows are tested, so that a single table's change says little, least of all where nearly all rows are told right: of
wine 36 rows are tested, of breast_cancer 114. The rows are sorted by the median. The settings of the whole recipe were
chosen with an eye on these tables and seeds, which speaks for it; seeds 2 to 4 of `tables.py` had no part in it.

Run `python benchmarks/table_ablation.py`; it writes docs/tables-ablation.md with `--write`. Every fit is written to
table_ablation.jsonl at once; what stands there is not measured again.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import mean, median, stdev
from typing import Any
from unittest.mock import patch

import numpy as np

from machine import machine_line
from measuring import markdown_table, say
from tables import read, scores, split_of, table_of

HERE = Path(__file__).resolve().parent
KEPT = HERE / "table_ablation.jsonl"
PAGE = HERE.parent / "docs" / "tables-ablation.md"
TABLES = ("breast_cancer", "wine", "digits", "diabetes", "german_credit", "abalone", "wine_white", "phoneme")
SEEDS = (0, 1)
WHOLE = "whole recipe"
NOTABLE = 0.01

PIECES: dict[str, dict[str, Any]] = {
    WHOLE: {},
    "no periodic embedding": {"recipe": {"numeric": None}},
    "piecewise-linear, not periodic": {"recipe": {"numeric": "piecewise_linear"}},
    "quantiles, not robust scaling": {"encoding": "quantile"},
    "no scaling": {"recipe": {"scaling": False}},
    "SELU and mish without slopes": {"recipe": {"activation": "plain"}},
    "ReLU": {"recipe": {"activation": "relu"}},
    "usual form, not NTK": {"recipe": {"ntk": False}},
    "usual form, rate 0.004": {"recipe": {"ntk": False}, "learning_rate": 0.004},
    "weights as drawn, not by the data": {"recipe": {"from_data": False}},
    "one rate for all parameters": {"recipe": {"factors": False}},
    "dropout and decay without a course": {"recipe": {"course": None}},
    "no dropout": {"recipe": {"dropout": 0.0}},
    "no weight decay": {"recipe": {"weight_decay": 0.0}},
    "cosine for the rate, not cos_log": {"recipe": {"schedule": "cosine"}},
    "constant rate": {"recipe": {"schedule": None}},
    "standardised, not clipped": {"standardised": True},
    "the epoch by the plain loss": {"plain_loss": True},
    "no temperature": {"no_temperature": True},
    "three layers": {"recipe": {"hidden": (128, 128, 128)}},
    "256 units": {"recipe": {"hidden": (256, 256)}},
    "shared ensemble of 8": {"recipe": {"members": 8}},
    "the published rate, 0.2, for numbers": {"published_rate": True},
    "published: 3 x 256, 256 epochs of batches of 256": {
        "recipe": {"hidden": (256, 256, 256), "frequency_scale": 0.1, "dropout": 0.15},
        "epochs": 256, "batch_size": 256, "published_rate": True,
    },
}  # fmt: skip


def fitted(task: str, change: dict[str, Any], seed: int) -> Any:
    """Return an estimator, and what stands in for pieces that have no switch."""
    from netlet.tables.classifier import TableClassifier
    from netlet.tables.regressor import TableRegressor

    recipe = dict(change.get("recipe", {}))
    if recipe.get("activation") == "plain":
        recipe["activation"] = "selu" if task == "classification" else "mish"
    options = {name: change[name] for name in ("epochs", "batch_size", "learning_rate", "encoding") if name in change}
    if change.get("published_rate") and task == "regression":
        options["learning_rate"] = 0.2
    estimator = TableClassifier if task == "classification" else TableRegressor
    return estimator("fast", recipe=recipe, random_state=seed, n_threads=1, **options)


def standardised(values: np.ndarray) -> np.ndarray:
    """Leave numbers as they are; takes the place of the smooth clip."""
    return np.clip(values, -1e6, 1e6)


def deviation(present: np.ndarray) -> tuple[float, float]:
    """Return the mean and one over the standard deviation."""
    spread = float(present.std())
    return float(present.mean()), 1 / spread if spread else 0.0


def plain_loss(y: np.ndarray, weights: np.ndarray | None) -> Callable[[np.ndarray], float]:
    """Return the log loss of probabilities as they are."""
    least = np.finfo(np.float32).tiny
    return lambda p: float(-np.average(np.log(np.maximum(p[np.arange(len(y)), y], least)), weights=weights))


def measure(name: str, piece: str, seed: int) -> dict[str, Any]:
    """Fit once."""
    from netlet.tables import classifier, fitting, preparation

    X, y, task = table_of(name)
    kept, test = split_of(y, task, seed)
    change = PIECES[piece]
    model = fitted(task, change, seed)
    stands_in = []
    if change.get("standardised"):
        stands_in = [patch.object(preparation, "clipped", standardised), patch.object(fitting, "_number", _number)]
    if change.get("plain_loss"):
        stands_in = [patch.object(classifier.TableClassifier, "_cost_of", lambda _, *of: plain_loss(*of))]
    for each in stands_in:
        each.start()
    try:
        begin = time.process_time()
        model.fit(X.iloc[kept], y[kept])
        seconds = time.process_time() - begin
        if change.get("no_temperature") and task == "classification":
            model.model_.temperature = 1.0
        outputs = (model.predict if task == "regression" else model.predict_proba)(X.iloc[test])
    finally:
        for each in stands_in:
            each.stop()
    found = scores(task, y[test], np.asarray(outputs, dtype=np.float64))
    score = found["rmse" if task == "regression" else "log_loss"]
    return {"table": name, "model": piece, "seed": seed, "score": score, "cpu_seconds": seconds}


def _number(series: Any, column: Any, part: Any, *_: Any) -> Any:
    """Scale a column by its mean and standard deviation; takes the place of the preparation's own."""
    from netlet.data.kinds import column_numbers
    from netlet.tables.inputs import Number

    values = column_numbers(series, column.kind, part)
    present = values[~np.isnan(values)]
    centre, factor = deviation(present)
    return Number(column.name, column.kind, part, centre, factor, len(present) < len(values))


def rows_of(found: list[dict[str, Any]]) -> list[list[str]]:
    """Lay out each piece, the worst to lose first."""
    by: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for each in found:
        by.setdefault((each["model"], each["table"]), []).append(each)
    rows = []
    for piece in PIECES:
        if piece == WHOLE or any((piece, name) not in by for name in TABLES):
            continue
        changes, seconds, whole_seconds = [], 0.0, 0.0
        for name in TABLES:
            own, whole = by[piece, name], by[WHOLE, name]
            changes.append(float(np.log(mean(e["score"] for e in own) / mean(e["score"] for e in whole))))
            seconds += sum(e["cpu_seconds"] for e in own)
            whole_seconds += sum(e["cpu_seconds"] for e in whole)
        better, worse = sum(c < -NOTABLE for c in changes), sum(c > NOTABLE for c in changes)
        spread = stdev(changes) / len(changes) ** 0.5
        cells = [f"{100 * c:+.1f}" for c in changes]
        figures = (
            f"{100 * median(changes):+.1f}",
            f"{100 * mean(changes):+.1f}",
            f"{100 * spread:.1f}",
            f"{seconds / whole_seconds:.2f}",
        )
        rows.append([piece, *figures, str(better), str(worse), *cells])
    return sorted(rows, key=lambda row: -float(row[1]))


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", type=Path, default=KEPT)
    parser.add_argument("--write", action="store_true", help="write docs/tables-ablation.md")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    found = read(options.file)
    done = {(each["table"], each["model"], each["seed"]) for each in found}
    for piece in PIECES:
        for name in TABLES:
            for seed in SEEDS:
                if (name, piece, seed) in done:
                    continue
                found.append(measure(name, piece, seed))
                with options.file.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(found[-1]) + "\n")
        say(piece)
    head = ["without, or instead", "median, %", "mean, %", "spread", "time", "better", "worse", *TABLES]
    text = markdown_table(head, rows_of(found))
    print(text)
    if options.write:
        how = "\n\n".join((__doc__ or "").split("\n\n")[1:3])
        page = f"# What each piece of the tables' recipe is worth\n\n{how}\n\n{text}\n\n{machine_line()}\n"
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
