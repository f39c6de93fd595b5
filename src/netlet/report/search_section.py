"""The section of the page that shows the search."""

from __future__ import annotations

from netlet.report.facts import Facts, SearchFacts
from netlet.report.parts import CELL, SENTENCE, Grid, Picture, Tried, picture
from netlet.report.plots.parallel import BEST_DRAWN, MOST_OTHERS, parallel_coordinates, score_scale, setting_axes
from netlet.report.plots.timeline import timeline
from netlet.report.words import counted, duration, score_text, setting, shortened, words_of
from netlet.searching.trial import Trial

TRIALS_SHOWN, SETTINGS_SHOWN = 10, 7
FAILURES_SHOWN = 8


def search_section(facts: Facts, search: SearchFacts) -> Tried:
    """Return what the template shows of a search."""
    best = best_trials(search)
    parts = [search_sentence(search), f"The budget was {search.budget}.", search.strategy]
    return Tried(
        "search",
        "Search",
        "The search",
        " ".join(part for part in parts if part),
        search_pictures(facts, search),
        f"The best {len(best.rows)}" if len(best.rows) > 1 else "The network",
        best,
        failures(search),
    )


def search_sentence(search: SearchFacts) -> str:
    """Say how many networks were tried, how they ended and what they were compared by."""
    count = {
        status: sum(t.status == status for t in search.trials) for status in ("done", "paused", "stopped", "failed")
    }
    named = {"done": "trained to the end", "paused": "given up early", "stopped": "cut short", "failed": "failed"}
    parts = [f"{n:,} {named[status]}" for status, n in count.items() if n]
    if len(search.trials) == 1:
        why = f" {named[search.trials[0].status]}," if not count["done"] else ""
        threads = counted(search.n_threads, "thread", "threads")
        return f"One network was trained, and no other tried:{why} in {duration(search.seconds)} on {threads}."
    better = "more is better" if search.more_is_better else "less is better"
    where = f"in {search.folds}-fold cross-validation" if search.folds is not None else "on the validation rows"
    only = len(search.trials) > 1 and count["done"] < len(search.trials)
    return (
        f"{counted(len(search.trials), 'network was', 'networks were')} tried in {duration(search.seconds)} on "
        f"{counted(search.n_threads, 'thread', 'threads')}{': ' + ', '.join(parts) if only else ''}. "
        f"They were compared by {search.metric} {where}; {better}."
    )


def _winner_number(facts: Facts) -> int | None:
    return facts.winner.members[0][0] if facts.winner.members else None


def search_pictures(facts: Facts, search: SearchFacts) -> list[Picture]:
    """Draw settings against score, and score over time where more than one network was tried."""
    drawing = parallel_coordinates(search.trials, search.metric, search.more_is_better, _winner_number(facts))
    _, shared = setting_axes(search.trials)
    same = ", ".join(f"{words_of(name)} {shortened(setting(value), CELL)}" for name, value in list(shared.items())[:12])
    _, beyond = score_scale(search.trials, search.metric, search.more_is_better)
    won = "The orange one won." if len(facts.winner.members) < 2 else "The orange one is the best of those kept."
    caption = f"Each line is a network; the darker, the better. {won} Better is up on the last axis."
    if beyond:
        caption += f" {counted(beyond, 'network is', 'networks are')} worse than the axis shows."
    n_left = max(0, sum(trial.score is not None for trial in search.trials) - BEST_DRAWN - MOST_OTHERS)
    if n_left:
        caption += f" Of so many, {n_left:,} of the middling and worse are not drawn."
    if same:
        caption += f" The same in all: {same}."
    pictures = picture(drawing, "Settings against score", caption)
    if len(search.trials) > 1:
        line = timeline(search.trials, search.metric, search.more_is_better, search.seconds)
        pictures += picture(line, "Score over time", "Each stroke runs from a network's start to its end.")
    return pictures


def best_trials(search: SearchFacts) -> Grid:
    """Return the best trials with the settings that differ."""
    best = sorted((t for t in search.trials if t.score is not None), key=lambda t: t.cost)[:TRIALS_SHOWN]
    axes, _ = setting_axes(search.trials)
    names = [axis.name for axis in axes][:SETTINGS_SHOWN]
    head = ["network", search.metric, *map(words_of, names), "epochs", "parameters", "time"]
    rows = [
        [
            str(t.number),
            score_text(search.metric, float(t.score or 0.0)),
            *(shortened(setting(t.settings.get(name)), CELL) for name in names),
            f"{t.epochs:,}",
            f"{t.n_parameters:,}",
            duration(t.seconds),
        ]
        for t in best
    ]
    settings = [all(isinstance(t.settings.get(name), (int, float, type(None))) for t in best) for name in names]
    return Grid(head, rows, [True, True, *settings, True, True, True], first=True)


def failures(search: SearchFacts) -> list[tuple[str, str]]:
    """Return the reasons why trials failed, each once, with the trials."""
    reasons: dict[str, list[Trial]] = {}
    for trial in search.trials:
        if trial.status == "failed":
            reasons.setdefault(trial.reason or "no reason was given", []).append(trial)
    shown = sorted(reasons.items(), key=lambda pair: -len(pair[1]))[:FAILURES_SHOWN]
    return [(counted(len(trials), "network", "networks"), shortened(reason, SENTENCE)) for reason, trials in shown]
