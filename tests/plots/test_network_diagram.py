"""The network's drawing: widths and colours are the weights."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex

from netlet import plots
from netlet.plots.diagram import NEGATIVE, POSITIVE

pytestmark = pytest.mark.plain
FIRST, SECOND = np.array([[1.0, -2.0], [0.5, 0.0], [-4.0, 3.0]]), np.array([[2.0], [-1.0]])


def of(ax, kind):
    return [each for each in ax.collections if isinstance(each, kind)]


def test_widths_and_colours_are_the_weights(ax):
    plots.network_diagram([FIRST, SECOND], ax=ax)
    first, second = of(ax, LineCollection)
    circles = [each.get_offsets() for each in of(ax, PathCollection)]
    assert [len(each) for each in circles] == [3, 2, 1]
    widest = max(first.get_linewidths())
    for lines, matrix, begin, end in ((first, FIRST, *circles[:2]), (second, SECOND, *circles[1:])):
        for segment, width, colour in zip(
            lines.get_segments(), lines.get_linewidths(), lines.get_colors(), strict=True
        ):
            unit_in = int(np.flatnonzero((begin == segment[0]).all(axis=1))[0])
            unit_out = int(np.flatnonzero((end == segment[1]).all(axis=1))[0])
            weight = matrix[unit_in, unit_out]
            assert width == pytest.approx(widest * abs(weight) / 4)
            if weight:
                assert to_hex(colour) == (POSITIVE if weight > 0 else NEGATIVE)


def test_the_first_unit_is_at_the_top_and_layers_go_right(ax):
    plots.network_diagram([FIRST, SECOND], ax=ax)
    circles = [each.get_offsets() for each in of(ax, PathCollection)]
    assert [{*each[:, 0]} for each in circles] == [{0}, {1}, {2}]
    assert (np.diff(circles[0][:, 1]) == -1).all()


def test_words(ax):
    plots.network_diagram([FIRST, SECOND], ax=ax, inputs=["a", "b", "c"], outputs=["yes"], layers=["in", "one", "two"])
    assert [text.get_text() for text in ax.texts] == [
        "a", "b", "c", "in\n3 inputs", "one\n2 units", "yes", "two\n1 output",
    ]  # fmt: skip
    assert "the widest is 4" in ax.get_legend().get_texts()[1].get_text()


def test_biases_colour_the_circles(ax):
    plots.network_diagram([FIRST, SECOND], [np.array([1.0, -2.0]), None], ax)
    entry, hidden, end = of(ax, PathCollection)
    up, down = hidden.get_facecolors()
    assert up[0] > up[2]  # red
    assert down[2] > down[0]  # blue
    assert down[0] < up[2]  # and deeper, for it is larger
    for plain in (entry, end):
        assert (plain.get_facecolors() == 1).all()


@pytest.mark.parametrize(("max_units", "n_circles"), [(12, 12), (5, 5), (20, 20), (30, 30)])
def test_large_layers_are_abbreviated_with_dots(ax, max_units, n_circles):
    weights = np.arange(1.0, 31.0)[:, None]
    plots.network_diagram([weights], ax=ax, max_units=max_units, inputs=[str(place) for place in range(30)])
    entry = of(ax, PathCollection)[0].get_offsets()
    assert len(entry) == n_circles
    (lines,) = of(ax, LineCollection)
    written = [int(text.get_text()) for text in ax.texts if text.get_text().isdigit()]
    last = max_units // 2
    shown = [*range(max_units - last), *range(30 - last, 30)] if n_circles < 30 else [*range(30)]
    assert written == shown
    np.testing.assert_allclose(np.sort(lines.get_linewidths()) / max(lines.get_linewidths()), np.add(shown, 1) / 30)
    steps = -np.diff(entry[:, 1])
    assert (np.count_nonzero(steps == 2), np.count_nonzero(steps == 1)) == (
        (1, n_circles - 2) if n_circles < 30 else (0, 29)
    )
    if n_circles < 30:
        dots = of(ax, PathCollection)[1].get_offsets()
        gap = int(np.flatnonzero(steps == 2)[0])
        assert ((dots[:, 1] < entry[gap, 1]) & (dots[:, 1] > entry[gap + 1, 1])).all()


@pytest.mark.usefixtures("new_figure")
def test_without_axes_it_makes_a_figure():
    plots.network_diagram([FIRST])


@pytest.mark.parametrize(
    ("weights", "options", "message"),
    [
        ([], {}, "weights is empty"),
        ([FIRST, FIRST], {}, r"weights\[0\] has the shape \(3, 2\), weights\[1\] \(3, 2\); the rows of each"),
        ([FIRST[0]], {}, r"weights\[0\] has the shape \(2,\); give a matrix"),
        ([FIRST * np.nan], {}, r"weights\[0\] has numbers that are not finite"),
        ([FIRST], {"biases": []}, "biases holds 0 arrays for 1 layers"),
        ([FIRST], {"biases": [np.ones(3)]}, r"biases\[0\] has the shape \(3,\), not \(2,\)"),
        ([FIRST], {"inputs": ["a"]}, r"inputs=\['a'\] does not hold 3 names"),
        ([FIRST], {"max_units": 2}, "max_units=2 is not >= 3"),
    ],
)
def test_bad_input(ax, weights, options, message):
    with pytest.raises(ValueError, match=message):
        plots.network_diagram(weights, ax=ax, **options)
