"""What is wrong before the first step: the inputs' scale, and weights that are all alike."""

from __future__ import annotations

import numpy as np

from netlet.insight.health.figures import Figures
from netlet.insight.health.finding import Finding

# Initialisers reckon with inputs of size 1. Rates and weights forgive a factor of ten or so; pixels to 255, years and
# amounts of money lie beyond.
_LARGE = 50.0


def unscaled_inputs(figures: Figures) -> Finding | None:
    """Find columns so large that the first layer is driven by them alone."""
    sizes = np.hypot(figures.centres, figures.spreads)
    if sizes.size == 0 or sizes.max() <= _LARGE:
        return None
    column = int(sizes.argmax())
    return Finding(
        "unscaled inputs", None, 0,
        f"column {column} has mean {figures.centres[column]:.3g} and spread {figures.spreads[column]:.3g}, "
        f"{int((sizes > _LARGE).sum())} of {sizes.size} columns are larger than {_LARGE:g}",
        "First weights and learning rates reckon with numbers about 1: large columns drown the others, saturate units, "
        "and make steps overshoot",
        "Scale every column to mean 0 and spread 1 (pixels: divide by 255)",
    )  # fmt: skip


def constant_inputs(figures: Figures) -> Finding | None:
    """Find inputs that are the same for all samples."""
    if figures.spreads.size == 0 or figures.n_samples < 2 or figures.spreads.max() > 0:
        return None
    return Finding(
        "constant inputs", None, 0,
        f"none of the {figures.spreads.size} columns of X differs between the samples that were looked at",
        "Something before the training made all rows of X alike, such as a division of integers or a wrong column",
        "Look at some rows of X",
    )  # fmt: skip


def symmetric_weights(figures: Figures) -> Finding | None:
    """Find hidden layers all of whose units have the same weights, before the training and after it."""
    for before, after in zip(figures.looks[0].layers, figures.looks[-1].layers, strict=False):
        if before.alike and after.alike:
            return Finding(
                "symmetric weights", before.layer, 0,
                f"all units of {before.layer} have the same weights, at the start and after "
                f"{figures.looks[-1].epoch} epochs",
                "Units that begin alike get the same gradient and stay alike: the layer is worth one unit",
                "Begin with random weights (initialiser='auto'), not with zeros or another constant",
            )  # fmt: skip
    return None
