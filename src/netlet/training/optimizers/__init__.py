"""Optimizers: what a person chooses. Each names an update rule and its settings; the rule itself is a kernel."""

from netlet.training.optimizers.adaptive import (
    Adadelta,
    Adagrad,
    Adam,
    AdamEpsHat,
    AdamW,
    AMSGrad,
    Lion,
    NAdam,
    RMSprop,
    Rprop,
)
from netlet.training.optimizers.base import Optimizer
from netlet.training.optimizers.choice import OPTIMIZERS, optimizer_from, optimizer_of
from netlet.training.optimizers.descent import SGD, AveragedMomentum, Momentum

__all__ = [
    "OPTIMIZERS",
    "SGD",
    "AMSGrad",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamEpsHat",
    "AdamW",
    "AveragedMomentum",
    "Lion",
    "Momentum",
    "NAdam",
    "Optimizer",
    "RMSprop",
    "Rprop",
    "optimizer_from",
    "optimizer_of",
]
