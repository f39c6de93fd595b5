"""The page: facts turned into pictures, tables and sentences, and written as one file."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from netlet.report.drawing import Drawing
from netlet.report.facts import ColumnFacts, ErrorRow, Facts, Importance, SearchFacts, TestFacts
from netlet.report.plots import classes as of_classes
from netlet.report.plots import numbers as of_numbers
from netlet.report.plots.curves import learning_curves
from netlet.report.plots.importance import importance_plot
from netlet.report.plots.parallel import parallel_coordinates, score_scale, setting_axes
from netlet.report.plots.timeline import timeline
from netlet.report.summary import key_figures, sentence, uncertainty, verdict
from netlet.report.words import counted, duration, figure, named, percent, score_text, setting, shortened, words_of
from netlet.searching.trial import Trial
from netlet.tensor_file import write_atomically

COLUMNS_SHOWN, COLUMNS_LISTED = 50, 1_000
CLASSES_SHOWN, CLASSES_LISTED = 12, 400
NOTES_SHOWN = 20
TRIALS_SHOWN, SETTINGS_SHOWN = 10, 7
FAILURES_SHOWN = 8
IMPORTANCES_SHOWN = 20
ERRORS_SHOWN, CELLS_SHOWN = 12, 8
PAIRS_SHOWN = 20
KINDS = {"number": "numbers", "boolean": "truth values", "date": "dates", "category": "categories", "text": "texts"}
NAME, CELL, SENTENCE = 60, 40, 600  # the most characters of a column's name, of a cell, of a sentence


@dataclass(frozen=True)
class Picture:
    """A drawing with what is said below it."""

    svg: Markup
    title: str
    caption: str = ""
    is_wide: bool = False


@dataclass(frozen=True)
class Grid:
    """A table of texts; `numeric` marks the columns that are flush right."""

    head: list[str]
    rows: list[list[str]]
    numeric: list[bool] = field(default_factory=list)
    first: bool = False


def _picture(drawing: Drawing | None, title: str, caption: str = "") -> list[Picture]:
    return [] if drawing is None else [Picture(drawing.svg(), title, caption, drawing.width > 500)]


def write_report(facts: Facts, path: str | os.PathLike[str]) -> None:
    """Write the page of a training: one HTML file that needs nothing beside it.

    Parameters
    ----------
    facts : Facts
    path : str or path

    Raises
    ------
    OSError
        If it cannot be written; a file that was there is as it was.
    """
    write_atomically(Path(path), render(facts).encode("utf-8", errors="replace"))


def render(facts: Facts) -> str:
    """Return the page of a training as HTML."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.globals.update(
        shortened=shortened, counted=counted, duration=duration, figure=figure, setting=setting, words_of=words_of
    )
    files = resources.files("netlet.report")
    style = Markup((files / "page.css").read_text(encoding="utf-8"))
    template = environment.from_string((files / "page.html").read_text(encoding="utf-8"))
    test = facts.test if facts.test is not None and len(facts.test.truth) else None
    return template.render(
        facts=facts,
        style=style,
        sentence=sentence(facts),
        figures=key_figures(facts),
        scores=_scores(test) if test else None,
        verdict=verdict(test) if test else None,
        uncertainty=uncertainty(test) if test else "",
        class_bars=_class_bars(facts),
        columns=facts.table.columns[:COLUMNS_SHOWN],
        more_columns=facts.table.columns[COLUMNS_SHOWN : COLUMNS_SHOWN + COLUMNS_LISTED],
        n_unlisted=max(0, len(facts.table.columns) - COLUMNS_SHOWN - COLUMNS_LISTED),
        column_summary=_column_summary(facts.table.columns),
        search_sentence=_search_sentence(facts.search),
        search_pictures=_search_pictures(facts),
        trials=_trials(facts.search),
        failures=_failures(facts.search),
        curves=[Picture(d.svg(), "") for d in learning_curves(facts.winner.curves)],
        test=test,
        test_pictures=_test_pictures(facts, test) if test else [],
        per_class=_per_class(test) if test and test.classes else None,
        importance=_importance(test.importance) if test and test.importance else [],
        importance_note=_importance_note(test.importance) if test and test.importance else "",
        errors=_errors(test) if test else None,
        is_regression=facts.table.task == "regression",
        NAME=NAME,
        CELL=CELL,
        SENTENCE=SENTENCE,
        NOTES=NOTES_SHOWN,
    )


def _scores(test: TestFacts) -> dict[str, Any]:
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


