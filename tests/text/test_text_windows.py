"""Windows of a long text: what they hold, and that every beginning has its turn."""

from __future__ import annotations

import numpy as np
import pytest

from netlet.text.windows import Windows

pytestmark = pytest.mark.plain


def cut(windows, epoch, rows=3):
    parts = list(windows.blocks(windows.places(epoch), rows))
    return np.concatenate([x for x, _ in parts]), np.concatenate([y for _, y in parts])


@pytest.mark.parametrize(("n_tokens", "length"), [(23, 5), (6, 5), (7, 5), (40, 1), (11, 5)])
def test_an_epoch_goes_over_the_text_once(n_tokens, length):
    windows = Windows(np.arange(n_tokens), length, seed=0)
    beginnings = set()
    for epoch in range(length):
        x, y = cut(windows, epoch)
        assert x.dtype == y.dtype == np.float32
        np.testing.assert_array_equal(y, x + 1)
        seen = np.sort(x.ravel())
        first = int(seen[0])
        beginnings.add(first)
        np.testing.assert_array_equal(seen, np.arange(first, first + x.size))
        assert n_tokens - 1 - (first + x.size) < length, "no further window fits"
        assert len(x) == windows.count(epoch) >= 1
    assert beginnings == set(range(min(length, n_tokens - length))), "every beginning that leaves a window"


def test_the_order_follows_from_the_seed_and_the_epoch():
    tokens = np.arange(200)
    first = Windows(tokens, 4, seed=1)
    np.testing.assert_array_equal(first.places(3), Windows(tokens, 4, seed=1).places(3))
    assert first.places(3).tolist() != Windows(tokens, 4, seed=2).places(3).tolist()
    assert first.places(0).tolist() != sorted(first.places(0).tolist())


def test_blocks_have_the_rows_that_are_asked_for():
    windows = Windows(np.arange(101), 10, seed=0)
    assert [len(x) for x, _ in windows.blocks(windows.places(0), 4)] in ([4, 4, 2], [4, 4, 1])
