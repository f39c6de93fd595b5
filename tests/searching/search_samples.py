"""Samples and spaces for the tests of whole searches, and a training of one trial without any search."""

from __future__ import annotations

import numpy as np

from netlet import scales
from netlet.searching.building import perceptron

SPACE = {"hidden": scales.Sizes((1, 2), (2, 6)), "learning_rate": scales.LogUniform(1e-3, 1e-1)}


def three_classes(n=60, n_features=4, seed=0):
    """Return float64 features and labels 0, 1, 2 that can be learnt, not quite."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, n_features))
    return x, (x @ rng.normal(size=(n_features, 3)) + rng.normal(size=(n, 3))).argmax(axis=1)


def numbers(n=60, n_targets=None, seed=0):
    """Return float64 features and one target, or rows of targets."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 4))
    y = np.tanh(x @ rng.normal(size=(4, n_targets or 1))) + 0.1 * rng.normal(size=(n, n_targets or 1))
    return x, y if n_targets else y[:, 0]


def split(x, y, share=0.2, seed=0):
    """Hold out the samples that a search does: training X, y, validation X, y, training rows."""
    held = round(len(x) * share)
    order = np.random.default_rng([seed, 1]).permutation(len(x))
    out, rows = np.sort(order[:held]), np.sort(order[held:])
    return x[rows], y[rows], x[out], y[out], rows


def seed_of(number, seed=0):
    return int(np.random.SeedSequence([seed, number]).generate_state(1)[0])


def trained_alone(trial, x, y, epochs, validation=None, seed=0, **options):
    """Return a network with the settings of a trial, trained by itself, and its history."""
    settings = dict(trial.settings)
    own = {name: settings.pop(name) for name in ("hidden", "activation", "dropout", "normalisation", "dtype")
           if name in settings}  # fmt: skip
    network = perceptron(
        n_inputs=x.shape[1],
        n_outputs=int(y.max()) + 1 if y.dtype.kind == "i" else 1 if y.ndim == 1 else y.shape[1],
        has_classes=y.dtype.kind == "i", seed=seed_of(trial.number, seed), **own,
    )  # fmt: skip
    history = network.fit(x, y, epochs=epochs, validation_data=validation, progress=False, **settings, **options)
    return network, history


def same_bits(one, other):
    """Whether two networks have the same weights, to the last bit."""
    return (
        one.theta.dtype == other.theta.dtype
        and one.theta.tobytes() == other.theta.tobytes()
        and one.state.tobytes() == other.state.tobytes()
    )
