"""`netlet predict` with a `TableClassifier` or `TableRegressor`, of `netlet train` or saved from Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np
import polars as pl

from netlet.cli.command_error import CommandError
from netlet.cli.options import PredictOptions
from netlet.cli.scores import MEASURES, score
from netlet.cli.screen import say
from netlet.data import TableError, Target, read_table
from netlet.data.cells import first_row, parse_numbers
from netlet.data.kinds import column_text
from netlet.report.words import counted
from netlet.tables.classifier import TableClassifier
from netlet.tables.frame import clean_columns
from netlet.tables.given import given_of
from netlet.tables.inputs import Category
from netlet.tables.regressor import TableRegressor

MOSTLY = 0.5
KINDS: dict[str, Any] = {"TableClassifier": TableClassifier, "TableRegressor": TableRegressor}


def predict_table(options: PredictOptions, kind: str) -> tuple[pl.DataFrame, pl.DataFrame, str]:
    """Predict each row of a table.

    Parameters
    ----------
    options : PredictOptions
    kind : str
        One of `KINDS`.

    Returns
    -------
    frame : polars.DataFrame
        The table as read.
    predictions : polars.DataFrame
        The column "prediction", and the probabilities of all classes, or the quantiles.
    remark : str
        How good they are, where the table holds the truth too; else empty.

    Raises
    ------
    CommandError, TableError, ModelFileError
        If the model or the table cannot be used.
    """
    model = KINDS[kind].load(options.model)
    model.set_params(n_threads=options.threads)
    if not hasattr(model, "feature_names_in_"):
        raise CommandError(
            f"{options.model} was fitted on an array, whose columns have no names; fit it on a frame, or predict in "
            "Python"
        )
    table = read_table(options.file, convert=False)
    for note in table.notes:
        say(note)
    name, is_classifier = model.target_name, isinstance(model, TableClassifier)
    predict = _classes if is_classifier else _numbers
    try:
        x = model.preparation_.transform(table.frame)
    except TableError as error:
        raise CommandError(f"{options.file.name}: {error}") from None
    for note in _unlearnt(table.frame, model.preparation_.categories):
        say(note)
    predictions, remark = predict(model, x), ""
    if name is not None and name in table.frame.columns:
        before = model.model_.notes.get("table")
        is_same = isinstance(before, dict) and before.get("name") == options.file.name
        which = ", perhaps those it was trained on" if is_same else ""
        classes = model.classes_.tolist() if is_classifier else []
        compared = _compared(table.frame[name], predictions, classes, which)
        remark = f"Compared with the column {name!r} of the table ({compared}" if compared else ""
    return table.frame, predictions, remark


def _classes(model: Any, x: np.ndarray) -> pl.DataFrame:
    probabilities = model._probabilities(x)
    classes = pl.Series("prediction", model.classes_.tolist()).gather(probabilities.argmax(axis=1))
    return pl.DataFrame(
        [classes]
        + [_single(f"probability_{_plain(each)}", probabilities[:, at]) for at, each in enumerate(model.classes_)]
    )


def _numbers(model: Any, x: np.ndarray) -> pl.DataFrame:
    columns = [_single("prediction", model._numbers(x))]
    if model.quantiles_:
        quantiles = model._quantiles(x)
        columns += [_single(f"quantile_{level:g}", quantiles[:, at]) for at, level in enumerate(model.quantiles_)]
    return pl.DataFrame(columns)


def _single(name: str, values: np.ndarray) -> pl.Series:
    """Return what networks of single precision say, without digits that mean nothing; larger numbers as they are."""
    with np.errstate(over="ignore"):
        short = values.astype(np.float32)
    return pl.Series(name, short if np.isfinite(short).all() else values)


def _unlearnt(frame: pl.DataFrame, categories: Sequence[Category]) -> Iterator[str]:
    """Tell of the columns most of whose values the model does not know: perhaps they are written in another way."""
    categories = [each for each in categories if each.kind == "category"]
    if not frame.height or not categories:
        return
    clean = clean_columns(given_of(frame), [each.column for each in categories])
    for each in categories:
        text = column_text(clean[each.column])
        lost = text.is_not_null() & ~text.is_in(list(each.places))
        if lost.sum() > MOSTLY * text.count():
            row = first_row(lost)
            yield (
                f"Column {each.column!r}: {lost.sum():,} of {text.count():,} cells hold values that the model did not "
                f"learn, such as {text[row - 1]!r} (row {row}), and count as missing. It learnt values such as "
                f"{each.values[0]!r}."
            )


def _plain(label: object) -> str:
    return str(label).lower() if isinstance(label, (bool, np.bool_)) else str(label)


def _labels(truth: pl.Series, classes: Sequence[Any]) -> np.ndarray:
    """Give the number of each cell's class, by its text or else by what it means: 1 is 1.0 and true, Yes is yes.

    Where it is none, and where it may be two of them, it is -1.
    """
    exact = {_plain(each): label for label, each in enumerate(classes)}
    if isinstance(classes[0], str):
        alike = [each.strip().lower() for each in classes]
        twice = {each for each, count in Counter(alike).items() if count > 1}
        near: dict[Any, int] = {each: label for label, each in enumerate(alike) if each not in twice}
        keys = truth.str.strip_chars().str.to_lowercase()
    else:
        near = {float(each): label for label, each in enumerate(classes)}
        keys = truth.str.to_lowercase().replace({"true": "1", "false": "0"}).cast(pl.Float64, strict=False)
    return np.array([exact.get(cell, near.get(key, -1)) for cell, key in zip(truth, keys, strict=True)], dtype=np.int64)


def _compared(truth: pl.Series, predictions: pl.DataFrame, classes: Sequence[Any], which: str) -> str:
    """Say how near the predictions are, with the bracket that ends the count of rows and tells which they are."""
    if classes:
        known = truth.is_not_null()
        y = _labels(column_text(truth.filter(known)), classes)
        outputs = predictions[:, 1:].to_numpy()
    else:
        numbers = parse_numbers(truth) if truth.dtype == pl.String else truth
        if numbers is None or not numbers.dtype.is_numeric():
            return ""
        known = numbers.is_not_null()
        y = numbers.filter(known).cast(pl.Float64).to_numpy()
        outputs = predictions["prediction"].cast(pl.Float64).to_numpy()
    if not known.any():
        return ""
    task: Literal["classification", "regression"] = "classification" if classes else "regression"
    outputs = outputs[known.to_numpy()]
    seen = np.ones(len(y), bool) if not classes else y >= 0
    names = tuple(_plain(each) for each in classes)
    figures = score(Target(truth.name, task, names), outputs[seen], y[seen]) if seen.any() else {}
    if classes and not seen.all():  # of a class that the model does not know, none can be told right
        figures = {"accuracy": figures.get("accuracy", 0.0) * seen.mean()}
    written = ", ".join(
        f"{each.label} {each.write(figures[each.key])}" for each in MEASURES[task] if each.key in figures
    )
    if not seen.all():
        other = column_text(truth.filter(known))[int(seen.argmin())]
        written += f"; {(~seen).sum():,} of these rows hold no class that the model knows, such as {other!r}"
    return f"{counted(int(known.sum()), 'row', 'rows')}{which}): {written}"
