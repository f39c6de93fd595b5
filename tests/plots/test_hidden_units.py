"""What hidden units see: a picture for each, of its own activation."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from netlet import plots

pytestmark = pytest.mark.plain
X = np.array([[-1.0, 0.0], [1.0, 0.0], [-1.0, 2.0], [1.0, 2.0]])


def ramps(rows):
    return np.column_stack([rows[:, 0], rows[:, 1], 10 * rows[:, 0]])


def relus(rows):
    return np.maximum(0, ramps(rows))


def test_each_panel_has_its_unit(ax):
    panels = plots.hidden_units(ramps, X, [0, 1, 1, 0], ax=ax, resolution=11)
    across, up, steep = (panel.images[0].get_array() for panel in panels)
    np.testing.assert_allclose(across, np.tile(np.linspace(-1.16, 1.16, 11), (11, 1)))
    np.testing.assert_allclose(up, np.tile(np.linspace(-0.16, 2.16, 11), (11, 1)).T)
    np.testing.assert_allclose(steep, 10 * across)
    assert [panel.get_title() for panel in panels] == ["unit 0", "unit 1", "unit 2"]
    points = np.concatenate([each.get_offsets() for each in panels[1].collections])
    assert {*map(tuple, points)} == {*map(tuple, X)}


def test_a_common_scale_is_symmetric_and_told_by_a_bar(ax):
    panels = plots.hidden_units(ramps, X, ax=ax, resolution=11)
    for panel in panels:
        assert panel.images[0].get_clim() == pytest.approx((-11.6, 11.6))
    assert "activation" in [each.get_ylabel() for each in ax.figure.axes]


def test_own_scales(ax):
    panels = plots.hidden_units(ramps, X, ax=ax, resolution=11, scale="own")
    assert [panel.images[0].get_clim()[1] for panel in panels] == pytest.approx([1.16, 2.16, 11.6])


def test_without_numbers_below_0_white_is_0(ax):
    panel = plots.hidden_units(relus, X, ax=ax, units=[0])[0]
    assert panel.images[0].get_clim()[0] == 0
    assert panel.images[0].get_cmap().name == "Blues"


def test_a_dead_unit_is_white(ax):
    image = plots.hidden_units(lambda rows: np.zeros((len(rows), 1)), X, ax=ax)[0].images[0]
    assert image.get_clim() == (0.0, 1.0)


def test_chosen_units_in_their_order(ax):
    panels = plots.hidden_units(ramps, X, ax=ax, units=[2, 0], resolution=11)
    assert panels[0].images[0].get_array().max() == pytest.approx(11.6)
    assert [panel.get_title() for panel in panels] == ["unit 2", "unit 0"]


def test_many_numbers_are_two_groups(ax):
    many = np.random.default_rng(0).normal(size=(50, 2))
    panel = plots.hidden_units(ramps, many, many[:, 0], ax=ax)[0]
    above = many[many[:, 0] > np.median(many[:, 0])]
    np.testing.assert_array_equal(
        [each.get_offsets() for each in panel.collections if len(each.get_offsets())][1], above
    )


def test_many_units_have_numbers_within(ax):
    panels = plots.hidden_units(lambda rows: np.tile(rows, (1, 5)), X, ax=ax, resolution=5)
    assert [panel.texts[0].get_text() for panel in panels] == [str(unit) for unit in range(10)]
    names = [(panel.get_xlabel(), panel.get_ylabel()) for panel in panels]
    assert [each[0] for each in names if each[0]] == ["feature 0"]
    assert [each[1] for each in names if each[1]] == ["feature 1"]


def test_they_stay_within_the_axes_given():
    left, right = Figure(layout="constrained").subplots(1, 2)
    panels = plots.hidden_units(ramps, X, ax=right, resolution=5)
    left.figure.draw_without_rendering()
    assert all(panel.get_position().x0 > left.get_position().x1 for panel in panels)


@pytest.mark.parametrize(
    ("activations", "options", "message"),
    [
        (ramps, {"units": [3]}, "units holds 3, which is no int from 0 to 2"),
        (ramps, {"units": []}, "units is empty"),
        (ramps, {"scale": "comon"}, "did you mean 'common'"),
        (lambda rows: np.ones((len(rows), 101)), {}, "101 units are more than 100 pictures; choose some"),
        (ramps, {"y": list("abcdefghi"), "X": np.arange(18).reshape(9, 2)}, "y has 9 classes, more than 8"),
        (ramps, {"features": (0, 5)}, "features=5 is no int from 0 to 1"),
    ],
)
def test_bad_input(ax, activations, options, message):
    options = {"X": X} | options
    with pytest.raises(ValueError, match=message):
        plots.hidden_units(activations, ax=ax, **options)
