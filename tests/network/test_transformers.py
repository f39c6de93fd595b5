"""Networks of sequences: their blocks, what they share, what they refuse, and that they learn."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import (
    SGD,
    Adam,
    Dense,
    Embedding,
    Flatten,
    Input,
    LayerNorm,
    LearnedPositions,
    MultiHeadAttention,
    Network,
    SinusoidalPositions,
    Softmax,
    TiedDense,
    TimeDense,
    TransformerBlock,
)
from netlet.errors import NotBuilt
from netlet.graph.shaping import Reshape
from netlet.training.losses import SequenceCrossEntropy

TIME, TOKENS, WIDTH = 6, 7, 8


def character_model(seed=0, dtype="float64", tied=True, dropout=0.0, **block):
    last = TiedDense() if tied else TimeDense(TOKENS)
    return Network(
        [
            Input(TIME), Embedding(TOKENS, WIDTH), LearnedPositions(), TransformerBlock(2, 12, dropout, True, **block),
            TransformerBlock(4, causal=True), LayerNorm(), last,
        ],
        seed=seed, dtype=dtype,
    )  # fmt: skip


def tokens(n=5, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, TOKENS, (n, TIME))
    y = rng.integers(-1, TOKENS, (n, TIME))
    return x.astype(float), y.astype(float)


@pytest.mark.compiled
@pytest.mark.parametrize("tied", [True, False], ids=["tied", "own weights"])
def test_the_gradient_of_a_whole_model_is_the_slope(tied):
    network = character_model(tied=tied, dropout=0.25)
    network.theta += 0.1 * np.random.default_rng(1).normal(size=network.theta.size)
    check = network.check_gradients(*tokens(), loss=SequenceCrossEntropy(), method="projection")
    assert check.ok, str(check)
    names = [block.name for block in check.blocks]
    assert any("embedding" in name for name in names)
    assert not any("tieddense" in name for name in names), "what is shared belongs to the embedding"


@pytest.mark.plain
def test_shared_weights_get_the_sum_of_two_gradients():
    """The same numbers in two layers of their own: their gradients' sum is that of the one that is shared."""
    x, y = tokens()
    tied, own = character_model(), character_model(tied=False)
    rng = np.random.default_rng(2)
    tied.theta = 0.3 * rng.normal(size=tied.theta.size)
    for name, values in tied.parameters.items():
        own.parameters[name][:] = values
    table = tied.parameters["embedding_1.weight"]
    own.parameters["timedense_1.weight"][:] = table.T
    own.parameters["timedense_1.bias"][:] = 0
    np.testing.assert_allclose(tied.predict(x), own.predict(x), rtol=1e-12, atol=1e-13)
    gradients = []
    for network in (tied, own):
        copy = Network(network.layers, dtype="float64")
        copy.theta = network.loss_and_gradient(x, y, loss=SequenceCrossEntropy())[1]
        gradients.append({name: values.copy() for name, values in copy.parameters.items()})
    shared, apart = gradients
    both = apart["embedding_1.weight"] + apart["timedense_1.weight"].T
    np.testing.assert_allclose(shared["embedding_1.weight"], both, rtol=1e-10, atol=1e-14)
    for name in shared.keys() - {"embedding_1.weight"}:
        np.testing.assert_allclose(shared[name], apart[name], rtol=1e-10, atol=1e-14)


@pytest.mark.plain
def test_a_frozen_embedding_stays_and_so_does_what_shares_it():
    network = character_model()
    network.freeze("embedding_1")
    before = network.parameters["embedding_1.weight"].copy()
    network.fit(*tokens(), loss=SequenceCrossEntropy(), optimizer=SGD(0.1), epochs=1, progress=False)
    np.testing.assert_array_equal(network.parameters["embedding_1.weight"], before)


@pytest.mark.plain
@pytest.mark.parametrize("n", [0, 1, 3])
def test_few_rows(n):
    network = character_model()
    x = tokens(3)[0]
    assert network.predict(x[:n]).shape == (n, TIME, TOKENS)
    np.testing.assert_allclose(network.predict(x[:n]), network.predict(x)[:n], rtol=1e-12, atol=1e-14)


