"""Columns become inputs by the published formulas, and again the same from JSON."""

from __future__ import annotations

import datetime
import json

import numpy as np
import polars as pl
import pytest
from scipy import special
from sklearn.preprocessing import QuantileTransformer, RobustScaler

from netlet.data import TableError, choose_columns
from netlet.tables.fitting import fit_preparation
from netlet.tables.frame import as_frame, with_kinds
from netlet.tables.preparation import Preparation

pytestmark = pytest.mark.plain


def fitted(table, encoding="robust"):
    frame = with_kinds(as_frame(table))
    return frame, fit_preparation(frame, choose_columns(frame, None)[0], encoding=encoding)


def clipped(t):
    return t / np.sqrt(1 + (t / 3) ** 2)


def test_numbers_are_scaled_by_their_quartiles_and_clipped():
    values = np.random.default_rng(0).standard_cauchy(101)
    frame, preparation = fitted({"a": values})
    wanted = clipped(RobustScaler().fit_transform(values[:, None]))
    np.testing.assert_allclose(preparation.transform(frame), wanted, rtol=1e-6)
    assert np.abs(preparation.transform(frame)).max() <= 3


def test_numbers_of_equal_quartiles_count_by_their_places_among_the_different_values():
    gains = np.array([0.0] * 37 + [5.0, -8.0, 1000.0, 1000.0, 2000.0])
    frame, preparation = fitted({"a": gains, "b": np.arange(42.0) + 0.5})
    places = np.array([0.0] * 37 + [1, -1, 2, 2, 3])  # -8, 0, 5, 1000, 2000, counted from that of 0
    np.testing.assert_allclose(preparation.transform(frame)[:, 0], clipped(places / 2), rtol=1e-6)
    between = pl.DataFrame({"a": [-100.0, -2.0, 502.5, 9999.0, None], "b": [1.0] * 5})
    wanted = clipped(np.array([-1, -0.25, 1.5, 3, 0]) / 2)
    np.testing.assert_allclose(preparation.transform(between)[:, 0], wanted, rtol=1e-6)
    again = Preparation.from_dict(json.loads(json.dumps(preparation.to_dict())))
    np.testing.assert_array_equal(again.transform(frame), preparation.transform(frame))


def test_numbers_too_near_to_each_other_become_0():
    frame, preparation = fitted({"a": np.array([0.0, 5e-324, 1e-323, 1.5e-323])})
    assert not preparation.transform(frame).any()


@pytest.mark.parametrize("cells", [[[1, 2]], [datetime.timedelta(1)]])
def test_what_is_no_text_where_there_was_some_is_refused(cells):
    _, preparation = fitted({"few": ["u", "v", "u", "v"]})
    with pytest.raises(TableError, match="column 'few' holds .*, the model was trained with text there; make it text"):
        preparation.transform(pl.DataFrame({"few": cells}))


def test_places_are_counted_among_two_hundred_values_at_most():
    values = np.concatenate([np.zeros(3000), np.arange(1.0, 1000.0)])
    frame, preparation = fitted({"a": values, "b": np.arange(3999.0)})
    assert len(preparation.numbers[0].places) == 200
    found = preparation.transform(frame)[3000:, 0].astype(float)
    steps = np.diff(found / np.sqrt(1 - (found / 3) ** 2))  # the clip undone: evenly spaced, but for rounding
    np.testing.assert_allclose(steps, 2 / 999, rtol=0.3)


def test_the_quantile_encoding_is_that_of_scikit_learn_clipped():
    rng = np.random.default_rng(0)
    values = np.stack([rng.standard_cauchy(501), rng.poisson(2.0, 501), np.maximum(rng.normal(size=501), 0)], axis=1)
    frame, preparation = fitted(dict(zip("abc", values.T, strict=True)), "quantile")
    assert [len(number.knots) for number in preparation.numbers] == [200] * 3
    theirs = QuantileTransformer(n_quantiles=200, output_distribution="normal").fit(values)
    new = rng.normal(1, 2, (300, 3))
    found, wanted = preparation.transform(pl.DataFrame(dict(zip("abc", new.T, strict=True)))), theirs.transform(new)
    same = np.abs(wanted) < 5  # the ends stand in the middle of their ties here
    assert same[:, 0].all()
    assert same.mean() > 0.6
    np.testing.assert_allclose(found[same], clipped(wanted)[same], rtol=1e-5, atol=1e-6)
    share = (values[:, 2] == 0).mean()  # at level 0 to this one
    zeros = preparation.transform(frame)[values[:, 2] == 0, 2]
    np.testing.assert_allclose(zeros, clipped(special.ndtri(share / 2)), atol=0.01)
    assert np.abs(preparation.transform(frame)).max() <= 3
    again = Preparation.from_dict(json.loads(json.dumps(preparation.to_dict())))
    np.testing.assert_array_equal(again.transform(frame), preparation.transform(frame))


def test_the_quantile_encoding_of_missing_and_of_few_values():
    _, preparation = fitted({"a": [1.0, 2.0, 4.0, None], "b": [3, 1, 2, 7]}, "quantile")
    assert preparation.numbers[0].knots == (1, 2, 4)
    x = preparation.transform(pl.DataFrame({"a": [2.0, None, 3.0, 99.0], "b": [None, 1, 1, 1]}))
    wanted = clipped(special.ndtri([0.5, 0.5, 0.75, 1 - 1e-7]))
    np.testing.assert_allclose(x[:, 0], wanted, rtol=1e-6, atol=1e-15)
    assert x[:, 2].tolist() == [0, 1, 0, 0]
    assert x[0, 1] == 0


