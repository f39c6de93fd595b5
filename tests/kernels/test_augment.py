"""Augmentation's kernel: known maps, what its draws depend on, and how they are spread."""

from __future__ import annotations

import numpy as np
import pytest
from calls import LayerCall
from scipy import stats
from scipy.ndimage import rotate

from netlet.kernels.layers.augment import ADDED, FIRST_ROW, N_SAVED
from netlet.kernels.registry import layers

pytestmark = pytest.mark.plain
ROW = layers["augment"]


def augmented(
    n=1, height=4, width=5, channels=1, step=(1, 11, 22, 3, 0), stream=1003, seed=0, dtype="float64", **chosen
):
    """Return a call that ran forward; `chosen` are factors and the settings `flips` and `edge`, all 0 by default."""
    named = {"height": height, "width": width, "channels": channels, "stream": stream, "flips": 0, "edge": 0}
    named |= {name: chosen.pop(name) for name in ("flips", "edge") if name in chosen}
    call = LayerCall(ROW, dtype, n, height * width * channels, step=step, seed=seed, **named)
    call.factors[: len(ROW.factors)] = [chosen.get(name, 0.0) for name in ROW.factors]
    call.forward()
    return call


def pictures(call, values):
    """Return what a call read or wrote as pictures."""
    return values.reshape(len(values), *call.settings[:3])


def test_no_change_asked_for_is_none():
    call = augmented(3, channels=2)
    np.testing.assert_array_equal(call.y, call.x)
    np.testing.assert_array_equal(call.backward()[0], call.dy)


def test_it_is_off_in_evaluation():
    call = augmented(3, step=(0, 11, 22, 3, 0), shift=0.4, rotation=1.0, zoom=0.4, flips=3, brightness=1.0)
    np.testing.assert_array_equal(call.y, call.x)
    np.testing.assert_array_equal(call.backward()[0], call.dy)


@pytest.mark.parametrize(("flips", "axes"), [(1, [(), (1,)]), (2, [(), (2,)]), (3, [(), (1,), (2,), (1, 2)])])
def test_flips_are_numpys_and_as_frequent(flips, axes):
    call = augmented(400, 3, 4, 2, flips=flips)
    x, y = pictures(call, call.x), pictures(call, call.y)
    found = np.array([(np.abs(np.flip(x, axis) - y) < 1e-12).all(axis=(1, 2, 3)) for axis in axes])
    np.testing.assert_array_equal(found.sum(axis=0), 1)
    assert stats.chisquare(found.sum(axis=1)).pvalue > 1e-3


@pytest.mark.parametrize("edge", [0, 1])
def test_a_shift_by_whole_places_moves_the_numbers(edge):
    """The shift is drawn; the first row of the map says which it was, and a factor makes it a whole one."""
    drawn = augmented(1, 4, 5, shift=0.5).saved[0, FIRST_ROW]
    call = augmented(1, 4, 1, shift=0.5 * np.sign(drawn) / drawn, edge=edge)
    x, y = pictures(call, call.x)[0, :, 0, 0], pictures(call, call.y)[0, :, 0, 0]
    by = round(call.saved[0, FIRST_ROW])
    assert abs(by) == 1
    outside = 0.0 if not edge else x[-1] if by > 0 else x[0]
    expected = np.append(x[1:], outside) if by > 0 else np.append(outside, x[:-1])
    if edge:
        np.testing.assert_allclose(y, expected, atol=1e-12)
    else:  # sideways the picture has one place: part of it moves out
        share = np.abs(y[np.abs(expected) > 0] / expected[np.abs(expected) > 0])
        np.testing.assert_allclose(share, share[0], atol=1e-12)
        assert y[np.abs(expected) == 0] == pytest.approx(0, abs=1e-12)


def test_a_turn_is_scipys():
    call = augmented(5, 7, 7, 2, rotation=0.6)
    for sample, x, y in zip(call.saved, pictures(call, call.x), pictures(call, call.y), strict=True):
        angle = np.degrees(np.arctan2(sample[2], sample[0]))
        assert 0 < abs(angle) < np.degrees(0.6)
        expected = rotate(x, -angle, (0, 1), reshape=False, order=1, mode="grid-constant")
        np.testing.assert_allclose(y, expected, atol=1e-12)


def test_backward_is_the_transposed_interpolation():
    """The matrix of a sample's map, a column for each place of the picture, gives dx = dy M."""
    for edge in (0, 1):
        given = {"shift": 0.3, "rotation": 1.0, "zoom": 0.4, "flips": 3, "edge": edge}
        call = augmented(1, 3, 4, 1, **given)
        size = call.x.size
        matrix = np.empty((size, size))
        for place in range(size):
            call.x[:] = 0
            call.x[0, place] = 1
            matrix[:, place] = call.forward()[0]
        np.testing.assert_allclose(call.backward()[0][0], call.dy[0] @ matrix, atol=1e-14)


def test_draws_are_uniform_up_to_the_most():
    call = augmented(2000, 1, 1, brightness=0.5, zoom=0.25)
    added = call.saved[:, ADDED]
    assert stats.kstest(added, stats.uniform(-0.5, 1.0).cdf).pvalue > 1e-3
    assert stats.kstest(1 / call.saved[:, 0], stats.uniform(0.75, 0.5).cdf).pvalue > 1e-3
    assert abs(stats.pearsonr(added, 1 / call.saved[:, 0]).statistic) < 0.1


@pytest.mark.parametrize(
    "other",
    [
        {"step": (1, 12, 22, 3, 0)}, {"step": (1, 11, 23, 3, 0)}, {"step": (1, 11, 22, 4, 0)},
        {"step": (1, 11, 22, 3, 40)}, {"stream": 1004},
    ],
    ids=["key_low", "key_high", "step", "row", "layer"],
)  # fmt: skip
def test_key_step_row_and_layer_each_change_the_draws(other):
    given = {"n": 40, "shift": 0.3, "brightness": 1.0}
    one, two = augmented(**given).saved, augmented(**given, **other).saved
    assert abs(stats.pearsonr(one[:, ADDED], two[:, ADDED]).statistic) < 0.5
    assert not (one[:, FIRST_ROW] == two[:, FIRST_ROW]).any()


@pytest.mark.parametrize("cut", [1, 7, 16])
def test_the_draws_do_not_depend_on_how_the_rows_are_cut(cut):
    given = {"shift": 0.3, "rotation": 1.0, "zoom": 0.4, "flips": 3, "brightness": 1.0}
    parts = [augmented(min(cut, 20 - k), step=(1, 11, 22, 3, k), **given).saved for k in range(0, 20, cut)]
    np.testing.assert_array_equal(np.concatenate(parts), augmented(20, **given).saved)
    assert parts[0].shape[1] == N_SAVED
