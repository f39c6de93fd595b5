"""The sections of the page that show the test: scores, pictures, importance and errors."""

from __future__ import annotations

import math
from types import NoneType
from typing import Any

import numpy as np

from netlet.data.importance import Importance
from netlet.report.facts import ErrorRow, TestFacts
from netlet.report.parts import CELL, NAME, Grid, Picture, picture
from netlet.report.plots import classes as of_classes
from netlet.report.plots import numbers as of_numbers
from netlet.report.plots.importance import importance_plot
from netlet.report.plots.spread import spread_plot
from netlet.report.words import counted, figure, named, percent, score_text, shortened

CLASSES_LISTED = 400
IMPORTANCES_SHOWN = 20
ERRORS_SHOWN, CELLS_SHOWN = 12, 8
PAIRS_SHOWN = 20
LEAST_FOR_HISTOGRAM = 10
SPREAD = "If the bars grow, disagreement tells which predictions to doubt."


def scores(test: TestFacts) -> dict[str, Any]:
    """Return the table of scores, and a bar for each model: its first measure as a share of the best."""
    measures = list(dict.fromkeys(name for score in test.scores for name in score.texts))
    values = [score.value for score in test.scores]
    known = [value for value in values if value is not None and math.isfinite(value)]
    top = max([*known, 0.0])
    shares = [None if v is None or not math.isfinite(v) or not top else 100 * max(0.0, v) / top for v in values]
    return {
        "measures": measures,
        "rows": list(zip(test.scores, shares, strict=True)),
        "barred": any(s is not None for s in shares),
    }


def outcome_pictures(test: TestFacts, target: str = "") -> list[Picture]:
    """Draw what came out: for classes confusion, ROC, precision and calibration; for a target's numbers residuals."""
    if not test.classes:
        return _regression_pictures(target, test)
    names = [named(name, NAME) for name in test.classes]
    labels = np.asarray(test.truth, dtype=np.int64)
    outputs = np.asarray(test.outputs, dtype=np.float64)
    counts = of_classes.confusion(labels, outputs.argmax(axis=1), len(names))
    pictures: list[Picture] = []
    if len(names) <= of_classes.MOST_IN_MATRIX:
        drawing = of_classes.confusion_plot(counts, names)
        caption = "Rows are the true classes, columns what was predicted; the shade grows with the share of the row."
        pictures += picture(drawing, "Confusion matrix", caption)
    elif pairs := of_classes.confused_pairs(counts, PAIRS_SHOWN):
        drawing = of_classes.pairs_plot(pairs, names, counts.sum(axis=1))
        pictures += picture(
            drawing, "The classes that are confused most", f"Of {len(names)} classes, the commonest mistakes."
        )
    for which, title in (("roc", "ROC"), ("pr", "Precision and recall")):
        if made := of_classes.curves_plot(labels, outputs, names, which):
            drawing, area = made
            one = f"“{names[1]}” is the class looked for." if len(names) == 2 else "Each class against all others."
            if len(names) > 2:
                one += f" Mean {'area' if which == 'roc' else 'average precision'}: {area:.3f}."
            pictures += picture(drawing, title, one)
    bins = of_classes.reliability(labels, outputs)
    of = f"“{names[1]}”" if len(names) == 2 else "the predicted class"
    caption = (
        f"On the diagonal, probabilities are what they say; strokes are 95\N{NO-BREAK SPACE}% intervals. "
        f"Mean distance from it, weighted by rows: {100 * bins.error:.1f} percentage points."
    )
    pictures += picture(of_classes.calibration_plot(bins, of), "Calibration", caption)
    if test.spread is not None:
        wrong = (outputs.argmax(axis=1) != labels).astype(np.float64)
        disagreement = spread_plot(np.asarray(test.spread, dtype=np.float64), wrong, "share predicted wrongly")
        pictures += picture(disagreement, "Where the members disagree", SPREAD)
    return pictures


