"""Compile every kernel ahead of time, for images and for tests."""

from __future__ import annotations

from collections.abc import Callable

from netlet.graph import graph, lowering  # noqa: F401  (fill the registry)
from netlet.kernels.compiling import compile_all
from netlet.training import loop  # noqa: F401  (registers the loop)


def warmup(tell: Callable[[str], None] | None = None) -> int:
    """Compile all kernels for float32 and float64, or load them from the cache.

    Parameters
    ----------
    tell : callable, optional
        Called with each kernel's name before it is compiled.

    Returns
    -------
    int
        How many are ready.

    Examples
    --------
    >>> import netlet
    >>> netlet.warmup() > 0
    True
    """
    return compile_all(tell=tell)
