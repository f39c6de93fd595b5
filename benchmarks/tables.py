"""`netlet train` on ten real tables, beside LightGBM's defaults and a linear model, on the same test rows.

netlet is run as a person runs it: `netlet train FILE --target COLUMN --task TASK --time 60` in a process of its own, and
`netlet predict` with the model it wrote. Nothing is prepared by hand; columns that tables.json calls no features are
dropped. The test rows are those that the command sets aside for the seed (a fifth, each class alike), found with
`netlet.data` here; the scores are computed here from the written predictions, for all models by the same functions,
and have to agree with those that the command kept in the model file, or the table is not counted.

LightGBM (LGBMClassifier, LGBMRegressor, default parameters) and the linear model (logistic or ridge regression on
standardised numbers, medians for missing ones, and one column for each category) learn from all other rows. They get
the columns that netlet chose, dates split into the same numbers; to LightGBM categories are pandas' `category` dtype
and missing values stay missing. Nobody's settings are tuned by hand; netlet has a minute to search, and LightGBM's
defaults are through within seconds: the table gives both times.

A difference counts as a win or a loss where it is more than twice its standard error over the test rows (of correct or
not, of the log loss, of the squared error); otherwise it is called level. ROC AUC is given without a verdict.

Run `python benchmarks/tables.py` (ten minutes and some a seed), `--time 5 --tables phoneme` for a look.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np
from numpy.typing import NDArray

from machine import machine_line
from measuring import add_common_options, finish, markdown_table, say
from worker import reason

SHARED = Path(os.environ.get("NETLET_SHARED_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
FOLDER = SHARED / "tables"
NO_FEATURES = {"adult": ["split"]}  # said in words in tables.json; netlet finds the other one itself
TEST_SHARE = 0.2  # the default of `netlet train`
SECONDS = 60.0
MODELS = ("linear", "LightGBM", "netlet")
COLUMNS = {"accuracy": "accuracy", "log_loss": "log loss", "auc": "ROC AUC", "r2": "R2", "rmse": "RMSE"}
FOR_TASK = {"classification": ("accuracy", "log_loss", "auc"), "regression": ("r2", "rmse")}
LESS_IS_BETTER = ("log_loss", "rmse")
JUDGED = {"classification": ("accuracy", "log_loss"), "regression": ("r2",)}
LEAST_PROBABILITY = float(np.finfo(np.float32).eps)


@dataclass(frozen=True)
class Rows:
    """A table's known rows: columns as pandas has them, labels 0..k-1 or numbers (n,), and which rows are the test."""

    X: Any
    y: NDArray[Any]
    test: NDArray[np.int64]
    known: NDArray[np.bool_]  # of all rows of the file: whether the target is there
    classes: tuple[Any, ...]

    @property
    def kept(self) -> NDArray[np.int64]:
        """The rows to learn from."""
        return np.setdiff1d(np.arange(len(self.y)), self.test)


def rows_of(file: Path, target: str, task: str, drop: list[str], seed: int) -> Rows:
    """Read a table and set the same rows aside as `netlet train --seed SEED` does."""
    import pandas as pd
    import polars as pl

    from netlet.data import choose_columns, fit_target, read_table, split_rows
    from netlet.data.kinds import column_numbers, column_text, parts_of

    table = read_table(file).frame
    known = table[target].is_not_null().to_numpy()
    frame = table.filter(pl.col(target).is_not_null())
    chosen = fit_target(frame, target, task)
    labels = chosen.encode(frame).astype(np.int64) if task == "classification" else None
    _, test = split_rows(frame.height, TEST_SHARE, seed, labels)
    columns: dict[str, Any] = {}
    for column in choose_columns(table, target, tuple(drop))[0]:
        series = frame[column.name]
        if column.kind == "category":
            columns[column.name] = pd.Categorical(column_text(series).to_list())
            continue
        for part in parts_of(series, column.kind):
            name = column.name if part == "value" else f"{column.name} {part}"
            columns[name] = column_numbers(series, column.kind, part)
    y = labels if labels is not None else frame[target].cast(pl.Float64).to_numpy()
    return Rows(pd.DataFrame(columns), y, test, known, chosen.classes)


