"""The loss over a plane against `evaluate` at each point, and directions against their definitions."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import LBFGS, BatchNorm, Conv2D, Dense, Dropout, Flatten, Input, Network, NotBuilt, Sigmoid, Softmax
from netlet.insight.record_path import RecordPath

pytestmark = pytest.mark.plain
RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3))
Y = (X[:, 0] * X[:, 1] > 0).astype(int)


def classifier(dtype="float64"):
    layers = [Input(3), Dense(5, "tanh"), BatchNorm(), Dropout(0.3), Dense(2), Softmax()]
    return Network(layers, seed=3, dtype=dtype)


def trained(**options):
    network, path = classifier(), RecordPath()
    network.fit(X, Y, epochs=8, batch_size=10, l2=0.1, callbacks=[path], progress=False, **options)
    return network, path


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("kind", ["random", "path", "given"])
def test_each_loss_is_that_of_evaluate(dtype, kind):
    network, path = classifier(dtype), RecordPath()
    network.fit(X, Y, epochs=6, batch_size=10, l2=0.1, callbacks=[path], progress=False)
    directions = RNG.normal(size=(2, network.theta.size)) if kind == "given" else kind
    before, state = network.theta.copy(), network.state.copy()
    surface = network.loss_surface(X, Y, directions=directions, path=path, steps=5, span=0.5)
    np.testing.assert_array_equal(network.theta, before)
    np.testing.assert_array_equal(network.state, state)
    assert surface.kind == kind
    assert surface.losses.dtype == np.float64
    assert surface.losses[2, 2] == pytest.approx(network.evaluate(X, Y)["loss"], rel=1e-6)
    moved = classifier(dtype)
    moved.loss, moved.state = network.loss, network.state
    for i, a in enumerate(surface.first):
        for j, b in enumerate(surface.second):
            moved.theta = before + a * surface.directions[0] + b * surface.directions[1]
            assert surface.losses[i, j] == pytest.approx(moved.evaluate(X, Y)["loss"], rel=1e-5), (i, j)


def test_weights_of_samples_and_another_loss_count():
    network = Network([Input(3), Dense(1), Sigmoid()], seed=0, dtype="float64")
    weights = RNG.uniform(0.5, 2, size=40)
    surface = network.loss_surface(X, Y, loss="squared_error", sample_weight=weights, steps=3)
    expected = network.evaluate(X, Y, loss="squared_error", sample_weight=weights)["loss"]
    assert surface.losses[1, 1] == pytest.approx(expected, rel=1e-12)


def test_random_directions_have_the_length_of_each_units_weights():
    network = Network([Input((4, 4, 2)), Conv2D(3, 2, activation="relu"), Flatten(), Dense(2), Softmax()], seed=1)
    surface = network.loss_surface(RNG.normal(size=(6, 4, 4, 2)), [0, 1, 0, 1, 0, 1], steps=2, seed=5)
    for direction in surface.directions:
        moved = Network([Input((4, 4, 2)), Conv2D(3, 2, activation="relu"), Flatten(), Dense(2), Softmax()], seed=1)
        moved.theta = direction
        for name, values in moved.parameters.items():
            if name.endswith("weight"):
                own = network.parameters[name]
                lengths = [np.linalg.norm(each.reshape(-1, each.shape[-1]), axis=0) for each in (values, own)]
                np.testing.assert_allclose(*lengths, rtol=1e-6)
            else:
                np.testing.assert_array_equal(values, 0)
    cosine = surface.directions[0] @ surface.directions[1] / np.prod(np.linalg.norm(surface.directions, axis=1))
    assert abs(cosine) < 0.5
    again = network.loss_surface(RNG.normal(size=(6, 4, 4, 2)), [0, 1, 0, 1, 0, 1], steps=2, seed=5)
    other = network.loss_surface(RNG.normal(size=(6, 4, 4, 2)), [0, 1, 0, 1, 0, 1], steps=2, seed=6)
    np.testing.assert_array_equal(again.directions, surface.directions)
    assert (other.directions != surface.directions).any()


def test_frozen_layers_stay_in_random_directions():
    network = classifier()
    network.freeze("dense_1")
    surface = network.loss_surface(X, Y, steps=2)
    np.testing.assert_array_equal(surface.directions[:, :15], 0)
    assert (surface.directions != 0).any()


def test_the_plane_of_a_path_is_that_of_its_covariance():
    network, path = trained()
    surface = network.loss_surface(X, Y, path=path, steps=4)
    points = path.path
    values, vectors = np.linalg.eigh(np.cov(points.T))
    for direction, expected in zip(surface.directions, (vectors[:, -1], vectors[:, -2]), strict=True):
        assert abs(direction @ expected) == pytest.approx(1, abs=1e-6)
    assert surface.share == pytest.approx(values[-2:].sum() / values.sum(), rel=1e-9)
    np.testing.assert_allclose(surface.path, (points - network.theta) @ surface.directions.T, atol=1e-10)
    np.testing.assert_allclose(surface.path[-1], 0, atol=1e-10)
    assert (surface.path[-1] >= surface.path[0]).all()
    for column, values in enumerate((surface.first, surface.second)):
        assert values[0] < surface.path[:, column].min()
        assert values[-1] > surface.path[:, column].max()


def test_points_of_the_plane_are_found_on_slanted_directions():
    network = classifier()
    directions = RNG.normal(size=(2, network.theta.size))
    surface = network.loss_surface(X, Y, directions=tuple(directions), steps=2)
    coordinates = RNG.normal(size=(7, 2))
    points = network.theta + coordinates @ directions
    np.testing.assert_allclose(surface.project(points), coordinates, atol=1e-9)
    whole = network.loss_surface(X, Y, directions=tuple(directions), path=points, steps=2)
    assert whole.share == pytest.approx(1)


def test_the_centre_and_the_span_can_be_chosen():
    network = classifier()
    centre = np.zeros(network.theta.size)
    surface = network.loss_surface(
        X, Y, directions=np.eye(network.theta.size)[:2], around=centre, span=((-1, 1), (0, 4)), steps=3
    )
    np.testing.assert_array_equal(surface.first, [-1, 0, 1])
    np.testing.assert_array_equal(surface.second, [0, 2, 4])
    assert surface.losses[1, 0] == pytest.approx(np.log(2))  # all logits are 0


def test_losses_that_overflow_are_kept_as_they_are():
    network = Network([Input(3), Dense(1)], seed=0)
    surface = network.loss_surface(X, Y, span=1e30, steps=3)
    assert np.isinf(surface.losses[0, 0])
    assert np.isfinite(surface.losses[1, 1])


def test_a_path_begins_before_the_first_epoch_and_ends_with_the_last():
    start = classifier().theta.copy()
    network, path = classifier(), RecordPath(every=3)
    network.fit(X, Y, epochs=8, callbacks=[path], progress=False)
    np.testing.assert_array_equal(path.epochs, [0, 3, 6, 8])
    np.testing.assert_array_equal(path.path[0], start)
    np.testing.assert_array_equal(path.path[-1], network.theta)
    whole, plain = RecordPath(), classifier()
    plain.fit(X, Y, epochs=8, callbacks=[whole], progress=False)
    np.testing.assert_array_equal(whole.path[whole.epochs == 6][0], path.path[2])
    network.fit(X, Y, epochs=2, callbacks=[path], progress=False)
    np.testing.assert_array_equal(path.epochs, [0, 2])
    assert len(path) == 2


def test_iterations_of_a_full_batch_method_are_recorded():
    network = Network([Dense(3, "tanh"), Dense(2), Softmax()], seed=3)
    path = RecordPath()
    network.fit(X, Y, optimizer=LBFGS(), epochs=5, l2=0.01, callbacks=[path], progress=False)
    np.testing.assert_array_equal(path.epochs, range(6))
    np.testing.assert_array_equal(path.path[-1], network.theta)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"steps": 1}, ValueError, "steps=1"),
        ({"seed": -1}, ValueError, "seed=-1"),
        ({"span": 0}, ValueError, "span=0"),
        ({"span": "wide"}, ValueError, "span='wide'"),
        ({"span": ((0, 1), (2, 1))}, ValueError, "span="),
        ({"directions": "rnadom"}, ValueError, "did you mean 'random'"),
        ({"directions": "path"}, ValueError, "without a path"),
        ({"directions": ([1.0], [2.0])}, ValueError, "directions have shape"),
        ({"directions": 5}, ValueError, "directions=5"),
        ({"directions": np.ones((2, 42))}, ValueError, "along one line"),
        ({"directions": np.full((2, 42), np.nan)}, ValueError, "not finite"),
        ({"around": [1.0, 2.0]}, ValueError, "around has shape"),
        ({"path": np.zeros((4, 3))}, ValueError, "path has shape"),
        ({"path": np.zeros((4, 42))}, ValueError, "one line"),
        ({"path": np.outer([0, 1, 2], np.ones(42))}, ValueError, "one line"),
        ({"path": RecordPath()}, ValueError, "path has shape"),
        ({"loss": "hing"}, ValueError, "did you mean 'hinge'"),
    ],
)
def test_bad_input_is_refused(options, error, message):
    network = classifier()
    assert network.theta.size == 42
    with pytest.raises(error, match=message):
        network.loss_surface(X, Y, **options)


def test_networks_without_a_plane_are_refused():
    with pytest.raises(NotBuilt):
        Network([Dense(2)]).loss_surface(X, Y)
    with pytest.raises(ValueError, match="span no plane"):
        Network([Input(1), Dense(1)], seed=0).loss_surface([[1.0]], [1.0])
    with pytest.raises(ValueError, match="every=0"):
        RecordPath(every=0)
