"""Presets: whose rows a network learns from, which settings are selected, and the temperature of what is selected."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from netlet import Dense, Input, Network, Softmax
from netlet.tables.best_epoch import refined_loss, squared_loss
from netlet.tables.choosing import choose
from netlet.tables.members import Trained
from netlet.tables.presets import (
    PRESETS,
    batch_size_for,
    epochs_for,
    networks_for,
    pieces_for,
    preset_of,
    splits_of,
    turn_for,
)  # fmt: skip
from netlet.tables.temperature import ALONE, AVERAGED, TOGETHER, temperature_of

pytestmark = pytest.mark.plain


@pytest.mark.parametrize("classes", [None, np.repeat([0, 1], [30, 23])])
def test_five_networks_hold_out_each_row_once(classes):
    splits = splits_of(53, 5, classes, seed=3)
    held = np.concatenate([out for _, out in splits])
    np.testing.assert_array_equal(np.sort(held), np.arange(53))
    for rows, out in splits:
        np.testing.assert_array_equal(np.union1d(rows, out), np.arange(53))
        assert len(rows) + len(out) == 53
        if classes is not None:
            assert (classes[out] == 0).sum() == 6


def test_more_networks_than_folds_divide_the_rows_anew():
    splits = splits_of(50, 7, None, seed=0)
    assert len(splits) == 7
    assert not any(np.array_equal(splits[5][1], out) for _, out in splits[:5])


def test_fewer_networks_hold_out_the_first_fifths():
    for few, many in zip(splits_of(50, 3, None, seed=1), splits_of(50, 5, None, seed=1), strict=False):
        np.testing.assert_array_equal(few[1], many[1])


def test_one_network_holds_out_a_fifth_and_few_rows_are_all_learnt_from():
    ((rows, held),) = splits_of(100, 1, None, seed=0)
    assert (len(rows), len(held)) == (80, 20)
    for rows, held in splits_of(9, 5, None, seed=0):
        np.testing.assert_array_equal(rows, np.arange(9))
        np.testing.assert_array_equal(held, np.arange(9))


@pytest.mark.parametrize("name", PRESETS)
def test_larger_tables_get_larger_batches_and_no_more_epochs(name):
    preset, sizes = preset_of(name), [2, 300, 2_000, 2_999]
    assert {epochs_for(n, preset) for n in sizes} == {preset.epochs[0]}
    large = [3_000, 6_000, 12_000, 100_000, 10_000_000]
    epochs = [epochs_for(n, preset) for n in large]
    assert epochs[0] == epochs[1] == preset.epochs[1]
    assert epochs == sorted(epochs, reverse=True)
    assert epochs[-1] >= 4
    batches = [batch_size_for(n) for n in sizes + large]
    assert batches == sorted(batches)
    assert set(batches) <= {16, 32, 64, 128, 256}
    assert [networks_for(n, preset) for n in (2_999, 3_000)] == list(preset.networks)
    assert pieces_for(2_999)["dropout"] > pieces_for(3_000)["dropout"]


def network(seed):
    return Network([Input(2), Dense(1)], seed=seed)


HELD = (np.array([2, 0]), np.array([1, 3]))


def group(outputs, setting):
    """Two networks of a setting, which say `outputs` of rows 2, 0, 1, 3."""
    halves = np.asarray(outputs, dtype=np.float32).reshape(2, 2, 1)
    return [
        Trained(network(10 * setting + fold), held, out, 0.0, 1, f"history {setting} {fold}", setting)
        for fold, (held, out) in enumerate(zip(HELD, halves, strict=True))
    ]


Y = np.array([0.0, 1.0, 2.0, 3.0])  # in the order of the held out rows: 2, 0, 1, 3


def squared(rows):
    return squared_loss(Y[rows])


def test_one_setting_is_taken_whole():
    chosen = choose([group([9, 9, 9, 9], 0)], Y, squared)
    assert len(chosen.model.networks) == 2
    np.testing.assert_array_equal(chosen.model.weights, [0.5, 0.5])
    np.testing.assert_array_equal(chosen.rows, [2, 0, 1, 3])
    assert not chosen.averaged


def test_settings_that_err_apart_are_averaged_and_a_bad_one_is_left_out():
    above, below, bad = group([3, 1, 2, 4], 0), group([1, -1, 0, 2], 1), group([50, -50, 50, -50], 2)
    chosen = choose([above, bad, below], Y, squared)
    assert [id(each) for each in chosen.model.networks] == [id(each.network) for each in (*above, *below)]
    np.testing.assert_allclose(chosen.model.weights, 0.25)
    np.testing.assert_allclose(chosen.outputs.ravel(), [2, 0, 1, 3])
    assert chosen.histories == ["history 0 0", "history 0 1", "history 1 0", "history 1 1"]
    assert chosen.averaged


def test_all_settings_are_averaged_where_none_are_selected():
    above, bad = group([3, 1, 2, 4], 0), group([50, -50, 50, -50], 2)
    chosen = choose([above, bad], Y, squared, selects=False)
    assert [id(each) for each in chosen.model.networks] == [id(each.network) for each in (*above, *bad)]
    np.testing.assert_array_equal(chosen.outputs.ravel(), [26.5, -24.5, 26, -23])
    assert chosen.averaged


def test_a_setting_without_some_of_its_networks_is_left_out():
    whole, part = group([3, 1, 2, 4], 0), group([2, 0, 1, 3], 1)[:1]
    chosen = choose([part, whole, []], Y, squared)
    assert [id(each) for each in chosen.model.networks] == [id(each.network) for each in whole]


def test_settings_that_lack_different_networks_are_not_compared():
    chosen = choose([group([3, 1, 2, 4], 0)[:1], group([2, 0, 1, 3], 1)[1:]], Y, squared)
    assert len(chosen.model.networks) == 1


def test_a_temperature_is_a_share_of_the_best_one():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(500, 3))
    y = np.array([rng.choice(3, p=p) for p in special.softmax(logits, axis=1)])
    outputs = special.softmax(3 * logits, axis=1)  # three times too sure
    best = refined_loss(y, None, precise=True)(outputs).temperature
    assert best == pytest.approx(3, rel=0.15)
    for n_networks, averaged, share in ((1, False, ALONE), (5, False, TOGETHER), (20, True, AVERAGED)):
        assert temperature_of(outputs, y, None, n_networks, averaged) == pytest.approx(best**share)


def test_weights_count_in_the_temperature():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(500, 3))
    y = np.array([rng.choice(3, p=p) for p in special.softmax(logits, axis=1)])
    outputs = special.softmax(2 * logits, axis=1)
    twice = np.repeat(np.arange(500), 2)[:800]
    weights = np.bincount(twice, minlength=500).astype(float)
    one = temperature_of(outputs, y, weights, 1)
    assert one == pytest.approx(temperature_of(outputs[twice], y[twice], None, 1), rel=0.01)
    assert one != pytest.approx(temperature_of(outputs, y, None, 1), rel=1e-4)


def test_an_ensemble_of_probabilities_stays_one():
    nets = [Network([Input(2), Dense(2), Softmax()], seed=seed) for seed in range(4)]
    rows, out = np.arange(4), np.full((4, 2), 0.5, np.float32)
    groups = [[Trained(net, rows, out, 0.0, 1, None, place)] for place, net in enumerate(nets)]
    chosen = choose(groups, np.array([0, 1, 0, 1]), lambda held: lambda p: refined_loss(held % 2, None)(p).loss)
    np.testing.assert_allclose(chosen.model.predict(np.zeros((1, 2))).sum(), 1, rtol=1e-6)
    assert chosen.model.temperature == 1


def test_networks_of_large_tables_have_sharp_waves_in_turn():
    preset = preset_of("default")
    assert [turn_for(20_000, preset, number).get("frequency_scale") for number in range(4)] == [None, 2.0, None, 2.0]
    assert all(turn_for(5_000, preset, number) == {} for number in range(4))