def by_lightgbm(rows: Rows, task: str, seed: int) -> NDArray[np.float64]:
    """Fit LightGBM with its defaults; return probabilities (n_test, k) or numbers (n_test,)."""
    import lightgbm

    classifies = task == "classification"
    estimator = lightgbm.LGBMClassifier if classifies else lightgbm.LGBMRegressor
    model = estimator(random_state=seed, verbosity=-1).fit(rows.X.iloc[rows.kept], rows.y[rows.kept])
    test = rows.X.iloc[rows.test]
    return np.asarray(model.predict_proba(test) if classifies else model.predict(test), dtype=np.float64)


def by_linear(rows: Rows, task: str, seed: int) -> NDArray[np.float64]:
    """Fit a linear model; return what `by_lightgbm` does."""
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    classifies = task == "classification"
    prepared = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), make_column_selector("", "number")),
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector("", "category")),
    )
    last = LogisticRegression(max_iter=1000, random_state=seed) if classifies else Ridge()
    model = make_pipeline(prepared, last).fit(rows.X.iloc[rows.kept], rows.y[rows.kept])
    test = rows.X.iloc[rows.test]
    return np.asarray(model.predict_proba(test) if classifies else model.predict(test), dtype=np.float64)


def by_netlet(
    file: Path, target: str, task: str, drop: list[str], seed: int, seconds: float, rows: Rows
) -> tuple[NDArray[np.float64], dict[str, Any]]:
    """Run `netlet train` and `netlet predict`; return what `by_lightgbm` does, and the notes of the model file."""
    import polars as pl

    from netlet import Network

    with tempfile.TemporaryDirectory() as folder:
        model, written = Path(folder) / f"{file.stem}.netlet", Path(folder) / "predictions.parquet"
        options = ["--target", target, "--task", task, "--time", f"{seconds:g}", "--seed", str(seed)]
        options += [f"--drop={','.join(drop)}"] if drop else []
        call("train", str(file), *options, "--output", str(model), "--quiet", folder=folder)
        call("predict", str(model), str(file), "--output", str(written), folder=folder)
        notes = dict(Network.load(model).notes)
        frame = pl.read_parquet(written).filter(pl.Series(rows.known))[rows.test]
    if task == "regression":
        return frame["prediction"].cast(pl.Float64).to_numpy(), notes
    names = [f"probability_{str(each).lower() if isinstance(each, bool) else each}" for each in rows.classes]
    return frame.select(names).to_numpy().astype(np.float64), notes


def call(*arguments: str, folder: str) -> None:
    """Run the command line in a folder of its own; raise RuntimeError with the last line it said if it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "netlet", *arguments], cwd=folder, capture_output=True, text=True, errors="replace"
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise RuntimeError(f"netlet {arguments[0]}: {said[-1]}")


def scores(task: str, outputs: NDArray[np.float64], y: NDArray[Any]) -> dict[str, float]:
    """Measure predictions of the test rows: accuracy, log loss and (two classes) ROC AUC, or R2 and RMSE."""
    if task == "regression":
        error = outputs - y
        return {
            "r2": 1.0 - float(np.square(error).sum() / np.square(y - y.mean()).sum()),
            "rmse": float(np.sqrt(np.square(error).mean())),
        }
    found = {
        "accuracy": float((outputs.argmax(axis=1) == y).mean()),
        "log_loss": float(-np.log(np.clip(outputs[np.arange(len(y)), y], LEAST_PROBABILITY, 1.0)).mean()),
    }
    if outputs.shape[1] == 2:
        from sklearn.metrics import roc_auc_score

        found["auc"] = float(roc_auc_score(y, outputs[:, 1]))
    return found


def gains(task: str, ours: NDArray[np.float64], theirs: NDArray[np.float64], y: NDArray[Any]) -> dict[str, list[float]]:
    """Compare row by row: by how much `ours` is better, and the standard error of that, for each judged score."""

    def credit(outputs: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        if task == "regression":
            return {"r2": -np.square(outputs - y) / y.var()}
        right = outputs[np.arange(len(y)), y]
        return {
            "accuracy": (outputs.argmax(axis=1) == y).astype(np.float64),
            "log_loss": np.log(np.clip(right, LEAST_PROBABILITY, 1.0)),
        }

    mine, others = credit(ours), credit(theirs)
    differences = {name: mine[name] - others[name] for name in mine}
    return {name: [float(d.mean()), float(d.std(ddof=1) / len(d) ** 0.5)] for name, d in differences.items()}


def check_rows(found: dict[str, float], notes: dict[str, Any]) -> None:
    """Raise RuntimeError where the command's own test scores are others: then its test rows were others, too."""
    kept: dict[str, float] = notes["test"]
    for name in set(found) & set(kept):
        if not np.isclose(found[name], kept[name], rtol=1e-3, atol=1e-4):
            raise RuntimeError(f"{name} is {found[name]:.6g} here and {kept[name]:.6g} in the model file: other rows?")


