"""Any value as plain JSON values: what the journal of a search knows a value by."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    """Return a value as None, bools, numbers, strings, lists and dicts, the same in every process.

    Parameters
    ----------
    value : object
        What has a method `describe`, as layers and schedules have, is asked for it; a function or a class is known by
        its name, and any other object by its repr, without its place in memory.

    Returns
    -------
    object
        JSON takes it, and its strictest readers too: a number that is not finite is a string.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else repr(value)
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(each) for each in value), key=repr)
    if hasattr(value, "describe") and not isinstance(value, type):
        return plain(value.describe())
    if hasattr(value, "__qualname__"):
        return f"{value.__module__}.{value.__qualname__}"
    return re.sub(r" at 0x[0-9A-Fa-f]+", "", repr(value))
