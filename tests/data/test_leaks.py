"""Columns that give the target away are named, others are not."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from sklearn.model_selection import cross_val_score
from sklearn.tree import DecisionTreeClassifier

from netlet.data import Finding, choose_columns, choose_task, findings_of, fit_target
from netlet.data.leaks import _class_error, _r2

pytestmark = pytest.mark.plain
N = 400
RNG = np.random.default_rng(5)
X = RNG.normal(size=N)
CLASS = np.where(X + RNG.normal(size=N) > 0, "yes", "no")
NUMBER = 100 + 10 * X + RNG.normal(size=N)


def leaks(target: object, **columns: object) -> list[Finding]:
    frame = pl.DataFrame({"x": X, "word": RNG.choice(["u", "v", "w"], N), **columns, "t": target})
    task, _ = choose_task(frame, "t")
    inputs, _ = choose_columns(frame, "t")
    return [finding for finding in findings_of(frame, fit_target(frame, "t", task), inputs) if finding.kind == "leak"]


ADVICE = "If it is not known when predicting, leave it out with --drop leak."


@pytest.mark.parametrize(
    ("leak", "message"),
    [
        (CLASS, "Column 'leak' is the target 't' once more. "),
        (
            np.where(CLASS == "yes", 3, 1),
            "Column 'leak' is the target 't' in other words (1 for no, 3 for yes). ",
        ),
        (
            np.where(CLASS == "yes", "A", "B"),
            "Column 'leak' is the target 't' in other words (B for no, A for yes). ",
        ),
        (
            pl.Series(np.where(CLASS == "yes", X, np.nan)).fill_nan(None),  # the largest has a missing one beside it
            "Column 'leak' almost determines the target 't': it alone tells the class of 99.9 % of the rows. ",
        ),
        (
            [f"{label}{i % 9}" for i, label in enumerate(CLASS)],
            "Column 'leak' almost determines the target 't': it alone tells the class of 100.0 % of the rows. ",
        ),
        (
            [None if label == "no" else date(2024, 1, 1) + timedelta(days=i % 50) for i, label in enumerate(CLASS)],
            "Column 'leak' almost determines the target 't': it alone tells the class of 100.0 % of the rows. ",
        ),
    ],
)
def test_classes(leak: object, message: str) -> None:
    assert leaks(CLASS, leak=leak) == [Finding("leak", ("leak",), message + ADVICE)]


def test_a_column_of_numbers_is_judged_by_held_out_rows() -> None:
    leak = np.where(CLASS == "yes", 1.0, -1.0) + RNG.normal(0, 0.39, N)
    found = leaks(CLASS, leak=leak)
    assert [finding.columns for finding in found] == [("leak",)]
    tree = cross_val_score(DecisionTreeClassifier(max_leaf_nodes=8), leak[:, None], CLASS, cv=5).mean()
    assert tree > 0.98
    noisy = np.where(CLASS == "yes", 1.0, -1.0) + RNG.normal(0, 0.6, N)
    assert leaks(CLASS, leak=noisy) == []


@pytest.mark.parametrize(
    ("leak", "message"),
    [
        (NUMBER, "Column 'leak' is the target 't' once more. "),
        (-3 * NUMBER + 7, "Column 'leak' is the target 't' on another scale (correlation -1.000000). "),
        (np.exp(NUMBER / 10), "Column 'leak' almost determines the target 't': it alone tells it with R2 = "),
        ((NUMBER - 100) ** 3, "Column 'leak' almost determines the target 't': it alone tells it with R2 = "),
    ],
)
def test_numbers(leak: object, message: str) -> None:
    (found,) = leaks(NUMBER, leak=leak)
    assert found.columns == ("leak",)
    assert found.message.startswith(message)
    assert found.message.endswith(ADVICE)


def test_a_text_with_a_number_for_each_value() -> None:
    kinds = RNG.integers(0, 12, N)
    (found,) = leaks(np.round(np.sqrt(kinds + 1.0), 3), leak=[f"k{k}" for k in kinds])
    assert found.columns == ("leak",)


@pytest.mark.parametrize("noise", [0.05, 0.5, 5.0])
def test_what_only_helps_is_no_leak(noise: float) -> None:
    assert leaks(NUMBER, good=NUMBER + 10 * noise * RNG.normal(size=N)) == []


def test_a_rare_class_is_not_given_away_by_any_column() -> None:
    rare = np.where(np.arange(N) < 6, "rare", "common")  # 98.5 % by guessing
    frame = {f"c{i}": RNG.normal(size=N) for i in range(300)}
    assert leaks(rare, **frame) == []


def test_few_rows_and_many_columns_are_no_leak() -> None:
    frame = pl.DataFrame({f"c{i}": RNG.normal(size=32) for i in range(600)})
    for target in (["a", "b"] * 16, list(RNG.normal(size=32))):
        table = frame.with_columns(t=pl.Series(target))
        columns, _ = choose_columns(table, "t")
        task, _ = choose_task(table, "t")
        found = findings_of(table, fit_target(table, "t", task), columns)
        assert [finding.kind for finding in found] == ["few rows"]


def test_repeated_rows_are_no_leak() -> None:
    table = pl.DataFrame({"x": X, "z": RNG.normal(size=N), "t": CLASS})
    table = pl.concat([table] * 3)
    columns, _ = choose_columns(table, "t")
    assert findings_of(table, fit_target(table, "t", "classification"), columns) == []


def test_many_leaks_are_put_together() -> None:
    found = leaks(CLASS, **{f"leak {i}": CLASS == "yes" for i in range(14)})
    assert [len(finding.columns) for finding in found] == [1, 1, 1, 1, 1, 9]
    assert found[0].message.endswith('--drop "leak 0".')
    assert found[5].message == (
        "So do columns 'leak 5', 'leak 6', 'leak 7', 'leak 8', 'leak 9', 'leak 10' and 3 more: leave out what is not "
        'known when predicting (--drop "leak 5" --drop "leak 6" --drop "leak 7" --drop "leak 8" --drop "leak 9" '
        '--drop "leak 10" ...).'
    )


def test_left_out_rows_foretold_one_by_one() -> None:
    """The closed form against leaving each row out in turn."""
    x = RNG.integers(0, 40, 60).astype(float)
    labels = RNG.integers(0, 2, 60)
    y = RNG.normal(size=60)
    right, errors, judged = [], [], []
    for i in range(60):
        rest = np.arange(60) != i
        alike = rest & (x == x[i])
        below, above = x[rest & (x < x[i])], x[rest & (x > x[i])]
        if alike.any():
            right.append(float((labels[alike] == labels[i]).mean() >= 0.5))
            errors.append(y[i] - y[alike].mean())
            judged.append(i)
        elif len(below) and len(above):
            low, high = below.max(), above.min()
            ends = y[x == low].mean(), y[x == high].mean()
            errors.append(y[i] - np.interp(x[i], [low, high], ends))
            judged.append(i)
    alone = np.array([np.sum(x == v) == 1 for v in x])
    spread = np.square(y[judged] - y.mean()).sum()
    assert _r2(x, y, ordered=True) == pytest.approx(1 - np.square(errors).sum() / spread)
    as_text = (np.sum(right)) / 60  # a text that stands alone foretells nothing
    assert _class_error(x, labels, ordered=False) == pytest.approx(1 - as_text)
    assert alone.any()
