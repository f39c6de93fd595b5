"""netlet's estimators of tables beside boosted trees and the best published networks, on the same splits.

Tables: the ten of the shared folder's tables/ and four that come with scikit-learn. Each seed sets a fifth of the rows
aside, each class alike; every model gets the same raw columns (`table_models.py`), its defaults and two threads, in a
process of its own, where a first small fit compiles and loads what is done once. Columns that tables.json calls no
feature are dropped; numbers told as text become numbers, a date days, month and weekday. Times are of the fit alone, on
a machine that does nothing else: of runs beside other work (`--busy`) only the scores and the processor time count. One
row is predicted in a loop, the median is given.

The score of a table is its log loss or RMSE. "Normalised" puts it on a scale on which 0 is the best and 1 the worst of
all models of that table and seed. Ranks are means over tables of the rank of the mean score.

Run `python benchmarks/tables.py`. Every fit is written to tables.jsonl at once; what stands there is not measured
again, so a run that was killed goes on. `--tables`, `--models` and `--seeds` choose, `--show` measures nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import warnings
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

import tables_shown
from machine import machine_line
from measuring import say
from table_models import FOR_LOG_LOSS, MODELS
from tables_shown import PUBLISHED, SLOW

HERE = Path(__file__).resolve().parent
SHARED = Path(os.environ.get("NETLET_SHARED_DATA") or HERE.parents[1] / "shared" / "data") / "tables"
KEPT = HERE / "tables.jsonl"
NO_FEATURES = {"adult": ["split"], "telco_churn": ["customerID"]}  # as tables.json says in words
SKLEARN = ("breast_cancer", "wine", "digits", "diabetes")
TEST_SHARE = 0.2
SEEDS = (0, 1, 2, 3, 4)
LIMIT = 3600.0  # seconds of one fit
SINGLE_ROWS = 200
LEAST = float(np.finfo(np.float32).eps)


def _told() -> dict[str, Any]:
    return json.loads((SHARED / "tables.json").read_text(encoding="utf-8"))


def names_of_tables() -> list[str]:
    """All tables, from few cells to many."""
    told = _told()
    return [*SKLEARN, *sorted(told, key=lambda name: told[name]["rows"])]


def table_of(name: str) -> tuple[Any, np.ndarray, str]:
    """Return a pandas frame of raw columns, the target (class numbers or numbers), and the task."""
    import pandas as pd

    if name in SKLEARN:
        from sklearn import datasets

        X, y = getattr(datasets, f"load_{name}")(return_X_y=True, as_frame=True)
        return X.astype(float), y.to_numpy(), "regression" if name == "diabetes" else "classification"
    import polars as pl

    name = "adult" if name == PUBLISHED else name
    told = _told()[name]
    frame = pl.read_parquet(SHARED / f"{name}.parquet").filter(pl.col(told["target"]).is_not_null())
    target = frame[told["target"]]
    columns: dict[str, Any] = {}
    for cells in frame.drop(told["target"], *NO_FEATURES.get(name, [])).iter_columns():
        series = numbers_of(cells)
        if series.dtype in (pl.Date, pl.Datetime):
            date = series.cast(pl.Date)
            columns |= {
                f"{series.name} {part}": values.cast(pl.Float64).to_numpy()
                for part, values in (
                    ("days", date.cast(pl.Int32)), ("month", date.dt.month()), ("weekday", date.dt.weekday()),
                )
            }  # fmt: skip
        elif series.dtype.is_numeric():
            columns[series.name] = series.cast(pl.Float64).to_numpy()
        else:
            columns[series.name] = pd.Categorical(series.cast(pl.String).to_list())
    if told["task"] == "regression":
        return pd.DataFrame(columns), target.cast(pl.Float64).to_numpy(), "regression"
    return pd.DataFrame(columns), np.unique(target.to_numpy(), return_inverse=True)[1], "classification"


def numbers_of(series: Any) -> Any:
    """Return a column of text as numbers, where every cell that is not blank is one, as a reader of CSV would."""
    import polars as pl

    if series.dtype != pl.String:
        return series
    text = series.str.strip_chars().replace("", None)
    numbers = text.cast(pl.Float64, strict=False)
    return numbers if numbers.null_count() == text.null_count() else series


def published_split() -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of adult to learn from and the test rows, as its column "split" says."""
    import polars as pl

    is_test = (pl.read_parquet(SHARED / "adult.parquet")["split"] == "test").to_numpy()
    return np.flatnonzero(~is_test), np.flatnonzero(is_test)