@pytest.mark.plain
def test_a_later_token_changes_no_earlier_output():
    network = character_model(dtype="float32")
    x = tokens(4)[0]
    before = network.predict(x)
    x[:, 4:] = (x[:, 4:] + 1) % TOKENS
    after = network.predict(x)
    np.testing.assert_array_equal(after[:, :4], before[:, :4])
    assert (after[:, 4:] != before[:, 4:]).any()


@pytest.mark.compiled
@pytest.mark.parametrize("padding", [0, "lengths"])
def test_padded_blocks(padding):
    """What stands at padding changes nothing before it, and the gradient of the whole is right."""
    x = Input(TIME)()
    extra = Input(1)() if padding == "lengths" else None
    second = x if extra is None else extra
    value = SinusoidalPositions()(Embedding(TOKENS, WIDTH)(x))
    value = TransformerBlock(2, 8, padding=padding)(value, second)
    network = Network(TimeDense(TOKENS)(value), seed=1, dtype="float64")
    numbers, labels = tokens()
    lengths = np.array([[1], [2], [4], [5], [6]], float)
    numbers = np.where(np.arange(TIME) < lengths, np.maximum(numbers, 1), 0)
    labels = np.where(np.arange(TIME) < lengths, labels, -1)
    given = (numbers, lengths) if extra is not None else numbers
    assert network.check_gradients(given, labels, loss=SequenceCrossEntropy(), method="projection").ok
    if extra is not None:
        other = np.where(np.arange(TIME) < lengths, numbers, 3)
        before, after = network.predict((numbers, lengths)), network.predict((other, lengths))
        for row, length in enumerate(lengths[:, 0].astype(int)):
            np.testing.assert_array_equal(after[row, :length], before[row, :length])


REFUSED = [
    (lambda: MultiHeadAttention(0), "heads=0 of MultiHeadAttention is not an int >= 1; give the number of heads"),
    (lambda: MultiHeadAttention(2, padding="token"), "padding='token' of MultiHeadAttention is not None, 'lengths' or"),
    (lambda: MultiHeadAttention(2, padding=-1), "padding=-1 of MultiHeadAttention is not None"),
    (lambda: TransformerBlock(2, 0), "hidden=0 of TransformerBlock is not an int >= 1"),
    (lambda: TransformerBlock(2, dropout=1), r"dropout=1.* of TransformerBlock is not in \[0, 1\)"),
    (lambda: TransformerBlock(2, activation="gello"), "activation='gello' is not one of"),
    (lambda: TimeDense(0), "units=0 of TimeDense is not an int >= 1"),
    (lambda: TiedDense(3), "embedding=3 of TiedDense is not the name of a layer"),
    (lambda: SequenceCrossEntropy(1), "n_classes=1 of SequenceCrossEntropy is not an int >= 2; leave it out"),
    (lambda: SequenceCrossEntropy(ignore=0.5), "ignore=0.5 of SequenceCrossEntropy is not an int"),
    (
        lambda: Network([Input((4, 10)), MultiHeadAttention(3)]),
        "multiheadattention_1 has heads=3, which do not divide the width 10 of what it reads; use 2 heads",
    ),
    (lambda: Network([Input(4), MultiHeadAttention(2)]), r"reads a sequence, \(time, width\), not the shape \(4,\)"),
    (lambda: Network([Input(4), TimeDense(2)]), r"reads steps with features, \(time, features\), not the shape \(4,\)"),
    (lambda: Network([Input(4), LearnedPositions()]), "learnedpositions_1 reads steps with features"),
    (lambda: Network([Input((4, 2)), TiedDense()]), "the embedding that lies before it, but there is none"),
    (
        lambda: Network([Input(4), Embedding(9, 3), TimeDense(5), TiedDense()]),
        "tieddense_1 reads 5 features, but the vectors of embedding_1 have 3; put TimeDense\\(3\\) before it",
    ),
    (
        lambda: Network([Input(4), Embedding(9, 3), TiedDense("embedding_2")]),
        "embedding before tieddense_1='embedding_2' is not one of",
    ),
    (
        lambda: Network([Input(4), Embedding(9, 3), TransformerBlock(3, padding=0)]),
        r"reads several values, a list gives one",
    ),
    (
        lambda: Network(MultiHeadAttention(1, padding=0)(Input((4, 2))(), Input(3)())),
        r"reads a number for each step, of shape \(4,\), as its second value, not the shape \(3,\)",
    ),
]


