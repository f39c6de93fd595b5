"""The gradient of a whole network against the slope of its loss, for networks of any shape."""

from __future__ import annotations

import numpy as np
import pytest
from drawing import networks
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from netlet import SGD, Add, BatchNorm, Dense, Dropout, Input, LayerNorm, Network, ReLU, Scaling, Sigmoid, Softmax, Tanh
from netlet.graph import program as table
from netlet.graph.embedding import Embedding, integer_columns
from netlet.graph.graph import graph_of
from netlet.graph.joining import Concatenate, Multiply, Residual
from netlet.graph.lowering import Training, lower
from netlet.graph.operations import initial_parameters, initial_state, operations_of
from netlet.graph.shaping import Columns, Flatten, Reshape
from netlet.kernels.compiling import prepare
from netlet.kernels.threads import STATUS
from netlet.training.loop import FINISHED, train_epochs
from netlet.training.output import loss_of
from netlet.training.prediction import Predictor, mean_loss
from netlet.training.team import Team

pytestmark = pytest.mark.plain


class Step:
    """One step of training of a network, without an update: the loss and the gradient of its parameters.

    Attributes
    ----------
    theta, state : float64
        Begin away from the zeros of biases, where the derivative of ReLU jumps, and from means of 0.
    """

    def __init__(self, graph, n, seed, weighted=False, frozen=(), n_threads=1):
        self.operations = operations_of(graph)
        rng = np.random.default_rng(seed)
        self.theta = initial_parameters(self.operations, 3, "float64")
        self.theta += rng.normal(size=self.theta.size) / 2
        self.state = initial_state(self.operations, "float64")
        self.state += rng.uniform(size=self.state.size) / 2
        self.x = rng.normal(size=(n, graph.n_features))
        for first, count, categories in integer_columns(self.operations):
            self.x[:, first : first + count] = rng.integers(0, categories, (n, count))
        self.loss, self.reads = loss_of("auto", self.operations)
        self.y = self._targets(n, rng)
        self.weights = rng.uniform(0.5, 2, n) if weighted else np.empty(0)
        training = Training(self.loss.row, None, gather=False, weighted=weighted, seed=5, frozen=frozenset(frozen))
        self.program = lower(self.operations, self.reads, n, "float64", training)
        self.arena = self.program.new_arena()
        self.n_threads = n_threads
        prepare(train_epochs, "float64")

    def _targets(self, n, rng):
        size = self.operations[self.reads].size
        if self.loss.row.labels:
            return (np.arange(n) % size).reshape(-1, 1).astype(float)
        targets = rng.normal(size=(n, size))
        return (targets > 0).astype(float) if self.loss.row.output == "sigmoid" else targets

    @property
    def is_trained(self):
        """Which parameters have a gradient."""
        mask = np.zeros(self.theta.size, bool)
        for piece in self.program.slices:
            mask[piece[table.START] : piece[table.STOP_AT]] = True
        return mask

    def run(self, theta):
        """Return the loss in training, and the gradient; the state is left as it was."""
        program, dtheta, losses = self.program, np.full(theta.size, np.nan), np.zeros((1, 2))
        self.arena[:] = np.nan  # what is read before it is written is seen
        self.state_after = self.state.copy()
        with Team(self.n_threads) as team:
            arguments = (
                program.nodes, program.settings, program.factors, program.slices, program.rates, program.limits,
                program.plan, np.zeros(8), self.arena, theta, dtheta, np.empty((0, theta.size)), self.state_after,
                self.x, self.y, self.weights, np.empty(0, np.int64), np.zeros(8), np.zeros((1, 1)), np.ones((1, 2)),
                losses, np.zeros(program.n_cuts), np.zeros(len(program.slices)), team.control, np.empty(0, np.int64),
                np.zeros(4, np.int64),
            )  # fmt: skip
            team.run(train_epochs, arguments)
            assert team.control[STATUS] == FINISHED
        return losses[0, 0], dtheta

    def evaluate(self):
        """Return the loss in evaluation, by another program."""
        logits = Predictor(self.operations, self.reads, "float64").predict(self.theta, self.state, self.x, 1)
        return mean_loss(self.loss, logits, self.y, self.weights)


def check(graph, n, seed, **how):
    step = Step(graph, n, seed, **how)
    loss, gradient = step.run(step.theta)
    mask = step.is_trained
    assert np.isfinite(gradient[mask]).all()
    assert np.isnan(gradient[~mask]).all(), "nobody writes the gradient of what is frozen"
    unlike = [each for each in step.operations if each.row in ("batch_normalisation", "dropout")]
    if not unlike:
        assert loss == pytest.approx(step.evaluate(), rel=1e-12)
    direction = np.where(mask, np.random.default_rng(seed).normal(size=step.theta.size), 0)
    length = 1e-5
    above, below = (step.run(step.theta + sign * length * direction)[0] for sign in (1, -1))
    terms = gradient[mask] * direction[mask]
    assert abs((above - below) / (2 * length) - terms.sum()) <= 1e-7 * max(np.abs(terms).sum(), 1e-2)
    return step


