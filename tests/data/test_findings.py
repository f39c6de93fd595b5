"""What a table has that a person should know of: each finding, and tables without any."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from netlet.data import Finding, TableError, choose_columns, choose_task, findings_of, fit_target
from netlet.data.identifiers import names_rows

pytestmark = pytest.mark.plain
N = 300
RNG = np.random.default_rng(2)


def table(**columns: object) -> pl.DataFrame:
    rng = np.random.default_rng(1)
    base = {"x": rng.normal(size=N), "z": rng.integers(0, 1000, N), "t": rng.choice(["yes", "no"], N)}
    return pl.DataFrame({**base, **columns})


def findings(frame: pl.DataFrame) -> list[Finding]:
    task, _ = choose_task(frame, "t")
    columns, _ = choose_columns(frame, "t")
    return findings_of(frame, fit_target(frame.filter(frame["t"].is_not_null()), "t", task), columns)


def test_a_sound_table() -> None:
    moments = [datetime(2024, 1, 1) + timedelta(hours=int(h)) for h in RNG.permutation(N)]
    assert findings(table(price=RNG.integers(10**4, 10**7, N), day=moments, word=["u", "v", None] * 100)) == []
    assert findings(table(t=RNG.normal(size=N))) == []


@pytest.mark.parametrize(
    "name", ["id", "ID", "customer_id", "customerId", "OrderNo", "row-index", "PassengerId", "user id"]
)
def test_names_of_identifiers(name: str) -> None:
    assert names_rows(name)


@pytest.mark.parametrize(
    "name", ["paid", "humid", "idea", "id_length", "number_of_rooms", "liquid", "keys_pressed", "x", ""]
)
def test_other_names(name: str) -> None:
    assert not names_rows(name)


@pytest.mark.parametrize("values", [RNG.permutation(N) + 7000, RNG.choice(10**9, N, replace=False) * 1.0])
def test_an_identifier_by_its_name_is_left_out(values: np.ndarray) -> None:
    _, dropped = choose_columns(table(customer_id=values), "t")
    assert [(column.name, column.why) for column in dropped] == [
        ("customer_id", "an identifier by its name, and another whole number in every row (to use it, rename it)")
    ]


def test_an_identifier_by_its_numbers_is_pointed_out() -> None:
    assert findings(table(place=RNG.permutation(N) + 7000)) == [
        Finding(
            "identifier",
            ("place",),
            "Column 'place' has another whole number in (nearly) every row, as if given in turn. If that only names "
            "the row, leave it out with --drop place.",
        )
    ]


def test_an_identifier_that_comes_twice_is_pointed_out() -> None:
    numbers = RNG.choice(10**9, N, replace=False)
    numbers[5] = numbers[6]
    (found,) = findings(table(patient_id=numbers))
    assert (found.kind, found.columns) == ("identifier", ("patient_id",))


@pytest.mark.parametrize(
    "values",
    [RNG.normal(size=N), RNG.choice(10**6, N, replace=False), RNG.integers(0, 50, N), RNG.uniform(0, 1, N) * 300],
)
def test_measures_are_no_identifiers(values: np.ndarray) -> None:
    assert findings(table(measure=values)) == []


def test_mostly_missing() -> None:
    gaps = [None if i % 10 else float(i % 70) for i in range(N)]
    assert findings(table(gap=gaps)) == [
        Finding(
            "missing",
            ("gap",),
            "Column 'gap' is empty in 90.0 % of the rows; that it is, is an input of its own. If that says nothing, "
            "leave out with --drop gap.",
        )
    ]
    (found,) = findings(table(**{f"gap{i}": gaps for i in range(8)}))
    assert found.columns == tuple(f"gap{i}" for i in range(8))
    assert found.message.startswith(
        "Columns 'gap0', 'gap1', 'gap2', 'gap3', 'gap4', 'gap5' and 2 more are empty in 90.0 %"
    )


def test_nearly_constant() -> None:
    assert findings(table(almost=[1, 1, 2] + [1] * (N - 3))) == [
        Finding(
            "nearly constant",
            ("almost",),
            "Column 'almost' is 1 in all but one row of 300; little can be learned from so few.",
        )
    ]
    (found,) = findings(table(a=["u", "v"] + ["w"] * (N - 2), b=[True] + [False] * (N - 1)))
    assert found.columns == ("a", "b")
    assert "have the same value in all but at most 2 of 300 rows each" in found.message
    assert findings(table(sparse=[1] * 10 + [0] * (N - 10))) == []


def test_text_of_many_values() -> None:
    assert findings(table(city=[f"c{i % 80}" for i in range(N)])) == [
        Finding(
            "many values",
            ("city",),
            "Column 'city' has 80 different texts: only the 49 most frequent have an input each, the others share one. "
            "Group them (cities by region, say) if they matter.",
        )
    ]


def test_free_text_is_left_out_with_an_example() -> None:
    texts = [f"a long remark on how number {i % 290} went wrong last week" for i in range(N)]
    _, dropped = choose_columns(table(remark=texts), "t")
    assert dropped[0].why == (
        "free text: 290 different values in 300 rows, such as 'a long remark on how number 0 went wr...'"
    )


def test_nearly_numbers_left_out_says_which_cell() -> None:
    _, dropped = choose_columns(table(age=["about 5", *(str(i) for i in range(N - 1))]), "t")
    assert dropped[0].why == "text, for 1 of 300 values is no number: 'about 5' in row 1"


def test_classes_of_a_single_row() -> None:
    assert findings(table(t=["a", "b", *["c", "d"] * 149])) == [
        Finding(
            "rare classes",
            ("t",),
            "2 of 4 classes of 't' have a single row ('a', 'b'), to learn from or to test with but not both. Add rows, "
            "or put such classes together.",
        )
    ]


def test_two_hundred_classes() -> None:
    (found,) = findings(table(t=[f"c{i % 150}" for i in range(N)]))
    assert found.message == (
        "'t' has 150 classes in 300 rows, too few rows for each. Add rows, or put such classes together."
    )
    frame = pl.DataFrame({"x": RNG.normal(size=2000), "t": [f"c{i % 200}" for i in range(2000)]})
    assert findings(frame) == []


def test_one_row_for_each_class() -> None:
    with pytest.raises(
        TableError, match=r"a class of its own in each of the 15 rows \(c0, c1, c2, \.\.\.\), so none can"
    ):
        choose_task(pl.DataFrame({"t": [f"c{i}" for i in range(15)]}), "t")


def test_imbalance() -> None:
    assert findings(table(t=["rare"] * 4 + ["common"] * (N - 4))) == [
        Finding(
            "imbalance",
            ("t",),
            "98.7 % of the rows have 't' = 'common': always guessing so is right as often. Look at more than the "
            "accuracy, and at the 4 other rows.",
        )
    ]


def test_one_row_of_another_class() -> None:
    rare, most = findings(table(t=["rare"] + ["common"] * (N - 1)))
    assert rare.message.startswith("1 of 2 classes of 't' has a single row ('rare'), to learn from or to test with")
    assert most.message.endswith("and at the 1 other row.")


def test_rows_without_a_target_do_not_count() -> None:
    target = ["a", *([None, "b", "c"] * 100)][:N]
    (found,) = findings(table(t=target))
    assert (found.kind, "a" in found.message) == ("rare classes", True)


def test_five_rows() -> None:
    with pytest.raises(TableError, match="known in only 5 of 5 rows; at least 10 are needed, some to learn from"):
        choose_task(pl.DataFrame({"t": ["a", "b", "a", "b", "a"]}), "t")
