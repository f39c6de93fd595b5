"""A training that fails leaves the estimator as it was: networks never go with another training's classes or scale."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

E = TypeVar("E")
P = ParamSpec("P")


def undone_if_it_fails(fit: Callable[Concatenate[E, P], E]) -> Callable[Concatenate[E, P], E]:
    """Make a method that trains give the estimator its attributes back where it raises, by Ctrl-C as well."""

    @wraps(fit)
    def whole(estimator: E, /, *args: P.args, **kwargs: P.kwargs) -> E:
        attributes: dict[str, Any] = vars(estimator)
        before = attributes.copy()
        try:
            return fit(estimator, *args, **kwargs)
        except BaseException:
            for name in attributes.keys() - before.keys():
                del attributes[name]
            attributes.update(before)
            raise

    return whole
