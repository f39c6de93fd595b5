"""Drawing a token: the probabilities, counted; the likeliest; and what is no setting."""

from __future__ import annotations

import numpy as np
import pytest

from netlet.text.sampling import check_drawing, draw

pytestmark = pytest.mark.plain
LOGITS = np.log(np.array([0.1, 0.2, 0.3, 0.4], np.float32))


def shares(temperature=1.0, top_k=None, logits=LOGITS, n=4000):
    generator = np.random.default_rng(0)
    return np.bincount([draw(logits, temperature, top_k, generator) for _ in range(n)], minlength=len(logits)) / n


@pytest.mark.parametrize(
    ("temperature", "top_k", "wanted"),
    [
        (1.0, None, [0.1, 0.2, 0.3, 0.4]),
        (0.5, None, [1 / 30, 4 / 30, 9 / 30, 16 / 30]),  # squares
        (1.0, 2, [0, 0, 3 / 7, 4 / 7]),
        (1.0, 9, [0.1, 0.2, 0.3, 0.4]),
        (1.0, 1, [0, 0, 0, 1]),
        (0.0, None, [0, 0, 0, 1]),
        (1e-9, None, [0, 0, 0, 1]),
    ],
)
def test_shares(temperature, top_k, wanted):
    np.testing.assert_allclose(shares(temperature, top_k), wanted, atol=0.03)  # 4 standard errors of 4,000 draws


def test_of_equal_logits_the_first_are_kept():
    np.testing.assert_array_equal(shares(1.0, 2, np.zeros(5, np.float32))[2:], 0)
    assert draw(np.zeros(5, np.float32), 0, None, np.random.default_rng(0)) == 0


def test_large_logits_do_not_overflow():
    assert draw(np.array([1e30, -1e30, 3e4], np.float32), 0.1, None, np.random.default_rng(0)) == 0


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ((-0.1, None, None), ValueError, r"temperature=-0.1 is not >= 0; 0.5 to 1 is usual"),
        ((float("nan"), None, None), ValueError, "temperature=nan"),
        ((float("inf"), None, None), ValueError, "temperature=inf is not finite"),
        (("hot", None, None), TypeError, "temperature='hot' is not a number"),
        ((1.0, 0, None), ValueError, "top_k=0 is not >= 1"),
        ((1.0, 2.5, None), TypeError, "top_k=2.5 is not an int"),
        ((1.0, None, -1), ValueError, "seed=-1 is not an int >= 0"),
        ((1.0, None, 0.5), ValueError, "seed=0.5 is not an int >= 0"),
    ],
)
def test_bad_settings(settings, error, message):
    with pytest.raises(error, match=message):
        check_drawing(*settings)
