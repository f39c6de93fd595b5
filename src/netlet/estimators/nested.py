"""Parameters inside of parameters: ``layers__0__units``, ``solver__learning_rate``.

Layers, optimizers, losses and schedules are values: they cannot be changed, and are equal where their fields are. So
`set_params` puts a changed copy in the place of the one that was there, and scikit-learn's `clone`, which copies what
it does not know, needs nothing of them.

| a parameter is | its parts |
|---|---|
| a layer, initialiser, optimizer, loss, schedule | its fields: ``solver__learning_rate`` |
| a list or tuple with one of them | its elements by number: ``layers__0``, ``layers__0__units`` |
| the node of a graph | its layers by the names of `Network.summary`: ``layers__dense_1__units`` |
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

from netlet.errors import unknown_name
from netlet.graph.distributions import Initialiser
from netlet.graph.graph import graph_of
from netlet.graph.specification import Layer, Node
from netlet.training.full_batch import FullBatch
from netlet.training.losses import Loss
from netlet.training.optimizers import Optimizer
from netlet.training.schedules import Schedule

_VALUES = (Layer, Initialiser, Optimizer, FullBatch, Loss, Schedule)


class NestedParameters:
    """Lets `get_params` and `set_params` reach into values; stands before scikit-learn's `BaseEstimator`."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters.

        Parameters
        ----------
        deep : bool, default True
            Whether to list what is inside of layers, optimizers, losses and schedules too, as ``layers__0__units``.

        Returns
        -------
        dict of str to any
        """
        params: dict[str, Any] = super().get_params(deep)  # type: ignore[misc]
        if deep:
            for name, value in list(params.items()):
                params.update(_inside(name, value))
        return params

    def set_params(self, **params: Any) -> Any:
        """Set parameters; those with a double underscore by a changed copy of what they are inside of.

        Raises
        ------
        ValueError
            If a name is unknown; nothing is set then.
        """
        known = self._get_param_names()  # type: ignore[attr-defined]
        for name, value in params.items():
            if name.split("__")[0] not in known:
                super().set_params(**{name: value})  # type: ignore[misc]  # raises, in scikit-learn's words
        plain = {name: value for name, value in params.items() if "__" not in name}
        changed: dict[str, Any] = {}
        for name in sorted((name for name in params if "__" in name), key=lambda name: name.count("__")):
            first, *path = name.split("__")
            before = changed.get(first, plain.get(first, getattr(self, first)))
            changed[first] = _with_part(before, path, params[name], first)
        return super().set_params(**(plain | changed))  # type: ignore[misc]


def _parts(value: Any) -> dict[str, Any]:
    """Return what a value consists of, by name."""
    if isinstance(value, _VALUES):
        return {each.name: getattr(value, each.name) for each in fields(value) if each.init}
    if isinstance(value, Node) and value.sources:
        graph = graph_of(value)
        return dict(zip(graph.names(), graph.layers, strict=True))
    if isinstance(value, (list, tuple)) and any(isinstance(each, _VALUES) for each in value):
        return {str(place): each for place, each in enumerate(value)}
    return {}


def _inside(prefix: str, value: Any) -> Iterator[tuple[str, Any]]:
    for name, part in _parts(value).items():
        yield f"{prefix}__{name}", part
        yield from _inside(f"{prefix}__{name}", part)


def _with_part(value: Any, path: list[str], new: Any, where: str) -> Any:
    """Return a copy of a value in which the part at the end of a path is another one."""
    if not path:
        return new
    name, *rest = path
    parts = _parts(value)
    if not parts:
        raise ValueError(f"Invalid parameter '{where}__{name}': {where}={value!r} has no parts; set it as a whole")
    if name not in parts:
        raise ValueError(f"Invalid parameter '{where}__{name}': " + unknown_name(f"part of {where}", name, parts))
    part = _with_part(parts[name], rest, new, f"{where}__{name}")
    if isinstance(value, Node):
        return _with_layer(value, name, part)
    if isinstance(value, (list, tuple)):
        place = int(name)
        return type(value)([*value[:place], part, *value[place + 1 :]])
    return replace(value, **{name: part})


def _with_layer(output: Node, name: str, layer: Layer) -> Node:
    """Return the output of a copy of a graph in which one layer is another one."""
    graph = graph_of(output)
    nodes: list[Node] = []
    for own_name, own, sources in zip(graph.names(), graph.layers, graph.sources, strict=True):
        nodes.append(Node(layer if own_name == name else own, tuple(nodes[source] for source in sources)))
    return nodes[-1]