def split_of(y: np.ndarray, task: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Choose the rows to learn from and the test rows."""
    from sklearn.model_selection import train_test_split

    rows = np.arange(len(y))
    return train_test_split(
        rows, test_size=TEST_SHARE, random_state=seed, stratify=y if task == "classification" else None
    )


def scores(task: str, y: np.ndarray, outputs: np.ndarray) -> dict[str, float]:
    """Measure predictions of the test rows."""
    if task == "regression":
        error = outputs - y
        return {"rmse": float(np.sqrt(np.mean(error**2))), "r2": 1 - float(np.mean(error**2) / y.var())}
    from sklearn.metrics import roc_auc_score

    kinds = outputs.shape[1]
    return {
        "accuracy": float((outputs.argmax(axis=1) == y).mean()),
        "log_loss": float(-np.log(np.clip(outputs[np.arange(len(y)), y], LEAST, 1)).mean()),
        "auc": float(roc_auc_score(y, outputs[:, 1] if kinds == 2 else outputs, multi_class="ovo")),
    }


def measure(name: str, model: str, seed: int) -> dict[str, Any]:
    """Fit one model to one table; scores, seconds of the fit, and microseconds of one row's prediction."""
    warnings.filterwarnings("ignore")
    X, y, task = table_of(name)
    kept, test = published_split() if name == PUBLISHED else split_of(y, task, seed)
    small = kept[: min(len(kept), 400)]
    if model.startswith("netlet"):  # compiles what no cache holds yet
        MODELS[model](task, 0).set_params(epochs=1).fit(X.iloc[small], y[small])
    elif model in SLOW:
        import torch

        torch.zeros(2, 2) @ torch.zeros(2, 2)
    fitted = MODELS[model](task, seed)
    begin, used = time.perf_counter(), time.process_time()
    fitted.fit(X.iloc[kept], y[kept])
    seconds, used = time.perf_counter() - begin, time.process_time() - used
    predict = fitted.predict if task == "regression" else fitted.predict_proba
    outputs = np.asarray(predict(X.iloc[test]), dtype=np.float64)
    single = []
    for row in test[:SINGLE_ROWS]:
        one = X.iloc[[row]]
        begin = time.perf_counter()
        predict(one)
        single.append(time.perf_counter() - begin)
        if sum(single) > 5:
            break
    return {
        "table": name, "model": model, "seed": seed, "task": task, "rows": len(y), "seconds": seconds,
        "cpu_seconds": used, "load": os.getloadavg()[0], "row_microseconds": 1e6 * median(single),
        "scores": scores(task, y[test], outputs),
    }  # fmt: skip


def run(tables: list[str], models: list[str], seeds: list[int], file: Path, busy: bool) -> None:
    """Measure what the file does not hold yet, seed after seed, the models in turns."""
    done = {(each["table"], each["model"], each["seed"]) for each in read(file)}
    regressions = {"diabetes"} | {name for name, told in _told().items() if told["task"] == "regression"}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "2")
    for seed in seeds:
        for name in tables:
            for model in models:
                if (name, model, seed) in done or (model == FOR_LOG_LOSS and name in regressions):
                    continue
                command = [sys.executable, __file__, "--one", name, model, str(seed)]
                try:
                    ended = subprocess.run(
                        command, capture_output=True, text=True, timeout=LIMIT, env=os.environ | threads
                    )
                    found = json.loads(ended.stdout.splitlines()[-1])
                except (subprocess.TimeoutExpired, ValueError, IndexError):
                    said = ended.stderr.strip().splitlines()[-1:] if "ended" in locals() else ["took too long"]
                    say(f"{name}, {model}, seed {seed}: failed: {said}")
                    continue
                with file.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(found | {"busy": busy}) + "\n")
                shown = {key: round(value, 4) for key, value in found["scores"].items()}
                say(f"{name}, {model}, seed {seed}: {found['seconds']:.1f} s, {shown}")


def read(file: Path) -> list[dict[str, Any]]:
    """Read what was measured."""
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def markdown(found: list[dict[str, Any]]) -> str:
    """Lay out what was measured."""
    return tables_shown.markdown(found, list(MODELS), names_of_tables())


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", metavar="A,B", help="only these tables")
    parser.add_argument("--models", metavar="A,B", help="only these models")
    parser.add_argument("--seeds", default=",".join(map(str, SEEDS)), metavar="0,1")
    parser.add_argument("--file", type=Path, default=KEPT, help="where every fit is written (tables.jsonl)")
    parser.add_argument("--busy", action="store_true", help="other work runs beside: times are no figures")
    parser.add_argument("--show", action="store_true", help="only lay out what was measured")
    parser.add_argument("--one", nargs=3, metavar=("TABLE", "MODEL", "SEED"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        name, model, seed = options.one
        print(json.dumps(measure(name, model, int(seed))))
        return
    tables = options.tables.split(",") if options.tables else names_of_tables()
    models = options.models.split(",") if options.models else list(MODELS)
    if not options.show:
        run(tables, models, [int(seed) for seed in options.seeds.split(",")], options.file, options.busy)
    print(f"{machine_line()}\n\n{markdown(read(options.file))}")


if __name__ == "__main__":
    main()
