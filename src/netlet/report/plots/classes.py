"""How a classifier did: who is taken for whom, ROC, precision and recall, calibration."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netlet.report.drawing import TEXT_SIZE, Drawing, framed, legend
from netlet.report.scales import Linear
from netlet.report.words import counted, fitted, percent, text_width

MOST_IN_MATRIX = 20
MOST_BESIDE = 10  # classes up to which the matrix is no wider than the other pictures
MOST_CURVES = 6
WIDTH, HEIGHT = 440.0, 340.0
MOST_POINTS = 300


def confusion(labels: NDArray[np.int64], predicted: NDArray[np.int64], n_classes: int) -> NDArray[np.int64]:
    """Count, shape (k, k): row the truth, column the prediction."""
    counts = np.bincount(labels * n_classes + predicted, minlength=n_classes * n_classes)
    return counts.reshape(n_classes, n_classes)


def confused_pairs(counts: NDArray[np.int64], most: int) -> list[tuple[int, int, int]]:
    """Return (truth, prediction, count) of the commonest mistakes, the commonest first."""
    wrong = counts * (1 - np.eye(len(counts), dtype=np.int64))
    order = np.argsort(-wrong, axis=None, kind="stable")[:most]
    pairs = [(int(at) // len(counts), int(at) % len(counts)) for at in order]
    return [(i, j, int(wrong[i, j])) for i, j in pairs if wrong[i, j]]


def confusion_plot(counts: NDArray[np.int64], names: Sequence[str]) -> Drawing:
    """Draw the matrix: shares of each true class as shade, counts as numbers."""
    k = len(names)
    room = min(150.0, max(34.0, *(text_width(name, TEXT_SIZE) for name in names)) + 10)
    left = room + 22.0
    cell = min(104.0, (WIDTH - left - 6) / k) if k <= MOST_BESIDE else 38.0
    turned = any(text_width(name, TEXT_SIZE) > cell - 4 for name in names)
    top = (min(120.0, room) if turned else 20.0) + 24.0
    side = k * cell
    drawing = Drawing(
        WIDTH if k <= MOST_BESIDE else left + side + 6,
        top + side + 8,
        "Confusion matrix: true class by row, prediction by column",
    )
    drawing.least_width = 0.8 * drawing.width if k > MOST_BESIDE else 0.0
    drawing.text(left + side / 2, 13, "predicted", "label", "middle")
    drawing.text(11, top + side / 2, "true", "label", "middle", turned=True)
    totals = np.maximum(counts.sum(axis=1), 1)
    for i in range(k):
        y = top + i * cell
        drawing.text(left - 10, y + cell / 2 + 4, fitted(names[i], room - 8, TEXT_SIZE), "tick", "end")
        x = left + i * cell + cell / 2
        if turned:
            drawing.text(x + 4, top - 10, fitted(names[i], top - 30, TEXT_SIZE), "tick", "start", turned=True)
        else:
            drawing.text(x, top - 10, names[i], "tick", "middle")
        for j in range(k):
            n, share = int(counts[i, j]), counts[i, j] / totals[i]
            kind = "right" if i == j else "wrong"
            drawing.add(
                "rect",
                class_=f"cell {kind}",
                x=left + j * cell + 1,
                y=y + 1,
                width=cell - 2,
                height=cell - 2,
                rx=3,
                style=f"fill-opacity:{0.05 + 0.95 * (share if i == j else share**0.5):.2f}",
                title=f"{names[i]} taken for {names[j]}: {n:,} ({percent(share)})" if n else "",
            )
            if n:
                dark = " on" if share > 0.5 else ""
                drawing.text(
                    left + j * cell + cell / 2,
                    y + cell / 2 + 4,
                    f"{n:,}" if n < 10**4 else f"{n / 1000:.0f}k",
                    f"count{dark}",
                    "middle",
                )
    return drawing


@dataclass(frozen=True)
class Curve:
    """Points of a curve and the area below it."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    area: float


