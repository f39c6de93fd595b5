"""Looking at a training: what is kept, that it changes nothing, and how it is told."""

from __future__ import annotations

import numpy as np
import pytest

from netlet import (
    LSTM,
    SGD,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Input,
    Network,
    Softmax,
    TrainingFailed,
)
from netlet.insight.health.baseline import baseline_of
from netlet.training.losses import BinaryCrossEntropy, CrossEntropy, SquaredError
from netlet.training.stepper import Samples

pytestmark = pytest.mark.plain


def blobs(n=60):
    rng = np.random.default_rng(0)
    y = np.arange(n) % 3
    return rng.normal(size=(3, 4))[y] * 2 + rng.normal(size=(n, 4)), y


def network(**settings):
    return Network([Input(4), Dense(6, "tanh"), Dense(5, "relu"), Dense(3), Softmax()], seed=0, **settings)


def fit(own, X, y, **settings):
    return own.fit(X, y, **({"epochs": 4, "progress": False, "health": True, "n_threads": 1} | settings))


def test_nothing_is_kept_without():
    assert fit(network(), *blobs(), health=False).health is None


def test_it_changes_no_weight_and_no_loss():
    with_it, without = network(), network()
    seen, unseen = fit(with_it, *blobs()), fit(without, *blobs(), health=False)
    assert seen.column("loss") == unseen.column("loss")
    for name, each in with_it.parameters.items():
        np.testing.assert_array_equal(each, without.parameters[name])


def test_the_same_seed_gives_the_same_figures():
    first, second = (fit(network(), *blobs()).health.figures.looks for _ in range(2))
    assert first == second


def test_a_look_has_the_figures_of_the_formulas():
    own, (X, y) = network(dtype="float64"), blobs()
    weights = {name: each.copy() for name, each in own.parameters.items()}
    look = fit(own, X, y, epochs=0).health.figures.looks[0]
    hidden = np.tanh(X @ weights["dense_1.weight"])
    z = hidden @ weights["dense_2.weight"]
    relu = np.maximum(z, 0)
    logits = relu @ weights["dense_3.weight"]
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    dlogits = (p - np.eye(3)[y]) / len(X)
    dz2 = (dlogits @ weights["dense_3.weight"].T) * (z > 0)
    dz1 = (dz2 @ weights["dense_2.weight"].T) * (1 - hidden**2)
    assert look.loss == pytest.approx(-np.log(p[np.arange(60), y]).mean())
    assert [layer.row for layer in look.layers] == ["dense", "tanh", "dense", "relu", "dense"]
    # Of a sample's own loss, which is not divided by the number of samples.
    lengths = [60 * np.sqrt((each**2).sum(axis=1).mean()) for each in (dz1, dz2, dlogits)]
    assert [layer.gradient for layer in look.weighted] == pytest.approx(lengths)
    assert look.layers[1].mean == pytest.approx(hidden.mean())
    assert look.layers[1].spread == pytest.approx(hidden.std())
    assert look.layers[1].saturated == pytest.approx((np.abs(hidden) > 0.975).mean())
    assert look.layers[3].dead == (relu.max(axis=0) == 0).mean()
    assert look.output_spread == pytest.approx(logits.std(axis=0).max())


def test_the_ratio_of_update_to_weight_is_that_of_one_step():
    own, (X, y) = network(dtype="float64"), blobs()
    before = own.parameters["dense_1.weight"].copy()
    look = fit(own, X, y, epochs=1, batch_size="all", optimizer=SGD(0.1)).health.figures.looks[-1]
    step = own.parameters["dense_1.weight"] - before
    assert look.epoch == 1
    assert look.weighted[0].update == pytest.approx(np.linalg.norm(step) / np.linalg.norm(before))


def test_the_last_look_has_the_ratio_when_epochs_run_together():
    looks = fit(network(), *blobs(), epochs=40).health.figures.looks
    assert looks[0].epoch == 0
    assert looks[-1].epoch == 40
    assert all(layer.update is not None for layer in looks[-1].weighted)


def test_the_baseline_is_the_loss_of_the_best_constant():
    y = np.repeat([0, 1, 2], [20, 10, 10])
    entropy = -(0.5 * np.log(0.5) + 2 * 0.25 * np.log(0.25))
    x, none = np.zeros((40, 2)), np.zeros(0)
    assert baseline_of(CrossEntropy(), 3, Samples(x, y[:, None].astype(float), none))[0] == pytest.approx(entropy)
    yes = (y == 0)[:, None].astype(float)
    assert baseline_of(BinaryCrossEntropy(), 1, Samples(x, yes, none))[0] == pytest.approx(np.log(2))
    found, spread = baseline_of(SquaredError(), 1, Samples(x, y[:, None].astype(float), none))
    assert found == pytest.approx(y.var() / 2)
    assert spread == pytest.approx(y.std())


def test_findings_are_told_on_the_terminal_and_in_words(capsys):
    X, y = blobs()
    history = fit(network(), 1000 * X, y, progress="lines")
    told = capsys.readouterr().err
    assert str(history.health).startswith("unscaled inputs (epoch 0): column ")
    assert str(history.health).splitlines()[0] in told
    assert str(fit(network(), X, y).health).startswith("healthy")


