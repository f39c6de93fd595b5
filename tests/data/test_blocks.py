"""Blocks of samples from arrays and Parquet files."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from netlet import Dense, Network, Softmax
from netlet.data import TableError, array_blocks, parquet_blocks

pytestmark = pytest.mark.plain


@pytest.fixture
def path(tmp_path):
    """Give the path of a small table in row groups of 4."""
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({
        "a": rng.normal(size=10), "n": range(10), "flag": [True, False] * 5, "kind": [0, 1, 2, 0, 1, 2, 0, 1, 2, 0],
        "cost": [Decimal("1.5")] * 10, "name": ["x"] * 10, "day": [date(2024, 1, 1)] * 10,
        "gaps": [1.0] * 7 + [None] * 2 + [1.0],
    })  # fmt: skip
    frame.write_parquet(tmp_path / "table.parquet", row_group_size=4)
    return tmp_path / "table.parquet"


@pytest.mark.parametrize("rows", [1, 3, 4, 10, 99])
def test_blocks_of_a_parquet_file_are_its_rows(path, rows):
    frame = pl.read_parquet(path)
    blocks = parquet_blocks(path, "kind", ["n", "a", "flag", "cost"], rows=rows)
    for _ in range(2):  # each call begins anew
        found = list(blocks())
        assert [len(x) for x, _ in found] == [min(rows, 10 - start) for start in range(0, 10, rows)]
        x, y = (np.concatenate(part) for part in zip(*found, strict=True))
        np.testing.assert_array_equal(y, frame["kind"].to_numpy())
        np.testing.assert_array_equal(x[:, 0], np.arange(10))
        np.testing.assert_array_equal(x[:, 1], frame["a"].to_numpy())
        np.testing.assert_array_equal(x[:, 2], [1, 0] * 5)
        np.testing.assert_array_equal(x[:, 3], 1.5)
        assert all(x.flags.c_contiguous and x.dtype == np.float64 for x, _ in found)


def test_columns_that_are_not_named_are_all_others(tmp_path):
    pl.DataFrame({"u": [1, 2], "t": [0, 1], "v": [3, 4]}).write_parquet(tmp_path / "t.parquet")
    x, y = next(parquet_blocks(str(tmp_path / "t.parquet"), "t")())
    np.testing.assert_array_equal(x, [[1, 3], [2, 4]])
    np.testing.assert_array_equal(y, [0, 1])


def test_several_targets_make_a_matrix_and_truth_values_numbers(path):
    x, y = next(parquet_blocks(path, ["a", "n"], ["kind"])())
    assert (x.shape, y.shape) == ((10, 1), (10, 2))
    _, y = next(parquet_blocks(path, "flag", ["a"])())
    np.testing.assert_array_equal(y, [1, 0] * 5)
    assert y.dtype == np.uint8


def test_a_training_on_blocks_of_a_file_is_one_on_the_table(path):
    frame, how = pl.read_parquet(path), {"shuffle": False, "batch_size": 3, "epochs": 2, "progress": False}
    streamed, whole = (Network([Dense(3), Softmax()], seed=0) for _ in range(2))
    streamed.fit_stream(parquet_blocks(path, "kind", ["a", "n"], rows=4), **how)
    whole.fit(frame.select("a", "n").to_numpy(), frame["kind"].to_numpy(), **how)
    np.testing.assert_array_equal(streamed.theta, whole.theta)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"target": "kin"}, "has no column 'kin'; did you mean 'kind'"),
        ({"features": ["a", "zzz"]}, "has no column 'zzz'; its columns are a, n, flag, kind, cost"),
        ({"features": ["name"]}, "the column 'name' of .* holds String, not numbers; encode it as numbers"),
        ({"features": ["day"]}, "the column 'day' of .* holds Date, not numbers"),
        ({"target": "name"}, "the column 'name' of .* holds String"),
        ({"features": ["a", "a"]}, "the column 'a' is named twice"),
        ({"features": ["kind"]}, "the column 'kind' is named twice"),
        ({"features": []}, "leave nothing to learn"),
        ({"features": "a"}, "name columns in lists"),
    ],
)
def test_columns_that_are_not_right_are_told_at_once(path, arguments, message):
    with pytest.raises(TableError, match=message):
        parquet_blocks(path, **({"target": "kind", "features": ["a"]} | arguments))


def test_a_missing_value_is_told_with_its_row(path):
    blocks = parquet_blocks(path, "kind", ["gaps"], rows=4)()
    assert len(next(blocks)[0]) == 4
    with pytest.raises(TableError, match="the column 'gaps' of .* has no value in row 7; fill in or drop"):
        next(blocks)


def test_files_that_are_none(tmp_path, path):
    with pytest.raises(TableError, match=r"does not exist; did you mean .*table.parquet"):
        parquet_blocks(tmp_path / "tabel.parquet", "kind")
    with pytest.raises(TableError, match="is a folder"):
        parquet_blocks(tmp_path, "kind")
    (tmp_path / "text.parquet").write_text("a,b\n1,2\n" * 20)
    with pytest.raises(TableError, match="is no Parquet file, or is damaged"):
        parquet_blocks(tmp_path / "text.parquet", "a")


@pytest.mark.parametrize(("rows", "error"), [(0, ValueError), (2.5, TypeError)])
def test_a_number_of_rows_that_is_none(path, rows, error):
    with pytest.raises(error, match=f"rows={rows} is not"):
        parquet_blocks(path, "kind", ["a"], rows=rows)
    with pytest.raises(error, match=f"rows={rows} is not"):
        array_blocks(np.zeros((3, 1)), np.zeros(3), rows=rows)


def test_blocks_of_arrays_are_views_of_their_rows():
    x, y = np.arange(14).reshape(7, 2), np.arange(7)
    blocks = array_blocks(x, y, rows=3)
    for _ in range(2):
        found = list(blocks())
        assert [len(part) for part, _ in found] == [3, 3, 1]
        np.testing.assert_array_equal(np.concatenate([part for part, _ in found]), x)
        np.testing.assert_array_equal(np.concatenate([part for _, part in found]), y)
    assert np.shares_memory(found[0][0], x)
    with pytest.raises(ValueError, match="X has 7 rows, y has 6"):
        array_blocks(x, y[:6])
    with pytest.raises(TypeError, match="y is no array"):
        array_blocks(x, list(y))


MEMORY = """
import resource, sys
from netlet.data import parquet_blocks
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
count, blocks = 0, parquet_blocks(sys.argv[1], "c0", rows=10_000)
next(blocks())
before = peak()
for x, y in blocks():
    count += len(x)
print(count, peak() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the peak is in kilobytes on Linux alone")
def test_memory_is_that_of_a_piece(tmp_path):
    """A file of 64 MB of numbers that do not compress, read in pieces: a fraction of that."""
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({f"c{i}": rng.normal(size=1_000_000) for i in range(8)})
    frame.write_parquet(tmp_path / "big.parquet", row_group_size=20_000)
    arguments = [sys.executable, "-c", MEMORY, str(tmp_path / "big.parquet")]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    count, grown = done.stdout.split()
    assert int(count) == 1_000_000
    assert float(grown) < 32
