"""Every scale has the distribution that its name says, and maps points to values and back."""

from __future__ import annotations

import json
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from netlet.graph.layers import Dense
from netlet.scales import Choice, Integer, LogUniform, OneMinusLog, Scale, Sizes, Uniform

pytestmark = pytest.mark.plain

N = 4000


def drawn(scale: Scale, seed: int = 0) -> list:
    return [scale.value_at(point) for point in np.random.default_rng(seed).random((N, scale.dimensions))]


def ks(values: object, distribution: object) -> float:
    return stats.kstest(values, distribution.cdf).pvalue


def test_uniform_is_uniform():
    assert ks(drawn(Uniform(-2, 3)), stats.uniform(-2, 5)) > 0.01
    assert ks(drawn(Uniform(-2, 3)), stats.uniform(-2, 5.3)) < 1e-4  # the test tells the difference


def test_log_uniform_is_scipys_reciprocal():
    assert ks(drawn(LogUniform(1e-5, 0.3)), stats.loguniform(1e-5, 0.3)) > 0.01
    assert ks(drawn(LogUniform(1e-5, 0.3)), stats.uniform(1e-5, 0.3)) < 1e-4


def test_one_minus_log_is_log_uniform_in_the_distance_from_one():
    values = np.array(drawn(OneMinusLog(0.9, 0.999)))
    assert values.min() >= 0.9
    assert values.max() <= 0.999
    assert ks(1 - values, stats.loguniform(0.001, 0.1)) > 0.01
    assert abs(np.mean(values > 0.99) - 0.5) < 0.03  # 0.9 to 0.99 is as likely as 0.99 to 0.999


@pytest.mark.parametrize(
    ("scale", "value"),
    [
        (Uniform(-1, 3), 1.0),
        (LogUniform(1e-4, 1e-2), 1e-3),
        (OneMinusLog(0.9, 0.999), 0.99),
        (Integer(1, 9), 5),
        (Choice(["a", "b", "c"]), "b"),
        (Sizes((1, 3), (5, 9), log=False), (7, 7)),
    ],
)
def test_the_middle_of_the_cube_worked_by_hand(scale, value):
    middle = scale.value_at([0.5] * scale.dimensions)
    assert middle == (pytest.approx(value, rel=1e-12) if isinstance(value, float) else value)


def chi_squared(values: list, weights: dict) -> float:
    counts = Counter(values)
    assert set(counts) <= set(weights)
    total = sum(weights.values())
    expected = [N * weight / total for weight in weights.values()]
    return stats.chisquare([counts[value] for value in weights], expected).pvalue


def test_integers_are_equally_likely_or_about_as_one_over_them():
    assert chi_squared(drawn(Integer(-3, 4)), dict.fromkeys(range(-3, 5), 1.0)) > 0.01
    log = {k: math.log((k + 0.5) / (k - 0.5)) for k in range(1, 11)}
    assert chi_squared(drawn(Integer(1, 10, log=True)), log) > 0.01
    assert chi_squared(drawn(Integer(5, 20, log=True)), {k: 1 / k for k in range(5, 21)}) > 0.01


def test_choices_are_equally_likely():
    assert chi_squared(drawn(Choice(["a", None, 3, (4, 5)])), {"a": 1, None: 1, 3: 1, (4, 5): 1}) > 0.01


def test_sizes_draw_the_depth_evenly_and_every_layer_by_itself_on_the_log_scale():
    values = drawn(Sizes((0, 3), (1, 10)))
    assert chi_squared([len(value) for value in values], dict.fromkeys(range(4), 1)) > 0.01
    deepest = np.array([value for value in values if len(value) == 3])
    log = np.array([math.log((k + 0.5) / (k - 0.5)) for k in range(1, 11)])
    for column in deepest.T:
        assert stats.chisquare(np.bincount(column, minlength=11)[1:], len(column) * log / log.sum()).pvalue > 0.01
    assert abs(np.corrcoef(deepest.T)[0, 1]) < 0.1


finite_numbers = st.floats(-1e6, 1e6)
shares = st.floats(0, 1)


