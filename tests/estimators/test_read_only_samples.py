"""Arrays that may not be written, such as those that joblib maps, are of the one type that is compiled."""

from __future__ import annotations

import numpy as np
import pytest

from netlet.estimators.sets import samples_of

pytestmark = pytest.mark.plain


def test_features_targets_and_weights_can_be_written():
    arrays = np.ones((4, 2)), np.zeros((4, 1)), np.arange(4.0)
    for each in arrays:
        each.flags.writeable = False
    samples = samples_of(*arrays, "float64")
    for found, given in zip((samples.x, samples.y, samples.weights), arrays, strict=True):
        assert found.flags.writeable
        np.testing.assert_array_equal(found, given)
        assert not given.flags.writeable
