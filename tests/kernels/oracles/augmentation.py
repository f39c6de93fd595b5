"""What augmentation does to pictures, by SciPy's interpolation and homogeneous matrices."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import map_coordinates

from oracles.random import philox


def uniforms(i, stream, step):
    """Return seven numbers in [0, 1) that belong to the sample `i` of a batch."""
    _, key_low, key_high, number, first_row = step
    words = [philox((key_low, key_high), (first_row + i, stream, number, part)) for part in (0, 1)]
    return [(word >> 8) / 2**24 for word in (*words[0], *words[1])][:7]


def moved(row, column):
    """Return the homogeneous matrix of a translation."""
    return np.array([[1, 0, row], [0, 1, column], [0, 0, 1]], dtype=float)


def source_map(draws, settings, factors):
    """Return the homogeneous matrix from a place of the output to the place of the picture that is read there."""
    row, column, turn, size, _, upside, mirror = (2 * draw - 1 for draw in draws)
    height, width = settings["height"], settings["width"]
    angle, scale = factors["rotation"] * turn, 1 + factors["zoom"] * size
    turned = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    down = -1 if settings["flips"] in (1, 3) and upside < 0 else 1
    across = -1 if settings["flips"] in (2, 3) and mirror < 0 else 1
    middle = np.array([(height - 1) / 2, (width - 1) / 2])
    shift = factors["shift"] * np.array([height * row, width * column])
    return (
        moved(*(middle + shift))
        @ np.diag([down, across, 1.0])
        @ turned
        @ np.diag([1 / scale, 1 / scale, 1.0])
        @ moved(*-middle)
    )


def augmented(x, x2, theta, settings, factors, step):
    if not step[0]:
        return x.copy()
    shape = [settings[name] for name in ("height", "width", "channels")]
    grid = np.indices(shape[:2]).reshape(2, -1)
    mode = "nearest" if settings["edge"] else "grid-constant"
    y = np.empty((len(x), *shape))
    for i, picture in enumerate(x.reshape(-1, *shape)):
        draws = uniforms(i, settings["stream"], step)
        places = source_map(draws, settings, factors) @ np.vstack([grid, np.ones(grid.shape[1])])
        for channel in range(shape[2]):
            read = map_coordinates(picture[..., channel], places[:2], order=1, mode=mode, cval=0.0)
            y[i, ..., channel] = read.reshape(shape[:2]) + factors["brightness"] * (2 * draws[4] - 1)
    return y.reshape(len(x), -1)