def measure_one(table: str, told: dict[str, Any], seed: int, seconds: float) -> dict[str, Any]:
    """Fit all models to one table with one seed; return scores, seconds and netlet's gains over LightGBM."""
    file, target, drop = FOLDER / f"{table}.parquet", told["target"], NO_FEATURES.get(table, [])
    task = "regression" if told["task"] == "regression" else "classification"
    rows = rows_of(file, target, task, drop, seed)
    y = rows.y[rows.test]
    result: dict[str, Any] = {"seed": seed, "task": task, "rows": len(rows.y), "scores": {}, "seconds": {}}
    outputs = {}
    for name in MODELS:
        begin = time.perf_counter()
        if name == "netlet":
            outputs[name], notes = by_netlet(file, target, task, drop, seed, seconds, rows)
        else:
            outputs[name] = (by_linear if name == "linear" else by_lightgbm)(rows, task, seed)
        result["seconds"][name] = time.perf_counter() - begin
        result["scores"][name] = scores(task, outputs[name], y)
    check_rows(result["scores"]["netlet"], notes)
    return result | {"gains": gains(task, outputs["netlet"], outputs["LightGBM"], y)}


def measure(tables: list[str], seeds: list[int], seconds: float) -> dict[str, Any]:
    """Measure table after table; return all figures."""
    told = json.loads((FOLDER / "tables.json").read_text(encoding="utf-8"))
    found: dict[str, list[dict[str, Any]]] = {}
    absent: dict[str, str] = {}
    for table in tables:
        for seed in seeds:
            say(f"{table}, seed {seed} ...")
            try:
                found.setdefault(table, []).append(measure_one(table, told[table], seed, seconds))
            except Exception as error:  # a table that does not run is shown as such, and the others are measured
                absent[table] = reason(error)
                found.pop(table, None)
                say(absent[table])
                break
    return {
        "machine": machine_line(),
        "time": seconds,
        "seeds": seeds,
        "tables": {name: each for name, each in found.items() if each},
        "absent": absent,
    }


def written(values: list[float]) -> str:
    """Mean, and standard deviation where there is more than one seed."""
    digits = 4 if abs(mean(values)) < 10 else 1
    text = f"{mean(values):.{digits}f}"
    return text if len(values) == 1 else f"{text} ({stdev(values):.{digits}f})"


def verdict_of(gained: list[list[float]]) -> str:
    """Win, loss or level, from the gain and its standard error of every seed.

    The seeds share rows, so their errors are averaged and not made smaller by their number.
    """
    centre, error = (mean(column) for column in zip(*gained, strict=True))
    return "level" if abs(centre) <= 2 * error else "win" if centre > 0 else "loss"


