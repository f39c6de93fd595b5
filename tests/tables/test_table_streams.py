"""Learning from blocks of rows, and from files: what is sampled, held out and learnt."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import polars as pl
import pytest

from netlet.data import TableError
from netlet.network.network import Network
from netlet.tables.classifier import TableClassifier
from netlet.tables.file_blocks import file_blocks
from netlet.tables.first_pass import Sample, Summary, keys_of
from netlet.tables.regressor import TableRegressor

TINY: dict[str, Any] = {"epochs": 6, "recipe": {"hidden": (16,)}, "random_state": 0}
N = 600
RNG = np.random.default_rng(2)
X = pl.DataFrame(
    {
        "a": RNG.normal(size=N),
        "lack": [None if row % 4 == 0 else float(row % 7) for row in range(N)],
        "kind": RNG.choice(["x", "y", "z"], size=N),
        "town": RNG.choice([f"town {k}" for k in range(12)], size=N),
        "same": [1] * N,
    }
)
Y = np.where(X["a"].to_numpy() + (X["kind"] == "x").to_numpy() > 0.5, "high", "low")
NUMBERS = 100 + 10 * X["a"].to_numpy()


def cut(y, *more, size=130):
    return lambda: ((X[at : at + size], *(each[at : at + size] for each in (y, *more))) for at in range(0, N, size))


def test_both_learn():
    model = TableClassifier(**TINY).fit_stream(cut(Y))
    assert model.score(X, Y) > 0.9
    assert model.classes_.tolist() == ["high", "low"]
    assert model.dropped_columns_ == {"same": "every row is 1"}
    assert model.n_features_in_ == 5
    assert [each["epoch"] for each in model.history_.records] == [1, 2, 3, 4, 5, 6]
    numbers = TableRegressor(**TINY | {"epochs": 20}).fit_stream(cut(NUMBERS))
    assert numbers.score(X, NUMBERS) > 0.9
    assert numbers.mean_ == pytest.approx(NUMBERS.mean())
    assert numbers.scale_ == pytest.approx(NUMBERS.std())
    quantiles = TableRegressor(quantiles=(0.2, 0.8), **TINY).fit_stream(cut(NUMBERS)).predict_quantiles(X)
    assert (quantiles[:, 0] <= quantiles[:, 1]).all()


def test_each_pass_learns_all_rows_but_those_held_out(monkeypatch):
    passes: list[list[float]] = []
    train = Network.fit_stream

    def noted(self, blocks, **options):
        passes.append([])

        def through():
            for block in blocks:
                passes[-1] += block[1].tolist()
                yield block

        return train(self, through(), **options)

    monkeypatch.setattr(Network, "fit_stream", noted)
    model = TableRegressor(**TINY).fit_stream(cut(NUMBERS))
    standardised = (NUMBERS - model.mean_) / model.scale_
    assert len(passes) == 6
    for seen in passes:
        assert len(seen) == N - N // 10
        assert seen == passes[0]
        assert set(seen) < set(standardised.tolist())


def test_the_sample_is_that_of_the_smallestkeys_of():
    sample, keys, size = Sample(50), np.concatenate([keys_of(3, place, 70) for place in range(4)]), 70
    for place in range(4):
        rows = slice(place * size, (place + 1) * size)
        sample.add(keys[rows], pl.DataFrame({"row": np.arange(280)[rows]}), np.arange(280.0)[rows], None)
    assert sample.frame is not None
    wanted = np.sort(np.argsort(keys)[:50])
    np.testing.assert_array_equal(np.sort(sample.frame["row"].to_numpy()), wanted)
    np.testing.assert_array_equal(sample.frame["row"].to_numpy(), sample.y)
    np.testing.assert_array_equal(keys[sample.frame["row"].to_numpy()], sample.keys)


def test_the_summary_is_that_of_all_targets():
    summary, y = Summary(), RNG.normal(size=1_000) + 1e6
    for at in range(0, 1_000, 170):
        summary.add(y[at : at + 170], True)
    assert (summary.n_rows, summary.low, summary.high) == (1_000, y.min(), y.max())
    assert summary.mean == pytest.approx(y.mean(), rel=1e-12)
    assert summary.deviation == pytest.approx(y.std(), rel=1e-9)
    counted = Summary()
    for block in (["b", "c"], ["a", "c"]):
        counted.add(np.array(block, dtype=object), False)
    labels, counts = counted.classes()
    assert (labels.tolist(), counts.tolist()) == (["a", "b", "c"], [1, 1, 2])


def test_a_class_that_comes_late_and_blocks_that_are_empty():
    order = np.argsort(Y, kind="stable")
    frame, y = X[order], Y[order]
    blocks = [(frame[:0], y[:0]), *((frame[at : at + 100], y[at : at + 100]) for at in range(0, N, 100))]
    assert TableClassifier(**TINY).fit_stream(lambda: blocks).classes_.tolist() == ["high", "low"]


def test_weights_and_class_weights_are_the_same_in_blocks():
    weights = np.where(Y == "high", 5.0, 1.0)
    by_row = TableClassifier(**TINY).fit_stream(cut(Y, weights)).predict_proba(X)
    by_class = TableClassifier(class_weight={"high": 5.0}, **TINY).fit_stream(cut(Y)).predict_proba(X)
    np.testing.assert_array_equal(by_row, by_class)
    assert by_class[:, 0].mean() > TableClassifier(**TINY).fit_stream(cut(Y)).predict_proba(X)[:, 0].mean()


@pytest.mark.parametrize("ending", ["parquet", "csv", "tsv"])
def test_a_file_is_as_its_blocks(ending, tmp_path):
    path = tmp_path / f"x.{ending}"
    whole = X.with_columns(y=pl.Series(Y))
    if ending == "parquet":
        whole.write_parquet(path, row_group_size=250)
    else:
        whole.write_csv(path, separator="," if ending == "csv" else "\t")
    model = TableClassifier(**TINY).fit_file(path, "y", rows=130)
    assert model.target_name == "y"
    assert model.feature_names_in_.tolist() == X.columns
    wanted = TableClassifier(**TINY).fit_stream(cut(Y))
    np.testing.assert_array_equal(model.predict_proba(X), wanted.predict_proba(X))
    model.save(tmp_path / "m.netlet")
    again = TableClassifier.load(tmp_path / "m.netlet")
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    assert again.target_name == "y"


def test_numbers_in_a_text_file(tmp_path):
    X.with_columns(y=pl.Series(NUMBERS)).write_csv(tmp_path / "x.csv")
    model = TableRegressor(**TINY | {"epochs": 20}).fit_file(tmp_path / "x.csv", "y")
    assert model.score(X, NUMBERS) > 0.9
    assert "a" in [each.column for each in model.preparation_.numbers]


def test_a_target_that_is_no_number_further_down(tmp_path):
    path = tmp_path / "x.csv"
    rows = [f"{row},{row % 5},{row % 3}" for row in range(3_000)]
    path.write_text("\n".join(["a,b,y", *rows[:-1], "7,7,2.5"]))
    model = TableRegressor(**TINY | {"epochs": 1}).fit_file(path, "y", rows=500)
    assert model.range_ == (0.0, 2.5)
    path.write_text("\n".join(["a,b,y", *rows[:-1], "7,7,tall"]))
    with pytest.raises(TableError, match="begins with numbers and further down has 'tall'"):
        TableRegressor(**TINY | {"epochs": 1}).fit_file(path, "y", rows=500)


@pytest.mark.parametrize("rows", [1, 2, 3, 100])
def test_text_is_cut_between_rows(tmp_path, rows):
    path = tmp_path / "x.csv"
    table = pl.DataFrame(
        {
            "a\nb": ['one\ntwo, "three"', "plain", "\n", "e\n\nf", "last"],
            "n": [1.5, None, 3.0, 4.0, 5.0],
            "y": ["p", "q", "p", "q", "p"],
        }
    )
    path.write_text(table.write_csv() + "\n")
    pieces = list(file_blocks(path, "y", rows)())
    assert pl.concat([x for x, _ in pieces])["a\nb"].to_list() == table["a\nb"].to_list()
    assert pl.concat([x for x, _ in pieces])["n"].cast(float).to_list() == table["n"].to_list()
    assert pl.concat([y for _, y in pieces]).to_list() == table["y"].to_list()
    assert all(len(y) <= rows for _, y in pieces)


def test_a_row_with_too_many_cells(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a,y\n" + "1,2\n" * 10 + "1,2,3\n")
    with pytest.raises(TableError, match="x.csv cannot be read after row 6"):
        list(file_blocks(path, "y", 6)())


def test_health_is_not_for_blocks():
    with pytest.raises(ValueError, match="health=True is not for a training on blocks.*; leave it out"):
        TableClassifier(health=True, **TINY).fit_stream(cut(Y))


def test_it_ends_early_or_in_time():
    model = TableClassifier(patience=2, **TINY | {"epochs": 500}).fit_stream(cut(Y))
    assert model.history_.stopped == "early"
    assert len(model.history_) == model.history_.best_epoch + 2
    model = TableClassifier(time_limit=0.2, **TINY | {"epochs": 100_000}).fit_stream(cut(Y))
    assert model.history_.stopped == "time"


def changing():
    changing.calls = getattr(changing, "calls", 0) + 1  # type: ignore[attr-defined]
    yield X[: 500 + changing.calls], Y[: 500 + changing.calls]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("blocks", "error", "message"),
    [
        ([(X, Y)], TypeError, "is no function; give one that begins anew"),
        (list, ValueError, "blocks gives no rows"),
        (lambda: [X], TypeError, r"block 0 is not a tuple \(X, y\)"),
        (lambda: [(X, Y), (X.drop("a"), Y)], TableError, r"block 1 has other columns than block 0: \['a'\]"),
        (lambda: [(X, Y[:5])], ValueError, "block 0: X has 600 rows and y has 5"),
        (lambda: [(X, Y), (X, Y, np.ones(N))], ValueError, "block 1: some blocks have sample weights"),
        (lambda: [(X, Y), (X, [None] * N)], ValueError, "block 1: Input y contains NaN or None"),
        (lambda: [(X, ["one"] * N)], ValueError, r"y has 1 class, \['one'\]"),
        (lambda: [(X, Y), (X[:30], np.arange(30))], TypeError, "classes of several kinds"),
        (lambda: [(X.with_columns(a=np.inf), Y)], TableError, "column 'a' has an infinite number"),
        (changing, ValueError, "blocks gave 501 rows at first and then 502"),
    ],
)
def test_blocks_that_are_none(blocks, error, message):
    with pytest.raises(error, match=message):
        TableClassifier(**TINY).fit_stream(blocks)


def test_files_that_are_none(tmp_path):
    model = TableClassifier(**TINY)
    X.write_csv(tmp_path / "x.csv")
    with pytest.raises(TableError, match=r"y\.parquet does not exist; give a CSV or Parquet file, such as x\.csv"):
        model.fit_file(tmp_path / "y.parquet", "a")
    with pytest.raises(TableError, match="target 'b' is not a column"):
        model.fit_file(tmp_path / "x.csv", "b")
    with pytest.raises(TableError, match=r"x.xlsx does not end in .parquet, .csv or .tsv"):
        model.fit_file(tmp_path / "x.xlsx", "b")
    with pytest.raises(ValueError, match="rows=0"):
        model.fit_file(tmp_path / "x.csv", "a", rows=0)
    with pytest.raises(ValueError, match="block 0: Input y contains NaN"):
        model.fit_file(tmp_path / "x.csv", "lack")
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(TableError, match="cannot be read as what its ending says"):
        model.fit_file(tmp_path / "bad.parquet", "a")


MEMORY = """
import resource, sys
import polars as pl
from netlet.tables.classifier import TableClassifier
from netlet.tables.file_blocks import file_blocks
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
recipe = {"hidden": (16,), "numeric": None}
small = pl.read_parquet(sys.argv[1], n_rows=1_000)
TableClassifier(epochs=1, recipe=recipe, random_state=0).fit_stream(lambda: [(small.drop("y"), small["y"])])
before = peak()
model = TableClassifier(epochs=2, recipe=recipe, random_state=0, n_threads=1).fit_file(sys.argv[1], "y")
after = peak()
print(after - before, model.score(small.drop("y"), small["y"].to_numpy()))
"""


@pytest.mark.slow
@pytest.mark.compiled
@pytest.mark.skipif(sys.platform != "linux", reason="the peak is in kilobytes on Linux alone")
def test_a_million_rows_of_30_columns_in_bounded_memory(tmp_path):
    """The table alone takes 240 MB, what `fit` would make of it as much again."""
    n, path = 1_000_000, tmp_path / "million.parquet"
    rng = np.random.default_rng(0)
    columns: dict[str, Any] = {f"x{k}": rng.normal(size=n) for k in range(26)}
    columns["lack"] = np.where(rng.random(n) < 0.3, np.nan, rng.normal(size=n))
    columns |= {"shop": rng.integers(0, 1_000, size=n).astype(str), "kind": rng.choice(["a", "b", "c"], size=n)}
    columns |= {
        "sure": rng.random(n) < 0.5,
        "y": np.where(columns["x0"] + columns["x1"] * columns["x2"] > 0, "yes", "no"),
    }
    pl.DataFrame(columns).write_parquet(path)
    del columns
    found = subprocess.run(
        [sys.executable, "-c", MEMORY, str(path)], capture_output=True, text=True, check=False, timeout=500
    )
    assert found.returncode == 0, found.stderr
    grown, score = (float(each) for each in found.stdout.split())
    assert grown < 220
    assert score > 0.9
