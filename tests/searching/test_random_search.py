"""Random search, and what all strategies share: numbers, finite spaces, rounds, replaying."""

from __future__ import annotations

import math

import numpy as np
import pytest
from driving import FEW, MIXED, costs_like, driven, flat, told
from scipy import stats

from netlet.scales import Choice, Integer, LogUniform, Sizes
from netlet.searching.space import Space
from netlet.searching.strategies import (
    CoarseToFine,
    Halving,
    Hyperband,
    OptunaSearch,
    RandomSearch,
    StrategySpecification,
    strategy_of,
)
from netlet.searching.trial import Ask, Trial

pytestmark = pytest.mark.plain

DRAWING = [RandomSearch(), CoarseToFine(), Halving(), Hyperband()]


def test_all_are_asked_for_at_once_where_their_number_is_known():
    asks = RandomSearch().begin(MIXED, 3, 40).next_round()
    assert [ask.number for ask in asks] == list(range(40))
    assert {ask.epochs for ask in asks} == {None}
    assert all(ask.settings in MIXED for ask in asks)


def test_without_end_it_goes_in_rounds_and_begins_the_same():
    rounds = driven(RandomSearch().begin(MIXED, 3), costs_like(0), rounds=3)
    assert [len(asks) for asks in rounds] == [32, 32, 32]
    assert flat(rounds)[:40] == RandomSearch().begin(MIXED, 3, 40).next_round()
    assert RandomSearch().begin(MIXED, 4, 40).next_round() != flat(rounds)[:40]


def test_the_settings_have_the_distribution_of_the_space():
    asks = RandomSearch().begin(MIXED, 0, 2000).next_round()
    rates = [ask.settings["learning_rate"] for ask in asks]
    assert stats.kstest(rates, stats.loguniform(1e-5, 1).cdf).pvalue > 0.01