def _class_bars(facts: Facts) -> dict[str, Any] | None:
    counts = facts.table.class_counts
    if not counts:
        return None
    ordered = sorted(counts, key=lambda pair: -pair[1])
    total, most = sum(n for _, n in counts) or 1, max(n for _, n in counts) or 1
    rows = [(named(name, NAME), f"{n:,}", percent(n / total), f"{100 * n / most:.1f}") for name, n in ordered]
    return {"shown": rows[:CLASSES_SHOWN], "more": rows[CLASSES_SHOWN : CLASSES_SHOWN + CLASSES_LISTED]}


def _column_summary(columns: tuple[ColumnFacts, ...]) -> str:
    kinds: dict[str, int] = {}
    for column in columns:
        if not column.dropped:
            kinds[column.kind] = kinds.get(column.kind, 0) + 1
    parts = [counted(n, kind, KINDS.get(kind, kind)) for kind, n in sorted(kinds.items(), key=lambda pair: -pair[1])]
    dropped = sum(column.dropped for column in columns)
    if dropped:
        parts.append(f"{dropped:,} left out")
    return ", ".join(parts)


def _search_sentence(search: SearchFacts) -> str:
    count = {
        status: sum(t.status == status for t in search.trials) for status in ("done", "paused", "stopped", "failed")
    }
    named = {"done": "trained to the end", "paused": "given up early", "stopped": "cut short", "failed": "failed"}
    parts = [f"{n:,} {named[status]}" for status, n in count.items() if n]
    better = "more is better" if search.more_is_better else "less is better"
    only = len(search.trials) > 1 and count["done"] < len(search.trials)
    return (
        f"{counted(len(search.trials), 'network was', 'networks were')} tried in {duration(search.seconds)} on "
        f"{counted(search.n_threads, 'thread', 'threads')}{': ' + ', '.join(parts) if only else ''}. "
        f"They were compared by {search.metric} on the validation rows; {better}."
    )


def _winner_number(facts: Facts) -> int | None:
    return facts.winner.members[0][0] if facts.winner.members else None


def _search_pictures(facts: Facts) -> list[Picture]:
    search = facts.search
    drawing = parallel_coordinates(search.trials, search.metric, search.more_is_better, _winner_number(facts))
    _, shared = setting_axes(search.trials)
    same = ", ".join(f"{words_of(name)} {shortened(setting(value), CELL)}" for name, value in list(shared.items())[:12])
    _, beyond = score_scale(search.trials, search.metric, search.more_is_better)
    caption = "Each line is a network; the darker, the better. The orange one won. Better is up on the last axis."
    if beyond:
        caption += f" {counted(beyond, 'network is', 'networks are')} worse than the axis shows."
    if same:
        caption += f" The same in all: {same}."
    pictures = _picture(drawing, "Settings against score", caption)
    if len(search.trials) > 1:
        line = timeline(search.trials, search.metric, search.more_is_better, search.seconds)
        pictures += _picture(line, "Score over time", "Each stroke runs from a network's start to its end.")
    return pictures


def _trials(search: SearchFacts) -> Grid:
    """Return the best trials with the settings that differ."""
    best = sorted((t for t in search.trials if t.score is not None), key=lambda t: t.cost)[:TRIALS_SHOWN]
    axes, _ = setting_axes(search.trials)
    names = [axis.name for axis in axes][:SETTINGS_SHOWN]
    head = ["network", search.metric, *map(words_of, names), "epochs", "parameters", "time"]
    rows = [
        [
            str(t.number),
            score_text(search.metric, float(t.score or 0.0)),
            *(shortened(setting(t.settings.get(name)), CELL) for name in names),
            f"{t.epochs:,}",
            f"{t.n_parameters:,}",
            duration(t.seconds),
        ]
        for t in best
    ]
    settings = [all(isinstance(t.settings.get(name), (int, float, type(None))) for t in best) for name in names]
    return Grid(head, rows, [True, True, *settings, True, True, True], first=True)


def _failures(search: SearchFacts) -> list[tuple[str, str]]:
    """Return the reasons why trials failed, each once, with the trials."""
    reasons: dict[str, list[Trial]] = {}
    for trial in search.trials:
        if trial.status == "failed":
            reasons.setdefault(trial.reason or "no reason was given", []).append(trial)
    shown = sorted(reasons.items(), key=lambda pair: -len(pair[1]))[:FAILURES_SHOWN]
    return [(counted(len(trials), "network", "networks"), shortened(reason, SENTENCE)) for reason, trials in shown]


