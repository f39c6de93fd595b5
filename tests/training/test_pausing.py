"""A training that is paused, kept and gone on with is the training that was not paused, bit for bit."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import threading
import time

import numpy as np
import pytest
from problems import classes

from netlet import (
    SGD,
    BatchNorm,
    CosineDecay,
    Dense,
    Dropout,
    Network,
    PerceptronLoss,
    ReduceOnPlateau,
    Softmax,
    Step,
    TrainingFailed,
    WarmUp,
)
from netlet.network.options import FitOptions
from netlet.training import trainer

# Without Numba NumPy warns of the overflows that are the subject of the tests of failures.
ignore_overflow = pytest.mark.filterwarnings("ignore:(overflow|invalid value) encountered:RuntimeWarning")
pytestmark = pytest.mark.plain
X, Y = classes(n=70)
OTHER_X, OTHER_Y = classes(n=30, seed=1)
EPOCHS = 12


def network(seed=3, dtype="float32"):
    """Return a network with a state and a random layer."""
    return Network(
        [Dense(8, activation="relu"), BatchNorm(), Dropout(0.2), Dense(3), Softmax()], seed=seed, dtype=dtype
    )


def begun(own, x=X, y=Y, **settings):
    """Return a training, not yet begun."""
    return own._begin(x, y, FitOptions(**({"epochs": EPOCHS, "batch_size": 16, "progress": False} | settings)))


def in_pieces(training, sizes, epochs=EPOCHS):
    """Advance by each of the sizes in turn, again and again, until the training ends by itself."""
    done, turn = 0, 0
    while True:
        done, turn = done + sizes[turn % len(sizes)], turn + 1
        history = training.advance(done)
        if history.stopped != "paused":
            return history
        assert len(history) == done < epochs


def outcome(own, history):
    """Return all that a training decides, without times."""
    epochs = [{name: value for name, value in epoch.items() if name != "seconds"} for epoch in history.epochs]
    figures = repr((epochs, history.stopped, history.best_epoch))
    return own.theta.tobytes(), own.state.tobytes(), own._learnt.epochs, own._learnt.steps, figures


VALIDATED = {"validation_data": (OTHER_X, OTHER_Y)}
TRAININGS = {
    "adam": {},
    "momentum, clipped": {"optimizer": "momentum", "clip_norm": 0.5},
    "lion": {"optimizer": "lion"},
    "rprop": {"optimizer": "rprop", "batch_size": "all"},
    "nadam, penalised": {"optimizer": "nadam", "l1": 1e-3, "l2": 1e-2},
    "in order": {"shuffle": False, "optimizer": "averaged_momentum"},
    "one batch, in order": {"shuffle": False, "batch_size": "all"},
    "patience left": VALIDATED | {"patience": 50},
    "early": VALIDATED | {"patience": 3, "learning_rate": 0.1, "epochs": 40},
    "samples held out": {"validation_share": 0.3, "patience": 4},
    "weighted": {"sample_weight": np.linspace(0, 2, len(X)), "class_weight": "balanced"},
    "cosine": {"schedule": CosineDecay()},
    "warm-up, cosine": {"schedule": WarmUp(3, then=CosineDecay())},
    "plateau, watching the training loss": {"schedule": ReduceOnPlateau(0.5, patience=1), "learning_rate": 0.1},
    "plateau, watching the validation": VALIDATED
    | {"schedule": ReduceOnPlateau(0.5, patience=1), "learning_rate": 0.1, "patience": 40},
}


@pytest.fixture(scope="module")
def unpaused():
    """Give what each training comes to where it is not paused, with the weights of the best epoch put back."""
    found = {}
    for kind, settings in TRAININGS.items():
        own = network()
        found[kind] = outcome(own, begun(own, **settings).run())
    return found


@pytest.mark.parametrize("sizes", [(1,), (2, 1, 5)], ids=str)
@pytest.mark.parametrize("kind", TRAININGS)
def test_pauses_change_nothing(kind, sizes, unpaused):
    own = network()
    training = begun(own, **TRAININGS[kind])
    history = in_pieces(training, sizes, TRAININGS[kind].get("epochs", EPOCHS))
    assert history.stopped == ("early" if kind in ("early", "samples held out") else "epochs")
    training.put_best_back()
    assert outcome(own, history) == unpaused[kind]
    seconds = history.column("seconds")
    assert seconds == sorted(seconds)
    again = training.advance(EPOCHS)  # a training that has ended stays as it is
    assert outcome(own, again) == unpaused[kind]


@pytest.mark.parametrize("kind", TRAININGS)
def test_a_snapshot_is_gone_on_from_by_a_network_made_anew(kind, unpaused):
    """Three trainings, each on its own network, each of some epochs."""
    kept, done = None, 0
    for epochs in (1, 5, 10_000):
        own = network()
        training = begun(own, **TRAININGS[kind])
        if kept is not None:
            training.go_on_from(kept)
        done = done + epochs
        history = training.advance(done)
        if epochs < 10_000:
            kept = training.snapshot()
            kept = pickle.loads(pickle.dumps(kept)) if epochs > 1 else kept
            training.advance(done + 2)  # what it does afterwards is nothing to the snapshot
    training.put_best_back()
    assert outcome(own, history) == unpaused[kind]


def test_one_snapshot_serves_many():
    first = begun(network())
    first.advance(4)
    kept = first.snapshot()
    before = {name: array.copy() for name, array in kept.arrays.items()}
    outcomes = []
    for _ in range(2):
        own = network()
        training = begun(own)
        training.go_on_from(kept)
        outcomes.append(outcome(own, training.run()))
    assert outcomes[0] == outcomes[1]
    for name, array in before.items():
        np.testing.assert_array_equal(kept.arrays[name], array)


def test_a_snapshot_may_be_taken_before_the_next_epoch_of_a_training_that_goes_on_from_one():
    first = begun(network())
    first.advance(4)
    second = begun(network())
    second.go_on_from(first.snapshot())
    second.advance(4)
    one, other = first.snapshot(), second.snapshot()
    assert {name: array.tobytes() for name, array in one.arrays.items() if "seconds" not in name} == {
        name: array.tobytes() for name, array in other.arrays.items() if "seconds" not in name
    }
    assert one.values == other.values


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_run_ends_what_advance_began(dtype, unpaused):
    own, whole = (network(dtype=dtype) for _ in range(2))
    training = begun(own)
    assert training.advance(5).stopped == "paused"
    history = training.run()
    assert history.stopped == "epochs"
    assert outcome(own, history) == outcome(whole, begun(whole).run())


def test_epochs_that_run_together_are_paused_where_they_should_be(monkeypatch):
    """Nothing is needed from Python after an epoch, so that hundreds would be run together."""
    monkeypatch.setattr(trainer, "_SECONDS_TOGETHER", 1e6)
    whole = network()
    expected = outcome(whole, begun(whole).run())
    for sizes in ((1,), (5,), (11, 1)):
        own = network()
        assert outcome(own, in_pieces(begun(own), sizes)) == expected


def test_no_epochs_are_no_epochs():
    own = network().build(6)
    before = own.theta.copy()
    training = begun(own, epochs=0)
    assert len(training.advance(3)) == 0
    np.testing.assert_array_equal(own.theta, before)


def test_a_snapshot_goes_on_to_the_figures_of_an_epoch_that_were_not_finite(monkeypatch):
    """A validation loss may be NaN while the training goes well."""
    monkeypatch.setattr(trainer, "mean_loss", lambda *arguments: np.nan)
    first = begun(network(), **VALIDATED)
    first.advance(2)
    second = begun(network(), **VALIDATED)
    second.go_on_from(pickle.loads(pickle.dumps(first.snapshot())))
    history = second.run()
    assert len(history) == EPOCHS
    assert np.isnan(history.column("validation_loss")).all()


def test_the_perceptron_rule_converges_after_a_pause():
    x = np.random.default_rng(1).normal(size=(60, 2)).astype(np.float32)
    y = (x @ [1.0, -2.0] > 0).astype(int)
    histories, thetas = [], []
    for sizes in ((10_000,), (1,), (2,)):
        own = Network([Dense(1), Step()], seed=0)
        training = begun(own, x, y, loss=PerceptronLoss(), optimizer=SGD(0.1), epochs=500)
        histories.append(in_pieces(training, sizes, 500))
        thetas.append(own.theta.tobytes())
    assert [history.stopped for history in histories] == ["converged"] * 3
    assert len(histories[0]) > 2
    assert [len(history) for history in histories] == [len(histories[0])] * 3
    assert len(set(thetas)) == 1


# Failures


def line(n=40):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 3)).astype(np.float32)
    return x, x @ np.array([1.0, -2.0, 3.0], np.float32)


WILD = {"optimizer": SGD(3.0, weight_decay=1e-3), "epochs": 10_000, "n_threads": 1}


def failed(training, sizes):
    """Advance until the training fails; return the message, the figures and the weights."""
    with pytest.raises(TrainingFailed) as caught:
        in_pieces(training, sizes, 10_000)
    assert caught.value.history is training.history
    assert training.history.stopped == "failed"
    return str(caught.value), training.history.column("loss"), training.learnt.theta.tobytes()


@ignore_overflow
@pytest.mark.parametrize("together", [0.0, 0.02, 1e6], ids=["one by one", "as usual", "all together"])
@pytest.mark.parametrize("batch_size", ["all", 10])
def test_a_training_that_diverges_keeps_the_same_weights_however_it_is_paused(batch_size, together, monkeypatch):
    """In which epoch it fails, and in which step, is no matter of how many epochs were run together before."""
    x, y = line()

    def fail(seconds, sizes):
        monkeypatch.setattr(trainer, "_SECONDS_TOGETHER", seconds)
        return failed(begun(Network([Dense(1)], seed=0).build(3), x, y, batch_size=batch_size, **WILD), sizes)

    found = [fail(0.0, (10_000,))]
    n_good = len(found[0][1])  # a pause right before the epoch that fails, and around it
    found += [fail(together, sizes) for sizes in ((10_000,), (1,), (7, 4), (n_good - 1,), (n_good,), (n_good + 1,))]
    assert "The weights kept are those after " in found[0][0]
    for other in found[1:]:
        assert other == found[0]
    assert np.isfinite(np.frombuffer(found[0][2], np.float32)).all()


@ignore_overflow
@pytest.mark.parametrize("epochs_before", [1, 2, 3, 4])
@pytest.mark.parametrize("batch_size", ["all", 10])
def test_a_failure_after_a_snapshot_is_the_same_failure(batch_size, epochs_before, monkeypatch):
    """Even where it comes with the first step after the snapshot: the weights one epoch ago are in it."""
    x, y = line()
    monkeypatch.setattr(trainer, "_SECONDS_TOGETHER", 1e6)
    whole = begun(Network([Dense(1)], seed=0).build(3), x, y, batch_size=batch_size, **WILD)
    expected = failed(whole, (10_000,))
    n_good = len(whole.history)
    first = begun(Network([Dense(1)], seed=0).build(3), x, y, batch_size=batch_size, **WILD)
    first.advance(n_good - epochs_before + 1)
    second = begun(Network([Dense(1)], seed=0).build(3), x, y, batch_size=batch_size, **WILD)
    second.go_on_from(first.snapshot())
    assert failed(second, (10_000,)) == expected


@ignore_overflow
def test_the_best_weights_are_kept_where_there_are_any():
    x, y = line()
    found = []
    for sizes in ((10_000,), (2,)):
        own = Network([Dense(1)], seed=0).build(3)
        training = begun(own, x, y, batch_size=10, validation_data=(x, y), patience=9_999, **WILD)
        found.append(failed(training, sizes))
    assert "The weights kept are those at the best epoch." in found[0][0]
    assert found[0] == found[1]


# Stopping


def test_a_training_that_is_told_to_stop_before_it_begins_learns_nothing():
    for end in (lambda training: training.run(), lambda training: training.advance(3)):
        own = network().build(6)
        before = own.theta.copy()
        training = begun(own)
        training.stop()
        history = end(training)
        assert (history.stopped, len(history)) == ("interrupted", 0)
        np.testing.assert_array_equal(own.theta, before)
        training.stop()  # once more does nothing


def test_a_training_that_is_told_to_stop_by_another_thread_ends_soon():
    own = network()
    training = begun(own, epochs=10**7)
    thread = threading.Thread(target=training.run)
    thread.start()
    while len(training.history) < 3:
        time.sleep(0.001)
    training.stop()
    thread.join(timeout=30)
    assert not thread.is_alive()
    assert training.history.stopped == "interrupted"
    assert np.isfinite(own.theta).all()
    n_epochs = len(training.history)
    assert training.advance(n_epochs + 5).stopped == "interrupted"
    assert len(training.history) == n_epochs


def test_a_full_batch_training_is_told_to_stop():
    x, y = classes(n=200, seed=4)
    own = Network([Dense(8, activation="tanh"), Dense(3), Softmax()], seed=0).build(6)
    before = own.theta.copy()
    training = begun(own, x, y, optimizer="lbfgs", batch_size=None)
    training.stop()
    assert training.run().stopped == "interrupted"
    np.testing.assert_array_equal(own.theta, before)
    seen = []

    def watch(state):
        seen.append(state.epoch)
        if state.epoch == 3:
            training.stop()

    training = begun(own, x, y, optimizer="lbfgs", batch_size=None, epochs=500, callbacks=[watch])
    assert training.run().stopped == "interrupted"
    assert seen == [1, 2, 3]


def test_a_deadline_ends_a_part_of_a_training():
    training = begun(network(), epochs=10**7)
    assert training.advance(10**7, deadline=time.perf_counter() + 0.2).stopped == "time"
    n_epochs = len(training.history)
    assert n_epochs >= 1
    assert training.advance(n_epochs + 2).stopped == "paused"
    assert len(training.history) == n_epochs + 2


def test_steps_that_were_taken_count_where_epochs_that_run_together_are_stopped(monkeypatch):
    """Else Adam would correct its young averages a second time, and dropout would draw its masks again."""
    monkeypatch.setattr(trainer, "_SECONDS_TOGETHER", 1e6)
    own = network()
    training = begun(own, epochs=10**6)
    training.advance(5)
    taken = training.stepper.n_updates
    assert (taken, own._learnt.steps) == (5 * 5, 5 * 5)
    timer = threading.Timer(0.2, training.stop)
    timer.start()
    training.run()
    timer.join()
    assert training.history.stopped == "interrupted"
    n_epochs = len(training.history)
    assert own._learnt.epochs == n_epochs > 5
    assert 5 * n_epochs <= own._learnt.steps < 5 * (n_epochs + 1)
    assert training.stepper.n_updates == own._learnt.steps


def test_stopping_never_fails_while_pieces_begin_and_end():
    """The thread that stops may look at any moment, in the middle of a pause too."""
    errors = []

    def stop(training):
        try:
            for _ in range(200):
                training.stop()
        except Exception as error:  # the subject
            errors.append(error)

    for _ in range(5):
        training = begun(network(), epochs=20)
        thread = threading.Thread(target=stop, args=(training,))
        training.advance(1)
        thread.start()
        for epochs in range(2, 20):
            training.advance(epochs)
        thread.join()
    assert errors == []


# What fit is asked for


def test_the_options_are_those_of_fit():
    signature = inspect.signature(Network.fit).parameters
    of_fit = {name: value.default for name, value in signature.items() if name not in ("self", "X", "y")}
    of_options = {each.name: each.default for each in dataclasses.fields(FitOptions)}
    assert {name: of_options.pop(name) for name in ("rows", "validation_rows", "shared")} == {
        "rows": None,
        "validation_rows": None,
        "shared": None,
    }
    assert of_options == of_fit
    assert list(of_options) == list(of_fit)


def test_a_copy_of_a_snapshot_does_not_follow():
    first = begun(network())
    first.advance(2)
    kept = first.snapshot()
    other = copy.deepcopy(kept)
    first.advance(4)
    for name, array in kept.arrays.items():
        np.testing.assert_array_equal(other.arrays[name], array)
