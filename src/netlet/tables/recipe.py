"""The network for a table (draft: without the pieces of the published recipe)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from netlet.graph.embedding import Embedding
from netlet.graph.joining import Concatenate
from netlet.graph.layers import Dense, Dropout
from netlet.graph.shaping import Columns, Flatten, Input
from netlet.graph.specification import Node
from netlet.tables.preparation import Preparation
from netlet.training.optimizers import AdamW


@dataclass(frozen=True)
class Recipe:
    """A network without its link, and how to train it."""

    body: Node
    n_outputs: int
    options: dict[str, Any]


def recipe_of(
    preparation: Preparation,
    n_outputs: int,
    task: str,  # noqa: ARG001
    x: np.ndarray,
    *,
    learning_rate: float = 0.003,
    hidden: tuple[int, ...] = (256, 256, 256),
) -> Recipe:
    """Build it."""
    embedded = preparation.embedded
    inputs = Input(x.shape[1])()
    plain = x.shape[1] - len(embedded)
    parts = [Columns(0, plain)(inputs)] if plain else []
    for place, each in enumerate(embedded):
        parts.append(Flatten()(Embedding(len(each.values) + 1, 8)(Columns(plain + place, 1)(inputs))))
    value = Concatenate()(*parts) if len(parts) > 1 else parts[0]
    for units in hidden:
        value = Dropout(0.15)(Dense(units, "relu")(value))
    options = {"optimizer": AdamW(learning_rate, weight_decay=0.02), "schedule": "cosine"}
    return Recipe(Dense(n_outputs)(value), n_outputs, options)
