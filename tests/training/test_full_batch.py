"""Full-batch methods: SciPy's optimum of an objective written by hand, and why they end."""

from __future__ import annotations

import threading
import time

import by_hand
import numpy as np
import pytest
from problems import classes, classifier
from scipy import optimize

from netlet import LBFGS, BatchNorm, Dense, Dropout, Input, Network, Softmax, TrainingFailed
from netlet.training import full_batch

pytestmark = pytest.mark.plain
METHODS = ["lbfgs", "cg", "newton_cg", "tnc"]
# Newton's method to its end takes some 20 seconds as plain Python.
TO_THE_END = ["lbfgs", "cg", pytest.param("newton_cg", marks=pytest.mark.compiled), "tnc"]
X, Y = classes(n=60, n_features=4, dtype="float64")
NOISY = np.where(np.arange(60) % 7 == 0, (Y + 1) % 3, Y)  # no network can be right everywhere


def network(dtype="float64", seed=2):
    return Network([Input(4), Dense(5, activation="tanh"), Dense(3), Softmax()], seed=seed, dtype=dtype)


def fit(net, y=NOISY, **settings):
    return net.fit(X, y, **({"optimizer": "lbfgs", "epochs": 500, "progress": False} | settings))


def objective(l2, weights=None):
    """Return the loss with a penalty on weights but not on biases, and its gradient."""
    is_weight = np.concatenate([np.ones(20), np.zeros(5), np.ones(15), np.zeros(3)])

    def evaluate(theta):
        loss, gradient = by_hand.gradient(theta, X, NOISY, 5, 3, weights)
        return loss + l2 / 2 * (is_weight * theta**2).sum(), gradient + l2 * is_weight * theta

    return evaluate


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("method", TO_THE_END)
def test_it_reaches_the_optimum_of_an_objective_by_hand(method, weighted):
    weights = np.random.default_rng(1).uniform(0.2, 2, len(X)) if weighted else None
    net, evaluate = network(), objective(0.05, weights)
    settings = {"lbfgs": {"ftol": 0, "maxcor": 10}, "cg": {}, "newton_cg": {}, "tnc": {"ftol": 0, "xtol": 0}}[method]
    name = {"lbfgs": "L-BFGS-B", "cg": "CG", "newton_cg": "Newton-CG", "tnc": "TNC"}[method]
    tolerance = {"xtol": 1e-5} if method == "newton_cg" else {"gtol": 1e-5}
    many = {"maxfun": 10**6} if method == "tnc" else {"maxiter": 501}
    expected = optimize.minimize(evaluate, net.theta, method=name, jac=True, options=settings | tolerance | many)
    history = fit(net, optimizer=method, l2=0.05, sample_weight=weights)
    assert history.stopped == "converged"
    loss, gradient = evaluate(net.theta)
    assert np.abs(gradient).max() < 2e-5
    assert loss == pytest.approx(expected.fun, abs=1e-7)
    np.testing.assert_allclose(net.theta, expected.x, atol=2e-3)
    last = history.epochs[-1]
    assert last["loss"] + last["penalty"] == pytest.approx(loss, abs=1e-12)
    assert history.column("epoch") == list(range(1, len(history) + 1))


def test_float32_networks_are_trained_in_float64():
    single, double = network("float32"), network()
    double.theta = single.theta
    histories = [fit(each, l2=0.05) for each in (single, double)]
    assert single.theta.dtype == np.float32
    assert histories[0].stopped == "converged"
    assert histories[0].epochs[-1]["loss"] == pytest.approx(histories[1].epochs[-1]["loss"], abs=1e-6)
    np.testing.assert_allclose(single.theta, double.theta, atol=2e-3)


@pytest.mark.parametrize("method", METHODS)
def test_frozen_layers_stay_and_the_others_reach_their_optimum(method):
    net = network()
    net.freeze("dense_1")
    before = net.theta.copy()
    fit(net, optimizer=method, l2=0.05)
    np.testing.assert_array_equal(net.theta[:25], before[:25])
    assert (net.theta[25:] != before[25:]).any()
    _, gradient = objective(0.05)(net.theta)
    assert np.abs(gradient[25:]).max() < 2e-5


def losses_of(net, history):
    return net.evaluate(X, NOISY)["loss"], history.epochs[-1]["loss"]