def test_a_training_that_fails_is_examined_too():
    X, y = blobs()
    regressor = Network([Input(4), Dense(6, "relu"), Dense(1)], seed=0)
    with pytest.raises(TrainingFailed) as failure, np.errstate(all="ignore"):
        fit(regressor, X, y, optimizer=SGD(1e4))
    assert failure.value.history.health.figures.failed


def test_layers_of_every_kind_are_looked_at():
    rng = np.random.default_rng(0)
    pictures = Network([Input((4, 4, 1)), Conv2D(3, 2, activation="relu"), Flatten(), Dense(2), Softmax()], seed=0)
    words = Network([Input(5), Embedding(7, 3), LSTM(4), Dense(2), Softmax()], seed=0)
    for own, X in ((pictures, rng.normal(size=(12, 4, 4, 1))), (words, rng.integers(0, 7, (12, 5)))):
        looks = fit(own, X, np.arange(12) % 2, epochs=2).health.figures.looks
        assert all(np.isfinite(layer.gradient) for look in looks for layer in look.layers)


def test_a_training_that_has_only_begun_is_not_judged():
    words = Network([Input(5), Embedding(7, 3), LSTM(4), Dense(2), Softmax()], seed=0)
    health = fit(words, np.random.default_rng(0).integers(0, 7, (12, 5)), np.arange(12) % 2, epochs=20).health
    assert not health.findings, str(health)  # 20 steps
    assert health.figures.has_hidden


def test_it_is_a_yes_or_no():
    with pytest.raises(TypeError, match="health='yes' is not a bool"):
        fit(network(), *blobs(), health="yes")


def test_a_callback_is_called_after_every_epoch_beside_it():
    epochs = []
    fit(network(), *blobs(), epochs=30, callbacks=[lambda end: epochs.append(end.epoch)])
    assert epochs == list(range(1, 31))


def test_a_network_that_goes_on_from_where_it_was_is_not_blamed_for_it():
    own, (X, y) = network(), blobs()
    fit(own, X, y, epochs=150, learning_rate=0.01, batch_size=10, health=False)
    health = fit(own, X, y, epochs=20).health
    assert health.figures.start < 0.1 * health.figures.baseline
    assert not health.findings, str(health)


def test_a_training_on_blocks_is_not_looked_at():
    with pytest.raises(TypeError, match=r"look at a fit on one of them: fit\(X, y, health=True\)"):
        network().fit_stream([blobs()], health=True)


def test_the_figures_are_arrays_by_layer_over_the_looks():
    figures = fit(network(), *blobs(), epochs=40).health.figures
    names = ("dense_1", "dense_1 tanh", "dense_2", "dense_2 relu", "dense_3")
    assert figures.layer_names == names
    assert figures.epochs.tolist() == [look.epoch for look in figures.looks]
    for name in ("mean", "spread", "gradient"):
        series = figures.series(name)
        assert tuple(series) == names
        for place, layer in enumerate(names):
            assert series[layer].tolist() == [getattr(look.layers[place], name) for look in figures.looks]
    assert tuple(figures.series("dead")) == ("dense_2 relu",)
    assert tuple(figures.series("saturated")) == ("dense_1 tanh",)
    updates = figures.series("update")
    assert tuple(updates) == ("dense_1", "dense_2", "dense_3")
    assert np.isnan(updates["dense_1"][0])  # before the first step there was none
    assert updates["dense_1"][-1] == figures.looks[-1].layers[0].update
    with pytest.raises(ValueError, match="did you mean 'gradient'"):
        figures.series("gradients")


def test_the_table_has_a_line_for_each_layer():
    figures = fit(network(), *blobs(), epochs=40).health.figures
    head, columns, *lines = str(figures).splitlines()
    assert head == f"after epoch 40, loss {figures.looks[-1].loss:.4g}"
    assert columns.split() == ["values", "spread", "gradient", "dead", "saturated", "update", "/", "weight"]
    assert [line[:12].strip() for line in lines] == list(figures.layer_names)
    assert lines[0].split()[-1] == f"{figures.looks[-1].layers[0].update:.1e}"
    assert figures.table(0).startswith("after epoch 0, ")


def test_a_layer_without_weights_has_its_own_name():
    own = Network([Input(4), Dense(6, "relu"), Dropout(0.1), Dense(3), Softmax()], seed=0)
    assert fit(own, *blobs()).health.figures.layer_names == ("dense_1", "dense_1 relu", "dropout_1", "dense_2")


def test_the_last_look_is_at_the_weights_that_are_kept():
    own, (X, y) = network(dtype="float64"), blobs()
    y = np.random.default_rng(1).permutation(y)
    history = fit(own, X, y, epochs=30, learning_rate=0.03, validation_share=0.4, patience=30)
    assert history.best_epoch < 30
    assert history.health.figures.keeps_best
    last = history.health.figures.looks[-1]
    assert last.layers[0].size == pytest.approx(np.linalg.norm(own.parameters["dense_1.weight"]))
