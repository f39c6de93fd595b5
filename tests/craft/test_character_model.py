"""A small Transformer learns to guess the next character of a text."""

from __future__ import annotations

import numpy as np
import pytest
from shared_data import shared

from netlet import Adam, Embedding, Input, LayerNorm, LearnedPositions, Network, TimeDense, TransformerBlock
from netlet.training.losses import SequenceCrossEntropy

pytestmark = [pytest.mark.slow, pytest.mark.compiled]
TIME = 64


def test_two_blocks_learn_shakespeare():
    text = shared("text/tinyshakespeare.txt").read_text()[:200_000]
    characters = sorted(set(text))
    numbers = np.array([characters.index(each) for each in text], float)
    pieces = numbers[: (len(numbers) - 1) // TIME * TIME].reshape(-1, TIME)
    labels = numbers[1 : pieces.size + 1].reshape(-1, TIME)
    n_train = len(pieces) * 9 // 10
    network = Network(
        [
            Input(TIME), Embedding(len(characters), 64), LearnedPositions(), TransformerBlock(4, 256, causal=True),
            TransformerBlock(4, 256, causal=True), LayerNorm(), TimeDense(len(characters)),
        ],
        seed=0,
    )  # fmt: skip
    network.fit(
        pieces[:n_train], labels[:n_train], loss=SequenceCrossEntropy(), optimizer=Adam(3e-3), epochs=8,
        batch_size=32, clip_norm=1.0, progress=False,
    )  # fmt: skip
    figures = network.evaluate(pieces[n_train:], labels[n_train:])
    assert figures["loss"] < 2.3, "nats a character, after 704 steps"
    assert figures["accuracy"] > 0.3