@st.composite
def scales(draw: st.DrawFn) -> Scale:
    kind = draw(st.sampled_from([Uniform, LogUniform, OneMinusLog, Integer, Choice, Sizes]))
    if kind is Uniform:
        low = draw(finite_numbers)
        return Uniform(low, low + draw(st.floats(1e-3, 1e6)))
    if kind is LogUniform:
        low = draw(st.floats(1e-300, 1e100))
        return LogUniform(low, low * draw(st.floats(1.001, 1e100)))
    if kind is OneMinusLog:
        low = draw(st.floats(0, 0.99))
        return OneMinusLog(low, 1 - (1 - low) * draw(st.floats(1e-6, 0.99)))
    if kind is Integer:
        log = draw(st.booleans())
        low = draw(st.integers(1 if log else -(2**39), 2**39))
        return Integer(low, low + draw(st.integers(1, 2**39)), log=log)
    if kind is Choice:
        return Choice(draw(st.lists(st.none() | st.text() | st.tuples(st.integers()), min_size=1, unique=True)))
    most = draw(st.integers(1, 4))
    least = draw(st.integers(1, 1000))
    layers = draw(st.just(most) | st.just((draw(st.integers(0, most)), most)))
    return Sizes(layers, (least, least + draw(st.integers(1, 1000))), log=draw(st.booleans()))


@given(scales(), st.data())
def test_a_value_comes_back_from_its_point(scale, data):
    point = data.draw(st.lists(shares, min_size=scale.dimensions, max_size=scale.dimensions))
    value = scale.value_at(point)
    back = scale.point_of(value)
    assert back.shape == (scale.dimensions,)
    assert np.all((back >= 0) & (back <= 1))
    again = scale.value_at(back)
    if scale.count() is None:
        # A logarithm of the size 700 has lost as many of its last bits; near its low end, a difference from the rest.
        assert again == pytest.approx(value, rel=1e-12, abs=1e-15 * max(abs(scale.low), abs(scale.high)))
        assert scale.low <= value <= scale.high
        assert type(value) is float
    else:
        assert again == value
        assert scale.own(value) == value
    assert len(scale.uses(value)) == scale.dimensions
    json.dumps(scale.describe(), allow_nan=False)


@given(scales(), st.data())
def test_coordinates_without_use_have_no_say(scale, data):
    point = np.array(data.draw(st.lists(shares, min_size=scale.dimensions, max_size=scale.dimensions)))
    value = scale.value_at(point)
    other = np.where(scale.uses(value), point, 1 - point)
    assert scale.value_at(other) == value


@pytest.mark.parametrize(
    ("scale", "n"),
    [(Integer(3, 8), 6), (Choice("ab"[i] for i in range(2)), 2), (Sizes((0, 2), (2, 4)), 13), (Sizes(2, (1, 3)), 9)],
)
def test_finitely_many_values_are_counted_and_listed(scale, n):
    values = list(scale.all_values())
    assert scale.count() == n == len(values) == len(set(values))
    assert {scale.value_at(scale.point_of(value)) for value in values} == set(values)
    assert set(drawn(scale)) == set(values)


def test_a_continuous_scale_cannot_be_listed():
    assert Uniform(0, 1).count() is None
    with pytest.raises(TypeError, match="no end of values"):
        Uniform(0, 1).all_values()


def test_the_ends_are_drawn():
    for scale in (
        Uniform(0.1, 0.7),
        LogUniform(0.1, 0.7),
        OneMinusLog(0.1, 0.7),
        Integer(2, 7),
        Integer(2, 7, log=True),
    ):
        assert (scale.value_at(0.0), scale.value_at(1.0)) == (scale.low, scale.high)
    assert Choice([1, 2]).value_at(1.0) == 2


def test_numbers_of_numpy_become_those_of_python():
    scale = Uniform(np.float32(0.5), np.int64(2))
    assert (type(scale.low), type(scale.high)) == (float, float)
    assert type(Integer(np.int64(1), np.int8(4)).low) is int
    assert Sizes(np.int64(2), np.array([4, 8])) == Sizes(2, (4, 8))
    assert Integer(1, 4).point_of(np.int64(2)) == Integer(1, 4).point_of(2)


def test_any_object_can_be_chosen_and_is_found_again():
    array = np.arange(3)
    layers = [Dense(4)]
    scale = Choice([array, layers, True, 1, "1"])
    for i, value in enumerate(scale.values):
        assert scale.index(value) == i
    assert Choice([(64,), (64, 32)]).own([64, 32]) == (64, 32)  # what a JSON file makes of it
    assert Choice([0.1, 0.2]).index(np.float64(0.2)) == 1
    assert json.loads(json.dumps(scale.describe(), allow_nan=False))["values"][2:] == [True, 1, "1"]


