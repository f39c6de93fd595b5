"""`netlet train` on ten real tables, beside LightGBM's defaults and a linear model, on the same test rows.

netlet is run as a person runs it: `netlet train FILE --target COLUMN --task TASK` in a process of its own, which takes
the preset `default`, and `netlet predict` with the model it wrote. Nothing is prepared by hand; one column, which
tables.json calls no feature (the published split of adult), is dropped. The test rows are those that the command sets
aside for the seed (a fifth, each class alike), found with `netlet.data` here; the scores are computed here from the
written predictions, for all models by the same functions, and have to agree with those that the command kept in the
model file, or the table is not counted.

LightGBM (LGBMClassifier, LGBMRegressor, default parameters) and the linear model (logistic or ridge regression on
standardised numbers, medians for missing ones, and one column for each category) learn from all other rows. They get
the columns that netlet chose, dates split into the same numbers; to LightGBM categories are pandas' `category` dtype
and missing values stay missing. Nobody's settings are tuned by hand; the table gives the times of all. The search of
plain networks is measured by `--preset search --time 60`.

A difference counts as a win or a loss where it is more than twice its standard error over the test rows (of correct or
not, of the log loss, of the squared error); otherwise it is called level. ROC AUC is given without a verdict.

Run `python benchmarks/train_command.py` (some minutes a seed), `--preset fast --tables phoneme` for a look.
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
from measuring import add_common_options, figure, finish, markdown_table, say
from worker import reason

SHARED = Path(os.environ.get("NETLET_SHARED_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
FOLDER = SHARED / "tables"
NO_FEATURES = {"adult": ["split"]}  # said in words in tables.json; netlet finds the other one itself
TEST_SHARE = 0.2  # the default of `netlet train`
PRESET, QUICK_PRESET = "default", "fast"
MODELS = ("linear", "LightGBM", "netlet")
COLUMNS = {"accuracy": "accuracy", "log_loss": "log loss", "auc": "ROC AUC", "r2": "R2", "rmse": "RMSE"}
LESS_IS_BETTER = ("log_loss", "rmse")
JUDGED = {"classification": ("accuracy", "log_loss"), "regression": ("r2",)}
COUNTED = {"win": "won", "level": "level", "loss": "lost"}
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
        (
            make_pipeline(SimpleImputer(strategy="median"), StandardScaler()),
            make_column_selector(dtype_include="number"),
        ),
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_include="category")),
    )
    last = LogisticRegression(max_iter=1000, random_state=seed) if classifies else Ridge()
    model = make_pipeline(prepared, last).fit(rows.X.iloc[rows.kept], rows.y[rows.kept])
    test = rows.X.iloc[rows.test]
    return np.asarray(model.predict_proba(test) if classifies else model.predict(test), dtype=np.float64)


def by_netlet(
    file: Path, target: str, task: str, drop: list[str], seed: int, preset: str, seconds: float | None, rows: Rows
) -> tuple[NDArray[np.float64], dict[str, Any]]:
    """Run `netlet train` and `netlet predict`; return what `by_lightgbm` does, and the notes of the model file."""
    import polars as pl

    from netlet.population.loading import load_networks

    with tempfile.TemporaryDirectory() as folder:
        model, written = Path(folder) / f"{file.stem}.netlet", Path(folder) / "predictions.parquet"
        options = ["--target", target, "--task", task, "--preset", preset, "--seed", str(seed)]
        options += ["--time", f"{seconds:g}"] if seconds is not None else []
        options += [f"--drop={','.join(drop)}"] if drop else []
        call("train", str(file), *options, "--output", str(model), "--quiet", folder=folder)
        call("predict", str(model), str(file), "--output", str(written), folder=folder)
        notes = dict(load_networks(model).notes)  # of a network or of an ensemble
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
    kept: dict[str, float] = notes.get("test", {})
    if not set(found) & set(kept):
        raise RuntimeError(f"the model file keeps {sorted(kept) or 'no scores'} of the test, none of {sorted(found)}")
    for name in set(found) & set(kept):
        if not np.isclose(found[name], kept[name], rtol=1e-3, atol=1e-4):
            raise RuntimeError(f"{name} is {found[name]:.6g} here and {kept[name]:.6g} in the model file: other rows?")


def measure_one(table: str, told: dict[str, Any], seed: int, preset: str, seconds: float | None) -> dict[str, Any]:
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
            outputs[name], notes = by_netlet(file, target, task, drop, seed, preset, seconds, rows)
        else:
            outputs[name] = (by_linear if name == "linear" else by_lightgbm)(rows, task, seed)
        result["seconds"][name] = time.perf_counter() - begin
        result["scores"][name] = scores(task, outputs[name], y)
    check_rows(result["scores"]["netlet"], notes)
    return result | {"gains": gains(task, outputs["netlet"], outputs["LightGBM"], y)}


def measure(tables: list[str], seeds: list[int], preset: str = PRESET, seconds: float | None = None) -> dict[str, Any]:
    """Measure table after table; return all figures."""
    told = json.loads((FOLDER / "tables.json").read_text(encoding="utf-8"))
    found: dict[str, list[dict[str, Any]]] = {}
    absent: dict[str, str] = {}
    for table in tables:
        for seed in seeds:
            say(f"{table}, seed {seed} ...")
            try:
                found.setdefault(table, []).append(measure_one(table, told[table], seed, preset, seconds))
            except Exception as error:  # a table that does not run is shown as such, and the others are measured
                absent[table] = reason(error)
                found.pop(table, None)
                say(absent[table])
                break
    return {
        "machine": machine_line(),
        "preset": preset,
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


def score_table(score: str, chosen: dict[str, list[dict[str, Any]]]) -> str:
    """Lay out one score of some tables: the best model is bold."""
    rows, judged = [], score in JUDGED[next(iter(chosen.values()))[0]["task"]]
    for table, runs in chosen.items():
        by_model = {name: [run["scores"][name][score] for run in runs] for name in MODELS}
        pick = min if score in LESS_IS_BETTER else max
        best = pick(by_model, key=lambda name: mean(by_model[name]))
        cells = [f"**{written(by_model[name])}**" if name == best else written(by_model[name]) for name in MODELS]
        verdicts = [verdict_of([run["gains"][score] for run in runs])] if judged else []
        rows.append([table, f"{runs[0]['rows']:,}", *cells, *verdicts])
    header = [f"{COLUMNS[score]} of", "rows", *MODELS, *(["netlet against LightGBM"] if judged else [])]
    return markdown_table(header, rows)


def markdown(result: dict[str, Any]) -> str:
    """Lay out a table for each score, the count of wins and losses, the seconds, and notes."""
    seeds, tables = result["seeds"], result["tables"]
    spread = "" if len(seeds) == 1 else ": mean and, in parentheses, standard deviation"
    preset, limit = result.get("preset"), result["time"]
    options = (f" --preset {preset}" if preset else "") + (f" --time {limit:g}" if limit else "")
    parts = [
        f"Test scores of `netlet train{options}`, of LightGBM's defaults and of a linear model on the "
        f"same rows, {'seed' if len(seeds) == 1 else 'seeds'} {', '.join(map(str, seeds))}{spread}. Level: within two "
        "standard errors over the test rows."
    ]
    counts = []
    for score in COLUMNS:
        chosen = {
            name: runs
            for name, runs in tables.items()
            if all(score in run["scores"][model] for run in runs for model in MODELS)
        }
        if not chosen:
            continue
        parts.append(score_table(score, chosen))
        if score in JUDGED[next(iter(chosen.values()))[0]["task"]]:
            said = [verdict_of([run["gains"][score] for run in runs]) for runs in chosen.values()]
            counts.append(
                f"- netlet against LightGBM's defaults by {COLUMNS[score]}, {len(said)} tables: "
                + ", ".join(f"{said.count(word)} {plural}" for word, plural in COUNTED.items())
                + "."
            )
    took = [
        f"{name} {' / '.join(figure(mean(run['seconds'][model] for run in runs)) for model in MODELS)}"
        for name, runs in tables.items()
    ]
    notes = [*counts, f"- Seconds of {', '.join(MODELS)} (the whole commands, prediction included): {'; '.join(took)}."]
    notes += [f"- {name}: n/a ({why})" for name, why in result["absent"].items()]
    return "\n\n".join([*parts, "\n".join([*notes, f"- Measured on: {result['machine']}."])])


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", metavar="A,B", help="only these tables")
    parser.add_argument("--seeds", default="0", metavar="0,1", help="seeds of split and training (0)")
    parser.add_argument("--preset", metavar="NAME", help="of `netlet train` (default, with --quick fast)")
    parser.add_argument("--time", type=float, metavar="SECONDS", help="for each training, at most")
    add_common_options(parser)
    options = parser.parse_args()
    try:
        seeds = [int(seed) for seed in options.seeds.split(",")]
        tables = chosen_tables(options.tables, options.quick)
    except (ValueError, FileNotFoundError) as error:
        parser.error(str(error))
    result = measure(tables, seeds, options.preset or (QUICK_PRESET if options.quick else PRESET), options.time)
    finish(result, f"{result['machine']}\n\n{markdown(result)}", options.json)


def chosen_tables(asked: str | None, quick: bool) -> list[str]:
    """Give the tables asked for, names with commas between them; else all, and with `quick` two small ones.

    Raises
    ------
    FileNotFoundError
        If the folder of the tables is not there.
    ValueError
        If one is not among them.
    """
    if not FOLDER.is_dir():
        raise FileNotFoundError(f"{FOLDER} is not there; NETLET_SHARED_DATA names the folder that holds tables/")
    known = list(json.loads((FOLDER / "tables.json").read_text(encoding="utf-8")))
    if asked is None:
        return ["phoneme", "wine_white"] if quick else known
    names = [name.strip() for name in asked.split(",")]
    if unknown := [name for name in names if name not in known]:
        raise ValueError(f"--tables: {unknown[0]!r} is none of {', '.join(known)}")
    return names


if __name__ == "__main__":
    main()
