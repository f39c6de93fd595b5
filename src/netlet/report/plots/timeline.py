"""Score over time: when each network was trained, and the best so far."""

from __future__ import annotations

import math
from collections.abc import Sequence

from netlet.report.drawing import Drawing, framed, legend_row
from netlet.report.plots.parallel import score_scale
from netlet.report.scales import Linear
from netlet.report.words import score_text
from netlet.searching.trial import Trial

MOST_DRAWN = 800
WIDTH, HEIGHT = 900.0, 280.0


def running_best(trials: Sequence[Trial], more_is_better: bool) -> list[tuple[float, float]]:
    """Return (time of the end, best score up to then), one for each trial that is better than all before it."""
    best: list[tuple[float, float]] = []
    for end, score in sorted(
        (t.started + t.seconds, t.score) for t in trials if t.score is not None and math.isfinite(t.score)
    ):
        if not best or (score > best[-1][1] if more_is_better else score < best[-1][1]):
            best.append((end, score))
    return best


def timeline(trials: Sequence[Trial], metric: str, more_is_better: bool, seconds: float) -> Drawing | None:
    """Draw each network from its beginning to its end at the height of its score. None if none has a score."""
    done = [t for t in trials if t.score is not None and math.isfinite(t.score)]
    if not done:
        return None
    drawing = Drawing(WIDTH, HEIGHT, f"Time line of the search: {metric} over time", 560)
    until = max([seconds, *(t.started + t.seconds for t in trials)]) or 1.0
    unit, name = (60.0, "minutes") if until >= 180 else (1.0, "seconds")
    scale, _ = score_scale(trials, metric, more_is_better)
    frame = framed(drawing, Linear(0.0, until / unit, most=11), scale, f"{name} since the search began", metric)
    step = math.ceil(len(done) / MOST_DRAWN)
    for trial in done[::step]:
        y = frame.y(float(trial.score or 0.0))
        end = frame.x((trial.started + trial.seconds) / unit)
        drawing.line([(frame.x(trial.started / unit), y), (end, y)], "span")
        drawing.dot(end, y, "c1 pale", 2.6, f"network {trial.number}: {score_text(metric, float(trial.score or 0.0))}")
    steps: list[tuple[float, float]] = []
    for at, score in running_best(trials, more_is_better):
        if steps:
            steps.append((frame.x(at / unit), steps[-1][1]))
        steps.append((frame.x(at / unit), frame.y(score)))
    steps.append((frame.x(until / unit), steps[-1][1]))
    drawing.line(steps, "c2 thick")
    legend_row(drawing, [("c1", "a network"), ("c2 thick", "best so far")])
    return drawing
