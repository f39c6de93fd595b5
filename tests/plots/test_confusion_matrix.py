"""The confusion matrix against scikit-learn's, and its type."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from sklearn import metrics

from netlet import plots

pytestmark = pytest.mark.plain


def axes(size):
    return Figure(figsize=size, layout="constrained").subplots()


def outcome(n_classes, n=900):
    rng = np.random.default_rng(0)
    true = np.concatenate([np.arange(n_classes), rng.integers(0, n_classes, n)])
    return true, np.where(rng.random(len(true)) < 0.7, true, rng.integers(0, n_classes, len(true)))


@pytest.mark.parametrize("n_classes", [2, 10, 11])
def test_counts_and_shares(n_classes):
    true, predicted = outcome(n_classes)
    ax = plots.confusion_matrix(true, predicted, ax=axes((10, 7)))
    counts = metrics.confusion_matrix(true, predicted)
    shares = counts / counts.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(ax.images[0].get_array(), shares)
    with_shares = n_classes <= 10
    for text in ax.texts:
        column, row = text.get_position()
        count, *share = text.get_text().split("\n")
        assert count == str(counts[row, column])
        assert share == ([f"{shares[row, column]:.0%}"] if with_shares else [])
    assert len(ax.texts) == n_classes**2
    assert (len(ax.figure.axes) == 1) == with_shares  # the bar of colours is for those without
    assert ax.get_title() == f"{np.trace(counts)} of {len(true)} right, {np.mean(true == predicted):.1%}"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted", "true")


@pytest.mark.parametrize(("n_classes", "size"), [(2, (3, 2.2)), (10, (3, 2.2)), (10, (10, 7)), (30, (10, 7))])
def test_type_fits_the_cells(n_classes, size):
    ax = plots.confusion_matrix(*outcome(n_classes), ax=axes(size))
    ax.figure.draw_without_rendering()
    cell = ax.get_window_extent().width / n_classes
    for text in ax.texts[:: n_classes + 1]:  # the largest counts are those of the diagonal
        box = text.get_window_extent()
        assert box.width <= cell
        assert box.height <= cell
    labels = [label.get_window_extent() for label in ax.get_yticklabels()]
    assert all(label.height < 1.5 * cell for label in labels)


def test_type_too_small_to_read_is_left_out():
    assert not plots.confusion_matrix(*outcome(30), ax=axes((3, 2.2))).texts


def test_text_stands_out_from_its_cell():
    def luminance(colour):
        rgb = np.array(to_rgb(colour))
        return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4) @ (0.2126, 0.7152, 0.0722)

    ax = plots.confusion_matrix(*outcome(3), ax=axes((6, 4)))
    image = ax.images[0]
    for text in ax.texts:
        column, row = text.get_position()
        pair = sorted([luminance(text.get_color()), luminance(image.cmap(image.norm(image.get_array()[row, column])))])
        assert (pair[1] + 0.05) / (pair[0] + 0.05) > 4.5  # WCAG 2, level AA
    assert {text.get_color() for text in ax.texts} == {"white", "black"}


def test_names_and_an_order_of_classes(ax):
    plots.confusion_matrix(["b", "a", "b"], ["b", "b", "b"], ["Bee", "Ant", "Cow"], ax, classes=["b", "a", "c"])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Bee", "Ant", "Cow"]
    np.testing.assert_array_equal(ax.images[0].get_array(), [[1, 0, 0], [1, 0, 0], [0, 0, 0]])


@pytest.mark.usefixtures("new_figure")
def test_without_axes_it_makes_a_figure():
    plots.confusion_matrix([0, 1], [0, 1])


@pytest.mark.parametrize(
    ("given", "options", "message"),
    [
        (([0, 1], [0]), {}, "y_pred has 1 values for 2 samples"),
        (([], []), {}, "y_true is empty"),
        (([[0, 1]], [0]), {}, r"y_true has the shape \(1, 2\)"),
        (([0, 1], [0, 1]), {"names": ["a"]}, r"names=\['a'\] does not hold 2 names"),
        (([0, 1], [0, 2]), {"classes": [0, 1]}, r"classes=\[0, 1\] lacks 2, which y_true or y_pred has"),
    ],
)
def test_bad_input(ax, given, options, message):
    with pytest.raises(ValueError, match=message):
        plots.confusion_matrix(*given, ax=ax, **options)
