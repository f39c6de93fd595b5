"""Coarse to fine narrows around the best, and finds a minimum with fewer networks than random search."""

from __future__ import annotations

import math

import numpy as np
import pytest
from driving import driven, flat

from netlet.scales import Integer, LogUniform, Sizes, Uniform
from netlet.searching.space import Space
from netlet.searching.strategies import CoarseToFine, RandomSearch
from netlet.searching.strategies.coarse_to_fine import Box

pytestmark = pytest.mark.plain

PLANE = Space({"rate": LogUniform(1e-4, 1), "dropout": Uniform(0, 0.5), "activation": ["relu", "tanh", "elu"]})


def bowl(minimum):
    """The squared distance from a minimum in the unit square, and a step for the wrong activation."""

    def cost(settings, epochs):
        point = PLANE.point_of(settings)[:2]
        return float(((point - minimum) ** 2).sum()) + 0.05 * (settings["activation"] != "tanh")

    return cost


def best_of(strategy, seed, n_trials):
    minimum = np.random.default_rng([1, seed]).random(2)
    cost = bowl(minimum)
    return min(cost(ask.settings, None) for ask in flat(driven(strategy.begin(PLANE, seed, n_trials), cost)))


def test_it_beats_twice_as_many_networks_at_random():
    fine = [best_of(CoarseToFine(), seed, 48) for seed in range(40)]
    random = [best_of(RandomSearch(), seed, 96) for seed in range(40)]
    assert np.median(fine) < 0.5 * np.median(random)


def test_the_rounds_share_the_trials():
    rounds = driven(CoarseToFine().begin(PLANE, 0, 50), bowl(0.5))
    assert [len(asks) for asks in rounds] == [16, 17, 17]
    assert [len(asks) for asks in driven(CoarseToFine(rounds=5).begin(PLANE, 0, 30), bowl(0.5))] == [10, 10, 10]
    assert [len(asks) for asks in driven(CoarseToFine().begin(PLANE, 0, 7), bowl(0.5))] == [7]
    assert driven(CoarseToFine(rounds=1).begin(PLANE, 0, 50), bowl(0.5)) == driven(
        RandomSearch().begin(PLANE, 0, 50), bowl(0.5)
    )


def spread(asks):
    points = np.array([PLANE.point_of(ask.settings) for ask in asks])[:, :2]
    return points.max(axis=0) - points.min(axis=0)


def test_each_round_is_inside_the_box_of_the_best_quarter():
    cost = bowl(np.array([0.3, 0.6]))
    rounds = driven(CoarseToFine(margin=0.2).begin(PLANE, 4, 120), cost)
    for i in (1, 2):
        before = sorted(flat(rounds[:i]), key=lambda ask: cost(ask.settings, None))[: 10 * i]
        points = np.array([PLANE.point_of(ask.settings) for ask in before])[:, :2]
        low, high = points.min(axis=0), points.max(axis=0)
        margin = 0.2 * (high - low)
        inside = np.array([PLANE.point_of(ask.settings) for ask in rounds[i]])[:, :2]
        assert np.all(inside >= low - margin - 1e-9)
        assert np.all(inside <= high + margin + 1e-9)
        seen = {ask.settings["activation"] for ask in before}
        assert {ask.settings["activation"] for ask in rounds[i]} == seen
    assert np.prod(spread(rounds[2])) < 0.4 * np.prod(spread(rounds[0]))  # the area; without the margin a quarter


def test_without_end_it_starts_anew_and_goes_finer_each_time():
    rounds = driven(CoarseToFine(rounds=2).begin(PLANE, 4), bowl(np.array([0.3, 0.6])), rounds=9)
    assert {len(asks) for asks in rounds} == {16}
    wide = [bool(np.all(spread(asks) > 0.75)) for asks in rounds]
    assert wide == [True, False, True, False, False, True, False, False, False]


def test_a_coordinate_that_says_nothing_stays_wide():
    cost = lambda settings, epochs: abs(math.log10(settings["rate"]) + 2)  # noqa: E731
    rounds = driven(CoarseToFine(rounds=4).begin(PLANE, 1, 160), cost)
    assert spread(rounds[-1])[0] < 0.25
    assert spread(rounds[-1])[1] > 0.7


def test_failed_networks_bound_no_box():
    cost = lambda settings, epochs: math.inf if settings["dropout"] > 0.1 else settings["rate"]  # noqa: E731
    rounds = driven(CoarseToFine().begin(PLANE, 1, 90), cost)
    assert max(ask.settings["dropout"] for ask in rounds[2]) < 0.12
    everywhere = driven(CoarseToFine().begin(PLANE, 1, 90), lambda settings, epochs: math.inf)
    assert flat(everywhere) == flat(driven(RandomSearch().begin(PLANE, 1, 90), lambda settings, epochs: math.inf))


def test_the_box_by_hand():
    space = Space({"a": Uniform(0, 10), "b": ["x", "y", "z"], "hidden": Sizes((1, 2), (1, 4), log=False)})
    inside = [{"a": 2.0, "b": "z", "hidden": (1,)}, {"a": 4.0, "b": "x", "hidden": (3, 2)}]
    box = Box(space, inside, margin=0.5)
    # a: 0.2 to 0.4, by half its width more; depth: 1/4 to 3/4; first layer: 1/8 to 5/8; the second: of one network only
    np.testing.assert_allclose(box.low[[0, 2, 3, 4]], [0.1, 0.0, 0.0, 0.375])
    np.testing.assert_allclose(box.high[[0, 2, 3, 4]], [0.5, 1.0, 0.875, 0.375])
    settings = [space.settings_at(box.draw(np.random.default_rng(seed))) for seed in range(200)]
    assert {each["b"] for each in settings} == {"x", "z"}
    assert {each["hidden"][1] for each in settings if len(each["hidden"]) == 2} == {2}
    assert {each["hidden"][0] for each in settings} == {1, 2, 3, 4}
    inside[1]["hidden"] = (3, 3)
    assert Box(space, inside, margin=0.5).low[4] == Box(space, inside, margin=0.5).high[4] == 0.625
    only_one = Box(space, inside[:1], margin=0.5)
    assert (only_one.low[4], only_one.high[4]) == (0.0, 1.0)  # a layer that none of them has is drawn from all sizes


def test_whole_numbers_narrow_too():
    space = Space({"n": Integer(1, 1000)})
    rounds = driven(CoarseToFine().begin(space, 0, 60), lambda settings, epochs: abs(settings["n"] - 700))
    assert all(550 < ask.settings["n"] < 850 for ask in rounds[2])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"rounds": 0}, "rounds=0 is not >= 1"),
        ({"keep": 0}, "keep=0 is not > 0 and < 1"),
        ({"keep": 1.0}, "keep=1.0 is not > 0 and < 1"),
        ({"margin": -0.1}, "margin=-0.1 is not >= 0"),
        ({"margin": math.inf}, "margin=inf is not >= 0"),
    ],
)
def test_bad_parameters_are_explained(given, message):
    with pytest.raises(ValueError, match=message):
        CoarseToFine(**given)
