"""Update rules: each one loop over a slice of the flat parameters. Importing this package fills the registry."""

from netlet.kernels.optimizers import (
    adadelta,
    adagrad,
    adam,
    adam_eps_hat,
    amsgrad,
    averaged_momentum,
    lion,
    momentum,
    nadam,
    nesterov,
    rmsprop,
    rprop,
    sgd,
)

__all__ = [
    "adadelta",
    "adagrad",
    "adam",
    "adam_eps_hat",
    "amsgrad",
    "averaged_momentum",
    "lion",
    "momentum",
    "nadam",
    "nesterov",
    "rmsprop",
    "rprop",
    "sgd",
]
