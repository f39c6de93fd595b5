"""Numbers of formulas as text."""

from __future__ import annotations

from typing import Any

import numpy as np

_MOST_SHOWN = 12


def number(value: Any, digits: int) -> str:
    """Write a number with so many significant digits; -0 is 0."""
    return f"{float(value) + 0.0:.{digits}g}"


def factor(value: Any, digits: int) -> str:
    """Write a number that stands within a formula: a negative one in brackets."""
    text = number(value, digits)
    return f"({text})" if text.startswith("-") else text


def array_text(values: np.ndarray, digits: int) -> str:
    """Write an array in one line; a larger one by the numbers at its ends."""
    if values.ndim == 0:
        return number(float(values), digits)
    if values.size <= _MOST_SHOWN:
        return _nested(values, digits)
    flat = values.ravel()
    ends = [", ".join(number(value, digits) for value in part) for part in (flat[:3], flat[-3:])]
    length = number(float(np.sqrt((values.astype(np.float64) ** 2).sum())), digits)
    return f"{ends[0]}, ..., {ends[1]}; length {length}"


def _nested(values: np.ndarray, digits: int) -> str:
    if values.ndim == 0:
        return number(float(values), digits)
    return f"[{', '.join(_nested(part, digits) for part in values)}]"