def test_scales_compare_and_read_as_they_were_written():
    assert LogUniform(1e-4, 1) == LogUniform(1e-4, 1.0) != Uniform(1e-4, 1)
    for scale in (
        LogUniform(1e-4, 1),
        Integer(1, 3, log=True),
        Choice([1, "a"]),
        Sizes((1, 2), (3, 4)),
        Sizes(2, (3, 4)),
    ):
        assert eval(repr(scale)) == scale
        assert hash(scale) == hash(eval(repr(scale)))
    with pytest.raises(AttributeError):
        Uniform(0, 1).low = 3


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Uniform(1, 0), ValueError, "low=1.0 of Uniform is not < high=0.0; swap them"),
        (lambda: Uniform(1, 1), ValueError, "give the plain value 1.0"),
        (lambda: Uniform("1", 2), TypeError, "low='1' of Uniform is not a number"),
        (lambda: Uniform(True, 2), TypeError, "low=True of Uniform is not a number"),
        (lambda: Uniform(0, math.inf), ValueError, "high=inf of Uniform is not finite"),
        (lambda: Uniform(0, 10**400), ValueError, "of Uniform is not finite"),
        (lambda: Uniform(math.nan, 1), ValueError, "low=nan of Uniform is not finite"),
        (lambda: Uniform(-1e308, 1e308), ValueError, "too wide apart"),
        (lambda: LogUniform(0, 1), ValueError, "low=0.0 of LogUniform is not > 0; .* Uniform\\(0.0, 1.0\\)"),
        (lambda: LogUniform(1e300, np.nextafter(1e300, 2e300)), ValueError, "too narrow apart"),
        (lambda: OneMinusLog(0.9, 1.0), ValueError, "high=1.0 of OneMinusLog is not in \\[0, 1\\)"),
        (lambda: OneMinusLog(-0.5, 0.9), ValueError, "low=-0.5 of OneMinusLog is not in \\[0, 1\\)"),
        (lambda: Integer(1.5, 3), TypeError, "low=1.5 of Integer is not an int"),
        (lambda: Integer(3, 3), ValueError, "low=3 of Integer is not < high=3"),
        (lambda: Integer(0, 3, log=True), ValueError, "low=0 of Integer is not >= 1, as log=True needs"),
        (lambda: Integer(1, 2**41), ValueError, "beyond 2\\*\\*40"),
        (lambda: Integer(1, 3, log="yes"), TypeError, "log='yes' of Integer is not a bool"),
        (lambda: Choice([]), ValueError, "values=\\[\\] of Choice is empty"),
        (lambda: Choice("relu"), TypeError, "values='relu' of Choice is no list"),
        (lambda: Choice({"a", "b"}), TypeError, "is no list"),
        (lambda: Choice(3), TypeError, "is no list"),
        (lambda: Choice([1, 2, 1]), ValueError, "holds 1 twice"),
        (lambda: Choice([Uniform(0, 1)]), TypeError, "scales do not nest"),
        (lambda: Sizes((3, 1), (2, 4)), ValueError, "layers=\\(3, 1\\) of Sizes has its least above its most"),
        (lambda: Sizes((1, 2, 3), (2, 4)), TypeError, "is not \\(least, most\\)"),
        (lambda: Sizes(2, 32), TypeError, "units=32 of Sizes is not \\(least, most\\)"),
        (lambda: Sizes(2, (0, 4)), ValueError, "units=\\(0, 4\\) of Sizes begins below 1"),
        (lambda: Sizes(0, (1, 4)), ValueError, "leaves no layer"),
        (lambda: Sizes((-1, 2), (1, 4)), ValueError, "begins below 0"),
        (lambda: Sizes(2, (4, 4)), ValueError, "give the plain value \\(4, 4\\)"),
        (lambda: Sizes(1.5, (4, 8)), TypeError, "layers=1.5 of Sizes is not an int"),
        (lambda: Sizes(1, (4, 8), log=1), TypeError, "log=1 of Sizes is not a bool"),
    ],
)
def test_bad_ranges_are_explained(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize(
    ("scale", "value", "error"),
    [
        (Uniform(0, 1), 1.5, ValueError),
        (Uniform(0, 1), "0.5", TypeError),
        (Uniform(0, 1), math.nan, ValueError),
        (Integer(0, 5), 6, ValueError),
        (Integer(0, 5), 2.0, TypeError),
        (Choice([1, 2]), 3, ValueError),
        (Sizes((1, 2), (4, 8)), (4, 4, 4), ValueError),
        (Sizes((1, 2), (4, 8)), (3,), ValueError),
        (Sizes((1, 2), (4, 8)), 4, TypeError),
    ],
)
def test_a_value_outside_is_refused(scale, value, error):
    with pytest.raises(error, match="not in|is not"):
        scale.point_of(value)


@pytest.mark.parametrize("point", [[1.1], [-0.1], [math.nan], [0.5, 0.5], [], ["a"], None])
def test_a_point_outside_the_cube_is_refused(point):
    with pytest.raises(ValueError, match="of Uniform"):
        Uniform(0, 1).value_at(point)