@pytest.mark.parametrize("method", METHODS)
def test_a_callback_ends_it_with_the_weights_of_the_last_iteration(method):
    net, thetas = network(), []

    def callback(state):
        assert state.network is net
        thetas.append(net.theta.copy())
        return state.epoch == 3

    history = fit(net, optimizer=method, callbacks=[callback])
    assert (history.stopped, len(history)) == ("callback", 3)
    np.testing.assert_array_equal(net.theta, thetas[-1])
    assert losses_of(net, history)[0] == pytest.approx(losses_of(net, history)[1], rel=1e-12)
    assert history.column("loss") == sorted(history.column("loss"), reverse=True)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("epochs", [0, 1, 4])
def test_an_epoch_is_an_iteration(method, epochs):
    net = network()
    before = net.theta.copy()
    history = fit(net, optimizer=method, epochs=epochs)
    assert (history.stopped, len(history)) == ("epochs", epochs)
    assert (net.theta != before).any() == (epochs > 0)


@pytest.mark.parametrize("method", METHODS)
def test_a_time_limit_ends_it_within_an_iteration(method):
    net, thetas = network(), [network().theta]

    def slow(state):
        thetas.append(net.theta.copy())
        time.sleep(0.1)

    started = time.perf_counter()
    history = fit(net, optimizer=method, time_limit=0.25, callbacks=[slow], epochs=10**6, y=NOISY)
    assert history.stopped == "time"
    assert time.perf_counter() - started > 0.2
    assert 1 <= len(history) <= 4
    np.testing.assert_array_equal(net.theta, thetas[-1])


@pytest.mark.parametrize("method", METHODS)
def test_ctrl_c_keeps_the_weights_of_the_last_iteration(method):
    import signal

    net, thetas = network(), []

    def press(state):
        thetas.append(net.theta.copy())
        if state.epoch == 2:
            signal.raise_signal(signal.SIGINT)

    assert threading.current_thread() is threading.main_thread()
    history = fit(net, optimizer=method, callbacks=[press], epochs=10**6)
    assert (history.stopped, len(history)) == ("interrupted", 2)
    np.testing.assert_array_equal(net.theta, thetas[-1])


def test_patience_puts_the_best_weights_back():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(30, 4)), rng.integers(0, 3, 30)
    net, thetas = Network([Dense(20, activation="tanh"), Dense(3), Softmax()], seed=0, dtype="float64"), []
    history = net.fit(
        x, y, optimizer="lbfgs", validation_data=(X, Y), patience=3, epochs=200, progress=False,
        callbacks=[lambda state: thetas.append(net.theta.copy())],
    )  # fmt: skip
    assert history.stopped == "early"
    assert len(history) == history.best_epoch + 3
    np.testing.assert_array_equal(net.theta, thetas[history.best_epoch - 1])
    assert history.column("validation_loss")[history.best_epoch - 1] == pytest.approx(net.evaluate(X, Y)["loss"])


def test_where_no_step_lowers_the_loss_it_has_stalled_and_not_converged():
    net = network()
    history = fit(net, optimizer=LBFGS(tolerance=0.0), l2=0.05, epochs=10_000)
    assert history.stopped == "stalled"
    assert np.abs(objective(0.05)(net.theta)[1]).max() < 1e-6


def test_at_the_optimum_there_is_nothing_to_do():
    net = network()
    fit(net, l2=0.05, optimizer=LBFGS(tolerance=1e-7))
    before = net.theta.copy()
    history = fit(net, l2=0.05)
    assert (history.stopped, len(history)) == ("converged", 0)
    np.testing.assert_array_equal(net.theta, before)


def test_batch_normalisation_keeps_the_statistics_of_the_last_iteration():
    net, states = Network([BatchNorm(), Dense(3), Softmax()], seed=0, dtype="float64"), []
    net.fit(
        X, NOISY, optimizer="lbfgs", epochs=6, progress=False, callbacks=[lambda state: states.append(net.state.copy())]
    )
    np.testing.assert_array_equal(net.state, states[-1])
    assert net.state.any()


REFUSED = [
    ({"l1": 0.1}, "l1=0.1 is not possible with LBFGS; its kink at 0"),
    ({"schedule": "cosine"}, "schedule='cosine' is not possible with LBFGS; it chooses its own steps"),
    ({"clip_norm": 1.0}, "clip_norm=1.0 is not possible with LBFGS"),
    ({"clip_value": 1.0}, "clip_value=1.0 is not possible with LBFGS"),
    ({"rate_factors": {"dense_1": 0.5}}, "rate_factors=.* is not possible with LBFGS"),
    ({"batch_size": 16}, "batch_size=16 is not possible with LBFGS; it looks at all samples for each step"),
    ({"learning_rate": 0.1}, "learning_rate=0.1 is given for optimizer='lbfgs', which chooses its own steps"),
    ({"optimizer": LBFGS(), "learning_rate": 0.1}, "learning_rate=0.1 is given beside an optimizer that has its own"),
    ({"checkpoint": "folder"}, "checkpoint='folder' is not possible with LBFGS; its memory cannot be kept"),
    ({"checkpoint_epochs": 3}, "checkpoint_epochs or checkpoint_seconds is given without checkpoint"),
    ({"n_threads": 0}, "n_threads=0 is not >= 1"),
]


