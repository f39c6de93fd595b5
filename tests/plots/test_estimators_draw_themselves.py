"""Estimators draw with their own classes and feature names."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from netlet import Dense, MLPClassifier, MLPRegressor, NetworkClassifier

# A few epochs suffice for a picture.
pytestmark = [pytest.mark.plain, pytest.mark.filterwarnings("ignore:Stochastic Optimizer")]
rng = np.random.default_rng(0)
X = rng.normal(size=(60, 3))
Y = np.array(["gentoo", "adelie", "chinstrap"])[np.digitize(X[:, 0], [-0.5, 0.5])]


@pytest.fixture(scope="module")
def classifier():
    return MLPClassifier((5,), max_iter=4, random_state=0, early_stopping=True, n_iter_no_change=9).fit(X, Y)


def test_the_boundary_has_the_classes_as_names(ax, classifier):
    assert classifier.plot_decision_boundary(X, Y, (0, 2), ax, resolution=20) is ax
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["adelie", "chinstrap", "gentoo"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("feature 0", "feature 2")


def test_a_data_frame_names_the_features(ax):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=["length", "depth", "mass"])
    fitted = MLPRegressor(hidden_layer_sizes=(3,), max_iter=2, random_state=0, n_iter_no_change=9, tol=0).fit(
        frame, X[:, 0]
    )
    fitted.plot_decision_boundary(frame, X[:, 0], ("mass", "length"), ax, resolution=5)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("mass", "length")
    left, right, bottom, top = ax.images[0].get_extent()
    middle = np.array([[(bottom + top) / 2, np.median(X[:, 1]), (left + right) / 2]])
    found = ax.images[0].get_array()[2, 2]
    assert found == pytest.approx(fitted.predict(pandas.DataFrame(middle, columns=frame.columns))[0], rel=1e-6)


def test_a_loss_without_probabilities(ax):
    fitted = NetworkClassifier([Dense(3, "tanh")], loss="hinge", max_iter=2, random_state=0).fit(
        X[:, :2], Y == "adelie"
    )
    fitted.plot_decision_boundary(X[:, :2], Y == "adelie", ax=ax, resolution=20)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["False", "True"]


def test_the_confusion_matrix(ax, classifier):
    classifier.plot_confusion_matrix(X, Y, ax=ax)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["adelie", "chinstrap", "gentoo"]
    assert ax.get_title().endswith(f"{classifier.score(X, Y):.1%}")


def test_learning_curves(ax, classifier):
    loss, score = classifier.plot_learning_curves(ax, columns=("loss", "score"))
    own = {line.get_label(): line.get_ydata() for line in loss.get_lines()}
    np.testing.assert_array_equal(own["training"], classifier.loss_curve_)
    np.testing.assert_array_equal(own["validation"], classifier.validation_loss_curve_)
    np.testing.assert_array_equal(score.get_lines()[0].get_ydata(), classifier.validation_scores_)


def test_validation_that_begins_late_is_drawn_late(ax):
    fitted = MLPRegressor(hidden_layer_sizes=(2,), random_state=0).partial_fit(X, X[:, 0])
    fitted.partial_fit(X, X[:, 0], validation_data=(X, X[:, 0]))
    fitted.plot_learning_curves(ax)
    own = {line.get_label(): line.get_ydata() for line in ax.get_lines()}
    np.testing.assert_array_equal(own["validation"], [np.nan, *fitted.validation_loss_curve_])


def test_residuals(ax):
    targets = X[:, :2]
    fitted = MLPRegressor(hidden_layer_sizes=(3,), max_iter=2, random_state=0, n_iter_no_change=9, tol=0).fit(
        X, targets
    )
    first, _ = fitted.plot_residuals(X, targets, ax, output=1)
    np.testing.assert_array_equal(
        first.collections[0].get_offsets(), np.column_stack([targets[:, 1], fitted.predict(X)[:, 1]])
    )
    with pytest.raises(ValueError, match="output=None, and 2 numbers are predicted; choose"):
        fitted.plot_residuals(X, targets, ax)


def test_several_labels_have_no_picture(ax):
    labels = np.column_stack([X[:, 0] > 0, X[:, 1] > 0]).astype(int)
    fitted = MLPClassifier((2,), max_iter=1, random_state=0).fit(X, labels)
    with pytest.raises(ValueError, match="y had several columns at fit"):
        fitted.plot_confusion_matrix(X, labels, ax=ax)


@pytest.mark.parametrize("method", ["plot_decision_boundary", "plot_confusion_matrix"])
def test_before_fit_there_is_nothing_to_draw(ax, method):
    with pytest.raises(NotFittedError):
        getattr(MLPClassifier(), method)(X, Y, ax=ax)
