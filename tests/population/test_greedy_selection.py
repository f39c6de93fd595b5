"""Greedy selection: against a loop in words, never worse than the best, and every wrong input named."""

from __future__ import annotations

import numpy as np
import pytest
from members import random_probabilities
from sklearn.metrics import log_loss

from netlet.population import selection
from netlet.population.selection import greedy_selection

pytestmark = pytest.mark.plain
N = 40


def labels(n_classes, n=N, seed=5):
    return np.random.default_rng(seed).integers(0, n_classes, n)


def naive_cross_entropy(p, y):
    return -sum(np.log(p[i, y[i]]) for i in range(len(y))) / len(y)


def naive_binary(p, y):
    return -sum(np.log(p[i, j] if y[i, j] else 1 - p[i, j]) for i in range(len(y)) for j in range(p.shape[1])) / len(y)


def naive_squared(p, y):
    return sum((p[i, j] - y[i, j]) ** 2 for i in range(len(y)) for j in range(p.shape[1])) / (2 * p.size)


def naive_selection(members, y, cost, size, n_start):
    """Return the order and the curve: as it would be told, one average at a time."""
    alone = [cost(each, y) for each in members]
    order, curve = [], []
    for step in range(size):
        if step < n_start:
            added = sorted(range(len(members)), key=lambda m: (alone[m], m))[step]
        else:
            tried = [cost(np.mean([members[m] for m in [*order, new]], axis=0), y) for new in range(len(members))]
            added = tried.index(min(tried))
        order.append(added)
        curve.append(cost(np.mean([members[m] for m in order], axis=0), y))
    return order, curve


def problem(cost, seed=0):
    rng = np.random.default_rng(seed)
    if cost == "cross_entropy":
        return random_probabilities(7, N, 3, seed), labels(3), naive_cross_entropy
    if cost == "binary_cross_entropy":
        return rng.uniform(0.05, 0.95, (7, N, 2)), rng.integers(0, 2, (N, 2)), naive_binary
    y = rng.normal(size=(N, 2))
    return y + rng.normal(size=(7, N, 2)), y, naive_squared


@pytest.mark.parametrize("n_start", [1, 3, 7])
@pytest.mark.parametrize("cost", ["cross_entropy", "binary_cross_entropy", "squared_error"])
def test_the_members_are_those_of_a_naive_loop(cost, n_start):
    members, y, naive = problem(cost)
    order, curve = naive_selection(members, y, naive, 12, n_start)
    found = greedy_selection(members, y, cost=cost, size=12, n_start=n_start)
    assert list(found.order) == order
    np.testing.assert_allclose(found.curve, curve, rtol=1e-12)
    np.testing.assert_allclose(found.member_costs, [naive(each, y) for each in members], rtol=1e-12)
    best = int(np.argmin(curve)) + 1
    np.testing.assert_array_equal(found.counts, np.bincount(order[:best], minlength=7))
    assert found.cost == pytest.approx(min(curve), rel=1e-12)
    # The weights give the average of that cost.
    assert naive(np.tensordot(found.weights, members, 1), y) == pytest.approx(found.cost, rel=1e-12)
    assert found.weights.sum() == pytest.approx(1)
    # A callable is the same cost.
    own = greedy_selection(members, y, cost=naive, size=12, n_start=n_start)
    assert own.order == found.order
    np.testing.assert_array_equal(own.counts, found.counts)