def _test_pictures(facts: Facts, test: TestFacts) -> list[Picture]:
    if not test.classes:
        return _regression_pictures(facts, test)
    names = [named(name, NAME) for name in test.classes]
    labels = np.asarray(test.truth, dtype=np.int64)
    outputs = np.asarray(test.outputs, dtype=np.float64)
    counts = of_classes.confusion(labels, outputs.argmax(axis=1), len(names))
    pictures: list[Picture] = []
    if len(names) <= of_classes.MOST_IN_MATRIX:
        drawing = of_classes.confusion_plot(counts, names)
        caption = "Rows are the true classes, columns what was predicted; the shade grows with the share of the row."
        pictures += _picture(drawing, "Confusion matrix", caption)
    elif pairs := of_classes.confused_pairs(counts, PAIRS_SHOWN):
        drawing = of_classes.pairs_plot(pairs, names, counts.sum(axis=1))
        pictures += _picture(
            drawing, "The classes that are confused most", f"Of {len(names)} classes, the commonest mistakes."
        )
    for which, title in (("roc", "ROC"), ("pr", "Precision and recall")):
        if made := of_classes.curves_plot(labels, outputs, names, which):
            drawing, area = made
            one = f"“{names[1]}” is the class looked for." if len(names) == 2 else "Each class against all others."
            if len(names) > 2:
                one += f" Mean {'area' if which == 'roc' else 'average precision'}: {area:.3f}."
            pictures += _picture(drawing, title, one)
    bins = of_classes.reliability(labels, outputs)
    of = f"“{names[1]}”" if len(names) == 2 else "the predicted class"
    caption = (
        f"On the diagonal, probabilities are what they say; strokes are 95 % intervals. Mean distance from it, weighted by rows: {100 * bins.error:.1f} "
        "percentage points."
    )
    return pictures + _picture(of_classes.calibration_plot(bins, of), "Calibration", caption)


def _regression_pictures(facts: Facts, test: TestFacts) -> list[Picture]:
    truth = np.asarray(test.truth, dtype=np.float64)
    predicted = np.asarray(test.outputs, dtype=np.float64).reshape(len(truth))
    sound = np.isfinite(truth) & np.isfinite(predicted)
    truth, predicted = truth[sound], predicted[sound]
    if not len(truth):
        return []
    target = shortened(facts.table.target, 30)
    counted_in = " The darker a hexagon, the more rows." if len(truth) > of_numbers.MOST_DOTS else ""
    residuals = predicted - truth
    low, high = (float(v) for v in np.quantile(residuals, [0.05, 0.95]))
    middle = (
        " The orange line is the median of ten equally full slices."
        if len(truth) >= of_numbers.LEAST_FOR_MEDIANS
        else ""
    )
    return [
        *_picture(
            of_numbers.predicted_plot(truth, predicted, target),
            "Predicted against true",
            f"On the diagonal, predictions are exact.{counted_in}",
        ),
        *_picture(
            of_numbers.residual_plot(truth, predicted),
            "Residuals",
            f"What is left should lie evenly about zero.{middle}",
        ),
        *_picture(
            of_numbers.residual_histogram(truth, predicted, "predicted minus true"),
            "How large the errors are",
            f"Nine in ten predictions are off by {figure(low, 3)} to {figure(high, 3)}.",
        ),
    ]


def _per_class(test: TestFacts) -> Grid:
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


def _importance(importance: Importance) -> list[Picture]:
    shown = importance.columns[:IMPORTANCES_SHOWN]
    if not shown:
        return []
    return _picture(importance_plot(shown, f"mean drop of {importance.measure}"), "")


def _importance_note(importance: Importance) -> str:
    measured = len(importance.columns)
    score = (
        f"; unshuffled, it is {score_text(importance.measure, importance.score)}"
        if math.isfinite(importance.score)
        else ""
    )
    note = (
        f"By how much the {importance.measure} drops when a column's cells are shuffled among "
        f"{counted(importance.n_rows, 'test row', 'test rows')}, mean and standard deviation of "
        f"{counted(importance.repeats, 'shuffle', 'shuffles')}{score}. Columns that say the same as another can look unimportant."
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


def _errors(test: TestFacts) -> Grid | None:
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
    numeric = [isinstance(errors[0].cells.get(name), (int, float)) for name in names]
    is_number = not isinstance(errors[0].truth, str)
    head = ["row", "true", "predicted", last, *(shortened(name, 24) for name in names)]
    return Grid(head, rows, [True, is_number, is_number, True, *numeric])
