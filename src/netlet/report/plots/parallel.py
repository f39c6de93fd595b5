"""Settings against score: an axis for each setting, a line for each network."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from netlet.report.drawing import TEXT_SIZE, Drawing
from netlet.report.scales import Categories, Linear, Log, Scale, evener_by_log, fitting, spans_decades
from netlet.report.words import fitted, is_share, score_text, setting, settings_in_words, text_width, words_of
from netlet.searching.trial import Trial

FEW_NUMBERS = 6  # up to so many different numbers are ticks of their own, if some occur more than once
BEST_DRAWN, MOST_OTHERS = 40, 200
MOST_TITLES = 200
AXIS_WIDTH = 104.0
MOST_TICK = 110.0
GRADES = (0.25, 0.5, 0.75, 0.9)  # where the shades from the worst to the best part


@dataclass(frozen=True)
class SettingAxis:
    """A setting that differs between the trials.

    Attributes
    ----------
    name : str
    scale : Scale
    places : dict of int to float
        For each trial's number, 0 to 1; trials that have no such setting are absent.
    is_shared : bool
        Whether many lines go through the same place, so that they are better spread a little.
    """

    name: str
    scale: Scale
    places: Mapping[int, float]
    is_shared: bool


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _order(value: Any) -> tuple[Any, ...]:
    """Sort sizes of layers by their number and sum, everything else by its text."""
    if isinstance(value, (list, tuple)) and all(_is_number(item) for item in value):
        return (0, len(value), sum(value), setting(value))
    if _is_number(value):
        return (1, value, 0, "")
    return (2, 0, 0, setting(value))


def setting_axis(name: str, values: Mapping[int, Any]) -> SettingAxis:
    """Choose the scale of a setting from its values, by the trials' numbers; None stands for no such setting."""
    known = {number: value for number, value in values.items() if value is not None}
    numbers = [float(value) for value in known.values() if _is_number(value)]
    if len(numbers) == len(known) and (len(set(numbers)) > FEW_NUMBERS or 2 < len(set(numbers)) == len(numbers)):
        near_one = [1.0 - value for value in numbers]
        if min(numbers) > 0.5 and evener_by_log(near_one):
            scale: Scale = Log(min(numbers), max(numbers), from_one=True)
        elif evener_by_log(numbers):
            scale = Log(min(numbers), max(numbers))
        else:
            scale = fitting(numbers, room=0.0)
        return SettingAxis(name, scale, {n: scale.place(float(v)) for n, v in known.items()}, False)
    texts = {setting(value): value for value in sorted(known.values(), key=_order)}
    scale = Categories(tuple(texts))
    index = {text: at for at, text in enumerate(texts)}
    return SettingAxis(name, scale, {n: scale.place(index[setting(v)]) for n, v in known.items()}, True)


def setting_axes(trials: Sequence[Trial]) -> tuple[list[SettingAxis], dict[str, Any]]:
    """Return axes for the settings that differ, and the settings that all trials share."""
    names = list(dict.fromkeys(name for trial in trials for name in trial.settings))
    axes, shared = [], {}
    for name in names:
        values = {trial.number: trial.settings.get(name) for trial in trials}
        if len({setting(value) for value in values.values()}) > 1:
            axes.append(setting_axis(name, values))
        else:
            shared[name] = next(iter(values.values()))
    return axes, shared


def score_scale(trials: Sequence[Trial], metric: str, more_is_better: bool) -> tuple[Scale, int]:
    """Return the axis of the scores, which leaves out the far end of the bad ones, and how many are beyond it."""
    scores = sorted((t.score for t in trials if t.score is not None and math.isfinite(t.score)), reverse=more_is_better)
    if not scores:
        return Linear(0.0, 1.0), 0
    best, worst, ninth = scores[0], scores[-1], scores[int(0.9 * (len(scores) - 1))]
    if not more_is_better and spans_decades(scores):
        return Log(best, worst), 0
    if len(scores) >= 10 and abs(worst - best) > 3 * abs(ninth - best) > 0:
        worst = ninth
    scale = fitting([best, worst], most=8, percent=is_share(metric))
    return scale, sum(not scale.low <= score <= scale.high for score in scores)