def _regression_pictures(column: str, test: TestFacts) -> list[Picture]:
    truth = np.asarray(test.truth, dtype=np.float64)
    predicted = np.asarray(test.outputs, dtype=np.float64).reshape(len(truth))
    sound = np.isfinite(truth) & np.isfinite(predicted)
    truth, predicted = truth[sound], predicted[sound]
    if not len(truth):
        return []
    target = shortened(column, 30)
    counted_in = " The darker a hexagon, the more rows." if len(truth) > of_numbers.MOST_DOTS else ""
    residuals = predicted - truth
    low, high = (float(v) for v in np.quantile(residuals, [0.05, 0.95]))
    middle = (
        " The orange line is the median of ten equally full slices."
        if len(truth) >= of_numbers.LEAST_FOR_MEDIANS
        else ""
    )
    pictures = [
        *picture(
            of_numbers.predicted_plot(truth, predicted, target),
            "Predicted against true",
            f"On the diagonal, predictions are exact.{counted_in}",
        ),
        *picture(
            of_numbers.residual_plot(truth, predicted),
            "Residuals",
            f"What is left should lie evenly about zero.{middle}",
        ),
    ]
    if len(truth) >= LEAST_FOR_HISTOGRAM:
        pictures += picture(
            of_numbers.residual_histogram(truth, predicted, "predicted minus true"),
            "How large the errors are",
            f"Nine in ten predictions are off by {figure(low, 3)} to {figure(high, 3)}.",
        )
    if test.spread is not None:
        spread = np.asarray(test.spread, dtype=np.float64).reshape(len(sound))[sound]
        drawing = spread_plot(spread, np.abs(residuals), "mean distance from the truth")
        pictures += picture(drawing, "Where the members disagree", SPREAD)
    return pictures


def per_class(test: TestFacts) -> Grid:
    """Return precision, recall and F1 of each class; a dash where they are not defined."""
    labels, predicted = np.asarray(test.truth, dtype=np.int64), np.argmax(test.outputs, axis=1)
    counts = of_classes.confusion(labels, predicted, len(test.classes))
    rows = []
    for at, name in enumerate(test.classes):
        hits, n_true, n_said = int(counts[at, at]), int(counts[at].sum()), int(counts[:, at].sum())
        precision = percent(hits / n_said) if n_said else "–"
        recall = percent(hits / n_true) if n_true else "–"
        f1 = percent(2 * hits / (n_said + n_true)) if n_said + n_true else "–"
        rows.append([named(name, NAME), f"{n_true:,}", precision, recall, f1])
    head = ["class", "rows", "precision", "recall", "F1"]
    return Grid(head, rows[:CLASSES_LISTED], [False, True, True, True, True])


def importance_pictures(importance: Importance) -> list[Picture]:
    """Draw the columns that matter most."""
    shown = importance.columns[:IMPORTANCES_SHOWN]
    if not shown:
        return []
    return picture(importance_plot(shown, f"mean drop of {importance.measure}"), "")


def importance_note(importance: Importance) -> str:
    """Say what the bars are, and what is not shown."""
    measured = len(importance.columns)
    score = (
        f"; unshuffled, it is {score_text(importance.measure, importance.score)}"
        if math.isfinite(importance.score)
        else ""
    )
    note = (
        f"By how much the {importance.measure} drops when a column's cells are shuffled among "
        f"{counted(importance.n_rows, 'test row', 'test rows')}, mean and standard deviation of "
        f"{counted(importance.repeats, 'shuffle', 'shuffles')}{score}. "
        "Columns that say the same as another can look unimportant."
    )
    if measured > IMPORTANCES_SHOWN:
        note += f" The first {IMPORTANCES_SHOWN} of {measured:,} columns are shown."
    left = importance.left_out
    if left:
        names = ", ".join(shortened(name, CELL) for name in left[:8])
        more = f" and {len(left) - 8:,} more" if len(left) > 8 else ""
        note += f" There was no time for {counted(len(left), 'column', 'columns')}: {names}{more}."
    return note


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return figure(value)
    return named(str(value), CELL)


def error_rows(test: TestFacts) -> Grid | None:
    """Return the worst rows; of many columns those that matter most to the model."""
    errors: tuple[ErrorRow, ...] = test.errors[:ERRORS_SHOWN]
    if not errors:
        return None
    present = list(errors[0].cells)
    ranked = [c.column for c in test.importance.columns if c.column in errors[0].cells] if test.importance else []
    names = list(dict.fromkeys([*ranked, *present]))[:CELLS_SHOWN]
    sure = any(error.confidence is not None for error in errors)
    last = "confidence" if sure else "off by"
    rows = []
    for error in errors:
        if sure:
            measure = "–" if error.confidence is None else percent(error.confidence)
        else:
            measure = figure(float(error.prediction) - float(error.truth))
        cells = [_cell(error.cells.get(name)) for name in names]
        rows.append([f"{error.row:,}", _cell(error.truth), _cell(error.prediction), measure, *cells])
    numeric = [all(isinstance(e.cells.get(name), (int, float, NoneType)) for e in errors) for name in names]
    is_number = not isinstance(errors[0].truth, str)
    head = ["row", "true", "predicted", last, *(shortened(name, 24) for name in names)]
    return Grid(head, rows, [True, is_number, is_number, True, *numeric])
