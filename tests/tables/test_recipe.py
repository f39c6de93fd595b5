"""The published recipe: its pieces, its factors, one step of it by NumPy, and that it learns."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from netlet import SGD, CrossEntropy
from netlet.tables.recipe import recipe

pytestmark = pytest.mark.plain


def samples(n=80, n_columns=4, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, n_columns)).clip(-3, 3).astype(np.float32)
    return x, (np.sin(3 * x[:, 0]) + x[:, 1] > 0).astype(int)


def test_layers_and_factors_are_the_published_ones():
    x, _ = samples(8)
    made = recipe(4, 2)
    network = made.network(x, seed=1)
    kinds = [type(layer).__name__ for layer in network.layers]
    assert kinds == ["Input", "PeriodicEmbedding", "Scaling", *["Dense", "Dropout"] * 3, "Dense", "Softmax"]
    shapes = {name: each.shape for name, each in network.parameters.items()}
    assert shapes["dense_1.weight"] == (16, 256)
    assert shapes["dense_4.weight"] == (256, 2)
    rates, decays = made.training["rate_factors"], made.training["decay_factors"]
    assert set(rates) == set(network.parameters)
    for name in shapes:
        kind = name.split(".")[1]
        if kind == "weight" and name.startswith("dense"):
            assert rates[name] == shapes[name][0] ** -0.5
            assert rates[name] * decays[name] == pytest.approx(1)
        else:
            assert rates[name] == (6.0 if kind == "scale" else 0.1)
            assert decays.get(name) == (None if kind == "bias" and name.startswith("dense") else rates[name])
    optimizer = made.training["optimizer"]
    assert (optimizer.learning_rate, optimizer.beta2, optimizer.weight_decay) == (0.04, 0.95, 0.02)
    assert recipe(4, None).training["optimizer"].learning_rate == 0.2
    assert made.training["loss"].label_smoothing == 0.1


def selu(z):
    return 1.0507009873554805 * np.where(z > 0, z, 1.6732632423543772 * special.expm1(np.minimum(z, 0)))


def test_the_network_computes_the_formula():
    x, _ = samples(20)
    network = recipe(4, 3, hidden=(6,), frequencies=5).network(x, seed=2, dtype="float64")
    rng = np.random.default_rng(1)
    network.theta += rng.normal(size=network.theta.size) / 10
    own = network.parameters
    waves = np.cos(
        2 * np.pi * own["periodicembedding_1.frequency"] * x[..., None].astype(float) + own["periodicembedding_1.phase"]
    )
    mapped = np.einsum("njl,ejl->nej", waves, own["periodicembedding_1.weight"].reshape(3, 4, 5))
    z = np.concatenate([x, mapped.reshape(len(x), -1)], axis=1)
    z = z * own["scaling_1.scale"] @ own["dense_1.weight"] + own["dense_1.bias"]
    z = z + own["dense_1.slope"] * (selu(z) - z)
    z = z @ own["dense_2.weight"] + own["dense_2.bias"]
    np.testing.assert_allclose(network.predict(x), special.softmax(z, axis=1), rtol=1e-12)


def test_units_begin_with_variance_1_and_bend_within_the_samples():
    x, _ = samples(200)
    network = recipe(4, 2, numeric=None, hidden=(64,)).network(x, seed=3, dtype="float64")
    z = x @ network.parameters["dense_1.weight"] + network.parameters["dense_1.bias"]
    np.testing.assert_allclose(z.std(axis=0), 1, rtol=0.01)
    assert (z.min(axis=0) < 0).all()
    assert (z.max(axis=0) > 0).all()


@pytest.mark.parametrize(
    "switched",
    [
        {}, {"numeric": None}, {"numeric": "piecewise_linear"}, {"scaling": False}, {"ntk": False},
        {"from_data": False}, {"factors": False},
        {"dropout": 0.0, "weight_decay": 0.0}, {"course": None, "schedule": None}, {"activation": "relu"},
        {"hidden": (12,), "label_smoothing": 0.0}, {"n_classes": None},
        {"n_numbers": 2, "n_others": 1, "categories": (3,)}, {"n_numbers": 0, "n_others": 3, "categories": (3,)},
        {"n_numbers": 3, "categories": (3,)}, {"n_numbers": 0, "n_others": 4},
        {"n_numbers": 0, "categories": (9, 9, 9, 3)},
        {"numeric": None, "n_numbers": 3, "categories": (3,)},
        {"numeric": "piecewise_linear", "from_data": False, "n_numbers": 2, "n_others": 1, "categories": (3,)},
    ],
    ids=str,
)  # fmt: skip
def test_each_piece_can_be_switched(switched):
    x, y = samples(30)
    n_categories = len(switched.get("categories", ()))
    if n_categories:
        x[:, 4 - n_categories :] = np.arange(30)[:, None] % 3
    how = {"n_numbers": 4, "n_classes": 2, "hidden": (8, 6), "frequencies": 3, "epochs": 5, "batch_size": 15} | switched
    made = recipe(how.pop("n_numbers"), how.pop("n_classes"), **how)
    network = made.network(x, seed=1)
    target = x[:, :1] if switched.get("n_classes", 2) is None else y
    history = network.fit(x, target, **made.training, validation_data=(x, target), patience=5, progress=False)
    assert len(history) == 5
    assert min(history.column("loss")) < history.records[0]["loss"]


def test_a_step_goes_down_the_gradient_of_all_parameters_at_once():
    """No parameter's gradient may be computed from others that the step has changed already."""
    x, y = samples(20)
    network = recipe(4, 2, hidden=(6,), frequencies=5, dropout=0.0).network(x, seed=2, dtype="float64")
    loss = CrossEntropy()
    expected = network.theta - 0.5 * network.loss_and_gradient(x, y, loss=loss)[1]
    apart = SGD(0.5, weight_decay=1e-30)  # weights decay, others do not: they are updated apart
    network.fit(x, y, loss=loss, optimizer=apart, epochs=1, batch_size="all", progress=False)
    np.testing.assert_allclose(network.theta, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.compiled
def test_any_number_of_threads_gives_the_same_bits():
    x, y = samples(700)
    made = recipe(4, 2, hidden=(256,), epochs=3)
    found = []
    for n_threads in (1, 2, 3, None):
        network = made.network(x, seed=1)
        network.fit(x, y, n_threads=n_threads, progress=False, **made.training)
        found.append(network.theta)
    for theta in found[1:]:
        np.testing.assert_array_equal(theta, found[0])


@pytest.mark.parametrize(
    ("arguments", "how", "message"),
    [
        ((0, 2), {}, "leave no column; give at least one"),
        ((-1, 2), {}, "n_numbers=-1 is not"),
        ((3, 1), {}, "n_classes=1 is not"),
        ((3, 2), {"dropout": 1.0}, "rate=1.0 of Dropout"),
        ((3, 2), {"numeric": "waves"}, "numeric='waves' is none of 'periodic', 'piecewise_linear', None"),
        ((3, 2), {"activation": "selo"}, "did you mean 'selu'"),
    ],
)
def test_bad_settings_are_refused(arguments, how, message):
    with pytest.raises(ValueError, match=message):
        recipe(*arguments, **how)