def drawn_lines(ranked: Sequence[Trial]) -> list[Trial]:
    """Choose of trials, the best last, those that are drawn: the best, and an even part of the others."""
    others = ranked[:-BEST_DRAWN]
    if len(others) <= MOST_OTHERS:
        return list(ranked)
    chosen = [others[at * len(others) // MOST_OTHERS] for at in range(MOST_OTHERS)]
    return [*chosen, *ranked[-BEST_DRAWN:]]


def parallel_coordinates(
    trials: Sequence[Trial], metric: str, more_is_better: bool, winner: int | None
) -> Drawing | None:
    """Draw every trial as a line through its settings to its score; better is always up. None if nothing differs."""
    axes, _ = setting_axes(trials)
    done = sorted((t for t in trials if t.score is not None and math.isfinite(t.score)), key=lambda t: -t.cost)
    if not axes or len(done) < 2:
        return None
    scale, _ = score_scale(trials, metric, more_is_better)
    failed = [t for t in trials if t.score is None or not math.isfinite(t.score)]
    absent = any(len(axis.places) < len(trials) for axis in axes)

    count = len(axes) + 1
    width = max(900.0, AXIS_WIDTH * count)
    names = f"{', '.join(words_of(axis.name) for axis in axes)} against {metric}"
    drawing = Drawing(width, 384.0 + 24 * bool(failed or absent), f"Parallel coordinates: {names}", 0.78 * width)
    widest = max(text_width(text, TEXT_SIZE) for _, text in axes[0].scale.ticks())
    left, right, top, height = max(56.0, min(MOST_TICK, widest) + 12), 70.0, 56.0, 310.0
    gap = (width - left - right) / (count - 1)
    bottom = top + height
    below = bottom + 22.0

    def down(place: float) -> float:
        return bottom - place * height

    def score_place(trial: Trial) -> float:
        place = scale.place(float(trial.score or 0.0))
        return place if more_is_better else 1.0 - place

    rank = {trial.number: at / max(1, len(done) - 1) for at, trial in enumerate(done)}

    def way(trial: Trial) -> list[tuple[float, float]]:
        points = []
        for at, axis in enumerate(axes):
            place = axis.places.get(trial.number)
            y = below if place is None else down(place)
            if axis.is_shared and place is not None:  # a bundle, the better above
                y += min(7.0, 0.28 * height / max(1, len(axis.scale.ticks()))) * (1 - 2 * rank.get(trial.number, 0.0))
            points.append((left + at * gap, y))
        y = down(score_place(trial)) if trial.number in rank else below
        return [*points, (left + (count - 1) * gap, y)]

    shown = drawn_lines(done)
    for trial in failed[: MOST_OTHERS // 4]:
        drawing.line(
            way(trial), "failed", f"network {trial.number}: {trial.status}. {settings_in_words(trial.settings)}"
        )
    for trial in shown:
        grade = sum(rank[trial.number] >= bound for bound in GRADES)
        is_winner = trial.number == winner
        score = score_text(metric, float(trial.score or 0.0))
        title = f"network {trial.number}: {metric} {score}. {settings_in_words(trial.settings)}"
        drawing.line(way(trial), "winner" if is_winner else f"grade{grade}", title if len(shown) <= MOST_TITLES else "")
    for trial in shown:
        if trial.number == winner:  # again, above all others
            drawing.line(way(trial), "winner")

    for at, axis in enumerate(axes):
        _axis(drawing, left + at * gap, top, bottom, words_of(axis.name), axis.scale.ticks(), gap, "end")
        if len(axis.places) < len(trials):
            drawing.text(left + at * gap - 8, below + 4, "none", "tick", "end")
    ticks = [(place if more_is_better else 1.0 - place, text) for place, text in scale.ticks()]
    _axis(drawing, left + (count - 1) * gap, top, bottom, metric, ticks, gap, "start")
    if failed:
        why = "failed" if all(trial.status == "failed" for trial in failed) else "no score"
        drawing.text(left + (count - 1) * gap + 8, below + 4, why, "tick")
    return drawing


def _axis(
    drawing: Drawing,
    x: float,
    top: float,
    bottom: float,
    name: str,
    ticks: Sequence[tuple[float, str]],
    gap: float,
    side: Any,
) -> None:
    drawing.line([(x, top), (x, bottom)], "pole")
    middle = min(max(x, 0.0), drawing.width)
    for line, words in enumerate(reversed(_two_lines(name, gap - 6))):
        drawing.text(middle, top - 20 - 15 * line, words, "label strong", "middle")
    way = -1 if side == "end" else 1
    last = math.inf
    for place, text in ticks:
        y = bottom - place * (bottom - top)
        if abs(last - y) < 13:
            continue
        last = y
        drawing.line([(x, y), (x + way * 4, y)], "pole")
        room = MOST_TICK if x < gap else min(gap - 20, MOST_TICK)
        drawing.text(x + way * 8, y + 4, fitted(text, room, TEXT_SIZE), "tick halo", side)


def _two_lines(name: str, width: float) -> list[str]:
    """Break a name at the space nearest to its middle if it is too wide."""
    bold = 1.1 * TEXT_SIZE
    if text_width(name, bold) <= width or " " not in name:
        return [fitted(name, width, bold)]
    spaces = [at for at, letter in enumerate(name) if letter == " "]
    cut = min(spaces, key=lambda at: abs(at - len(name) / 2))
    return [fitted(name[:cut], width, bold), fitted(name[cut + 1 :], width, bold)]
