"""Numbers of categories: the kernels of an embedding do not check that they lie within its table, so this does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_BLOCK = 4096  # rows looked at together, so that the check needs little memory


def check_integers(x: np.ndarray, columns: Sequence[tuple[int, int, int]], name: str = "X") -> None:
    """Raise unless the columns that embeddings read hold whole numbers within their tables.

    Parameters
    ----------
    x : float32 or float64, (n_samples, n_features)
    columns : sequence of (first column, count, categories)
        What `netlet.graph.embedding.integer_columns` returns.
    name : str
        What `x` is called in messages.

    Raises
    ------
    ValueError
        For the first number that is not an int from 0 to categories - 1.
    """
    for first, count, categories in columns:
        for start in range(0, len(x), _BLOCK):
            values = x[start : start + _BLOCK, first : first + count]
            right = (values >= 0) & (values < categories) & (values == np.floor(values))
            if not right.all():
                row, column = (int(i) for i in np.argwhere(~right)[0])
                raise ValueError(
                    f"{name} holds {values[row, column]:.9g} in row {start + row}, column {first + column}, which an "
                    f"Embedding reads: it is not an int from 0 to {categories - 1}; number the categories from 0, or "
                    "give the Embedding more categories"
                )
