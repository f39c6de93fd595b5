"""netlet: small neural networks trained at the speed of the hardware, with every number in view.

The names below are loaded at their first use, so that importing netlet costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from netlet.version import __version__

_HOMES = {
    "netlet.network.network": ("Network",),
    "netlet.graph.activations": ("Identity", "LeakyReLU", "ReLU", "Sigmoid", "Softmax", "Tanh"),
    "netlet.graph.layers": ("Add", "Dense", "Dropout", "Input"),
    "netlet.graph.initialisers": ("Constant",),
    "netlet.training.optimizers": ("SGD", "Adam", "Momentum"),
    "netlet.training.history": ("History",),
    "netlet.training.warming": ("warmup",),
    "netlet.errors": ("ModelFileError", "NotBuilt", "TrainingFailed"),
}  # fmt: skip
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "SGD",
    "Adam",
    "Add",
    "Constant",
    "Dense",
    "Dropout",
    "History",
    "Identity",
    "Input",
    "LeakyReLU",
    "ModelFileError",
    "Momentum",
    "Network",
    "NotBuilt",
    "ReLU",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "TrainingFailed",
    "__version__",
    "warmup",
]

if TYPE_CHECKING:
    from netlet.errors import ModelFileError, NotBuilt, TrainingFailed
    from netlet.graph.activations import Identity, LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
    from netlet.graph.initialisers import Constant
    from netlet.graph.layers import Add, Dense, Dropout, Input
    from netlet.network.network import Network
    from netlet.training.history import History
    from netlet.training.optimizers import SGD, Adam, Momentum
    from netlet.training.warming import warmup


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'netlet' has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
