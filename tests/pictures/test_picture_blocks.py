"""Pictures in blocks, read ahead."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from made_pictures import folder_of, noise, save

from netlet import Dense, Flatten, Input, Network
from netlet.pictures import PicturesError, picture_blocks, read_pictures
from netlet.pictures.reading import sources

pytestmark = pytest.mark.plain


def together(blocks):
    parts = list(blocks)
    return np.concatenate([X for X, _ in parts]), np.concatenate([y for _, y in parts])


def test_the_blocks_are_the_pictures(tmp_path):
    whole = read_pictures(folder_of(tmp_path, n=5))
    blocks = picture_blocks(tmp_path, rows=4, shuffle=False)
    assert [len(X) for X, _ in blocks()] == [4, 4, 2]
    X, y = together(blocks())
    assert X.dtype == np.float32
    np.testing.assert_array_equal(X, whole.pictures / np.float32(255))
    assert blocks.classes[y].tolist() == whole.labels.tolist()
    assert (blocks.shape, blocks.n_pictures) == ((6, 8, 3), 10)


def test_each_pass_draws_its_order_from_the_seed(tmp_path):
    folder_of(tmp_path, n=10)
    first, second = (picture_blocks(tmp_path, rows=7, seed=3, n_threads=n) for n in (1, 4))
    passes = [together(first())[0] for _ in range(2)]
    np.testing.assert_array_equal(passes[0], together(second())[0])
    assert (passes[0] != passes[1]).any()
    assert sorted(map(bytes, passes[0])) == sorted(map(bytes, passes[1]))


def test_nothing_is_decoded_before_it_is_asked_for_and_little_ahead(tmp_path, monkeypatch):
    folder_of(tmp_path, n=10)
    decoded = []
    original = sources.decode
    monkeypatch.setattr(sources, "decode", lambda *each: decoded.append(each) or original(*each))
    before = threading.active_count()
    blocks = picture_blocks(tmp_path, rows=2)
    assert blocks.classes.tolist() == ["cat", "dog"]
    iterator = blocks()
    assert decoded == []
    next(iterator)
    time.sleep(0.2)
    assert len(decoded) <= 3 * 2  # the block that was handed out, and two ahead
    iterator.close()
    assert threading.active_count() == before


def test_what_cannot_be_decoded_is_left_out_and_named_once(tmp_path):
    folder_of(tmp_path, n=2)
    whole = save(tmp_path / "cat" / "cut.jpg", noise(64, 64)).read_bytes()
    (tmp_path / "cat" / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    blocks = picture_blocks(tmp_path, rows=1)
    for _ in range(2):
        X, y = together(blocks())
        assert len(X) == len(y) == 4
    assert [name for name, _ in blocks.skipped] == ["cat/cut.jpg"]


def test_a_network_learns_from_them(tmp_path):
    for at in range(8):
        save(tmp_path / "dark" / f"{at}.png", noise(4, 4, seed=at) // 4)
        save(tmp_path / "light" / f"{at}.png", 255 - noise(4, 4, seed=at) // 4)
    blocks = picture_blocks(tmp_path, rows=8)
    network = Network([Input((4, 4, 3)), Flatten(), Dense(2, activation="softmax")], seed=0)
    network.fit_stream(blocks, epochs=20, loss="cross_entropy", learning_rate=0.01, batch_size=4, progress="none")
    X, y = together(blocks())
    assert (network.predict(X).argmax(axis=1) == y).all()


def test_bad_input(tmp_path):
    with pytest.raises(PicturesError, match="says of no picture what it shows"):
        picture_blocks(folder_of(tmp_path, n=1) / "cat")
    with pytest.raises(PicturesError, match="no pictures of the part 'test'"):
        picture_blocks(tmp_path, part="test")
    with pytest.raises(ValueError, match="rows=0"):
        picture_blocks(tmp_path, rows=0)
