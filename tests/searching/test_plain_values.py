"""What the journal knows a value by is plain, and the same in every process."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from netlet.graph.layers import Dense
from netlet.scales.plain import plain

pytestmark = pytest.mark.plain


class Nameless:
    pass


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float32(0.5), 0.5),
        (np.int8(3), 3),
        (np.bool_(True), True),
        (math.inf, "inf"),
        ((1, (2.5, None)), [1, [2.5, None]]),
        ({"a": (1,), 2: "b"}, {"a": [1], "2": "b"}),
        ({"b", "a"}, ["a", "b"]),
        (np.arange(4).reshape(2, 2), [[0, 1], [2, 3]]),
        (math.sqrt, "math.sqrt"),
        (Nameless, f"{__name__}.Nameless"),
        (Nameless(), f"<{__name__}.Nameless object>"),
        (Dense(3), plain(Dense(3).describe())),
    ],
)
def test_plain_values(value, expected):
    assert plain(value) == expected
    json.dumps(plain(value), allow_nan=False)
    assert type(plain(value)) is type(expected)
