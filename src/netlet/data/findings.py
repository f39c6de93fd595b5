"""What a table has that makes a network worse than it looks, or a score better than it is."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from netlet.data.columns import Column
from netlet.data.finding import Finding, columns_named, drop_words, named
from netlet.data.identifiers import all_differ, names_rows, numbered_in_turn
from netlet.data.leaks import leaks
from netlet.data.target import Target

MOSTLY_MISSING = 0.5
NEARLY_ALL = 0.998
MOST_OTHERS = 2
LEAST_ROWS = 20
NEARLY_DIFFERENT = 0.95
MANY_VALUES = 50
LARGEST_CLASS = 0.95
FEW_ROWS = 5


def findings_of(frame: pl.DataFrame, target: Target, columns: Sequence[Column], seed: int = 0) -> list[Finding]:
    """Look a table over before a network learns from it.

    Parameters
    ----------
    frame : polars.DataFrame
        The whole table; rows without a target do not count.
    target : Target
        The column to predict, from `fit_target`.
    columns : sequence of Column
        The inputs, from `choose_columns`.
    seed : int, default 0
        For drawing at most 5,000 rows to look for leaks in.

    Returns
    -------
    list of Finding
        The weightiest first: columns that give the target away, that may only name the rows, that are mostly empty,
        nearly constant or text of many values; classes with a single row, one class that is nearly all, and fewer
        rows than columns.
    """
    frame = frame.filter(target.known(frame))
    found = leaks(frame, target, columns, seed)
    given_away = {name for finding in found for name in finding.columns}
    names = [column.name for column in columns]
    texts = [column.name for column in columns if column.kind == "category"]
    found += _identifiers(frame, [column.name for column in columns if column.kind == "number"], given_away)
    found += _missing(frame, names)
    found += _nearly_constant(frame, names)
    found += _many_values(frame, texts)
    if target.task == "classification":
        found += _classes(frame[target.column])
    if len(columns) > len(frame):
        message = (
            f"There are more columns ({len(columns):,}) than rows ({len(frame):,}): a network can learn the rows by "
        )
        message += "heart. Trust the test score only, and leave out columns that cannot matter."
        found.append(Finding("few rows", (), message))
    return found


def _identifiers(frame: pl.DataFrame, names: Sequence[str], but: set[str]) -> list[Finding]:
    suspects = []
    for name in names:
        if name in but:
            continue
        present = frame[name].drop_nulls()
        if len(present) < LEAST_ROWS or not (frame[name].dtype.is_integer() or names_rows(name)):
            continue
        distinct = present.n_unique()
        in_turn = all_differ(present, distinct) and numbered_in_turn(present)
        if in_turn or (names_rows(name) and distinct >= NEARLY_DIFFERENT * len(present)):
            suspects.append(name)
    if not suspects:
        return []
    has = "has" if len(suspects) == 1 else "have"
    return [
        Finding(
            "identifier",
            tuple(suspects),
            f"{_capital(columns_named(suspects))} {has} another whole number in (nearly) every row, as if "
            f"given in turn. If that only names the row, leave it out with {drop_words(suspects)}.",
        )
    ]


def _missing(frame: pl.DataFrame, names: Sequence[str]) -> list[Finding]:
    shares = [(frame[name].null_count() / max(len(frame), 1), name) for name in names]
    mostly = [(share, name) for share, name in shares if share > MOSTLY_MISSING]
    if not mostly:
        return []
    found = [name for _, name in mostly]
    if len(mostly) == 1:
        said = f"is empty in {_percent(mostly[0][0])} of the rows; that it is, is an input of its own"
    else:
        low, high = min(mostly)[0], max(mostly)[0]
        between = _percent(low) if low == high else f"{_percent(low)} to {_percent(high)}"
        said = f"are empty in {between} of the rows; that they are, is an input of its own for each"
    return [
        Finding(
            "missing",
            tuple(found),
            f"{_capital(columns_named(found))} {said}. If that says nothing, leave out with {drop_words(found)}.",
        )
    ]


def _nearly_constant(frame: pl.DataFrame, names: Sequence[str]) -> list[Finding]:
    if len(frame) < LEAST_ROWS:
        return []
    most_others = max(MOST_OTHERS, int((1 - NEARLY_ALL) * len(frame)))
    found: list[tuple[str, object, int]] = []
    for name in names:
        column = frame[name]
        if column.n_unique() > most_others + 1:
            continue
        value, count = column.alias("value").value_counts(sort=True).row(0)
        if len(column) - count <= most_others:
            found.append((name, "empty" if value is None else value, len(column) - count))
    if not found:
        return []
    name, value, others = found[0]
    if len(found) == 1:
        but = "one row" if others == 1 else f"{others:,} rows"
        said = f"is {value} in all but {but} of {len(frame):,}; little can be learned from so few"
    else:
        said = f"have the same value in all but at most {max(n for *_, n in found):,} of {len(frame):,} rows each; "
        said += "little can be learned from so few"
    every = [name for name, *_ in found]
    return [Finding("nearly constant", tuple(every), f"{_capital(columns_named(every))} {said}.")]


def _many_values(frame: pl.DataFrame, names: Sequence[str]) -> list[Finding]:
    counted = [(frame[name].drop_nulls().n_unique(), name) for name in names]
    many = [(n, name) for n, name in counted if n > MANY_VALUES]
    if not many:
        return []
    found = [name for _, name in many]
    low, high = min(many)[0], max(many)[0]
    has, count = (
        ("has", f"{low:,}") if len(many) == 1 else ("have", f"{low:,} to {high:,}" if low < high else f"{low:,}")
    )
    return [
        Finding(
            "many values",
            tuple(found),
            f"{_capital(columns_named(found))} {has} {count} different texts: only the {MANY_VALUES - 1} most frequent "
            "have an input each, the others share one. Group them (cities by region, say) if they matter.",
        )
    ]


def _classes(labels: pl.Series) -> list[Finding]:
    counts = labels.alias("value").value_counts(sort=True)
    found = []
    single = sorted(str(value) for value, count in counts.rows() if count == 1)
    if single:
        have = "classes of '{}' has" if len(single) == 1 else "classes of '{}' have"
        said = (
            f"{len(single):,} of {counts.height:,} {have.format(labels.name)} a single row ({named(single)}), to learn "
        )
        said += "from or to test with but not both"
    else:
        said = f"'{labels.name}' has {counts.height:,} classes in {len(labels):,} rows, too few rows for each"
    if single or len(labels) < FEW_ROWS * counts.height:
        advice = "Add rows, or put such classes together."
        found.append(Finding("rare classes", (labels.name,), f"{_capital(said)}. {advice}"))
    value, count = counts.row(0)
    others = len(labels) - count
    if count >= LARGEST_CLASS * len(labels):
        found.append(
            Finding(
                "imbalance",
                (labels.name,),
                f"{_percent(count / len(labels))} of the rows have '{labels.name}' = '{value}': always guessing so is "
                f"right as often. Look at more than the accuracy, and at the {others:,} other "
                f"{'row' if others == 1 else 'rows'}.",
            )
        )
    return found


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
