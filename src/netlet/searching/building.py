"""From a trial's settings to a network and how to train it."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np

from netlet.errors import check_number, unknown_name
from netlet.graph.activations import ACTIVATIONS, Softmax
from netlet.graph.layers import Dense, Dropout
from netlet.graph.normalisation import BatchNorm, LayerNorm
from netlet.graph.shaping import Input
from netlet.graph.specification import Layer
from netlet.network.network import Network
from netlet.population.member import OPTIONS as OPTIONS_OF_MEMBERS
from netlet.training.optimizers import OPTIMIZERS, Optimizer

Build = Callable[..., Network]
NORMALISATIONS: dict[Any, Callable[[], Layer]] = {"batch": BatchNorm, "layer": LayerNorm}
# Names that the search itself decides, and what decides them.
_OF_SEARCH = {
    "epochs": "epochs=...",
    "patience": "patience=...",
    "validation_share": "validation_share=...",
    "callbacks": "callbacks=...",
    "checkpoint": "folder=...",
    "checkpoint_epochs": "folder=...",
    "checkpoint_seconds": "folder=...",
}
OPTIONS = tuple(name for name in OPTIONS_OF_MEMBERS if name != "health")  # trials are not looked at
_STEP_IN_PRODUCTS = 20_000  # what a step costs beside its arithmetic


def perceptron(
    *,
    n_inputs: int,
    n_outputs: int,
    has_classes: bool,
    seed: int,
    hidden: int | tuple[int, ...] | None = None,
    n_layers: int | None = None,
    units: int | None = None,
    activation: str | Layer = "relu",
    dropout: float = 0.0,
    normalisation: str | None = None,
    dtype: Any = "float32",
) -> Network:
    """Make a network of dense layers.

    Parameters
    ----------
    n_inputs, n_outputs : int
    has_classes : bool
        Whether it ends with Softmax over `n_outputs` classes, or gives `n_outputs` numbers.
    seed : int
    hidden : int or tuple of int
        Units of each hidden layer; () is a linear model. Default: (64, 64), unless `n_layers` or `units` is given.
    n_layers, units : int
        Instead of `hidden`: so many layers of so many units each, 2 and 64 if only the other is given.
    activation : str or Layer
    dropout : float in [0, 1)
        After each hidden layer.
    normalisation : {None, "batch", "layer"}
        Before each activation.
    dtype : {"float32", "float64"}

    Returns
    -------
    Network

    Raises
    ------
    ValueError, TypeError
        If a value is not as it should be.
    """
    if hidden is not None and (n_layers is not None or units is not None):
        raise ValueError(f"hidden={hidden!r} is given beside n_layers or units; give hidden, or the other two")
    if normalisation is not None and normalisation not in NORMALISATIONS:
        raise ValueError(unknown_name("normalisation", normalisation, NORMALISATIONS) + ", or None")
    if hidden is None:
        check_number("n_layers", n_layers, int, 0, optional=True)
        check_number("units", units, int, 1, optional=True)
        hidden = (int(units or 64),) * (2 if n_layers is None else int(n_layers))
    sizes = (hidden,) if isinstance(hidden, (int, np.integer)) else hidden
    if not isinstance(sizes, (tuple, list)):
        raise TypeError(f"hidden={hidden!r} is no size and no sizes; give an int, or a tuple such as (64, 32)")
    layers: list[Layer] = [Input(n_inputs)]
    for size in sizes:
        if normalisation is None:
            layers.append(Dense(int(size), activation=activation))
        else:
            Dense(int(size), activation=activation)  # checks both
            chosen = activation if isinstance(activation, Layer) else ACTIVATIONS[activation]()
            layers += [Dense(int(size)), NORMALISATIONS[normalisation](), chosen]
        if dropout:
            layers.append(Dropout(dropout))
    layers.append(Dense(n_outputs))
    return Network([*layers, Softmax()] if has_classes else layers, seed=seed, dtype=dtype)


def _optimizer_fields(name: Any) -> dict[str, Any]:
    """Return the settings of an optimizer, by name, with their defaults."""
    optimizer = name if isinstance(name, Optimizer) else OPTIMIZERS[name]() if name in OPTIMIZERS else None
    return {each.name: getattr(optimizer, each.name) for each in fields(optimizer)} if optimizer is not None else {}


_OPTIMIZER_NAMES = {name for rule in OPTIMIZERS for name in _optimizer_fields(rule)} - {"learning_rate"}


class Plan:
    """What settings mean: which make the network, which train it.

    A setting with the name of a parameter of `Network.fit` trains the network; one of an optimizer ("beta1",
    "momentum", "weight_decay" ...) is the optimizer's, and passed over where the chosen one has none; "seed" is the
    network's; every other one is given to `build`.

    Parameters
    ----------
    build : callable
        Returns a Network from keyword arguments, among them ``seed`` where it takes one.
    options : dict
        Parameters of `Network.fit` for all trials.
    """

    def __init__(self, build: Build, options: Mapping[str, Any]) -> None:
        if not callable(build):
            raise TypeError(f"build={build!r} is not callable; give a function that returns a Network")
        self.build, self.options = build, dict(options)
        takes = inspect.signature(build).parameters
        self._takes = {
            name for name, each in takes.items() if each.kind in (each.KEYWORD_ONLY, each.POSITIONAL_OR_KEYWORD)
        }
        self._takes_all = any(each.kind is each.VAR_KEYWORD for each in takes.values())

    def check(self, space: Mapping[str, Any], own: Iterable[str] = ()) -> None:
        """Raise unless every name of a space means something.

        Parameters
        ----------
        space : mapping of str to scale or value
        own : iterable of str
            Parameters of `build` that the search itself gives.

        Raises
        ------
        ValueError
            If a name is the search's own, is given to the search too, or is none that `build` takes.
        """
        known = self._takes - set(own)
        for name in space:
            if name in _OF_SEARCH:
                raise ValueError(f"space has {name!r}, which the search decides by {_OF_SEARCH[name]}; leave it out")
            if name in self.options:
                raise ValueError(f"{name} is in the space and given to the search as well; give it once")
            if not (self._takes_all or name in known or name in OPTIONS or name in _OPTIMIZER_NAMES or name == "seed"):
                allowed = {*known, *OPTIONS, *_OPTIMIZER_NAMES} - set(_OF_SEARCH)
                raise ValueError(unknown_name("the name in the space", name, allowed))
        self._check_optimizer(space)

    def _check_optimizer(self, space: Mapping[str, Any]) -> None:
        """Raise if there is one optimizer, and it has no such setting as the space names."""
        chosen = space.get("optimizer", self.options.get("optimizer", "adam"))
        has = _optimizer_fields(chosen) if isinstance(chosen, (str, Optimizer)) else {}
        for name in space if has else ():
            if name in _OPTIMIZER_NAMES and name not in has and self._trains(name):
                raise ValueError(
                    f"{name} in the space is no setting of optimizer={chosen!r}, which has {', '.join(has)}; leave it "
                    "out or use an optimizer that has it"
                )

    def network(self, settings: Mapping[str, Any], seed: int) -> Network:
        """Make the network of a trial.

        Raises
        ------
        TypeError
            If `build` returns something else.
        """
        own = {name: value for name, value in settings.items() if not self._trains(name) and name != "seed"}
        if "seed" in self._takes or self._takes_all:
            own["seed"] = int(settings.get("seed", seed))
        network = self.build(**own)
        if not isinstance(network, Network):
            raise TypeError(f"build returned {network!r}, which is no Network")
        return network

    def training(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters of `Network.fit` of a trial."""
        options = self.options | {name: value for name, value in settings.items() if name in OPTIONS}
        chosen = options.get("optimizer", "adam")
        own = {name: value for name, value in settings.items() if name in _OPTIMIZER_NAMES}
        if isinstance(chosen, Optimizer) and "learning_rate" in settings:  # it varies about an optimizer with settings
            own["learning_rate"] = options.pop("learning_rate")
        if own and (has := _optimizer_fields(chosen)):
            rate = options.pop("learning_rate", None)
            own = {name: value for name, value in own.items() if name in has}
            own |= {} if rate is None else {"learning_rate": rate}
            options["optimizer"] = replace(chosen if isinstance(chosen, Optimizer) else OPTIMIZERS[chosen](), **own)
        return options

    def _trains(self, name: str) -> bool:
        return name not in self._takes and (name in OPTIONS or name in _OPTIMIZER_NAMES)


