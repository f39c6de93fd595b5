"""Samples and mixes of networks for the tests of populations."""

from __future__ import annotations

import numpy as np

from netlet import SGD, BatchNorm, CosineDecay, Dense, Dropout, Momentum, Network, Residual, Softmax
from netlet.population.member import Member


def classes(n=60, n_features=6, n_classes=3, seed=0):
    """Return samples of classes that a line nearly divides, float32 and int."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, n_features))
    return x.astype(np.float32), (x @ rng.normal(size=(n_features, n_classes))).argmax(axis=1)


def small(seed=0, width=8, **options):
    """Return a classifier of one hidden layer."""
    return Network([Dense(width, activation="tanh"), Dense(3), Softmax()], seed=seed, **options)


def dropped(seed=0):
    """Return one with a state and a random layer."""
    return Network([Dense(9, activation="relu"), BatchNorm(), Dropout(0.2), Dense(3), Softmax()], seed=seed)


def deep(seed=0):
    """Return one with a layer that is added to its input, in double precision."""
    block = Residual([Dense(12, activation="gelu")])
    return Network([Dense(12), block, Dense(3), Softmax()], seed=seed, dtype="float64")


# A network and the options of its training.
MIX = {
    "adam": (small, {"learning_rate": 0.01}),
    "small batches": (small, {"batch_size": 5, "optimizer": SGD(0.1)}),
    "dropout": (dropped, {"optimizer": "nadam", "l2": 1e-3}),
    "double precision": (deep, {"optimizer": Momentum(0.05), "schedule": CosineDecay()}),
    "all at once": (small, {"batch_size": "all", "optimizer": "rprop", "shuffle": False}),
    "lbfgs": (small, {"optimizer": "lbfgs", "batch_size": None, "l2": 1e-3, "epochs": 4}),
    "lbfgs, double": (deep, {"optimizer": "lbfgs", "batch_size": None, "epochs": 3}),
    "weights of classes": (small, {"class_weight": "balanced", "epochs": 9}),
    "no last layer": (
        lambda seed: Network([Dense(5, activation="relu"), Dense(3)], seed=seed),
        {"loss": "cross_entropy", "clip_norm": 0.5},
    ),
    "share held out": (dropped, {"validation_share": 0.25, "patience": 2}),
}
EPOCHS = 6


def members_of(names=tuple(MIX), **others):
    """Return a member for each name, each with a seed of its own."""
    return [Member(MIX[name][0](seed=place), name=name, **MIX[name][1] | others) for place, name in enumerate(names)]


def alone(place, name, x, y, **others):
    """Train one of `members_of` by itself; return the network and its history."""
    network, options = MIX[name][0](seed=place), {"epochs": EPOCHS, "batch_size": 16} | MIX[name][1] | others
    return network, network.fit(x, y, progress=False, **options)


def result_of(network, history):
    """Return all that a training decides, without times."""
    epochs = [{name: value for name, value in epoch.items() if name != "seconds"} for epoch in history.epochs]
    figures = repr((epochs, history.stopped, history.best_epoch))
    return network.theta.tobytes(), network.state.tobytes(), network._learnt.epochs, network._learnt.steps, figures
