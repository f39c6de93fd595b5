"""Why a training ends, what it leaves behind, and what the history says of it."""

from __future__ import annotations

import time

import numpy as np
import pytest
from problems import classes, classifier

from netlet import SGD, Dense, Network
from netlet.training import trainer

pytestmark = pytest.mark.plain


def test_history_holds_each_epoch():
    x, y = classes()
    history = classifier().fit(x, y, epochs=4, progress=False)
    assert history.stopped == "epochs"
    assert len(history) == 4
    assert history.column("epoch") == [1, 2, 3, 4]
    assert set(history.epochs[0]) == {"epoch", "loss", "seconds"}
    assert history.column("loss") == sorted(history.column("loss"), reverse=True)
    assert history.column("seconds") == sorted(history.column("seconds"))
    assert history.best_epoch is None
    with pytest.raises(KeyError, match="validation_loss"):
        history.column("validation_loss")


def test_validation_figures_are_those_of_evaluate():
    x, y = classes()
    network = classifier()
    found = []
    history = network.fit(
        x[:150], y[:150], validation_data=(x[150:], y[150:]), epochs=3, progress=False,
        callbacks=[lambda state: found.append(state.network.evaluate(x[150:], y[150:]))],
    )  # fmt: skip
    for epoch, figures in zip(history.epochs, found, strict=True):
        assert set(epoch) == {"epoch", "loss", "seconds", "validation_loss", "validation_accuracy"}
        assert epoch["validation_loss"] == figures["loss"]
        assert epoch["validation_accuracy"] == figures["accuracy"]
    assert history.best_epoch == 1 + int(np.argmin(history.column("validation_loss")))


def test_validation_does_not_change_the_training():
    x, y = classes()
    with_it, without = classifier(dropout=0.2), classifier(dropout=0.2)
    with_it.fit(x, y, epochs=3, validation_data=(x[:50], y[:50]), progress=False)
    without.fit(x, y, epochs=3, progress=False)
    np.testing.assert_array_equal(with_it.theta, without.theta)


def test_a_regression_has_no_accuracy():
    x = classes()[0]
    history = Network([Dense(1)], seed=0).fit(x, x[:, 0], validation_share=0.2, epochs=1, progress=False)
    assert set(history.epochs[0]) == {"epoch", "loss", "seconds", "validation_loss"}