def rough_cost(settings: Mapping[str, Any], n_inputs: int, n_outputs: int) -> float:
    """Return about how much work a sample is, to begin with the longest trainings; 0 where that is unknown."""
    hidden = settings.get("hidden")
    try:
        if hidden is None:
            hidden = (int(settings.get("units", 64)),) * int(settings.get("n_layers", 2))
        sizes = [n_inputs, *([hidden] if isinstance(hidden, (int, np.integer)) else hidden), n_outputs]
        products = float(sum(a * b for a, b in itertools.pairwise(sizes)))
        return products + _STEP_IN_PRODUCTS / int(settings.get("batch_size") or 32)
    except (TypeError, ValueError):
        return 0.0


def kernels_of(settings: Mapping[str, Any]) -> str:
    """Return what tells settings apart that need other compiled code: all but sizes and rates."""
    return repr([(name, value or None) for name, value in settings.items() if not _is_size(value)])


def _is_size(value: Any) -> bool:
    return bool(value) and isinstance(value, (int, float, tuple)) and not isinstance(value, bool)


def check_training(options: Mapping[str, Any]) -> None:
    """Raise TypeError if a name is no parameter of `Network.fit`, or one that the search itself gives."""
    for name in options:
        if name in _OF_SEARCH:
            raise TypeError(f"{name} is decided by {_OF_SEARCH[name]} of the search; leave it out")
        if name == "time_limit":
            raise TypeError("time_limit is that of one training; give budget=Seconds(...) to the search")
        if name == "health":
            raise TypeError("health is not for a search; train its best once more: network.fit(..., health=True)")
        if name not in OPTIONS:
            raise TypeError(unknown_name("parameter of a training", name, set(OPTIONS) - set(_OF_SEARCH)))