def test_the_cost_is_the_log_loss_of_scikit_learn():
    members, y, _ = problem("cross_entropy")
    found = greedy_selection(members, y, cost="cross_entropy", size=10)
    np.testing.assert_allclose(found.member_costs, [log_loss(y, each) for each in members], rtol=1e-12)
    assert found.cost == pytest.approx(log_loss(y, np.average(members, axis=0, weights=found.counts)), rel=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_it_is_never_worse_than_the_best_member(seed):
    members, y = random_probabilities(6, N, 4, seed), labels(4, seed=seed)
    for n_start in (1, 6):
        found = greedy_selection(members, y, cost="cross_entropy", size=8, n_start=n_start)
        assert found.cost <= found.member_costs.min()
        assert found.cost == found.curve.min() or found.cost <= found.curve.min() * (1 + 1e-12)


def test_members_that_are_worse_than_the_best_by_far_are_left_out_even_if_one_starts_with_them():
    y = np.zeros((10, 1))
    found = greedy_selection([y + 9, y + 1e-3, y + 5], y, cost="squared_error", size=3, n_start=3)
    np.testing.assert_array_equal(found.counts, [0, 1, 0])
    assert found.order == (1, 2, 0)


def test_equal_members_go_to_the_lower_index():
    members = random_probabilities(3, N, 3)
    y = labels(3)
    first = greedy_selection(members, y, cost="cross_entropy", size=15)
    double = greedy_selection(np.concatenate([members, members]), y, cost="cross_entropy", size=15)
    assert double.order == first.order
    np.testing.assert_array_equal(double.counts[3:], 0)


def test_one_member_is_taken_once():
    members = random_probabilities(1, N, 3)
    found = greedy_selection(members, labels(3), cost="cross_entropy", size=20)
    np.testing.assert_array_equal(found.counts, [1])
    np.testing.assert_array_equal(found.weights, [1.0])
    assert len(found.curve) == 20


def test_with_replacement_a_member_can_weigh_more():
    """By hand: 3/4 of 0 and 1/4 of 4 is 1."""
    found = greedy_selection([[0.0, 0.0], [4.0, 4.0]], [1.0, 1.0], cost="squared_error", size=10)
    np.testing.assert_array_equal(found.counts, [3, 1])
    np.testing.assert_array_equal(found.weights, [0.75, 0.25])
    assert found.cost == 0
    assert found.order[:4] == (0, 0, 1, 0)
    np.testing.assert_allclose(found.curve[:4], [1 / 2, 1 / 2, 1 / 18, 0], rtol=1e-14)


@pytest.mark.parametrize("cost", ["cross_entropy", "binary_cross_entropy", "squared_error"])
def test_small_blocks_give_the_same_bits(cost, monkeypatch):
    members, y, _ = problem(cost)
    found = greedy_selection(members, y, cost=cost, size=10)
    monkeypatch.setattr(selection, "_BLOCK", 50)
    again = greedy_selection(members, y, cost=cost, size=10)
    assert again.order == found.order
    np.testing.assert_array_equal(again.curve, found.curve)


def test_float32_members_are_averaged_in_double_precision():
    members, y, _ = problem("cross_entropy")
    single = members.astype(np.float32)
    found = greedy_selection(single, y, cost="cross_entropy", size=6)
    wide = greedy_selection(single.astype(np.float64), y, cost="cross_entropy", size=6)
    np.testing.assert_array_equal(found.curve, wide.curve)
    assert found.curve.dtype == np.float64


def test_a_probability_of_0_costs_much_and_not_for_ever():
    sure = np.array([[[1.0, 0.0]] * 4], np.float32)
    found = greedy_selection(sure, [0, 0, 0, 1], cost="cross_entropy", size=1)
    assert found.cost == pytest.approx(-np.log(np.finfo(np.float32).tiny) / 4)
    answers = greedy_selection(np.ones((1, 4, 1), np.float32), [1, 1, 1, 0], cost="binary_cross_entropy", size=1)
    assert answers.cost == pytest.approx(-np.log(np.finfo(np.float32).eps) / 4, rel=1e-5)


def test_a_cost_that_is_infinite_is_the_worst():
    found = greedy_selection([[1.0], [2.0]], [0.0], cost=lambda a, y: np.inf if a[0, 0] < 2 else 1.0, size=3)
    np.testing.assert_array_equal(found.counts, [0, 1])


P = random_probabilities(3, 5, 3)
Y = np.array([0, 1, 2, 0, 1])


def with_value(value, place, of=P):
    changed = of.copy()
    changed[place] = value
    return changed


WRONG = {
    "no members": (([], Y), {}, ValueError, "predictions is empty; give those of at least one member"),
    "no samples": ((P[:, :0], Y[:0]), {}, ValueError, r"predictions\[0\] has shape \(0, 3\)"),
    "a number": ((3.0, Y), {}, TypeError, "predictions=3.0 is no array"),
    "a name": (("abc", Y), {}, TypeError, "predictions='abc' is no array"),
    "members of other shapes": (
        ([P[0], P[1, :4]], Y),
        {},
        ValueError,
        r"predictions\[1\] has shape \(4, 3\), predictions\[0\] has \(5, 3\); all members must predict the same",
    ),
    "NaN": ((with_value(np.nan, (2, 4, 1)), Y), {}, ValueError, r"predictions\[2\] holds nan in row 4; leave the mem"),
    "infinity": ((with_value(np.inf, (1, 0, 1)), Y), {}, ValueError, r"predictions\[1\] holds inf in row 0; leave"),
    "words": (([["a"] * 5], Y), {}, TypeError, r"predictions\[0\] holds text"),
    "no probabilities": ((P + 1, Y), {}, ValueError, r"predictions\[0, 0, 0\] is 1\..* no probability"),
    "negative": ((with_value(-0.5, (1, 2, 0)), Y), {}, ValueError, r"predictions\[1, 2, 0\] is -0.5, no probability"),
    "sums": ((with_value(0.0, (1, 2)), Y), {}, ValueError, r"predictions\[1, 2\] sums to 0, not to 1"),
    "y too short": ((P, Y[:4]), {}, ValueError, r"y has 4 rows, predictions\[0\] has 5; give one target for each"),
    "y a list too long": ((P, [*Y, 0]), {}, ValueError, r"y has 6 rows, predictions\[0\] has 5"),
    "an unknown class": ((P, Y + 1), {}, ValueError, "y holds the label 3 in row 2"),
    "y of words": ((P, np.array(list("abcab"))), {}, TypeError, "y holds text"),
    "y with NaN": ((P, [0, 1, np.nan, 0, 1]), {}, ValueError, "y holds nan in row 2"),
    "an unknown cost": ((P, Y), {"cost": "cross_entropi"}, ValueError, "cost='cross_entropi' .*mean 'cross_entropy'"),
    "a cost that is none": ((P, Y), {"cost": 3}, TypeError, "cost=3 is neither a name nor callable"),
    "a cost of NaN": ((P, Y), {"cost": lambda a, y: np.nan}, ValueError, "an average with the member 0 is nan"),
    "one output": ((P[:, :, :1], Y), {}, ValueError, "needs an output for each class, there is 1; use 'binary_cross"),
    "size 0": ((P, Y), {"size": 0}, ValueError, "size=0 is not >= 1"),
    "half a step": ((P, Y), {"size": 1.5}, TypeError, "size=1.5 is not an int"),
    "n_start 0": ((P, Y), {"n_start": 0}, ValueError, "n_start=0 is not >= 1"),
    "n_start of too many": ((P, Y), {"n_start": 4}, ValueError, r"n_start=4 is more than .* the 3 members; use 1 to 3"),
    "n_start above size": ((P, Y), {"n_start": 3, "size": 2}, ValueError, "n_start=3 is more than size=2"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named(case):
    arguments, settings, kind, message = WRONG[case]
    with pytest.raises(kind, match=message):
        greedy_selection(*arguments, **({"cost": "cross_entropy"} | settings))
