"""What every registry row computes, once more: naive NumPy in float64, from the formulas, without netlet."""

from oracles.activations import ACTIVATIONS
from oracles.layers import LAYERS as _LAYERS
from oracles.losses import LOSSES
from oracles.random import dropout_mask, philox
from oracles.updates import UPDATES

LAYERS = _LAYERS | ACTIVATIONS

__all__ = ["LAYERS", "LOSSES", "UPDATES", "dropout_mask", "philox"]
