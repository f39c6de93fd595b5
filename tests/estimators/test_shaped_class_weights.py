"""Weights of classes by label, in the classifiers of pictures, sequences and text."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import Flatten, ImageClassifier

pytestmark = pytest.mark.plain


def classifier(class_weight):
    return ImageClassifier([Flatten()], augment=None, epochs=1, class_weight=class_weight, random_state=0)


def test_weights_change_what_is_learnt():
    X, y = np.random.default_rng(0).uniform(size=(20, 4, 4)), np.array(["a", "b"] * 10)
    plain, weighted = (classifier(weight).fit(X, y).network_.theta for weight in (None, {"a": 3.0, "b": 1.0}))
    assert not np.array_equal(plain, weighted)


def test_an_unknown_class_is_named():
    X, y = np.zeros((20, 4, 4)), np.array(["a", "b"] * 10)
    with pytest.raises(ValueError, match=r"class_weight holds 'c', which is not among the classes \['a', 'b'\]"):
        classifier({"a": 1.0, "c": 2.0}).fit(X, y)