def residual_of_itself():
    x = Dense(3)(Input(2)())
    return graph_of(Dense(2)(Add()(Tanh()(x), Add()(x, x))))


def input_added_to_itself():
    x = Input(3)()
    return graph_of(Dense(2)(Add()(x, x)))


def everything():
    """One network with every kind of layer that joins, shapes or normalises."""
    x, categories = Input((2, 3))(), Input(3)()
    rows = BatchNorm(eps=0.5)(Scaling()(x))
    vectors = Embedding(4, 2)(Columns(1, 2)(categories))
    wide = Flatten()(LayerNorm(eps=0.5)(Concatenate()(rows, vectors)))
    h = Residual((Dense(7, activation="tanh"), BatchNorm(eps=0.5), Dense(10)))(wide)
    h = Residual((Dense(4), Dropout(0.25)), project=True)(h)
    return graph_of(Dense(3)(Flatten()(Multiply()(Reshape((2, 2))(h), Tanh()(Reshape((2, -1))(h))))))


@settings(max_examples=150)
@given(networks(), st.integers(2, 9), st.booleans(), st.integers(0, 2**32))
@example(residual_of_itself(), 4, False, 0)
@example(input_added_to_itself(), 4, True, 0)
@example(everything(), 5, True, 0)
def test_any_network(graph, n, weighted, seed):
    operations = operations_of(graph)
    assume(sum(operation.n_theta for operation in operations) > 0)
    assume(operations[-1].row != "softmax" or operations[-1].size > 1)
    assume(operations[-1].row not in ("softmax", "sigmoid") or operations[-1].sources[0] > 0)
    check(graph, n, seed, weighted=weighted)


@settings(max_examples=60)
@given(networks(), st.integers(2, 9), st.integers(0, 2**32), st.data())
def test_any_network_of_which_layers_are_frozen(graph, n, seed, data):
    operations = operations_of(graph)
    assume(operations[-1].row not in ("softmax", "sigmoid"))
    names = sorted({operation.layer for operation in operations} | set(graph.names()))
    frozen = data.draw(st.sets(st.sampled_from(names)))
    step = check(graph, n, seed, frozen=frozen)
    for operation in step.operations[: step.reads + 1]:
        own = slice(operation.state, operation.state + operation.n_state)
        is_frozen = any(operation.layer == name or operation.layer.startswith(f"{name}.") for name in frozen)
        if is_frozen:
            np.testing.assert_array_equal(step.state_after[own], step.state[own])
            assert not step.is_trained[operation.theta : operation.theta + operation.n_theta].any()
        elif operation.n_state:
            assert (step.state_after[own] != step.state[own]).any()


@pytest.mark.parametrize("n_threads", [1, 2, 3])
@pytest.mark.compiled
def test_a_network_whose_work_is_cut(n_threads):
    x = Input(40)()
    hidden = Dense(90, activation="tanh")(x)
    graph = graph_of(Softmax()(Dense(5)(Add()(hidden, Dense(90, activation="sigmoid")(LayerNorm()(hidden))))))
    step = check(graph, 700, 0, n_threads=n_threads)
    assert step.program.n_cuts > 1


@pytest.mark.compiled
def test_everything_compiled():
    check(everything(), 33, 0, weighted=True)


def test_a_layer_that_needs_the_whole_batch_leaves_it_whole_unless_it_is_frozen():
    graph = graph_of([Input(40), Dense(90), Residual((BatchNorm(), Tanh())), Dense(5)])
    assert Step(graph, 200, 0).program.n_cuts == 1
    assert Step(graph, 200, 0, frozen=["residual_1"]).program.n_cuts > 1
    check(graph, 200, 0, frozen=["residual_1.batchnorm_1"])


@pytest.mark.parametrize("layers", [[ReLU()], [Tanh(), Sigmoid()], [Dropout(0.5), Softmax()]], ids=repr)
def test_a_network_without_parameters_has_nothing_to_train_but_predicts(layers):
    X = np.random.default_rng(0).normal(size=(8, 3))
    network = Network([Input(3), *layers], seed=0, dtype="float64")
    assert network.theta.size == 0
    with pytest.raises(ValueError, match=r"^the network has nothing to train: no layer has parameters; add Dense"):
        network.fit(X, np.arange(8) % 3 if layers[-1] == Softmax() else np.ones((8, 3)) / 2, progress=False)
    assert network.predict(X).shape == (8, 3)


def test_dropout_keeps_the_gradient_of_what_it_kept():
    """Each weight's gradient is 0 where its input was dropped, else that without dropout, enlarged."""
    X, y = np.ones((1, 400)), np.zeros((1, 1))
    network = Network([Dropout(0.25), Dense(1, bias=False)], seed=0, dtype="float64").build(400)
    network.theta = np.full(400, 1e-3)
    network.fit(X, y, optimizer=SGD(1e-3), epochs=1, batch_size="all", progress=False)
    gradient = (1e-3 - network.theta) / 1e-3
    kept = gradient != 0
    assert kept.mean() == pytest.approx(0.75, abs=0.08)
    output = kept.sum() / 0.75 * 1e-3
    np.testing.assert_allclose(gradient[kept], output / 0.75, rtol=1e-9)
