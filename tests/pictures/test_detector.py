"""The detector on pictures with squares: what it learns, gives back and refuses."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV

from netlet import Conv2D, Dense, Flatten, Input, MaxPool2D, Network
from netlet.errors import ModelFileError
from netlet.pictures.cells import Grid
from netlet.pictures.detector import Detector
from netlet.pictures.objects import Detections, objects_of

pytestmark = pytest.mark.plain
SMALL = {"epochs": 1, "validation_fraction": 0, "random_state": 0, "n_threads": 1, "width": 4}


def squares(n, rng, side=16):
    """Return pictures with no or one bright or dark square of 5 to 8 pixels, and what is in them."""
    pictures, y = np.full((n, side, side), 100, np.uint8), []
    for place, picture in enumerate(pictures):
        if place % 4 == 3:
            y.append(([], []))
            continue
        size, is_bright = int(rng.integers(5, 9)), bool(rng.integers(2))
        x0, y0 = (int(number) for number in rng.integers(0, side - size + 1, 2))
        picture[y0 : y0 + size, x0 : x0 + size] = 200 if is_bright else 0
        y.append(([[x0, y0, x0 + size, y0 + size]], ["bright" if is_bright else "dark"]))
    return pictures, y


@pytest.fixture(scope="module")
def fitted():
    """A detector that knows little, and what it learnt from."""
    X, y = squares(8, np.random.default_rng(0))
    return Detector(**SMALL).fit(X, y), X, y


@pytest.mark.compiled
def test_it_finds_squares():
    X, y = squares(400, np.random.default_rng(0))
    unseen = squares(100, np.random.default_rng(1))
    layers = [
        Conv2D(16, 3, padding="same", activation="relu"), MaxPool2D(), Conv2D(32, 3, padding="same", activation="relu"),
        MaxPool2D(), Conv2D(32, 3, padding="same", activation="relu"),
    ]  # fmt: skip
    detector = Detector(layers, epochs=12, batch_size=16, random_state=0, n_threads=1).fit(X, y)
    assert detector.score(*unseen) > 0.9
    found = detector.predict(unseen[0])
    assert np.mean([len(each) == len(labels) for each, (_, labels) in zip(found, unseen[1], strict=True)]) > 0.8
    assert set(np.concatenate([each.labels for each in found])) == {"bright", "dark"}


def test_what_is_found_in_a_picture(fitted):
    detector, X, _ = fitted
    found = detector.predict(X, min_score=0)
    assert len(found) == 8
    for each in found:
        assert isinstance(each, Detections)
        assert each.boxes.shape == (len(each), 4)
        assert each.labels.shape == each.scores.shape == (len(each),)
        assert (np.diff(each.scores) <= 0).all()
        assert each.boxes.min() >= 0
        assert each.boxes.max() <= 16
    best = max(each.scores.max() for each in found)
    assert not any(len(each) for each in detector.predict(X, min_score=min(1.0, best * 1.001)))


def test_what_fit_leaves(fitted):
    detector, _, y = fitted
    assert detector.classes_.tolist() == ["bright", "dark"]
    assert detector.picture_shape_ == (16, 16, 1)
    assert (detector.grid_.rows, detector.grid_.columns) == (2, 2)
    sizes = [boxes[0][2] - boxes[0][0] for boxes, _ in y if len(boxes)]
    assert detector.grid_.typical == pytest.approx([np.exp(np.log(sizes).mean())] * 2)


def test_a_saved_detector_finds_the_same(fitted, tmp_path):
    detector, X, _ = fitted
    detector.save(tmp_path / "model.netlet")
    loaded = Detector.load(tmp_path / "model.netlet")
    for one, other in zip(detector.predict(X, 0), loaded.predict(X, 0), strict=True):
        np.testing.assert_array_equal(one.boxes, other.boxes)
        np.testing.assert_array_equal(one.labels, other.labels)
        np.testing.assert_array_equal(one.scores, other.scores)
    assert loaded.get_params() == detector.get_params()
    assert loaded.n_hidden_ == detector.n_hidden_
    Network([Dense(2)], seed=0).build(3).save(tmp_path / "network.netlet")
    with pytest.raises(ModelFileError, match=r"holds a network by itself, not a Detector; load it with Network.load"):
        Detector.load(tmp_path / "network.netlet")


def test_the_same_seed_gives_the_same_and_fit_changes_no_parameter(fitted):
    detector, X, y = fitted
    again = clone(detector).fit(X, y)
    np.testing.assert_array_equal(again.network_.theta, detector.network_.theta)
    assert Detector(**SMALL).get_params() == detector.get_params()


def test_scikit_learn_searches_it():
    X, y = squares(8, np.random.default_rng(0))
    search = GridSearchCV(Detector(**SMALL), {"nms_iou": [0.3, 0.5]}, cv=2, error_score="raise").fit(X, y)
    assert 0 <= search.best_score_ <= 1
    assert len(search.predict(X)) == 8


def test_colour_and_uneven_pictures_and_one_class():
    X = np.random.default_rng(0).uniform(size=(4, 24, 12, 3))
    y = [([[1, 2, 6, 20]], [7]), ([], []), (np.array([[0, 0, 12, 24.0]]), np.array([7])), ([[0, 0, 3, 3]], [7])]
    detector = Detector(**SMALL).fit(X, y)
    assert (detector.grid_.rows, detector.grid_.columns) == (3, 2)
    assert {label for each in detector.predict(X, 0) for label in each.labels} == {7}
    assert 0 <= detector.score(X, y) <= 1


def test_validation_pictures_are_measured():
    X, y = squares(8, np.random.default_rng(0))
    detector = Detector(**SMALL).fit(X, y, validation_data=(X, y))
    assert detector.history_.epochs[-1]["validation_loss"] > 0
    with pytest.raises(ValueError, match=r"validation y holds .*'green'.*, which is not among the classes"):
        detector.fit(X, y, validation_data=(X[:1], [([[0, 0, 1, 1]], ["green"])]))


def test_numbers_of_cells_by_hand():
    """A picture of 40 x 20 in 4 x 2 cells of 10 pixels; a typical box of 10 x 5."""
    grid = Grid(rows=2, columns=4, height=20, width=40, typical=(10.0, 5.0))
    objects = objects_of([([], []), ([[22, 9, 32, 19]], [1])])
    targets, n_hidden = grid.targets(objects, np.array([1]))
    cells = targets.reshape(2, 2, 4, 6)
    assert n_hidden == 0
    assert cells[..., 0].sum() == 1
    # its centre (27, 14) is 2 right of and 1 above that of the cell in column 2, row 1
    np.testing.assert_allclose(cells[1, 1, 2], [1, 0.2, -0.1, 0, np.log(2), 1], rtol=1e-6)


def test_boxes_come_back_from_their_numbers():
    rng = np.random.default_rng(0)
    grid = Grid(rows=3, columns=5, height=30, width=60, typical=(7.0, 9.0))
    low = rng.uniform(0, 10, (20, 2))
    boxes, labels = np.concatenate([low, low + rng.uniform(1, 20, (20, 2))], axis=1), rng.integers(0, 3, 20)
    targets, _ = grid.targets(objects_of([([box], [label]) for box, label in zip(boxes, labels, strict=True)]), labels)
    for picture, box, label in zip(targets.reshape(20, 15, 6), boxes, labels, strict=True):
        outputs = np.full((15, 8), -20.0)
        outputs[:, :5] = picture[:, :5]
        outputs[:, 0] = 40 * picture[:, 0] - 20
        outputs[np.arange(15), 5 + picture[:, 5].astype(int)] = 20
        found, codes, scores = grid.found(outputs.ravel(), 0.5)
        np.testing.assert_allclose(found, [box], atol=1e-4)
        assert codes.tolist() == [label]
        assert scores == pytest.approx(1)


def test_of_two_boxes_in_one_cell_the_smaller_is_learnt():
    X, boxes = np.zeros((2, 16, 16)), [[1, 1, 5, 5], [0, 0, 7, 7], [9, 9, 15, 15]]
    detector = Detector(**SMALL).fit(X, [(boxes, [0, 1, 1]), (boxes[1:], [1, 1])])
    assert detector.n_hidden_ == 1
    objects = objects_of([(boxes, [0, 1, 1])])
    targets, _ = detector.grid_.targets(objects, np.array([0, 1, 1]))
    np.testing.assert_array_equal(targets.reshape(4, 6)[:, 0], [1, 0, 0, 1])
    np.testing.assert_array_equal(targets.reshape(4, 6)[:, 5], [0, 0, 0, 1])


GOOD = [([[0, 0, 4, 4]], [0]), ([], [])]
BAD = {
    "outside": (
        [([[0, 0, 4, 4]], [0]), ([[10, 0, 17, 4]], [0])],
        r"y\[1\] has the box \[10.0, 0.0, 17.0, 4.0\], which is not within the picture of width 16 and height 16; cut",
    ),
    "negative": ([([[-1, 0, 4, 4]], [0]), ([], [])], r"y\[0\] has the box \[-1.0, .*not within the picture"),
    "turned round": ([([[4, 0, 4, 4]], [0]), ([], [])], r"the boxes of y\[0\] holds \[4.0, .* in row 0, not x0, y0"),
    "not finite": ([([[0, 0, np.nan, 4]], [0]), ([], [])], r"the boxes of y\[0\] holds .* not x0, y0, x1, y1 with"),
    "labels": ([([[0, 0, 4, 4]], [0, 1]), ([], [])], r"y\[0\] has 1 boxes and labels of shape \(2,\); give a label"),
    "labels without boxes": ([([], [1]), ([], [])], r"y\[0\] has 0 boxes and labels of shape \(1,\)"),
    "three numbers": ([([[0, 0, 4]], [0]), ([], [])], r"the boxes of y\[0\] has shape \(1, 3\), not \(k, 4\)"),
    "no box": ([([], []), ([], [])], "y has no box in any picture; a detector learns from boxes of what it is to find"),
    "too few": (GOOD[:1], r"y is of 1 pictures, X has 2; give \(boxes, labels\) for each picture"),
    "no pair": ([[[0, 0, 4, 4]], []], r"y\[0\] is a list, not \(boxes, labels\); give boxes \(k, 4\) and labels"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_boxes_are_refused(case):
    y, message = BAD[case]
    with pytest.raises(ValueError, match=message):
        Detector(**SMALL).fit(np.zeros((2, 16, 16)), y)


@pytest.mark.parametrize(
    ("X", "kind", "message"),
    [
        (np.zeros((2, 16)), ValueError, r"X has shape \(2, 16\), not \(n, height, width\) or"),
        (np.zeros((0, 16, 16)), ValueError, r"X has shape \(0, 16, 16\), not"),
        (np.full((2, 16, 16), np.nan), ValueError, "X holds NaN or infinity; give pictures of finite numbers"),
        (np.full((2, 16, 16), "a"), TypeError, "X has the dtype <U1; give pictures as numbers"),
        (np.zeros((2, 16, 4)), ValueError, "X has pictures of 16x4, smaller than a cell of 8; give layers"),
    ],
)
def test_bad_pictures_are_refused(X, kind, message):
    with pytest.raises(kind, match=message):
        Detector(**SMALL).fit(X, GOOD)


def test_pictures_of_another_shape_are_refused(fitted):
    with pytest.raises(ValueError, match=r"X has pictures of shape \(16, 16, 3\), the detector learnt \(16, 16, 1\)"):
        fitted[0].predict(np.zeros((1, 16, 16, 3)))
    with pytest.raises(NotFittedError):
        Detector().predict(np.zeros((1, 16, 16)))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"width": 0}, "width=0 is not >= 1"),
        ({"nms_iou": 2}, r"nms_iou=2 is not a number in \[0, 1\]"),
        ({"epochs": 0}, "epochs=0 is not >= 1"),
        ({"layers": [Flatten(), Dense(3)]}, r"conv2d_1 reads the shape \(height, width, channels\), not \(3,\)"),
        (
            {"layers": lambda shape, n_outputs: [Input(shape), Conv2D(n_outputs + 1, 3)]},
            r"layers make an output of shape \(14, 14, 7\), a detector needs \(rows, columns, 6\); leave out Flatten",
        ),
    ],
)
def test_bad_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Detector(**(SMALL | settings)).fit(np.zeros((2, 16, 16)), GOOD)


def test_a_list_that_is_no_sequence_of_pairs():
    with pytest.raises(TypeError, match=r"y is a int; give a list with \(boxes, labels\) for each picture"):
        Detector(**SMALL).fit(np.zeros((2, 16, 16)), 3)
