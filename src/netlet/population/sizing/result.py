"""What pruning and growing return: the network of the right size, and the curve of size against score."""

from __future__ import annotations

import os
from dataclasses import dataclass

from netlet.network.network import Network


@dataclass(frozen=True)
class Size:
    """One size that was tried.

    Attributes
    ----------
    units : tuple of int
        Of each hidden layer; where a function made the network, what it was given.
    n_parameters : int
    loss : float
        On the validation samples; infinite where the training failed.
    accuracy : float or None
        On the validation samples, for losses of classes.
    epochs : int
        For how many this size was trained.
    kept : bool
        Pruning: whether the score is within the tolerance. Growing: whether it is better than that of every smaller
        size, by the least gain.
    """

    units: tuple[int, ...]
    n_parameters: int
    loss: float
    accuracy: float | None
    epochs: int
    kept: bool

    def score(self, metric: str) -> float:
        """Return the loss or the accuracy."""
        return self.loss if metric == "loss" or self.accuracy is None else self.accuracy

    def cost(self, metric: str) -> float:
        """Return the score so turned that less is better."""
        return self.loss if metric == "loss" or self.accuracy is None else 1.0 - self.accuracy

    def line(self, of: str = "") -> str:
        """Return the size and its figures as a short text."""
        text = f"{'-'.join(map(str, self.units))}{of}, {self.n_parameters:,} parameters: validation {self.loss:.4g}"
        return text if self.accuracy is None else f"{text} ({self.accuracy:.1%} right)"


@dataclass(frozen=True)
class Sizing:
    """What `prune` or `grow` found.

    Attributes
    ----------
    network : Network
        The smallest within the tolerance, or the smallest that no larger one betters by the least gain.
    curve : tuple of Size
        Every size that was tried, in that order; when pruning the first is the network as it was given.
    chosen : int
        The place of `network` in the curve.
    stopped : str
        Why no further size was tried. Pruning: "tolerance" (without one unit more of any layer the score would be out
        of the tolerance), "smallest" (every layer has one unit). Growing: "no better", "largest". Both: "interrupted".
    metric : {"loss", "accuracy"}
    """

    network: Network
    curve: tuple[Size, ...]
    chosen: int
    stopped: str
    metric: str

    @property
    def size(self) -> Size:
        """The size of the network, with its figures."""
        return self.curve[self.chosen]

    def table(self) -> str:
        """Return the curve as a table for reading; lines without an end of line after the last."""
        has_accuracy = any(size.accuracy is not None for size in self.curve)
        heads = ["hidden units", "parameters", "loss", *(["accuracy"] if has_accuracy else []), "epochs", ""]
        rows = [heads]
        for place, size in enumerate(self.curve):
            accuracy = "" if size.accuracy is None else f"{size.accuracy:.1%}"
            remark = "<- chosen" if place == self.chosen else "kept" if size.kept else ""
            figures = [f"{size.n_parameters:,}", f"{size.loss:.4g}", *([accuracy] if has_accuracy else [])]
            rows.append(["-".join(map(str, size.units)), *figures, str(size.epochs), remark])
        widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
        lines = []
        for row in rows:
            cells = [f"{cell:>{width}}" for cell, width in zip(row[1:-1], widths[1:-1], strict=True)]
            lines.append("  ".join([f"{row[0]:<{widths[0]}}", *cells, row[-1]]).rstrip())
        return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])

    def plot(self, path: str | os.PathLike[str]) -> None:
        """Draw the score over the number of parameters.

        Parameters
        ----------
        path : path
            A file ending in .svg, .png or .pdf.

        Raises
        ------
        ValueError
            If the ending is of no known kind of picture.
        OSError
            If it cannot be written.
        """
        from netlet.population.sizing.curve_plot import plot_curve

        plot_curve(self.curve, self.chosen, self.metric, path)

    def __repr__(self) -> str:
        return f"Sizing({self.size.line(' hidden units')}; {len(self.curve)} sizes tried, stopped: {self.stopped})"