def row_of(table: str, runs: list[dict[str, Any]]) -> list[str]:
    """Give the cells of a table's row: the best of each score is bold."""
    task = runs[0]["task"]
    cells = [table, f"{runs[0]['rows']:,}"]
    for score in FOR_TASK[task]:
        by_model = {name: [run["scores"][name].get(score) for run in runs] for name in MODELS}
        if any(value is None for values in by_model.values() for value in values):
            cells += [""] * len(MODELS)
            continue
        chosen = min if score in LESS_IS_BETTER else max
        best = chosen(by_model, key=lambda name: mean(by_model[name]))
        cells += [f"**{written(by_model[name])}**" if name == best else written(by_model[name]) for name in MODELS]
    verdicts = [verdict_of([run["gains"][score] for run in runs]) for score in JUDGED[task]]
    seconds = [f"{mean(run['seconds'][name] for run in runs):.0f}" for name in ("LightGBM", "netlet")]
    return [*cells, *verdicts, *seconds]


def markdown(result: dict[str, Any]) -> str:
    """Lay out classification and regression, the count of wins and losses, and notes."""
    seeds = result["seeds"]
    spread = "" if len(seeds) == 1 else "; mean and, in parentheses, standard deviation over the seeds"
    parts = [
        f"Test scores of `netlet train --time {result['time']:g}`, of LightGBM's defaults and of a linear model on the "
        f"same rows; {'seed' if len(seeds) == 1 else 'seeds'} {', '.join(map(str, seeds))}{spread}. The verdicts are "
        "netlet's against LightGBM; level: within two standard errors over the test rows."
    ]
    for task, names in FOR_TASK.items():
        chosen = {name: runs for name, runs in result["tables"].items() if runs[0]["task"] == task}
        if not chosen:
            continue
        header = [f"{COLUMNS[score]}, {model}" for score in names for model in MODELS]
        judged = [f"by {COLUMNS[score]}" for score in JUDGED[task]]
        header = ["table", "rows", *header, *judged, "LightGBM, s", "netlet, s"]
        parts.append(markdown_table(header, [row_of(name, runs) for name, runs in chosen.items()]))
        for score, title in zip(JUDGED[task], judged, strict=True):
            said = [verdict_of([run["gains"][score] for run in runs]) for runs in chosen.values()]
            count = ", ".join(f"{said.count(word)} {plural}" for word, plural in COUNTED.items())
            parts.append(f"- netlet against LightGBM {title}: {count}.")
    parts += [f"- {name}: n/a ({why})" for name, why in result["absent"].items()]
    return "\n\n".join([*parts, f"Measured on: {result['machine']}."])


COUNTED = {"win": "won", "level": "level", "loss": "lost"}


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", metavar="A,B", help="only these tables")
    parser.add_argument("--seeds", default="0", metavar="0,1", help="seeds of split and training (0)")
    parser.add_argument("--time", type=float, metavar="SECONDS", help="for each training (60, with --quick 5)")
    add_common_options(parser)
    options = parser.parse_args()
    try:
        seeds = [int(seed) for seed in options.seeds.split(",")]
    except ValueError:
        parser.error(f"--seeds: {options.seeds!r} is not a list of whole numbers; write it like 0,1,2")
    if not FOLDER.is_dir():
        parser.error(f"{FOLDER} is not there; NETLET_SHARED_DATA names the folder that holds tables/")
    result = measure(chosen_tables(parser, options), seeds, options.time or (5.0 if options.quick else SECONDS))
    finish(result, f"{result['machine']}\n\n{markdown(result)}", options.json)


def chosen_tables(parser: argparse.ArgumentParser, options: argparse.Namespace) -> list[str]:
    """Give the tables asked for, with --quick the two smallest; end with a message where one is not there."""
    known = list(json.loads((FOLDER / "tables.json").read_text(encoding="utf-8")))
    if options.tables is None:
        return ["phoneme", "wine_white"] if options.quick else known
    asked = [name.strip() for name in options.tables.split(",")]
    if unknown := [name for name in asked if name not in known]:
        parser.error(f"--tables: {unknown[0]!r} is none of {', '.join(known)}")
    return asked


if __name__ == "__main__":
    main()
