"""A detector finds digits at random places, in random sizes, on pictures that it never saw."""

from __future__ import annotations

import numpy as np
import pytest
from canvases import canvases, mnist

from netlet.pictures.average_precision import average_precisions
from netlet.pictures.detector import Detector

pytestmark = [pytest.mark.slow, pytest.mark.compiled]


def test_digits_are_found():
    X, y = canvases(14_000, *mnist("train"), np.random.default_rng(0))
    unseen, truth = canvases(1000, *mnist("t10k"), np.random.default_rng(1))
    detector = Detector(epochs=8, random_state=0).fit(X, y)
    assert detector.score(unseen, truth) >= 0.90
    assert detector.n_hidden_ < 0.001 * sum(len(labels) for _, labels in y)
    assert min(average_precisions(truth, detector.predict(unseen, 0.02)).values()) > 0.8
