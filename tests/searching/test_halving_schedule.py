"""Successive halving and Hyperband: how many networks for how many epochs, by hand and from the paper."""

from __future__ import annotations

import itertools
import math

import pytest
from driving import MIXED, costs_like, driven, flat, told

from netlet.searching.strategies import Halving, Hyperband
from netlet.searching.strategies.hyperband import hyperband_brackets, shared_out

pytestmark = pytest.mark.plain


def table(rounds):
    assert all(len({ask.epochs for ask in asks}) == 1 for asks in rounds)
    return [(len(asks), asks[0].epochs) for asks in rounds]


def schedule(strategy, n_trials, epochs, rounds=None):
    return table(driven(strategy.begin(MIXED, 0, n_trials, epochs), costs_like(0), rounds))


@pytest.mark.parametrize(
    ("strategy", "n_trials", "epochs", "by_hand"),
    [
        (Halving(), 81, 81, [(81, 1), (27, 3), (9, 9), (3, 27), (1, 81)]),
        (Halving(), 64, 20, [(64, 2), (21, 7), (7, 20)]),  # 20 / 9 and 20 / 3, to the nearest
        (Halving(factor=2), 16, 40, [(16, 2), (8, 5), (4, 10), (2, 20), (1, 40)]),
        (Halving(), 10, 81, [(10, 9), (3, 27), (1, 81)]),  # with fewer networks fewer rungs: one must get through
        (Halving(), 64, 1, [(64, 1)]),
        (Halving(), 1, 20, [(1, 20)]),
        (Halving(least_epochs=4), 30, 50, [(30, 4), (10, 12), (3, 36), (1, 50)]),
        (Halving(least_epochs=20), 30, 20, [(30, 20)]),
        (Halving(n_trials=9), 20, 9, [(9, 1), (3, 3), (1, 9), (9, 1), (3, 3), (1, 9), (2, 1), (1, 3), (1, 9)]),
    ],
)
def test_halving_by_hand(strategy, n_trials, epochs, by_hand):
    assert schedule(strategy, n_trials, epochs) == by_hand


def test_halving_without_end_repeats_brackets_of_new_networks():
    rounds = driven(Halving().begin(MIXED, 0, None, 20), costs_like(0), rounds=6)
    assert table(rounds) == [(36, 2), (12, 7), (4, 20)] * 2
    assert [ask.number for ask in rounds[3]] == list(range(36, 72))


def test_the_best_go_on_and_keep_their_number_and_settings():
    cost = costs_like(3)
    rounds = driven(Halving().begin(MIXED, 0, 27, 27), cost)
    for before, after in itertools.pairwise(rounds):
        best = sorted(before, key=lambda ask: cost(ask.settings, ask.epochs))[: len(before) // 3]
        assert [ask.number for ask in after] == sorted(ask.number for ask in best)
        settings = {ask.number: ask.settings for ask in before}
        assert all(settings[ask.number] == ask.settings for ask in after)


def test_a_network_that_failed_never_goes_on():
    cost = lambda settings, epochs: 1.0 if settings["activation"] == "tanh" else math.inf  # noqa: E731
    rounds = driven(Halving().begin(MIXED, 0, 81, 81), cost)
    assert all(ask.settings["activation"] == "tanh" for asks in rounds[1:] for ask in asks)
    none = driven(Halving().begin(MIXED, 0, 81, 81), lambda settings, epochs: math.inf)
    assert table(none) == [(81, 1)]
    few = driven(Halving().begin(MIXED, 0, 9, 9), lambda settings, epochs: math.nan)
    assert table(few) == [(9, 1)]


def test_among_equals_the_earliest_goes_on():
    rounds = driven(Halving().begin(MIXED, 0, 9, 9), lambda settings, epochs: 0.5)
    assert [[ask.number for ask in asks] for asks in rounds[1:]] == [[0, 1, 2], [0]]


def test_the_paper_s_table():
    """Table 1 of Li et al. (2018): R = 81, eta = 3; s = 4 to 0, (n_i, r_i)."""
    paper = [
        [(81, 1), (27, 3), (9, 9), (3, 27), (1, 81)],
        [(34, 3), (11, 9), (3, 27), (1, 81)],
        [(15, 9), (5, 27), (1, 81)],
        [(8, 27), (2, 81)],
        [(5, 81)],
    ]
    assert schedule(Hyperband(), None, 81, rounds=15) == [rung for bracket in paper for rung in bracket]
    assert schedule(Hyperband(), 143, 81) == [rung for bracket in paper for rung in bracket]
    assert schedule(Hyperband(), 286, 81) == [rung for bracket in paper for rung in bracket] * 2
    numbers = [ask.number for ask in flat(driven(Hyperband().begin(MIXED, 0, None, 81), costs_like(0), rounds=16))]
    assert set(numbers) == set(range(143 + 81))  # the brackets are repeated with new networks


def test_the_table_of_another_implementation():
    """That of mlr3hyperband's manual: eta = 2, R = 8."""
    assert hyperband_brackets(8, 2) == [(8, [1, 2, 4, 8]), (6, [2, 4, 8]), (4, [4, 8]), (4, [8])]


def test_epochs_that_are_no_power_of_the_factor():
    assert hyperband_brackets(20, 3) == [(9, [2, 7, 20]), (5, [7, 20]), (3, [20])]
    assert hyperband_brackets(1, 3) == [(1, [1])]
    assert hyperband_brackets(2, 3) == [(1, [2])]


def test_fewer_trials_make_smaller_brackets():
    assert shared_out(30, [81, 34, 15, 8, 5]) == [17, 7, 3, 2, 1]
    rungs = schedule(Hyperband(), 30, 81)
    assert [rungs[i] for i in (0, 5, 9, 12, 14)] == [(17, 1), (7, 3), (3, 9), (2, 27), (1, 81)]
    assert rungs[:5] == [(17, 1), (5, 3), (1, 9), (1, 27), (1, 81)]
    assert schedule(Hyperband(), 1, 81) == [(1, 1), (1, 3), (1, 9), (1, 27), (1, 81)]


def test_halving_costs_a_quarter_of_training_all():
    done = {}
    for asks in driven(Halving().begin(MIXED, 0, 64, 20), costs_like(0)):
        for ask in asks:
            done[ask.number] = ask.epochs  # they go on, so the last epochs are all that they cost
    assert sum(done.values()) == 43 * 2 + 14 * 7 + 7 * 20  # of 64 * 20: a quarter


def test_a_rung_waits_for_the_one_before():
    run = Halving().begin(MIXED, 0, 9, 9)
    asks = run.next_round()
    for ask in asks[:-1]:
        run.tell(told(ask, 1.0))
    with pytest.raises(RuntimeError, match=r"before trial\(s\) 8"):
        run.next_round()


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Halving(factor=1), ValueError, "factor=1 is not >= 2; one network in so many goes on"),
        (lambda: Halving(factor=2.5), TypeError, "factor=2.5 is not an int"),
        (lambda: Halving(least_epochs=0), ValueError, "least_epochs=0 is not >= 1"),
        (lambda: Halving(n_trials=0), ValueError, "n_trials=0 is not >= 1"),
        (lambda: Hyperband(factor=1), ValueError, "factor=1 is not >= 2"),
        (
            lambda: Halving(least_epochs=30).begin(MIXED, 0, 9, 20),
            ValueError,
            "least_epochs=30 of Halving is not <= epochs=20",
        ),
    ],
)
def test_bad_parameters_are_explained(make, error, message):
    with pytest.raises(error, match=message):
        make()
