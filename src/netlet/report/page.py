"""The page: facts turned into pictures, tables and sentences, and written as one file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from netlet.data import ColumnFacts
from netlet.report.facts import Facts, NetworksFacts
from netlet.report.health_section import health_section
from netlet.report.model_section import folds_of, members_of, model_sentence, path_of_model, tried_section
from netlet.report.outcome_section import (
    error_rows,
    importance_note,
    importance_pictures,
    outcome_pictures,
    per_class,
    scores,
)
from netlet.report.parts import NAME, Picture
from netlet.report.plots.curves import learning_curves
from netlet.report.summary import key_figures, sentence, uncertainty, verdict
from netlet.report.templates import template_of
from netlet.report.words import counted, named, percent
from netlet.tensor_file import write_atomically

MOST_BYTES = 1_500_000
COLUMNS_SHOWN = 50
WIDE = 60  # letters of a line of the layers' table, beyond which it does not stand beside another
COLUMNS_LISTED = (600, 100, 0)  # folded away: as many of these as MOST_BYTES allows
CLASSES_SHOWN, CLASSES_LISTED = 12, 400
KINDS = {
    "number": "numbers", "truth value": "truth values", "boolean": "truth values", "date": "dates",
    "category": "categories", "text": "texts",
}  # fmt: skip


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
    page = ""
    for n_listed in COLUMNS_LISTED:
        page = _page(facts, n_listed)
        if len(page.encode("utf-8", errors="replace")) <= MOST_BYTES:
            break
    return page


def _page(facts: Facts, n_listed: int) -> str:
    template, style = template_of("page.html")
    test = facts.test if facts.test is not None and len(facts.test.truth) else None
    return template.render(
        facts=facts,
        style=style,
        sentence=sentence(facts),
        figures=key_figures(facts),
        scores=scores(test) if test and test.scores else None,
        verdict=verdict(test) if test else None,
        uncertainty=uncertainty(test) if test else "",
        class_bars=class_bars(facts.table.class_counts),
        columns=facts.table.columns[:COLUMNS_SHOWN],
        more_columns=facts.table.columns[COLUMNS_SHOWN : COLUMNS_SHOWN + n_listed],
        n_unlisted=max(0, len(facts.table.columns) - COLUMNS_SHOWN - n_listed),
        column_summary=_column_summary(facts.table.columns),
        row_parts=_row_parts(facts),
        tried=tried_section(facts),
        model_sentence=model_sentence(facts),
        members=members_of(facts),
        wide_summary=any(len(line) > WIDE for line in facts.winner.summary.splitlines()),
        file=path_of_model(facts),
        curves=[Picture(d.svg(), "") for d in learning_curves(facts.winner.curves)],
        health=health_section(facts.health),
        test=test,
        test_pictures=outcome_pictures(test, facts.table.target) if test else [],
        per_class=per_class(test) if test and test.classes else None,
        importance=importance_pictures(test.importance) if test and test.importance else [],
        importance_note=importance_note(test.importance) if test and test.importance else "",
        errors=error_rows(test) if test else None,
        is_regression=facts.table.task == "regression",
    )


def _row_parts(facts: Facts) -> list[tuple[int, str, str]]:
    """Return what the rows are for: how many, what, and the colour's name."""
    table, tested = facts.table, (facts.table.n_test, "to test with", "hold")
    if isinstance(facts.search, NetworksFacts):
        n_rows = table.n_learn + table.n_watch
        return [(n_rows, "to learn from and to find the best epochs by", "learn"), tested]
    if folds_of(facts) is not None:
        return [(table.n_learn + table.n_watch, "to learn from and to choose by", "learn"), tested]
    return [(table.n_learn, "to learn from", "learn"), (table.n_watch, "to choose and stop by", "watch"), tested]


def class_bars(counts: Sequence[tuple[str, int]]) -> dict[str, Any] | None:
    """Return how many rows have each class, the commonest first, with the lengths of bars; None without classes."""
    if not counts:
        return None
    ordered = sorted(counts, key=lambda pair: -pair[1])
    total, most = sum(n for _, n in counts) or 1, max(n for _, n in counts) or 1
    rows = [(named(name, NAME), f"{n:,}", percent(n / total), f"{100 * n / most:.1f}") for name, n in ordered]
    return {"shown": rows[:CLASSES_SHOWN], "more": rows[CLASSES_SHOWN : CLASSES_SHOWN + CLASSES_LISTED]}


def _column_summary(columns: tuple[ColumnFacts, ...]) -> str:
    kinds: dict[str, int] = {}
    for column in columns:
        if not column.left_out:
            kinds[column.kind] = kinds.get(column.kind, 0) + 1
    parts = [counted(n, kind, KINDS.get(kind, kind)) for kind, n in sorted(kinds.items(), key=lambda pair: -pair[1])]
    dropped = sum(column.left_out for column in columns)
    if dropped:
        parts.append(f"{dropped:,} left out")
    return ", ".join(parts)
