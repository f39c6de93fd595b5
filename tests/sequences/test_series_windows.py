"""Windows of series, how tables of series are read, and what repeats itself."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlet.sequences import windows
from netlet.sequences.grid import Grid
from netlet.sequences.naive import best_season, naive
from netlet.sequences.phases import phase_features, phases_of
from netlet.sequences.seasons import season_by_autocorrelation, seasons_of
from netlet.sequences.series import read_series

pytestmark = pytest.mark.plain


def days(*numbers, values=None, **more):
    times = np.datetime64("2024-01-01") + np.array(numbers)
    return {"t": times, "v": np.array(numbers if values is None else values, dtype=float), **more}


def test_by_hand():
    found = windows(np.arange(6.0), lags=[1, 3], horizon=2)
    assert found.past.tolist() == [[0, 2], [1, 3]]
    assert found.ahead.tolist() == [[3, 4], [4, 5]]
    assert found.origin.tolist() == [3, 4]
    assert windows(np.arange(9.0), 2, 1, stride=3).origin.tolist() == [2, 5, 8]


@given(st.integers(1, 5), st.integers(1, 4), st.integers(0, 15), st.sampled_from(["last", "zero"]))
def test_the_future_does_not_change_the_windows_before_it(lags, horizon, moment, gaps):
    """Whatever comes at a moment or after it, what a window with its origin there or before holds stays as it was."""
    rng = np.random.default_rng(0)
    values, known = rng.normal(size=16), rng.normal(size=16)
    values[[4, 9, 10]] = np.nan
    table = days(*range(16), values=values, k=known)
    changed = values.copy()
    changed[moment:] = rng.normal(size=16 - moment)
    read = {"time": "t", "target": "v", "known": ["k"], "gaps": gaps}
    before = windows(table, lags, horizon, **read)
    after = windows(table | {"v": changed}, lags, horizon, **read)
    seen = before.origin <= moment
    assert (before.past[seen] == after.past[seen]).all()
    for past, origin in zip(before.past, before.origin, strict=True):
        filled = read_series(table, **read).series[0].values
        assert (past == filled[origin - lags : origin]).all()


def test_several_series_do_not_mix():
    table = pl.DataFrame({"t": [2, 1, 3, 1, 2, 3, 4], "s": list("aaabbbb"), "v": [2.0, 1, 3, 10, 20, 30, 40]})
    found = windows(table, 1, 1, time="t", target="v", series="s")
    assert found.names == ("a", "b")
    assert found.past.ravel().tolist() == [1, 2, 10, 20, 30]
    assert found.series.tolist() == [0, 0, 1, 1, 1]
    assert found.notes == ("Rows were not in the order of time: sorted.",)
    columns = windows(np.array([[1.0, 10], [2, 20], [3, 30]]), 2, 1)
    assert columns.past.tolist() == [[1, 2], [10, 20]]
    assert columns.names == ("0", "1")


def test_known_columns_stand_beside_the_steps_ahead():
    found = windows(days(0, 1, 2, 3, k=[5.0, 6, 7, 8], j=[0, 0, 1, 1]), 1, 2, time="t", target="v", known=["k", "j"])
    assert found.known.tolist() == [[[6, 0], [7, 1]], [[7, 1], [8, 1]]]


def test_gaps_are_refused_or_filled_by_the_rule():
    table = days(0, 1, 4, 5)
    with pytest.raises(ValueError, match="'v' has 2 gaps, the first at 2024-01-03.*step is 1 day.*gaps='last'"):
        read_series(table, time="t", target="v")
    last = read_series(table, time="t", target="v", gaps="last")
    assert last.series[0].values.tolist() == [0, 1, 1, 1, 4, 5]
    assert last.notes == ("v: 2 missing values filled with the value before.",)
    zero = read_series(table, time="t", target="v", gaps="zero")
    assert zero.series[0].values.tolist() == [0, 1, 0, 0, 4, 5]


def test_missing_values_at_the_ends():
    table = days(0, 1, 2, 3, 4, values=[np.nan, 1, 2, np.nan, np.nan], k=[0, 1, 2, 3, 4])
    found = read_series(table, time="t", target="v", known=["k"])
    assert found.series[0].values.tolist() == [1, 2]
    assert found.series[0].known.ravel().tolist() == [1, 2, 3, 4]  # the steps to come among them
    assert "1 rows before the first value" in found.notes[0]


def test_months_of_unequal_days_are_equal_steps():
    starts = np.array(["2023-11-01", "2023-12-01", "2024-01-01", "2024-02-01", "2024-03-01"], "datetime64[D]")
    ends = starts + np.array([29, 30, 30, 28, 30])
    for times, then in ((starts, "2024-04-01"), (ends, "2024-04-30")):
        grid = read_series({"t": times, "v": np.arange(5)}, time="t", target="v").grid
        assert (grid.kind, grid.step) == ("months", 1)
        assert grid.times(np.array([5])).astype("datetime64[D]") == np.datetime64(then)
        assert (grid.times(np.arange(5)).astype("datetime64[D]") == times).all()
    quarters = read_series({"t": [*starts[[0, 3]].tolist(), np.datetime64("2024-05-01")], "v": [1, 2, 3]}, time="t",
                           target="v").grid  # fmt: skip
    assert quarters.step == 3


def test_times_as_texts_and_as_numbers():
    texts = {"t": ["2024-01-01T00:00", "2024-01-01T06:00", "2024-01-01T12:00"], "v": [1, 2, 3]}
    assert read_series(texts, time="t", target="v").grid.step_in_words() == "6 hours"
    assert (
        read_series({"t": [0.0, 0.1, 0.2, 0.3], "v": [1, 2, 3, 4]}, time="t", target="v").grid.step_in_words() == "0.1"
    )


ONE = {"t": np.arange(4.0), "v": np.arange(4.0)}
BAD = [
    (days(0, 1, 1), {}, "'t' has the time 2024-01-02.* twice; leave one row of each time, or name the column"),
    (days(0, 0, s=["a", "a"]), {"series": "s"}, "twice of the series 'a'; leave one row"),
    ({"t": [0, 1, 2, 3.5], "v": [0, 1, 2, 3]}, {}, "3.5, which is not a multiple of the usual step \\(1\\)"),
    ({"t": [0, np.nan], "v": [0, 1]}, {}, "the time 't' is missing in row 1"),
    ({"t": ["May", "June"], "v": [0, 1]}, {}, "neither numbers nor dates"),
    (ONE | {"v": ["a", "b", "c", "d"]}, {}, "'v' holds something that is no number"),
    (ONE | {"v": [1, np.inf, 2, 3]}, {}, "'v' holds an infinite number"),
    (ONE | {"v": [np.nan] * 4}, {}, "'v' has no value"),
    (ONE, {"target": "w"}, "target='w' is not one of 't', 'v'.*the columns of the table"),
    (ONE, {"target": None}, "name the column of the table to forecast"),
    (ONE, {"gaps": "fill"}, "gaps='fill' is not one of"),
    (ONE | {"k": [1, np.nan, 2, 3]}, {"known": ["k"]}, "known column 'k' is missing in row 1"),
    ({"t": [], "v": []}, {}, "no rows"),
    (days(0, 1, 2, 4, values=[1, 2, np.nan, np.nan], k=np.ones(4)), {"known": ["k"]}, "end at a gap"),
]


@pytest.mark.parametrize(("table", "reads", "message"), BAD)
def test_tables_that_hold_no_series(table, reads, message):
    with pytest.raises(ValueError, match=message):
        read_series(table, **({"time": "t", "target": "v"} | reads))


def test_arrays_that_hold_no_series():
    with pytest.raises(ValueError, match="time='t' names a column, but an array has none"):
        read_series(np.arange(3.0), time="t")
    with pytest.raises(ValueError, match="3 axes"):
        read_series(np.zeros((2, 2, 2)))
    with pytest.raises(ValueError, match="has no values"):
        read_series(np.zeros(0))
    with pytest.raises(ValueError, match="the longest series has 3 values, and a window takes 3 lags and 2 steps"):
        windows(np.arange(3.0), 3, 2)
    for lags, error in ((0, ValueError), ([], ValueError), ([1, 0], ValueError), (1.5, TypeError)):
        with pytest.raises(error, match="lags"):
            windows(np.arange(3.0), lags, 1)


def test_seasons():
    hour, day = 3_600_000_000, 86_400_000_000
    long = [np.random.default_rng(0).normal(size=2000)]
    assert seasons_of(Grid("time", 0, hour), long, 24) == (24, 168)
    assert seasons_of(Grid("time", 0, hour), [long[0][:100]], 24) == (24,)
    assert seasons_of(Grid("time", 0, day), long, 7) == (7,)
    assert seasons_of(Grid("months", 0, 3), long, 4) == (4,)
    assert seasons_of(Grid("rows"), long, 4) == ()
    t = np.arange(300)
    for period in (5, 12, 37):
        noisy = 0.05 * t + np.sin(2 * np.pi * t / period) + 0.1 * np.random.default_rng(1).normal(size=300)
        assert season_by_autocorrelation(noisy, 100) == period
    walks = np.cumsum(np.random.default_rng(2).normal(size=(20, 300)), axis=1)
    assert [season_by_autocorrelation(walk, 100) for walk in walks] == [None] * 20
    assert season_by_autocorrelation(np.ones(50), 20) is None
    assert season_by_autocorrelation(np.arange(3.0), 20) is None


def test_naive_forecasts():
    past = np.array([[1.0, 2, 3, 4]])
    assert naive(past, 3, None).tolist() == [[4, 4, 4]]
    assert naive(past, 5, 3).tolist() == [[2, 3, 4, 2, 3]]
    saw = np.tile([0.0, 5.0, 9.0], 10)
    cut = windows(saw, 6, 2)
    assert best_season(cut.past, cut.ahead, (2, 3)) == 3
    assert best_season(cut.past * 0, cut.ahead * 0, (2,)) is None


def test_phases():
    hours = Grid("time", 0, 3_600_000_000)
    assert phases_of(hours, 1000) == ("day", "week")
    assert phases_of(hours, 24 * 731) == ("day", "week", "year")
    assert phases_of(Grid("rows"), 1000) == ()
    found = phase_features(hours, np.array([0, 6, 24 * 4]), ("day", "week"))
    assert found[0, :4] == pytest.approx([0, 0, 1, 1])
    assert found[1, :4] == pytest.approx([1, 0, 0, -1], abs=1e-12)
    assert found[0, 4:].argmax() == 3
    assert found[2, 4:].argmax() == 0
