"""Learning-rate schedules: what a person chooses, by name or as an object."""

from netlet.training.schedules.base import Schedule
from netlet.training.schedules.choice import SCHEDULES, schedule_from, schedule_of
from netlet.training.schedules.curves import (
    ConstantRate,
    CosineDecay,
    CosineRestarts,
    CosLog,
    ExponentialDecay,
    FlatCosine,
    InverseTimeDecay,
    OneCycle,
    PolynomialDecay,
    StepDecay,
)
from netlet.training.schedules.plateau import PlateauWatch, ReduceOnPlateau
from netlet.training.schedules.warm_up import WarmUp

__all__ = [
    "SCHEDULES",
    "ConstantRate",
    "CosLog",
    "CosineDecay",
    "CosineRestarts",
    "ExponentialDecay",
    "FlatCosine",
    "InverseTimeDecay",
    "OneCycle",
    "PlateauWatch",
    "PolynomialDecay",
    "ReduceOnPlateau",
    "Schedule",
    "StepDecay",
    "WarmUp",
    "schedule_from",
    "schedule_of",
]