def test_files_of_before_there_were_knots_can_be_read():
    _, preparation = fitted({"a": [1.0, 2.0, 4.0], "b": [3, 5, 4]})
    old = preparation.to_dict()
    old["version"] = 1
    for number in old["numbers"]:
        del number["knots"]
    assert Preparation.from_dict(old) == preparation


def test_missing_numbers_are_the_median_and_are_told():
    frame, preparation = fitted({"a": [1.0, 2.0, 3.0, None], "b": [0.5, 1.5, 2.5, 3.5]})
    assert preparation.names == ("a", "b", "a missing")
    x = preparation.transform(frame)
    assert x[3, 0] == 0
    assert x[:, 2].tolist() == [0, 0, 0, 1]
    # Where nothing was missing, a missing number is the median.
    assert preparation.transform(pl.DataFrame({"a": [2.0], "b": [None]})).tolist() == [[0, 0, 0]]


def test_categories_of_two_of_few_and_of_many_values():
    many = [f"v{i % 12:02}" for i in range(36)] + ["once", None]
    frame, preparation = fitted(
        {
            "two": ["no", "yes"] * 19,
            "few": (["a", "b", "c"] * 13)[:38],
            "many": many,
            "truth": [True, False] * 19,
        }
    )
    assert preparation.names == ("two", "few=a", "few=b", "few=c", "truth", "many")
    x = preparation.transform(frame)
    assert x[:2, :5].tolist() == [[-1, 1, 0, 0, 1], [1, 0, 1, 0, -1]]
    assert x[:3, 5].tolist() == [1, 2, 3]
    assert x[36:, 5].tolist() == [0, 0]  # seen once, and missing
    new = pl.DataFrame({"truth": [None, 1], "many": ["v11", "?"], "few": ["z", None], "two": [None, "maybe"]})
    assert preparation.transform(new).tolist() == [[0, 0, 0, 0, 0, 12], [0, 0, 0, 0, 1, 0]]
    assert preparation.columns_of() == {"two": [0], "few": [1, 2, 3], "truth": [4], "many": [5]}


def test_dates_are_split():
    _, preparation = fitted({"d": ["2024-01-01", "2024-02-05", "2024-03-12", None], "n": [1, 5, 2, 4]})
    assert preparation.names == (
        "d days",
        "d month",
        "d weekday",
        "n",
        "d days missing",
        "d month missing",
        "d weekday missing",
    )


def test_it_says_what_becomes_of_a_column():
    frame, preparation = fitted({
        "number": [1.0, None, *range(28)],
        "answer": [True, False, None] * 10,
        "few": ["a", "b", "c"] * 10,
        "many": [f"v{i % 10}" for i in range(30)],
        "day": pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 1, 30), eager=True),
    })  # fmt: skip
    assert [preparation.done(name) for name in frame.columns] == [
        "scaled by its quartiles; missing taken as the median 13, and marked",
        "one input: -1 for false, 1 for true, 0 for missing",
        "one input for each of 3 values",
        "embedded: 10 values, each with numbers that are learned; one for missing and rarer values",
        f"split into {', '.join(n.part for n in preparation.numbers[1:-1])} and {preparation.numbers[-1].part}, each "
        "scaled by its quartiles",
    ]


def test_json_gives_the_same_back():
    frame, preparation = fitted({"a": [1.0, 2.0, None], "b": ["x", "y", None], "c": list("pqr")})
    again = Preparation.from_dict(json.loads(json.dumps(preparation.to_dict())))
    assert again == preparation
    np.testing.assert_array_equal(again.transform(frame), preparation.transform(frame))


def test_bad_rows_are_refused():
    _, preparation = fitted({"a": [1.0, 2.0, 4.0], "b": [3, 5, 4]})
    with pytest.raises(TableError, match="lacks 1 of the 2 columns the model needs: a"):
        preparation.transform(pl.DataFrame({"b": [1]}))
    with pytest.raises(TableError, match="the model needs: a; is it what the table calls 'A'"):
        preparation.transform(pl.DataFrame({"A": [1], "b": [1]}))
    with pytest.raises(TableError, match="column 'a' has an infinite number in row 1"):
        preparation.transform(pl.DataFrame({"a": [np.inf], "b": [1]}))
    with pytest.raises(TableError, match="column 'a' has 'tall' in row 1, the model was trained with numbers there"):
        preparation.transform(pl.DataFrame({"a": ["tall"], "b": [1]}))
    with pytest.raises(ValueError, match="version 99"):
        Preparation.from_dict(preparation.to_dict() | {"version": 99})


def test_huge_numbers():
    frame, preparation = fitted({"a": [1e300, -1e300, 2e300, 0.0], "b": [1, 3, 2, 9]})
    assert np.isfinite(preparation.transform(frame)).all()
    with pytest.raises(TableError, match="column 'a' holds numbers too large"):
        fitted({"a": [1.7e308, -1.7e308, 1e308, 0.0], "b": [1, 3, 2, 9]})
