"""From what a person hands over as texts to a list of str."""

from __future__ import annotations

from typing import Any

import numpy as np


def texts_of(X: Any, name: str = "X") -> list[str]:
    """Check texts.

    Parameters
    ----------
    X : list, tuple, array or Series of str
        Also a table or array with a single column. An empty text is a text.
    name : str
        For messages.

    Returns
    -------
    list of str

    Raises
    ------
    TypeError
        If X is a single text, or holds something that is none, such as a number.
    ValueError
        If a text is missing (None, NaN), or X has several columns.
    """
    if isinstance(X, (str, bytes)):
        raise TypeError(f"{name} is a single text; give a list of texts, such as [{name}]")
    shape = getattr(X, "shape", None)
    if shape is not None and len(shape) != 1:
        if len(shape) != 2 or shape[1] != 1:
            raise ValueError(f"{name} has the shape {tuple(shape)}; give one text for each sample, such as one column")
        X = np.asarray(X, dtype=object)[:, 0]
    try:
        values = list(X)
    except TypeError:
        raise TypeError(f"{name}={X!r} is no list of texts; give a list, an array or a column of str") from None
    for place, value in enumerate(values):
        if not isinstance(value, str):
            raise _not_a_text(value, f"{name}[{place}]")
    return [str(value) for value in values]


def _not_a_text(value: Any, where: str) -> Exception:
    if value is None or type(value).__name__ == "NAType" or (isinstance(value, float) and np.isnan(value)):
        return ValueError(f"{where} is missing ({value!r}); leave the sample out, or give '' for an empty text")
    if isinstance(value, bytes):
        return TypeError(f"{where} is bytes; decode them first, such as with .decode('utf-8')")
    return TypeError(f"{where}={value!r} is {type(value).__name__}, not str; give texts, such as str({value!r})")
