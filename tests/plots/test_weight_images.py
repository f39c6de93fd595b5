"""Pictures of weights: every weight at its pixel."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import plots

pytestmark = pytest.mark.plain


def test_grey_pictures_by_hand(ax):
    weights = np.array([[1.0, -5.0], [2.0, -6.0], [3.0, -7.0], [4.0, -8.0], [0.5, 0.25], [0.0, 0.75]])  # 2 x 3, twice
    assert plots.weight_images(weights, (2, 3), ax) is ax
    gap = np.nan
    np.testing.assert_array_equal(
        ax.images[0].get_array().filled(np.nan),
        [[1, 2, 3, gap, -5, -6, -7], [4, 0.5, 0, gap, -8, 0.25, 0.75]],
    )
    assert ax.images[0].get_clim() == (-8, 8)
    assert [each.get_ylabel() for each in ax.figure.axes] == ["", "weight"]


def test_columns(ax):
    plots.weight_images(np.arange(12.0).reshape(4, 3), (2, 2), ax, columns=3)
    found = ax.images[0].get_array().filled(-1)
    np.testing.assert_array_equal(found[0], [0, 3, -1, 1, 4, -1, 2, 5])


def test_three_channels_are_colours(ax):
    weights = np.array([[2.0], [-1.0], [0.0]])
    plots.weight_images(weights, (1, 1, 3), ax)
    np.testing.assert_allclose(ax.images[0].get_array(), [[[1.0, 0.25, 0.5]]])
    assert len(ax.figure.axes) == 1


def test_other_channels_are_rows(ax):
    weights = np.arange(1.0, 7.0).reshape(2, 3)  # a window of 1 x 1, two channels, three filters
    plots.weight_images(weights, (1, 1, 2), ax)
    found = ax.images[0].get_array().filled(0)
    np.testing.assert_array_equal(found, [[1, 0, 2, 0, 3], [0, 0, 0, 0, 0], [4, 0, 5, 0, 6]])


def test_names_stand_above_their_pictures(ax):
    plots.weight_images(np.ones((100, 2)), (10, 10), ax, names=["no", "yes"], columns=2)
    assert [text.get_text() for text in ax.texts] == ["no", "yes"]
    image = ax.images[0].get_array().filled(np.nan)
    for text, column in zip(ax.texts, (4.5, 15.5), strict=True):
        across, down = text.get_position()
        assert across == column
        assert np.isnan(image[int(np.ceil(down)) - 1]).all()  # above the picture, within the image
        assert down > 0
    assert (image[-10:, :10] == 1).all()


def test_weights_of_0_do_not_divide_by_0(ax):
    plots.weight_images(np.zeros((4, 1)), (2, 2), ax)
    assert ax.images[0].get_clim() == (-1, 1)


@pytest.mark.parametrize(
    ("weights", "shape", "options", "message"),
    [
        (np.ones((5, 2)), (2, 2), {}, r"shape=\(2, 2\) has 4 numbers, the weights have 5 rows"),
        (np.ones((4, 2)), 4, {}, r"shape=4 is not \(height, width\)"),
        (np.ones((4, 2)), (4, 0), {}, r"shape=\(4, 0\) is not"),
        (np.ones(4), (2, 2), {}, r"weights has the shape \(4,\); give a matrix"),
        (np.ones((4, 0)), (2, 2), {}, "give at least one row and 1 column"),
        (np.full((4, 1), np.nan), (2, 2), {}, "weights has numbers that are not finite"),
        (np.ones((4, 2)), (2, 2), {"names": ["a"]}, r"names=\['a'\] does not hold 2 names"),
        (np.ones((4, 2)), (2, 2), {"columns": 0}, "columns=0 is not >= 1"),
        (np.ones((8, 2)), (2, 2, 2), {"columns": 1}, "columns=1 for 2 channels, where each unit is a column"),
    ],
)
def test_bad_input(ax, weights, shape, options, message):
    with pytest.raises(ValueError, match=message):
        plots.weight_images(weights, shape, ax, **options)