@pytest.mark.parametrize(("settings", "message"), REFUSED, ids=[str(case[0]) for case in REFUSED])
def test_what_has_no_meaning_is_refused_and_changes_nothing(settings, message):
    net = network()
    before = net.theta.copy()
    with pytest.raises(ValueError, match=message):
        fit(net, **settings)
    np.testing.assert_array_equal(net.theta, before)


def test_all_samples_may_be_said_in_words():
    net, other = network(), network()
    fit(net, batch_size="all", epochs=5)
    fit(other, epochs=5)
    np.testing.assert_array_equal(net.theta, other.theta)


def test_random_layers_are_refused():
    net = Network([Dense(5), Dropout(0.2), Dense(3), Softmax()], seed=0)
    with pytest.raises(
        ValueError, match="dropout_1 is random while training, but ConjugateGradient needs the same loss for the same"
    ):
        fit(net, optimizer="cg")
    assert "not built" in repr(net)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"tolerance": -1}, ValueError, "tolerance=-1 is not >= 0"),
        ({"memory": 0}, ValueError, "memory=0 is not >= 1"),
        ({"memory": 2.5}, TypeError, "memory=2.5 is not an int"),
    ],
)
def test_settings_outside_their_range_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        LBFGS(**arguments)


@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning", "ignore:invalid value:RuntimeWarning")
def test_a_start_that_is_not_finite_is_a_failure_and_keeps_the_weights():
    net = Network([Dense(1)], seed=0, dtype="float64").build(4)
    before = net.theta.copy()
    with pytest.raises(TrainingFailed, match="not finite at the start: scale the columns of X") as caught:
        net.fit(X * 1e200, X[:, 0], optimizer="lbfgs", progress=False)
    assert caught.value.history.stopped == "failed"
    np.testing.assert_array_equal(net.theta, before)


@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning", "ignore:invalid value:RuntimeWarning")
def test_steps_into_overflow_are_taken_back():
    """The exponential of a Poisson regression overflows for the first long steps."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 4)) * 30
    y = rng.poisson(np.exp(x @ [0.02, -0.03, 0.01, 0.02]))
    net = Network([Dense(1)], seed=0, dtype="float64").build(4)
    net.theta *= 0.05
    history = net.fit(x, y, loss="poisson", optimizer="lbfgs", epochs=300, progress=False)
    assert history.stopped == "converged"
    rate = np.exp(net.predict(x) if "Exponential" in repr(net) else x @ net.theta[:4] + net.theta[4])
    assert np.abs(x.T @ (rate - y) / len(x)).max() < 1e-4


def test_lines_of_progress_say_how_it_ended(capsys):
    fit(network(), progress="lines", l2=0.05)
    assert "converged after " in capsys.readouterr().err
    fit(network(), progress="lines", epochs=2)
    assert "2 epochs done" in capsys.readouterr().err


@pytest.mark.compiled
@pytest.mark.parametrize("method", ["lbfgs", "tnc"])
def test_any_number_of_threads_gives_the_same_bits(method):
    x, y = classes(n=3000, n_features=32)
    thetas = []
    for n_threads in (1, 2, 3):
        net = classifier(n_hidden=64)
        net.fit(x, y, optimizer=method, epochs=8, n_threads=n_threads, progress=False)
        thetas.append(net.theta)
    np.testing.assert_array_equal(thetas[1], thetas[0])
    np.testing.assert_array_equal(thetas[2], thetas[0])


def test_samples_in_several_blocks_are_one_sum(monkeypatch):
    from netlet.training import objective as blocks

    whole, cut = network(), network()
    fit(whole, epochs=10, l2=0.05)
    for limit in ("_LEAST_ROWS", "_MOST_ROWS"):
        monkeypatch.setattr(blocks, limit, 17)
    fit(cut, epochs=10, l2=0.05)
    np.testing.assert_allclose(cut.theta, whole.theta, rtol=1e-6)


def test_every_method_has_a_name():
    assert sorted(full_batch.FULL_BATCH) == sorted(METHODS)
