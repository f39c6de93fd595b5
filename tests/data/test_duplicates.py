"""Repeated rows across the split, and rows that contradict each other."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from netlet.data import choose_columns, duplicates_across

pytestmark = pytest.mark.plain
N = 200
RNG = np.random.default_rng(3)
TABLE = pl.DataFrame({
    "x": RNG.normal(size=N).round(3), "gap": [None if i % 4 == 0 else float(i) for i in range(N)],
    "word": RNG.choice(["u", "v"], N), "t": RNG.choice(["yes", "no"], N),
})  # fmt: skip


def found(table: pl.DataFrame, learned: range, tested: range) -> list[tuple[str, str]]:
    columns, _ = choose_columns(table, "t")
    findings = duplicates_across(table, "t", columns, np.array(learned, np.int64), np.array(tested, np.int64))
    assert all(finding.columns == () for finding in findings)
    return [(finding.kind, finding.message) for finding in findings]


def test_none() -> None:
    assert found(TABLE, range(150), range(150, N)) == []


def test_rows_of_the_test_that_were_learned() -> None:
    table = pl.concat([TABLE, TABLE[40:60]])
    assert found(table, range(150), range(150, N + 20)) == [
        (
            "duplicates",
            "20 of the 70 test rows are also among those learned from, with the same values in every column "
            "(row 201 is row 41 again): the test score will flatter. Remove repeated rows from the table.",
        )
    ]


def test_the_count_is_that_of_the_rows_themselves() -> None:
    table = pl.concat([TABLE, TABLE, TABLE])[list(RNG.permutation(3 * N))]
    learned, tested = table[: 2 * N].rows(), table[2 * N :].rows()
    n = sum(row in set(learned) for row in tested)
    ((kind, message),) = found(table, range(2 * N), range(2 * N, 3 * N))
    assert kind == "duplicates"
    assert message.startswith(f"{n} of the 200 test rows")


def test_same_inputs_with_another_target_do_not_flatter() -> None:
    flipped = TABLE[40:60].with_columns(t=pl.Series(["maybe"] * 20))
    assert found(pl.concat([TABLE, flipped]), range(150), range(150, N + 20)) == [
        (
            "conflicts",
            "40 rows have the same inputs as another row but not the same target (such as rows 41 and 201): no model "
            "can be right for all of them.",
        )
    ]


def test_repeats_within_a_part_do_not_count() -> None:
    assert found(pl.concat([TABLE, TABLE[190:]]), range(150), range(150, N + 10)) == []


def test_where_equal_rows_are_to_be_expected_nothing_is_said() -> None:
    table = TABLE.select("word", "t").with_columns(flag=pl.Series([i % 3 for i in range(N)]))
    assert found(table, range(150), range(150, N)) == []


def test_rows_are_told_by_their_numbers_in_the_file() -> None:
    table = pl.concat([TABLE, TABLE[:10]])
    columns, _ = choose_columns(table, "t")
    numbers = np.arange(N + 10) * 2 + 1
    (found,) = duplicates_across(table, "t", columns, np.arange(N), np.arange(N, N + 10), numbers)
    assert "(row 402 is row 2 again)" in found.message


def test_one_repeated_row_in_a_thousand_is_not_worth_a_word() -> None:
    table = pl.DataFrame({"x": RNG.normal(size=2000), "t": RNG.normal(size=2000)})
    assert found(pl.concat([table, table[:1]]), range(1000), range(1000, 2001)) == []
