"""A detector's grid: boxes to the numbers of the cells that their centres lie in, and back.

    t_1 = (x - x_cell) / cell width        t_2 = (y - y_cell) / cell height        x, y the box's centre
    t_3 = log(w / typical w)               t_4 = log(h / typical h)

x_cell, y_cell is the cell's own centre. The order of a cell's numbers is that of the loss `Detection`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, softmax

from netlet.pictures.boxes import areas
from netlet.pictures.objects import Objects

_LARGEST = 8.0  # of the logarithm of a size over the typical one: no picture is so large


@dataclass(frozen=True)
class Grid:
    """The cells that lie over a picture.

    Parameters
    ----------
    rows, columns : int
    height, width : int
        Of the picture, in pixels.
    typical : tuple (width, height)
        Of a box, in pixels.
    """

    rows: int
    columns: int
    height: int
    width: int
    typical: tuple[float, float]

    @property
    def cell(self) -> tuple[float, float]:
        """Width and height of a cell in pixels."""
        return self.width / self.columns, self.height / self.rows

    def places(self, boxes: np.ndarray) -> np.ndarray:
        """Return the column and the row of the cell in which each box has its centre: int64, (n, 2)."""
        places = np.floor((boxes[:, :2] + boxes[:, 2:]) / 2 / self.cell).astype(np.int64)
        result: np.ndarray = np.minimum(places, (self.columns - 1, self.rows - 1))
        return result

    def targets(self, objects: Objects, codes: np.ndarray) -> tuple[np.ndarray, int]:
        """Return what the loss compares the network's outputs with.

        Parameters
        ----------
        objects : Objects
            Their boxes lie within the pictures.
        codes : int64, (n_objects,)
            Their classes.

        Returns
        -------
        targets : float32, (n_pictures, rows * columns * 6)
        n_hidden : int
            How many boxes have their centre in a cell whose target is that of another, smaller one.
        """
        targets = np.zeros((objects.n_pictures, self.rows, self.columns, 6), dtype=np.float32)
        order = np.argsort(-areas(objects.boxes), kind="stable")  # the last to be written stays: the smallest
        boxes = objects.boxes[order]
        columns, rows = places = self.places(boxes).T
        centres, sizes = (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]
        numbers = np.empty((len(boxes), 6))
        numbers[:, 0] = 1
        numbers[:, 1:3] = centres / self.cell - places.T - 0.5
        numbers[:, 3:5] = np.log(sizes / self.typical)
        numbers[:, 5] = codes[order]
        targets[objects.pictures[order], rows, columns] = numbers
        n_hidden = len(boxes) - int(targets[..., 0].sum())
        return targets.reshape(objects.n_pictures, -1), n_hidden

    def found(self, outputs: np.ndarray, least: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return what the outputs for one picture say.

        Parameters
        ----------
        outputs : array, (rows * columns * (5 + n_classes),)
        least : float
            The least score.

        Returns
        -------
        boxes : float64, (k, 4)
            Cut off at the picture's edge.
        codes : int64, (k,)
        scores : float64, (k,)
            The probability of an object times that of its class.
        """
        cells = outputs.reshape(self.rows, self.columns, -1).astype(np.float64)
        chances = expit(cells[..., :1]) * softmax(cells[..., 5:], axis=2)
        codes = chances.argmax(axis=2)
        scores = chances.max(axis=2)
        rows, columns = np.nonzero(scores >= least)
        numbers = cells[rows, columns, 1:5]
        centres = (numbers[:, :2] + np.column_stack([columns, rows]) + 0.5) * self.cell
        halves = np.exp(np.minimum(numbers[:, 2:], _LARGEST)) * self.typical / 2
        edge = (self.width, self.height)
        boxes = np.concatenate([np.clip(centres - halves, 0, edge), np.clip(centres + halves, 0, edge)], axis=1)
        inside = (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
        return boxes[inside], codes[rows, columns][inside], scores[rows, columns][inside]
