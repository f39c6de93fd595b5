"""Networks with recurrent layers: shapes, lengths, what they refuse, files and threads."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import GRU, LSTM, RNN, Bidirectional, Dense, Input, Network
from netlet.graph.graph import graph_from, graph_of
from netlet.graph.operations import bound, initial_parameters, operations_of
from netlet.graph.shaping import Flatten, Reshape
from netlet.kernels.compiling import PLAIN

KINDS = (RNN, LSTM, GRU)
SHAPES = [
    (LSTM(3), (3,)),
    (GRU(3, "sequence"), (5, 3)),
    (Bidirectional(RNN(3)), (6,)),
    (Bidirectional(LSTM(3, "sequence")), (5, 6)),
]


def with_lengths(layer, steps=6, features=2, **settings):
    x, lengths = Input((steps, features))(), Input(1)()
    return Network(Dense(1)(layer(x, lengths)), **settings)


@pytest.mark.plain
@pytest.mark.parametrize(("layer", "shape"), SHAPES, ids=str)
def test_shapes(layer, shape):
    assert bound(graph_of([Input((5, 2)), layer]))[1] == shape


@pytest.mark.plain
@pytest.mark.parametrize("kind", KINDS)
def test_it_reads_steps_with_features_and_lengths_of_one_number(kind):
    with pytest.raises(ValueError, match=r"_1 reads \(steps, features\) .*\(6,\); give Input\(\(6, 1\)\) for a series"):
        bound(graph_of([Input(6), kind(3)]))
    with pytest.raises(ValueError, match=r"not the shape \(2, 2, 2\); put Reshape\(\(steps, features\)\) before it"):
        bound(graph_of([Input((2, 2, 2)), kind(3)]))
    with pytest.raises(ValueError, match=r"reads lengths of shape \(2,\); give one number for each sample"):
        bound(graph_of(kind(3)(Input((6, 1))(), Input(2)())))
    x = Input((6, 1))()
    with pytest.raises(TypeError, match=r"reads 1 or 2 node\(s\), 3 given"):
        kind(3)(x, x, x)
    assert bound(graph_of([Input(6), Reshape((3, 2)), kind(3)]))[1] == (3,)


@pytest.mark.plain
def test_lengths_survive_being_written_down():
    graph = graph_of(Bidirectional(LSTM(3))(Input((6, 2))(), Input(1)()))
    again = graph_from(graph.describe())
    assert again == graph
    assert again.sources[-1] == (0, 1)
    description = graph.describe()
    description[-1]["inputs"] = [0, 1, 1]
    with pytest.raises(ValueError, match=r"inputs=\[0, 1, 1\] of layer 2 do not name 1 or 2 earlier layer\(s\)"):
        graph_from(description)


@pytest.mark.plain
def test_how_the_weights_begin():
    """Each gate by itself: U orthogonal, W by the sizes of one gate, the forget gate's bias at 1."""
    operations = operations_of(graph_of([Input((5, 30)), LSTM(20)]))
    rows = initial_parameters(operations, 0, "float64").reshape(51, 80)
    for gate in range(4):
        columns = slice(20 * gate, 20 * gate + 20)
        recurrent = rows[30:50, columns]
        np.testing.assert_allclose(recurrent.T @ recurrent, np.eye(20), rtol=0, atol=1e-12)
        limit = np.sqrt(6 / 50)
        assert 0.98 * limit < np.abs(rows[:30, columns]).max() <= limit
        np.testing.assert_array_equal(rows[50, columns], gate == 1)
    operations = operations_of(graph_of([Input((5, 3)), LSTM(2, forget_bias=0.5)]))
    np.testing.assert_array_equal(initial_parameters(operations, 0, "float64")[-8:], [0, 0, 0.5, 0.5, 0, 0, 0, 0])


@pytest.mark.plain
@pytest.mark.parametrize("kind", KINDS)
def test_padding_is_not_seen_by_a_network(kind, tmp_path):
    network = with_lengths(Bidirectional(kind(3)), dtype="float64")
    rng = np.random.default_rng(0)
    x, lengths = rng.normal(size=(7, 12)), np.array([[0], [1], [6], [3], [2], [5], [6]])
    for sample, length in enumerate(lengths[:, 0]):
        x[sample, 2 * length :] = 0
    expected = network.predict(np.hstack([x, lengths]))
    for sample, length in enumerate(lengths[:, 0]):
        x[sample, 2 * length :] = 99
    rows = np.hstack([x, lengths])
    np.testing.assert_array_equal(network.predict(rows), expected)
    np.testing.assert_allclose(network.predict(rows[3:4]), expected[3:4], rtol=1e-13)
    assert network.predict(rows[:0]).shape[0] == 0
    network.save(tmp_path / "network.netlet")
    np.testing.assert_array_equal(Network.load(tmp_path / "network.netlet").predict(rows), expected)


@pytest.mark.plain
def test_layers_are_stacked_and_learn():
    """Which of two steps holds the greater number, with two layers over time."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 3, 1))
    y = (x[:, 0, 0] > x[:, 2, 0]).astype(int)
    layers = [Input((3, 1)), GRU(4, "sequence"), LSTM(4, "sequence"), Flatten(), Dense(2, "softmax")]
    network = Network(layers, seed=1)
    history = network.fit(x, y, epochs=3 if PLAIN else 150, batch_size=16, learning_rate=0.02, progress=False)
    loss = history.column("loss")
    assert loss[-1] < loss[0] if PLAIN else loss[-1] < 0.1


@pytest.mark.compiled
@pytest.mark.parametrize("kind", KINDS)
def test_any_number_of_threads_gives_the_same_bits(kind):
    rng = np.random.default_rng(0)
    x = np.hstack([rng.normal(size=(300, 8 * 5)), rng.integers(0, 9, (300, 1))]).astype("float32")
    y = rng.normal(size=300)
    found = []
    for n_threads in (1, 2, 3):
        network = with_lengths(Bidirectional(kind(24)), 8, 5, seed=0)
        network.fit(x, y, epochs=2, batch_size=128, n_threads=n_threads, progress=False)
        found.append(network.theta.copy())
    for theta in found[1:]:
        np.testing.assert_array_equal(theta, found[0])
    assert np.isfinite(found[0]).all()
