"""Residuals: points, band and words, by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from netlet import plots

pytestmark = pytest.mark.plain
TRUE, PREDICTED = np.array([1.0, 2.0, 3.0, 6.0]), np.array([1.5, 2.0, 2.0, 5.0])


def test_points_and_words(ax):
    first, second = plots.residuals(TRUE, PREDICTED, ax, unit="kg")
    np.testing.assert_array_equal(first.collections[0].get_offsets(), np.column_stack([TRUE, PREDICTED]))
    np.testing.assert_array_equal(second.collections[0].get_offsets(), np.column_stack([PREDICTED, TRUE - PREDICTED]))
    np.testing.assert_array_equal(first.lines[0].get_xydata(), [[1, 1], [6, 6]])
    assert first.get_title() == f"$R^2$ {metrics.r2_score(TRUE, PREDICTED):.3f}"
    rmse = metrics.root_mean_squared_error(TRUE, PREDICTED)  # 0.75
    assert second.get_title() == "RMSE 0.75 kg"
    band = second.patches[0].get_extents().transformed(second.transData.inverted())
    assert (band.y0, band.y1) == (pytest.approx(-rmse), pytest.approx(rmse))
    assert second.get_xlabel() == "predicted (kg)"


def test_large_numbers_are_written_short(ax):
    first, second = plots.residuals(TRUE * 1e6, PREDICTED * 1e6, ax)
    assert second.get_title() == "RMSE 750k"
    ax.figure.canvas.draw()
    assert all(panel.yaxis.get_offset_text().get_text() == "" for panel in (first, second))


@pytest.mark.parametrize("values", [[3.0], [2.0, 2.0]])
def test_r2_of_a_constant_is_undefined(ax, values):
    first, second = plots.residuals(values, values, ax)
    assert first.get_title() == "$R^2$ undefined"
    assert second.get_title() == "RMSE 0"


@pytest.mark.usefixtures("new_figure")
def test_without_axes_it_makes_one_figure():
    plots.residuals(TRUE, PREDICTED)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (([], []), "y_true is empty"),
        (([1.0, 2.0], [1.0]), "y_pred has 1 values for 2 samples"),
        ((["a"], ["b"]), "y_true holds <U1, no numbers; for classes there is confusion_matrix"),
        (([1.0], [np.inf]), "y_pred has numbers that are not finite"),
        ((np.ones((2, 2)), np.ones((2, 2))), r"y_true has the shape \(2, 2\)"),
    ],
)
def test_bad_input(ax, given, message):
    with pytest.raises(ValueError, match=message):
        plots.residuals(*given, ax)
