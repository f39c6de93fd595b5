"""Draw the next token of a text from the network's logits."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np

from netlet.errors import check_number


def check_drawing(temperature: Any, top_k: Any, seed: Any) -> None:
    """Raise unless these are settings of drawing."""
    check_number("temperature", temperature, float, 0, hint="0.5 to 1 is usual, 0 takes the likeliest token each time")
    if not np.isfinite(temperature):
        raise ValueError(f"temperature={temperature!r} is not finite; 0.5 to 1 is usual")
    check_number("top_k", top_k, int, 1, optional=True)
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0):
        raise ValueError(f"seed={seed!r} is not an int >= 0; the same one gives the same text")


def draw(logits: np.ndarray, temperature: float, top_k: int | None, generator: np.random.Generator) -> int:
    """Draw a token with the probability ``softmax(logits / temperature)``.

    Parameters
    ----------
    logits : float32, (n_tokens,)
    temperature : float, >= 0
        0 takes the largest logit, the first of equal ones, and draws nothing.
    top_k : int, optional
        Only so many of the largest are drawn from; of equal ones the first.
    generator : numpy Generator
        One number is drawn of it.

    Returns
    -------
    int
    """
    if temperature == 0:
        return int(logits.argmax())
    scaled = (logits.astype(np.float64) - logits.max()) / temperature
    if top_k is not None and top_k < len(scaled):
        scaled[np.argsort(-scaled, kind="stable")[top_k:]] = -np.inf
    sums = np.exp(scaled).cumsum()
    # Below the last sum even where rounding made the product equal to it.
    return min(int(sums.searchsorted(generator.random() * sums[-1], side="right")), len(sums) - 1)