def _steps(truth: NDArray[np.bool_], scores: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Count hits and false alarms as the threshold falls from value to value; rows of one value count together."""
    order = np.argsort(-scores, kind="stable")
    hits, values = truth[order], scores[order]
    ends = np.append(np.flatnonzero(values[1:] != values[:-1]), len(values) - 1)
    return np.cumsum(hits)[ends].astype(np.float64), np.cumsum(~hits)[ends].astype(np.float64)


def roc(truth: NDArray[np.bool_], scores: NDArray[np.floating]) -> Curve | None:
    """Return false-alarm rate, hit rate and the area by trapezia; None if one of the kinds does not occur."""
    if not len(truth) or truth.all() or not truth.any():
        return None
    hits, alarms = _steps(truth, scores)
    y = np.concatenate([[0.0], hits / hits[-1]])
    x = np.concatenate([[0.0], alarms / alarms[-1]])
    return Curve(x, y, float(np.trapezoid(y, x)))


def precision_recall(truth: NDArray[np.bool_], scores: NDArray[np.floating]) -> Curve | None:
    """Return recall, precision and the average precision (the sum of precision times growth of recall)."""
    if not len(truth) or truth.all() or not truth.any():
        return None
    hits, alarms = _steps(truth, scores)
    precision, recall = hits / (hits + alarms), hits / hits[-1]
    area = float((np.diff(np.concatenate([[0.0], recall])) * precision).sum())
    return Curve(np.concatenate([[0.0], recall]), np.concatenate([precision[:1], precision]), area)


def curves_plot(
    labels: NDArray[np.int64], outputs: NDArray[np.floating], names: Sequence[str], which: str
) -> tuple[Drawing, float] | None:
    """Draw ROC ("roc") or precision-recall ("pr") curves: of the second of two classes, or of each of a few.

    Returns
    -------
    (Drawing, float) or None
        With the mean area; None if there are too many classes, or only one occurs.
    """
    k = outputs.shape[1]
    if k > MOST_CURVES:
        return None
    of = roc if which == "roc" else precision_recall
    chosen = [1] if k == 2 else range(k)
    curves = [(names[at], curve) for at in chosen if (curve := of(labels == at, outputs[:, at])) is not None]
    if not curves:
        return None
    label = "ROC curve" if which == "roc" else "Precision-recall curve"
    drawing = Drawing(WIDTH, HEIGHT, label)
    words = (
        ("share of others taken for it", "share found")
        if which == "roc"
        else ("recall (share found)", "precision (share of finds that are right)")
    )
    frame = framed(drawing, Linear(0, 1, percent=True), Linear(0, 1, percent=True), *words)
    if which == "roc":
        drawing.line([frame.point(0, 0), frame.point(1, 1)], "guide")
    for at, (_, curve) in enumerate(curves):
        keep = _thinned(curve)
        drawing.line([frame.point(float(curve.x[i]), float(curve.y[i])) for i in keep], f"c{at + 1} medium")
    area = "area" if which == "roc" else "average precision"
    entries = []
    for at, (name, curve) in enumerate(curves):
        value = f", {area} {curve.area:.3f}"
        room = frame.width - 60 - text_width(value, TEXT_SIZE)
        entries.append((f"c{at + 1} medium", fitted(name, room, TEXT_SIZE) + value))
    longest = min(max(text_width(text, TEXT_SIZE) for _, text in entries) + 28, frame.width - 20)
    x = frame.left + frame.width - longest if which == "roc" else frame.left + 12
    y = frame.bottom - 14 - 18 * (len(entries) - 1)
    drawing.bar(x - 8, y - 16, longest + 8, 18 * len(entries) + 8, "paper")
    legend(drawing, entries, x, y)
    return drawing, float(np.mean([curve.area for _, curve in curves]))


def _thinned(curve: Curve) -> list[int]:
    """Choose the points of a curve that are at least a three-hundredth away from the one before."""
    keep, at = [0], 0
    for i in range(1, len(curve.x)):
        if (
            max(abs(curve.x[i] - curve.x[at]), abs(curve.y[i] - curve.y[at])) >= 1 / MOST_POINTS
            or i == len(curve.x) - 1
        ):
            keep.append(i)
            at = i
    return keep


@dataclass(frozen=True)
class Bins:
    """A reliability diagram: in each bin the mean probability said, the share that came true, and the rows."""

    said: NDArray[np.float64]
    true: NDArray[np.float64]
    counts: NDArray[np.int64]

    def interval(self, at: int) -> tuple[float, float]:
        """Return Wilson's 95 % interval of the share that came true in a bin (JASA 22, 1927)."""
        n, share, z = int(self.counts[at]), float(self.true[at]), 1.96
        middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return middle - half, middle + half

    @property
    def error(self) -> float:
        """The expected calibration error: the mean distance, weighted by the rows."""
        return float((np.abs(self.said - self.true) * self.counts).sum() / max(1, self.counts.sum()))


def reliability(labels: NDArray[np.int64], outputs: NDArray[np.floating], n_bins: int = 10) -> Bins:
    """Bin the probability of the second of two classes, or that of the prediction where there are more."""
    if outputs.shape[1] == 2:
        said, true = outputs[:, 1].astype(np.float64), labels == 1
    else:
        said, true = outputs.max(axis=1).astype(np.float64), outputs.argmax(axis=1) == labels
    bins = np.clip((said * n_bins).astype(np.int64), 0, n_bins - 1)
    counts = np.bincount(bins, minlength=n_bins)
    safe = np.maximum(counts, 1)
    return Bins(np.bincount(bins, said, n_bins) / safe, np.bincount(bins, true, n_bins) / safe, counts)


def calibration_plot(bins: Bins, of: str) -> Drawing:
    """Draw the reliability diagram, with the rows in each bin below it."""
    drawing = Drawing(WIDTH, HEIGHT, "Calibration: probability said against share that came true")
    strip = 44.0
    frame = framed(
        drawing,
        Linear(0, 1, percent=True),
        Linear(0, 1, percent=True),
        fitted(f"probability given to {of}", 380, TEXT_SIZE),
        "how often it was so",
        below=strip + 10,
    )
    drawing.line([frame.point(0, 0), frame.point(1, 1)], "guide")
    full = [at for at in range(len(bins.counts)) if bins.counts[at]]
    most = max(1, int(bins.counts.max()))
    for at in full:
        low, high = bins.interval(at)
        x, y = frame.point(float(bins.said[at]), float(bins.true[at]))
        drawing.line([(x, frame.y(low)), (x, frame.y(high))], "c1 whisker")
        title = f"{bins.counts[at]:,} rows: said {percent(bins.said[at])}, so {percent(bins.true[at])}"
        drawing.dot(x, y, "c1", 2.5 + 4.5 * math.sqrt(bins.counts[at] / most), title)
    base = drawing.height - 2
    width = frame.width / len(bins.counts)
    for at, count in enumerate(bins.counts):
        tall = (strip - 16) * count / most
        drawing.bar(frame.left + at * width + 1.5, base - tall, width - 3, tall, "c1 pale", f"{count:,} rows")
        if count:
            text = f"{count:,}" if count < 10**5 else f"{count / 1000:,.0f}k"
            drawing.text(frame.left + (at + 0.5) * width, base - tall - 3, text, "tick small", "middle")
    drawing.text(frame.left - 8, base - 2, "rows", "tick small", "end")
    return drawing


def pairs_plot(pairs: Sequence[tuple[int, int, int]], names: Sequence[str], totals: NDArray[np.int64]) -> Drawing:
    """Draw the commonest mistakes as bars."""
    row = 24.0
    texts = [f"{fitted(names[i], 145, TEXT_SIZE)} → {fitted(names[j], 145, TEXT_SIZE)}" for i, j, _ in pairs]
    label = max(110.0, *(text_width(text, TEXT_SIZE) for text in texts)) + 14
    drawing = Drawing(900.0, 22 + row * len(pairs) + 6, "The pairs of classes that are confused most", 640)
    most = max(count for _, _, count in pairs)
    width = drawing.width - label - 190
    drawing.text(label - 12, 13, "true → predicted", "label", "end")
    drawing.text(label, 13, "rows", "label")
    for at, (i, j, count) in enumerate(pairs):
        y = 22 + at * row
        drawing.text(label - 12, y + 16, texts[at], "tick", "end")
        drawing.bar(label, y + 5, width * count / most, row - 9, "c2", f"{names[i]} taken for {names[j]}")
        share = f"{count:,} of {counted(int(totals[i]), 'row', 'rows')}"
        drawing.text(label + width * count / most + 8, y + 16, share, "tick")
    return drawing