@pytest.mark.plain
@pytest.mark.parametrize(("make", "message"), REFUSED, ids=[message[:30] for _, message in REFUSED])
def test_what_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.plain
def test_targets_that_are_refused():
    network, (x, y) = character_model(), tokens()
    with pytest.raises(ValueError, match="y has shape \\(5, 5\\), the loss 'sequence_cross_entropy' needs \\(5, 6\\)"):
        network.evaluate(x, y[:, :5], loss="sequence_cross_entropy")
    y[2, 3] = TOKENS
    with pytest.raises(ValueError, match="y holds 7 in row 2, column 3, not an int from 0 to 6 nor -1, which stands"):
        network.evaluate(x, y, loss=SequenceCrossEntropy())
    with pytest.raises(ValueError, match="n_classes=5 of SequenceCrossEntropy does not divide the 42 outputs"):
        network.evaluate(x, y, loss=SequenceCrossEntropy(5))
    with pytest.raises(NotBuilt):
        Network([TimeDense(2)]).predict(x)


@pytest.mark.plain
def test_accuracy_counts_steps_with_labels():
    network = Network([Input(6), Reshape((2, 3)), TimeDense(3)], dtype="float64", seed=0)
    network.parameters["timedense_1.weight"][:], network.parameters["timedense_1.bias"][:] = np.eye(3), 0
    x = np.array([[0, 1, 0, 5, 0, 0], [0, 0, 2, 1, 0, 0]], float)
    figures = network.evaluate(x, [[1, 2], [2, -1]], loss=SequenceCrossEntropy())
    assert figures["accuracy"] == 0.75


@pytest.mark.plain
def test_a_model_survives_its_file(tmp_path):
    network, x = character_model(activation="relu"), tokens()[0]
    network.fit(*tokens(), loss=SequenceCrossEntropy(ignore=-1), epochs=1, progress=False)
    network.save(tmp_path / "model.netlet")
    again = Network.load(tmp_path / "model.netlet")
    np.testing.assert_array_equal(again.predict(x), network.predict(x))
    assert again.loss == network.loss
    assert again.layers == network.layers


@pytest.mark.plain
def test_softmax_at_the_end_is_contained_in_the_loss():
    layers = [Input(TIME), Embedding(TOKENS, 4), TimeDense(TOKENS)]
    plain, soft = Network(layers, seed=3, dtype="float64"), Network([*layers, Softmax()], seed=3, dtype="float64")
    x, y = tokens()
    found = [network.loss_and_gradient(x, y, loss=SequenceCrossEntropy()) for network in (plain, soft)]
    assert found[0][0] == found[1][0]
    np.testing.assert_array_equal(found[0][1], found[1][1])


@pytest.mark.compiled
def test_a_classifier_of_sequences():
    network = Network([Input((4, 3)), MultiHeadAttention(3), Flatten(), Dense(2)], seed=0, dtype="float64")
    x = np.random.default_rng(0).normal(size=(6, 12))
    assert network.check_gradients(x, [0, 1] * 3, loss="cross_entropy", method="projection").ok


@pytest.mark.compiled
def test_any_number_of_threads_gives_the_same_bits():
    x, y = tokens(70)
    found = []
    for n_threads in (1, 2, 3):
        network = character_model(dtype="float32", dropout=0.1)
        network.fit(
            x, y, loss=SequenceCrossEntropy(), optimizer=Adam(0.01), epochs=2, batch_size=32, clip_norm=1.0,
            n_threads=n_threads, progress=False,
        )  # fmt: skip
        found.append(network.theta.copy())
    for theta in found[1:]:
        np.testing.assert_array_equal(theta, found[0])
