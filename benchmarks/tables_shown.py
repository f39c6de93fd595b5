"""The figures of `tables.py` laid out: scores on the seeds that all models have, ranks, wins and losses, times."""

from __future__ import annotations

from statistics import mean, median
from typing import Any

import numpy as np

from measuring import figure, markdown_table
from table_models import FOR_LOG_LOSS

Fits = dict[tuple[str, str], list[dict[str, Any]]]  # by table and model

PUBLISHED = "adult as published"  # not among the tables that are ranked
# Measured on fewer seeds and tables than the others, so compared by themselves.
APART = (("RealMLP-TD",), (FOR_LOG_LOSS,), ("RealMLP-TD", "TabM"))
SLOW = ("RealMLP-TD", FOR_LOG_LOSS, "TabM")
LESS_IS_BETTER = {"log_loss": True, "rmse": True, "accuracy": False, "auc": False}
OURS = "netlet default"
NOTE = """netlet's presets were chosen with an eye on seeds 0 and 1 (of some large tables also 2), which speaks for
netlet; a difference of a percent or two on a small table is chance. Scores are means over the seeds that all models of
a table have. Columns of dates came as numbers to all. Times are medians of the fits on a quiet machine; RealMLP-TD and
TabM were on many tables fitted beside other work, where only their processor time counts. RealMLP-TD "for log loss"
does not smooth the labels and keeps the epoch of the best log loss."""


def markdown(found: list[dict[str, Any]], models: list[str], tables: list[str]) -> str:
    """Lay out scores, ranks, wins and losses, and times.

    Parameters
    ----------
    found : list of dict
        What `tables.measure` gave.
    models, tables : list of str
        In the order in which they are shown.
    """
    by: Fits = {}
    for each in found:
        by.setdefault((each["table"], each["model"]), []).append(each)
    models = [model for model in models if any(model == each for _, each in by)]
    tables = [name for name in tables if any(name == each for each, _ in by)]
    parts = [NOTE]
    quick = [model for model in models if model not in SLOW]
    if quick:
        parts += [*_scores(by, tables, quick, LESS_IS_BETTER), _ranks(by, tables, quick), *_duels(by, tables, quick)]
    for group in APART:
        chosen = [model for model in models if model in group or model not in SLOW]
        if group[-1] in models:
            parts += [f"With {' and '.join(group)}:", *_scores(by, tables, chosen, ("log_loss", "rmse"))]
            parts += [_ranks(by, tables, chosen), *_duels(by, tables, [group[-1], OURS])]
    for what, key in (
        ("seconds of a fit", "seconds"), ("processor seconds", "cpu_seconds"),
        ("microseconds, one row", "row_microseconds"),
    ):  # fmt: skip
        rows = [[name, *(_median(by.get((name, model), []), key) for model in models)] for name in tables]
        parts.append(markdown_table([what, *models], rows))
    told = [
        [model, str(len(by[PUBLISHED, model])),
         *(_short(mean(each["scores"][score] for each in by[PUBLISHED, model])) for score in ("accuracy", "log_loss"))]
        for model in models if (PUBLISHED, model) in by
    ]  # fmt: skip
    if told:
        parts.append(markdown_table([PUBLISHED, "seeds", "accuracy", "log loss"], told))
    return "\n\n".join(parts)


def _means(by: Fits, name: str, models: list[str], score: str) -> tuple[dict[str, float], int]:
    """Return the models' mean scores on the seeds that all have, and how many seeds these are; nothing if one lacks."""
    if any((name, model) not in by or score not in by[name, model][0]["scores"] for model in models):
        return {}, 0
    seeds = set.intersection(*({each["seed"] for each in by[name, model]} for model in models))
    if not seeds:
        return {}, 0
    return {
        model: mean(each["scores"][score] for each in by[name, model] if each["seed"] in seeds) for model in models
    }, len(seeds)


def _scores(by: Fits, tables: list[str], models: list[str], scores: Any) -> list[str]:
    parts = []
    for score in scores:
        rows = []
        for name in tables:
            values, seeds = _means(by, name, models, score)
            if not values:
                continue
            best = (min if LESS_IS_BETTER[score] else max)(values.values())
            cells = [f"**{_short(each)}**" if each == best else _short(each) for each in values.values()]
            rows.append([name, str(seeds), *cells])
        if rows:
            parts.append(markdown_table([score.replace("_", " "), "seeds", *models], rows))
    return parts


def _judged(by: Fits, tables: list[str], models: list[str]) -> dict[str, dict[str, float]]:
    """Return for each table that all models have their log losses or RMSEs."""
    found = {name: _means(by, name, models, "log_loss")[0] or _means(by, name, models, "rmse")[0] for name in tables}
    return {name: values for name, values in found.items() if values}


def _ranks(by: Fits, tables: list[str], models: list[str]) -> str:
    """Mean rank and mean normalised score over the tables that every model has."""
    ranks: dict[str, list[float]] = {model: [] for model in models}
    normalised: dict[str, list[float]] = {model: [] for model in models}
    for scores in _judged(by, tables, models).values():
        values = np.array([scores[model] for model in models])
        order = np.array([(values < value).sum() + ((values == value).sum() + 1) / 2 for value in values])
        span = values.max() - values.min() or 1.0
        for model, rank, value in zip(models, order, values, strict=True):
            ranks[model].append(float(rank))
            normalised[model].append(float((value - values.min()) / span))
    if not next(iter(ranks.values())):
        return "No table has every model yet."
    rows = [
        ["mean rank", *(f"{mean(ranks[model]):.2f}" for model in models)],
        ["mean normalised score (0 is best)", *(f"{mean(normalised[model]):.3f}" for model in models)],
        ["tables won", *(str(sum(rank == 1 for rank in ranks[model])) for model in models)],
    ]
    return markdown_table([f"over {len(ranks[models[0]])} tables", *models], rows)


def _duels(by: Fits, tables: list[str], models: list[str]) -> list[str]:
    """Name the tables on which the default preset is behind each other model, and by how much."""
    lines = []
    for model in models:
        if model.startswith("netlet") or OURS not in models:
            continue
        scores = _judged(by, tables, [model, OURS])
        lost = [
            f"{name} {100 * (each[OURS] / each[model] - 1):.1f} %"
            for name, each in scores.items() if each[OURS] > each[model]
        ]  # fmt: skip
        behind = f"behind on {', '.join(lost)}" if lost else "behind on none"
        lines.append(f"- {OURS} beside {model}: better on {len(scores) - len(lost)} of {len(scores)} tables, {behind}.")
    return ["\n".join(lines)] if lines else []


def _median(found: list[dict[str, Any]], key: str) -> str:
    """Write the median; of times that other work may have lengthened, none."""
    values = [each[key] for each in found if key == "cpu_seconds" or not each.get("busy")]
    return figure(median(values)) if values else ""


def _short(value: float) -> str:
    return f"{value:.4f}" if abs(value) < 10 else f"{value:,.1f}"