def overfitting(**settings):
    """Train on noise, where the validation loss soon rises; return the network, the history, every epoch's weights."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 5)).astype(np.float32), rng.integers(0, 2, 60)
    network, thetas = classifier(n_hidden=20, n_classes=2), []
    history = network.fit(
        x[:30], y[:30], validation_data=(x[30:], y[30:]), learning_rate=0.02, batch_size=8, epochs=60,
        callbacks=[lambda state: thetas.append(state.network.theta.copy())], progress=False, **settings,
    )  # fmt: skip
    return network, history, thetas


@pytest.mark.parametrize("patience", [1, 4])
def test_patience_ends_the_training_and_puts_the_best_weights_back(patience):
    network, history, thetas = overfitting(patience=patience)
    assert history.stopped == "early"
    best = 1 + int(np.argmin(history.column("validation_loss")))
    assert history.best_epoch == best
    assert len(history) == best + patience
    np.testing.assert_array_equal(network.theta, thetas[best - 1])
    assert (network.theta != thetas[-1]).any()


def test_without_patience_the_last_weights_stay():
    network, history, thetas = overfitting()
    assert history.stopped == "epochs"
    assert history.best_epoch < 60
    np.testing.assert_array_equal(network.theta, thetas[-1])


def test_patience_that_is_not_used_up_keeps_the_best_weights_too():
    network, history, thetas = overfitting(patience=100)
    assert history.stopped == "epochs"
    np.testing.assert_array_equal(network.theta, thetas[history.best_epoch - 1])


def judged(**settings):
    """Train where the most accurate epoch is not the one of the lowest loss; return what `overfitting` does."""
    rng = np.random.default_rng(2)
    x = rng.normal(size=(120, 5)).astype(np.float32)
    y, thetas = (x[:, 0] * x[:, 1] + 0.7 * rng.normal(size=120) > 0).astype(int), []
    network = classifier(n_hidden=20, n_classes=2)
    history = network.fit(
        x[:60], y[:60], validation_data=(x[60:], y[60:]), learning_rate=0.02, batch_size=20, epochs=60,
        callbacks=[lambda state: thetas.append(state.network.theta.copy())], progress=False, **settings,
    )  # fmt: skip
    return network, history, thetas


def test_the_best_epoch_may_be_the_most_accurate_one(tmp_path):
    network, history, thetas = judged(patience=60, best_by="accuracy")
    assert history.stopped == "epochs"
    accuracies, losses = history.column("validation_accuracy"), history.column("validation_loss")
    figures = [(-accuracy, loss) for accuracy, loss in zip(accuracies, losses, strict=True)]
    assert history.best_epoch == 1 + figures.index(min(figures))
    assert history.best_epoch != 1 + int(np.argmin(losses))
    np.testing.assert_array_equal(network.theta, thetas[history.best_epoch - 1])
    whole = judged(patience=7, best_by="accuracy")
    kept = judged(patience=7, best_by="accuracy", checkpoint=tmp_path, checkpoint_epochs=1)
    np.testing.assert_array_equal(kept[0].theta, whole[0].theta)
    assert kept[1].best_epoch == whole[1].best_epoch


def test_a_wrong_figure_is_refused():
    x, y = classes()
    with pytest.raises(ValueError, match="best_by='los' is not one of 'accuracy', 'loss'; did you mean 'loss'"):
        classifier().fit(x, y, best_by="los")
    with pytest.raises(ValueError, match="best_by='accuracy' needs classes, which loss='squared_error' has none of"):
        Network([Dense(1)]).fit(x, x[:, :1], best_by="accuracy")


def test_a_callback_sees_each_epoch_and_may_end_the_training():
    x, y = classes()
    network, seen = classifier(), []

    def callback(state):
        seen.append((state.epoch, state.loss, state.validation_loss, state.validation_accuracy))
        assert state.network is network
        assert len(state.history) == state.epoch
        return state.epoch == 3

    others = []
    history = network.fit(
        x, y, epochs=9, callbacks=[callback, lambda state: others.append(state.epoch)], progress=False
    )
    assert history.stopped == "callback"
    assert seen == [(epoch["epoch"], epoch["loss"], None, None) for epoch in history.epochs]
    assert others == [1, 2, 3], "every callback is called, whatever another one answers"


def test_an_error_in_a_callback_reaches_the_caller():
    x, y = classes()
    network = classifier()

    def callback(state):
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        network.fit(x, y, callbacks=[callback], progress=False)
    assert network.fit(x, y, epochs=1, progress=False).stopped == "epochs"


def test_a_time_limit_ends_the_training():
    x, y = classes()
    network = classifier()
    network.fit(x, y, epochs=1, progress=False)  # compiles
    started = time.perf_counter()
    history = network.fit(x, y, epochs=10**9, time_limit=0.2, progress=False)
    assert time.perf_counter() - started >= 0.2
    assert history.stopped == "time"
    assert 0 < len(history) < 10**9
    assert np.isfinite(network.theta).all()


@pytest.mark.compiled
def test_a_time_limit_ends_a_long_epoch():
    x, y = classes(n=400_000)
    network = classifier(n_hidden=64)
    network.fit(x[:100], y[:100], epochs=1, progress=False)
    before = network._learnt.steps
    history = network.fit(x, y, epochs=1, batch_size=4, time_limit=0.1, progress=False)
    assert history.stopped == "time"
    assert 0 < network._learnt.steps - before < 100_000
    assert np.isfinite(network.theta).all()


def test_training_goes_on_where_it_ended():
    x, y = classes()
    network = classifier()
    first = network.fit(x, y, epochs=5, progress=False)
    second = network.fit(x, y, epochs=5, progress=False)
    assert second.epochs[-1]["loss"] < first.epochs[-1]["loss"]
    assert second.epochs[0]["epoch"] == 1


def test_one_step_of_the_whole_batch_is_one_step_of_a_batch_of_that_size():
    x, y = classes()
    thetas = []
    for batch_size in ("all", len(x), 10 * len(x)):
        network = classifier()
        network.fit(x, y, batch_size=batch_size, epochs=2, optimizer=SGD(0.1), progress=False)
        thetas.append(network.theta)
    np.testing.assert_array_equal(thetas[0], thetas[1])
    np.testing.assert_array_equal(thetas[0], thetas[2])


def test_compiling_does_not_use_up_the_time_limit(monkeypatch):
    prepare = trainer.Training.prepare

    def slow(run):
        prepare(run)
        time.sleep(0.3)

    monkeypatch.setattr(trainer.Training, "prepare", slow)
    x, y = classes()
    history = classifier().fit(x, y, epochs=10**9, time_limit=0.2, progress=False)
    assert history.stopped == "time"
    assert len(history) > 1
