"""Forecasts: better than the naive ones, of what came before only, in the series' own unit."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.base import clone

from netlet.sequences import Forecaster
from netlet.sequences.in_time import split_in_time
from netlet.sequences.series import read_series
from netlet.sequences.windows import windows_of

SHARED = Path(os.environ.get("NETLET_SHARED_DATA") or Path(__file__).parents[2].parent / "shared" / "data")
QUICK = {"epochs": 2, "units": 8, "random_state": 0, "n_threads": 1}


def carbon(n=480, seed=0):
    """Months of a series like that of carbon dioxide: a growing level, a year, and noise that lasts."""
    rng = np.random.default_rng(seed)
    t, noise = np.arange(n), np.zeros(n)
    for at in range(1, n):
        noise[at] = 0.8 * noise[at - 1] + 0.25 * rng.normal()
    year = 3 * np.sin(2 * np.pi * t / 12) + 0.8 * np.sin(4 * np.pi * t / 12 + 1)
    months = (np.datetime64("1980-01", "M") + t).astype("datetime64[us]")
    return {"month": months, "co2": 315 + 0.06 * t + 0.00012 * t**2 + year * (1 + t / 1500) + noise}


def waves(n=90, scale=1.0):
    t = np.arange(n)
    return scale * (np.sin(2 * np.pi * t / 6) + 0.1 * np.cos(t))


def test_it_beats_the_naive_forecasts_untuned():
    model = Forecaster(12, random_state=0).fit(carbon(), time="month", target="co2", test_steps=60)
    assert (model.seasons_, model.season_, model.lags_) == ((12,), 12, 24)
    test = model.test()
    assert len(test) == 49
    assert test.origin[0] == 420
    errors = test.errors()
    assert errors["this model"]["mae"] < 0.5 * errors["seasonal naive"]["mae"] < 0.5 * errors["last value"]["mae"]
    assert 0.65 < test.coverage() < 0.95  # meant for 0.8
    assert test.nominal == pytest.approx(0.8)


@pytest.mark.slow
@pytest.mark.compiled
@pytest.mark.parametrize("kind", ["mlp", "convolution"])
def test_rented_bicycles(kind):
    path = SHARED / "tables" / "bike_hour.parquet"
    if not path.exists():
        pytest.skip(f"{path} is not there; NETLET_SHARED_DATA names the folder that holds it")
    hours = pl.col("dteday").cast(pl.Datetime) + pl.duration(hours=pl.col("hr"))
    table = pl.read_parquet(path).select(hours.alias("time"), "cnt")
    model = Forecaster(24, kind=kind, random_state=0)
    test = model.fit(table, time="time", target="cnt", gaps="zero", test_steps=24 * 56).test()
    errors = test.errors()
    assert errors["this model"]["mae"] < 0.8 * errors["seasonal naive"]["mae"]
    assert 0.6 < test.coverage() < 0.9
    assert (test.values >= 0).all()


def test_the_test_looks_at_nothing_that_comes_after():
    """Forecasts of the test do not change with what comes after their origin, nor the model with what is held back."""
    values = waves()
    changed = values.copy()
    changed[70:] = 9.0
    first = Forecaster(4, **QUICK).fit(values, test_steps=20)
    second = Forecaster(4, **QUICK).fit(changed, test_steps=20)
    assert (first.network_.theta == second.network_.theta).all()
    one, other = first.test(), second.test()
    assert one.origin.tolist() == list(range(70, 87))
    assert (one.values[0] == other.values[0]).all()
    assert (one.values[1] != other.values[1]).any()
    assert (one.truth[0] == values[70:74]).all()
    assert (one.last[1] == values[70]).all()
    assert (one.seasonal[0] == values[64:68]).all()
    assert one.values[0] == pytest.approx(first.predict(values[:70]).values[0])


def test_validation_comes_after_what_is_learnt_from():
    series = read_series(np.random.default_rng(0).normal(size=(100, 2))).series
    cut = windows_of(series, np.arange(5, 0, -1), 3)
    rows, held = split_in_time(cut, 0.2)
    for place in (0, 1):
        learnt, kept = (cut.origin[each[cut.series[each] == place]] for each in (rows, held))
        assert learnt.max() + 3 <= kept.min()
        assert len(kept) == round(0.2 * 93)


def test_it_follows_level_and_scale():
    """A window is shifted and divided by its own: the forecast of a x + b is a times the forecast of x, plus b."""
    values = waves()
    model = Forecaster(4, **QUICK).fit(values)
    plain, moved = model.predict(values), model.predict(1000 * values + 5000)
    assert moved.values == pytest.approx(1000 * plain.values + 5000, rel=1e-5)


def test_series_of_a_table_in_any_order(tmp_path):
    t = np.arange(90)
    table = pl.DataFrame({
        "when": np.concatenate([np.datetime64("2024-01-01", "us") + t * np.timedelta64(1, "D")] * 2),
        "shop": ["b"] * 90 + ["a"] * 90, "sold": np.concatenate([waves(), 50 + waves(scale=10)]),
    })  # fmt: skip
    reads = {"time": "when", "target": "sold", "series": "shop"}
    model = Forecaster(3, **QUICK).fit(table, **reads)
    shuffled = clone(model).fit(table.sample(fraction=1.0, shuffle=True, seed=1), **reads)
    forecast = model.predict()
    assert (shuffled.predict().values == forecast.values).all()
    assert shuffled.notes_ == ("Rows were not in the order of time: sorted.",)
    assert model.notes_ == ()
    assert forecast.names == ("a", "b")
    assert forecast.values.shape == (2, 3, 3)
    assert (np.diff(forecast.values, axis=2) >= 0).all()
    assert abs(forecast.median[0] - 50).max() < 25 > abs(forecast.median[1]).max() * 10
    columns = forecast.columns("when", "shop")
    assert list(columns) == ["shop", "when", "q10", "q50", "q90"]
    assert columns["when"][0] == np.datetime64("2024-03-31")
    assert columns["shop"].tolist() == ["a"] * 3 + ["b"] * 3
    model.save(tmp_path / "m.netlet")
    loaded = Forecaster.load(tmp_path / "m.netlet")
    assert (loaded.predict(table).values == forecast.values).all()
    assert (loaded.predict(table, steps=2).values == forecast.values[:, :2]).all()
    with pytest.raises(ValueError, match="a loaded model does not hold the series"):
        loaded.predict()


def test_columns_that_are_known_ahead():
    """What comes is said by a column alone: with it the forecast is right, which it cannot be without."""
    rng = np.random.default_rng(0)
    sale = rng.integers(0, 2, 300).astype(float)
    table = {"v": 5 * sale + rng.normal(0, 0.1, 300), "sale": sale}
    model = Forecaster(2, lags=4, season=0, random_state=0).fit(table, target="v", known=["sale"], test_steps=60)
    errors = model.test().errors()
    assert errors["this model"]["mae"] < 0.5 < 1.5 < errors["last value"]["mae"]
    ahead = {"v": np.append(table["v"], [np.nan] * 2), "sale": np.append(sale, [1.0, 0.0])}
    assert model.predict(ahead).median[0] == pytest.approx([5, 0], abs=1)
    with pytest.raises(ValueError, match="go on for 0 steps after the last value; add rows for 2 steps"):
        model.predict(table)


def test_where_nothing_was_negative_no_quantile_is():
    values = np.maximum(waves(), 0)
    assert (Forecaster(4, **QUICK).fit(values).predict().values >= 0).all()
    assert (Forecaster(4, **QUICK).fit(values - 0.1).predict().values < 0).any()


def test_a_series_that_is_constant():
    forecast = Forecaster(2, **QUICK).fit(np.full(40, 7.0)).predict()
    assert forecast.median == pytest.approx(7.0, abs=0.1)


def test_the_same_seed_gives_the_same_model():
    model = Forecaster(4, **QUICK)
    first, second = clone(model).fit(waves()), clone(model).set_params(n_threads=2).fit(waves())
    assert (first.predict().values == second.predict().values).all()


BAD = [
    ({"horizon": 0}, {}, "horizon=0"),
    ({"season": 1}, {}, "season=1 is every step"),
    ({"season": 8, "lags": 4}, {}, "lags=4 is less than season=8"),
    ({"kind": "lstm"}, {}, "kind='lstm' is not one of"),
    ({"quantiles": (0.9, 0.1)}, {}, "not ascending"),
    ({"layers": [3]}, {}, "layers is not taken"),
    ({"lags": 88, "horizon": 2}, {}, "90 values to learn from; 88 lags and a horizon of 2 need at least 91"),
    ({"horizon": 5}, {"test_steps": 3}, "test_steps=3 is less than horizon=5"),
    ({}, {"test_steps": 90}, "leaves nothing to learn from"),
    ({}, {"target": "v"}, "target='v' names a column, but an array has none"),
]


@pytest.mark.parametrize(("settings", "reads", "message"), BAD)
def test_what_cannot_be_learnt(settings, reads, message):
    with pytest.raises(ValueError, match=message):
        Forecaster(**(QUICK | settings)).fit(waves(), **reads)


def test_what_cannot_be_forecast():
    model = Forecaster(4, **QUICK).fit(waves())
    with pytest.raises(ValueError, match="steps=5 is more than horizon=4"):
        model.predict(steps=5)
    with pytest.raises(ValueError, match=f"there are 3 values; a forecast needs the last {model.lags_}"):
        model.predict(waves(3))
    with pytest.raises(ValueError, match="fit with test_steps="):
        model.test()
    days = {"t": np.datetime64("2024-01-01") + np.arange(90), "v": waves()}
    model = Forecaster(4, **QUICK).fit(days, time="t", target="v")
    hours = {"t": np.datetime64("2024-01-01T00") + np.arange(90), "v": waves()}
    with pytest.raises(ValueError, match="steps of 1 hour, the model was fitted on steps of 1 day"):
        model.predict(hours)
