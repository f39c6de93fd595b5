"""Spaces: what varies, what is fixed, points and settings, and what is said of contradictory ones."""

from __future__ import annotations

import json

import numpy as np
import pytest
from driving import FEW, MIXED
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from netlet.scales import Choice, Integer, LogUniform, Sizes, Uniform
from netlet.searching.space import Space

pytestmark = pytest.mark.plain


def test_a_list_is_a_choice_and_the_rest_is_fixed():
    space = Space({"a": ["x", "y"], "hidden": (64, 32), "rate": 0.1, "b": Integer(1, 2), "none": None})
    assert dict(space.scales) == {"a": Choice(["x", "y"]), "b": Integer(1, 2)}
    assert space.fixed == {"hidden": (64, 32), "rate": 0.1, "none": None}
    assert list(space) == ["a", "hidden", "rate", "b", "none"]
    assert list(space.sample(np.random.default_rng(0))) == list(space)
    assert space.settings_at([0.0, 1.0]) == {"a": "x", "hidden": (64, 32), "rate": 0.1, "b": 2, "none": None}
    assert not space.is_fixed


@given(arrays(float, MIXED.dimensions, elements=st.floats(0, 1)))
def test_settings_come_back_from_their_point(point):
    settings = MIXED.settings_at(point)
    back = MIXED.settings_at(MIXED.point_of(settings))
    rates = ("learning_rate", "momentum", "dropout")
    assert {name: back[name] for name in back if name not in rates} == {
        name: settings[name] for name in settings if name not in rates
    }
    assert [back[name] for name in rates] == pytest.approx([settings[name] for name in rates], rel=1e-12, abs=1e-14)
    assert settings in MIXED
    assert MIXED.completed({name: settings[name] for name in MIXED.scales}) == settings
    other = np.where(MIXED.uses(settings), point, 1 - point)
    assert MIXED.settings_at(other) == settings


def test_samples_follow_the_generator_and_the_scales():
    generators = [np.random.default_rng(0) for _ in range(2)]
    first, again = ([MIXED.sample(generator) for _ in range(1000)] for generator in generators)
    assert first == again
    rates = [settings["learning_rate"] for settings in first]
    assert stats.kstest(rates, stats.loguniform(1e-5, 1).cdf).pvalue > 0.01
    assert len(MIXED.coordinates("hidden").indices(99)) == 3
    assert MIXED.coordinates("hidden") == slice(2, 6)


def test_a_finite_space_is_counted_and_listed():
    assert MIXED.count() is None
    assert FEW.count() == 6
    settings = list(FEW.all_settings())
    assert len({FEW.key(each) for each in settings}) == 6
    assert settings[:2] == [{"activation": "relu", "layers": n, "seed": 0} for n in (1, 2)]


def test_nothing_need_vary():
    space = Space({"rate": 0.1})
    assert space.is_fixed
    assert (space.dimensions, space.count()) == (0, 1)
    assert space.sample(np.random.default_rng(0)) == {"rate": 0.1} == next(space.all_settings())


def test_a_space_is_described_in_plain_values_for_the_journal():
    text = json.dumps(MIXED.describe(), allow_nan=False)
    assert json.loads(text) == MIXED.describe()
    assert MIXED.describe()["epochs"] == {"fixed": 20}
    assert MIXED.describe()["hidden"] == {"scale": "Sizes", "layers": [1, 3], "units": [8, 256], "log": True}
    assert Space({"a": (1, 2)}) == Space({"a": (1, 2)}) != Space({"a": [1, 2]})
    assert hash(Space({"a": (1, 2)})) == hash(Space({"a": (1, 2)}))
    assert Space.of(MIXED) is MIXED
    assert Space.of({"a": [1, 2]}) == Space({"a": [1, 2]})


def test_a_space_cannot_be_changed_through_what_it_was_made_of():
    values = ["a", "b"]
    entries = {"x": values}
    space = Space(entries)
    values.append("c")
    entries["y"] = [1, 2]
    assert space == Space({"x": ["a", "b"]})
    with pytest.raises(TypeError):
        space.scales["z"] = Uniform(0, 1)
    space.fixed["z"] = 3
    assert list(space) == ["x"]


@pytest.mark.parametrize(
    ("entries", "error", "message"),
    [
        ({}, ValueError, "space={} is empty; name what is to vary"),
        ([("a", 1)], TypeError, "is not a dict of names to scales"),
        (None, TypeError, "space=None is not a dict"),
        ({"a": []}, ValueError, "a=\\[\\] in the space: values=\\[\\] of Choice is empty"),
        ({"a": [1, 1]}, ValueError, "a=\\[1, 1\\] in the space: Choice holds 1 twice"),
        ({"a": [Uniform(0, 1), 2]}, TypeError, "do not nest"),
        ({3: [1, 2]}, TypeError, "3 in the space is no name"),
        ({"": [1, 2]}, TypeError, "'' in the space is no name"),
        ({"a": Uniform}, TypeError, "a=Uniform in the space is a class; give it its range"),
        ({"a": stats.loguniform(1e-3, 1)}, TypeError, "is a distribution of SciPy; use a scale"),
        ({"a": np.arange(3)}, TypeError, "is a ndarray; use a list"),
        ({"a": range(3)}, TypeError, "is a range; use a list"),
        ({"a": {1, 2}}, TypeError, "is a set; use a list"),
        ({"a": iter([1])}, TypeError, "use a list"),
    ],
)
def test_contradictory_spaces_are_explained(entries, error, message):
    with pytest.raises(error, match=message):
        Space(entries)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"rate": 0.1}, ValueError, "the settings name no hidden"),
        ({"rate": 0.1, "hidden": (4,), "raet": 1}, ValueError, "did you mean 'rate'"),
        ({"rate": 2.0, "hidden": (4,)}, ValueError, "rate=2.0 is not in the space: 2.0 is not in LogUniform"),
        ({"rate": "0.1", "hidden": (4,)}, TypeError, "rate='0.1' is not in the space"),
        ({"rate": 0.1, "hidden": (4,), "seed": 8}, ValueError, "which fixes it to 7; leave seed out"),
    ],
)
def test_settings_outside_are_explained(settings, error, message):
    space = Space({"rate": LogUniform(1e-3, 1), "hidden": Sizes(1, (2, 8)), "seed": 7})
    assert settings not in space
    with pytest.raises(error, match=message):
        space.point_of(settings)


def test_unknown_coordinates_are_explained():
    with pytest.raises(ValueError, match="did you mean 'layers'"):
        FEW.coordinates("layer")
    with pytest.raises(ValueError, match="point of Space has the shape"):
        FEW.settings_at([0.1])
