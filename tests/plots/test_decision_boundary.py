"""The decision boundary: the colours and lines are where the model's answers say."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from netlet import plots
from netlet.plots.boundary import shade
from netlet.plots.look import COLOURS

pytestmark = pytest.mark.plain
X = np.array([[-1.0, 0.0], [1.0, 0.0], [-1.0, 2.0], [1.0, 2.0]])


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def line(ax):
    """Return the points of all boundaries."""
    from matplotlib.contour import QuadContourSet

    return [
        vertices
        for found in ax.get_children()
        if isinstance(found, QuadContourSet)
        for path in found.get_paths()
        for vertices in path.vertices
    ]


def test_the_boundary_is_where_both_classes_are_as_probable(ax):
    drawn = plots.decision_boundary(lambda rows: sigmoid(3 * (rows[:, 0] - 0.25)), X, [0, 1, 0, 1], ax=ax)
    assert drawn is ax
    found = np.array(line(ax))
    np.testing.assert_allclose(found[:, 0], 0.25, atol=1e-3)
    assert found[:, 1].min() < 0
    assert found[:, 1].max() > 2
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("feature 0", "feature 1")


def test_the_depth_of_the_colour_is_how_sure_the_model_is(ax):
    plots.decision_boundary(lambda rows: rows[:, 0] > 0, X, np.array([False, True, False, True]), ax=ax)
    picture = ax.images[0].get_array()
    assert picture.shape == (200, 200, 3)
    for column, colour in ((0, COLOURS[0]), (199, COLOURS[1])):
        np.testing.assert_allclose(picture[5, column], 1 - 0.7 * (1 - np.array(to_rgb(colour))))


def test_shade_by_hand():
    shares = np.array([[[0.5, 0.5], [0.75, 0.25], [0.0, 1.0]]])
    found = shade(shares, ["black", "red"])
    np.testing.assert_allclose(found[0], [[1, 1, 1], [0.65, 0.65, 0.65], [1, 0.3, 0.3]])


def test_the_picture_lies_where_its_numbers_were_asked_for(ax):
    plots.decision_boundary(lambda rows: rows[:, 0] + 100 * rows[:, 1], X, [0.1, 0.2, 0.3, 0.4], ax=ax, resolution=5)
    left, right, bottom, top = ax.images[0].get_extent()
    middles = [np.linspace(low, high, 11)[1::2] for low, high in ((left, right), (bottom, top))]
    np.testing.assert_allclose(ax.images[0].get_array(), middles[0][None, :] + 100 * middles[1][:, None])
    assert left < -1
    assert top > 2


def test_of_numbers_points_and_plane_share_a_scale(ax):
    y = np.array([-7.0, 0.5, 2.5, 9.0])
    plots.decision_boundary(lambda rows: rows[:, 0], X, y, ax=ax)
    points = ax.collections[0]
    np.testing.assert_array_equal(points.get_array(), y)
    assert points.norm is ax.images[0].norm
    assert (points.norm.vmin, points.norm.vmax) == (-7.0, 9.0)


def test_many_classes_have_a_colour_a_mark_and_a_name_each(ax):
    names = np.array(["adelie", "chinstrap", "gentoo"])
    y = names[[0, 1, 2, 2]]

    def answer(rows):
        scores = np.column_stack([-rows[:, 0], rows[:, 0], rows[:, 1] - 1])
        return np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)

    plots.decision_boundary(answer, X, y, ax=ax)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(names)
    scattered = [each.get_offsets() for each in ax.collections[-3:]]
    for name, offsets in zip(names, scattered, strict=True):
        np.testing.assert_array_equal(offsets, X[y == name])
    marks = {each.get_paths()[0].vertices.tobytes() for each in ax.collections[-3:]}
    assert len(marks) == 3


def test_labels_are_drawn_at_full_depth(ax):
    plots.decision_boundary(lambda rows: np.where(rows[:, 1] > 1, "up", "down"), X, ["down", "down", "up", "up"], ax=ax)
    assert np.array(line(ax))[:, 1] == pytest.approx(1.0, abs=0.02)


def test_ints_below_the_number_of_columns_are_classes_themselves(ax):
    """Class 2 does not occur among the samples."""
    plots.decision_boundary(lambda rows: np.tile([0.2, 0.3, 0.5], (len(rows), 1)), X, [0, 1, 0, 1], ax=ax)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["0", "1", "2"]
    assert line(ax) == []


@pytest.mark.parametrize(("fixed", "third"), [(None, 5.0), ({2: 7.0}, 7.0), ({"c": 8.0}, 8.0), ([0.0, 0.0, 9.0], 9.0)])
def test_other_features_are_fixed(ax, fixed, third):
    seen = []

    def predict(rows):
        seen.append(rows)
        return rows[:, 0]

    table = np.column_stack([X, [4.0, 4.0, 6.0, 60.0]])
    plots.decision_boundary(
        predict, table, [0.5, 1, 2, 3], features=("b", 0), ax=ax, fixed=fixed, names=["a", "b", "c"], resolution=4
    )
    assert {*seen[0][:, 2]} == {third}
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("b", "a")
    np.testing.assert_array_equal(ax.collections[0].get_offsets(), X[:, ::-1])
    np.testing.assert_allclose(ax.images[0].get_array()[0], seen[0][0, 0])


def test_a_data_frame_names_the_axes(ax):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=["length", "mass"])
    plots.decision_boundary(lambda rows: rows[:, 0], frame, [0.5, 1, 2, 3], ax=ax)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("length", "mass")


def test_samples_all_alike_have_room_around(ax):
    plots.decision_boundary(lambda rows: rows[:, 0], [[3.0, 0.0]], [0.5], ax=ax)
    assert ax.get_xlim()[0] < 3 < ax.get_xlim()[1]


@pytest.mark.usefixtures("new_figure")
def test_without_axes_it_makes_a_figure():
    plots.decision_boundary(lambda rows: rows[:, 0], X, [0.5, 1, 2, 3])


@pytest.mark.parametrize(
    ("given", "options", "message"),
    [
        (X[:, :1], {}, r"X has the shape \(4, 1\); give at least one row and 2 columns"),
        (X[:0], {}, "give at least one row"),
        (X[0], {}, r"X has the shape \(2,\); give a matrix"),
        (X * np.nan, {}, "X has numbers that are not finite"),
        (np.ones((4, 3)), {}, r"X has 3 features, a picture two; name them, such as features=\(0, 1\)"),
        (X, {"features": (0, 2)}, "features=2 is no int from 0 to 1"),
        (X, {"features": (0, 0)}, "are one and the same"),
        (X, {"features": "ab"}, "features='ab' are not two"),
        (X, {"features": ("feature 0", "featre 1")}, "did you mean 'feature 1'"),
        (X, {"fixed": [1.0]}, r"fixed has the shape \(1,\), X has 2 features"),
        (X, {"names": ["a"]}, r"names=\['a'\] does not hold 2 names"),
        (X, {"resolution": 1}, "resolution=1 is not >= 2"),
        (X, {"kind": "class"}, "kind='class' is not one of .* did you mean 'classes'"),
        (X, {"classes": [0, 2]}, r"y has 1, which is none of classes=\[0, 2\]"),
        (X, {"y": [1.0, 2.0]}, "y has 2 values for 4 samples"),
        (X, {"predict": lambda rows: 1.0}, r"the function gave the shape \(\)"),
        (X, {"predict": lambda rows: rows[:3]}, "give a row for each"),
        (X, {"predict": lambda rows: np.ones((len(rows), 3)) / 3, "y": list("abab")}, "gives 3 columns, there are 2"),
        (X, {"predict": lambda rows: rows[:, 0], "kind": "classes"}, "predict gives one number from -1"),
    ],
)
def test_bad_input(ax, given, options, message):
    options = {"predict": lambda rows: sigmoid(rows[:, 0]), "y": [0, 1, 0, 1]} | options
    predict, y = options.pop("predict"), options.pop("y")
    with pytest.raises(ValueError, match=message):
        plots.decision_boundary(predict, given, y, ax=ax, **options)