@pytest.mark.parametrize("strategy", DRAWING, ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("n_trials", [None, 64])
@pytest.mark.parametrize("failing", [0.0, 0.5])
def test_a_finite_space_is_tried_once_each_and_then_ends(strategy, n_trials, failing):
    asks = flat(driven(strategy.begin(FEW, 1, n_trials, epochs=1), costs_like(0, failing)))
    assert sorted(FEW.key(ask.settings) for ask in asks) == sorted(FEW.key(each) for each in FEW.all_settings())


@pytest.mark.parametrize("strategy", DRAWING, ids=lambda each: type(each).__name__)
def test_a_larger_finite_space_is_exhausted_too(strategy):
    space = Space({"hidden": Sizes((0, 2), (1, 12)), "log": Integer(1, 4, log=True), "fixed": "x"})
    asks = flat(driven(strategy.begin(space, 1, epochs=1), costs_like(0)))
    assert len(asks) == space.count() == 628
    assert len({space.key(ask.settings) for ask in asks}) == 628


def test_where_nothing_varies_one_network_is_tried():
    assert [ask.settings for ask in flat(driven(RandomSearch().begin({"a": 1}, 0), costs_like(0)))] == [{"a": 1}]


@pytest.mark.parametrize("strategy", DRAWING, ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("n_trials", [1, 2, 5, 13, 64, 200])
def test_the_number_of_trials_is_kept(strategy, n_trials):
    asks = flat(driven(strategy.begin(MIXED, 1, n_trials, epochs=27), costs_like(0)))
    assert {ask.number for ask in asks} == set(range(n_trials))


@pytest.mark.parametrize("strategy", DRAWING, ids=lambda each: type(each).__name__)
def test_the_first_settings_are_tried_first_and_once(strategy):
    first = [
        {"activation": "elu", "layers": 2},
        {"activation": "elu", "layers": 2},
        {"activation": "tanh", "layers": 1},
    ]
    asks = flat(driven(strategy.begin(FEW, 1, epochs=1, first=first), costs_like(0)))
    assert [ask.settings for ask in asks[:2]] == [{**first[0], "seed": 0}, {**first[2], "seed": 0}]
    assert len(asks) == 6
    one = flat(driven(strategy.begin(FEW, 1, 1, first=first), costs_like(0)))
    assert [ask.settings for ask in one] == [{**first[0], "seed": 0}]


@pytest.mark.parametrize("strategy", [*DRAWING, OptunaSearch()], ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("n_trials", [None, 50])
def test_the_same_seed_and_costs_replay_the_same_asks(strategy, n_trials):
    """The journal of a search that was killed is gone through like this, in whatever order a round was finished."""
    if isinstance(strategy, OptunaSearch):
        pytest.importorskip("optuna")
    cost = costs_like(5, failing=0.2)
    rounds = driven(strategy.begin(MIXED, 7, n_trials, 20), cost, rounds=6)
    assert strategy.replays
    assert driven(strategy.begin(MIXED, 7, n_trials, 20), cost, rounds=6) == rounds
    assert flat(driven(strategy.begin(MIXED, 8, n_trials, 20), cost, rounds=6)) != flat(rounds)


@pytest.mark.parametrize("strategy", DRAWING, ids=lambda each: type(each).__name__)
def test_the_order_in_which_a_round_is_told_does_not_matter(strategy):
    cost = costs_like(5)
    run = strategy.begin(MIXED, 7, 50, 20)
    rounds = []
    while asks := run.next_round():
        rounds.append(asks)
        for ask in reversed(asks):
            run.tell(told(ask, cost(ask.settings, ask.epochs)))
    assert rounds == driven(strategy.begin(MIXED, 7, 50, 20), cost)


@pytest.mark.parametrize("strategy", [CoarseToFine(), Halving(), Hyperband()], ids=lambda each: type(each).__name__)
def test_the_costs_decide(strategy):
    assert driven(strategy.begin(MIXED, 7, 50, 20), costs_like(1)) != driven(
        strategy.begin(MIXED, 7, 50, 20), costs_like(2)
    )


def test_a_round_must_be_told_before_the_next():
    run = RandomSearch().begin(MIXED, 0, 3)
    asks = run.next_round()
    run.tell(told(asks[1], 0.5))
    with pytest.raises(RuntimeError, match=r"before trial\(s\) 0, 2 of this one were told"):
        run.next_round()
    with pytest.raises(ValueError, match="number=1 was told twice"):
        run.tell(told(asks[1], 0.5))
    with pytest.raises(ValueError, match="number=9 of the trial told is none of the round's"):
        run.tell(Trial(9, {}))
    run.tell(told(asks[0], math.nan))
    run.tell(told(asks[2], math.inf))
    assert run.next_round() == []
    assert run.next_round() == []


def test_what_is_told_again_after_a_round_is_refused():
    run = RandomSearch().begin(MIXED, 0)
    for ask in run.next_round():
        run.tell(told(ask, 0.0))
    run.next_round()
    with pytest.raises(ValueError, match="number=3 of the trial told is none of the round's"):
        run.tell(Trial(3, {}))


def test_what_a_round_returns_may_be_changed():
    run = RandomSearch().begin(MIXED, 0, 3)
    asks = run.next_round()
    for ask in list(asks):
        asks.remove(ask)
        run.tell(told(ask, 0.0))
    assert run.next_round() == []


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"seed": -1}, ValueError, "seed=-1 is not >= 0"),
        ({"seed": None}, TypeError, "seed=None is not an int"),
        ({"n_trials": 0}, ValueError, "n_trials=0 is not >= 1"),
        ({"n_trials": 2.0}, TypeError, "n_trials=2.0 is not an int"),
        ({"epochs": 0}, ValueError, "epochs=0 is not >= 1"),
        ({"space": {}}, ValueError, "space={} is empty"),
        ({"first": {"activation": "relu", "layers": 1}}, TypeError, "first is one dict"),
        ({"first": [{"activation": "relu"}]}, ValueError, "the settings name no layers"),
        ({"first": [{"activation": "gelu", "layers": 1}]}, ValueError, "activation='gelu' is not in the space"),
    ],
)
def test_bad_beginnings_are_explained(given, error, message):
    with pytest.raises(error, match=message):
        RandomSearch().begin(**{"space": FEW, "seed": 0} | given)


def test_strategies_by_name():
    made = {name: strategy_of(name) for name in ("random", "coarse_to_fine", "halving", "hyperband", "tpe")}
    assert list(made.values()) == [RandomSearch(), CoarseToFine(), Halving(), Hyperband(), OptunaSearch()]
    assert all(isinstance(each, StrategySpecification) for each in made.values())
    own = Halving(factor=4)
    assert strategy_of(own) is own
    assert own.describe() == {"strategy": "Halving", "factor": 4, "least_epochs": None, "n_trials": None}
    with pytest.raises(ValueError, match="strategy='halvin' is not one of 'coarse_to_fine', .*did you mean 'halving'"):
        strategy_of("halvin")
    with pytest.raises(TypeError, match="neither a name nor a strategy; call it"):
        strategy_of(Halving)
    with pytest.raises(TypeError, match="use one of 'coarse_to_fine'"):
        strategy_of(3)


def test_objects_that_cannot_be_hashed_are_tried_once_too():
    space = Space({"layers": Choice([[1], [2], np.arange(2)])})
    assert len(flat(driven(RandomSearch().begin(space, 0), costs_like(0)))) == 3


def test_long_searches_of_a_wide_space_take_no_time():
    space = Space({"rate": LogUniform(1e-4, 1), "seed": Integer(0, 2**30)})
    assert len(RandomSearch().begin(space, 0, 3000).next_round()) == 3000
    assert isinstance(RandomSearch().begin(space, 0, 1).next_round()[0], Ask)
