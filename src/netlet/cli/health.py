"""The health of a training on the command line: what is looked at, and how it is told."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from warnings import catch_warnings, simplefilter

from netlet.cli.screen import Screen
from netlet.errors import HealthWarning, TrainingFailed
from netlet.insight.health import Health
from netlet.insight.health.watching import watching
from netlet.report.health_section import HealthFacts
from netlet.searching.result import SearchResult
from netlet.searching.task import TrialJob
from netlet.searching.trial import Ask
from netlet.training.history import History
from netlet.training.trainer import Training

WHOLE = "The training was looked at from its beginning to its end."
_SECONDS_OF_LOOK = 15.0  # that the best network of a search may be trained once more; no more is spent
OPTIONS, OPTIONS_OF_PRESETS = ("learning_rate", "batch_size", "patience"), ("batch_size",)
_PARAMETER = re.compile(r"\b(learning_rate|batch_size|patience)=([\w.+-]*\w)")
_NOT_FOR_OPTIONS = ", or ask find_learning_rate"


def health_of(history: History, looked_at: str = WHOLE, options: Sequence[str] = OPTIONS) -> HealthFacts:
    """Return what was found in a training that was looked at, in the words of the command line."""
    return HealthFacts(looked_at, None if history.health is None else in_options(history.health, options))


def in_options(health: Health, options: Sequence[str] = OPTIONS) -> Health:
    """Put the command line's options for the parameters that findings name; of others say that they are Python's."""

    def option(name: re.Match[str]) -> str:
        if name[1] in options:
            return f"--{name[1].replace('_', '-')} {name[2]}"
        return f"{name[0]} (in Python: TableClassifier or TableRegressor)"

    def said(text: str) -> str:
        return _PARAMETER.sub(option, text.replace(_NOT_FOR_OPTIONS, ""))

    findings = (
        replace(each, evidence=said(each.evidence), cause=said(each.cause), remedy=said(each.remedy))
        for each in health.findings
    )
    return replace(health, findings=tuple(findings))


@contextmanager
def told_later() -> Iterator[None]:
    """Train an estimator within: what is found is told with the rest, not as warnings."""
    with catch_warnings():
        simplefilter("ignore", HealthWarning)
        yield


def look_at_best(found: SearchResult) -> HealthFacts:
    """Train the best network of a search once more, as it was trained, and look at it meanwhile.

    Networks of a search are trained many at a time and are not looked at; the same seed makes the same network again.
    After a cross-validation it is that of the first fold.
    """
    best, n_folds = found.best, len(found.task.parts())
    name = f"network {best.number}, the best of the search"
    seconds = best.seconds / n_folds
    if found.stopped == "interrupted":
        return HealthFacts("No training was looked at, because the search was interrupted.")
    if seconds > _SECONDS_OF_LOOK:
        return HealthFacts(
            f"No training was looked at: to train {name}, once more for it would take about {seconds:.0f} s."
        )
    _, training = TrialJob(found.task, Ask(best.number, best.settings)).begin()
    try:
        with watching(training, tells=False):
            if isinstance(training, Training):
                training.advance(max(best.epochs, 1), time.perf_counter() + 2 * _SECONDS_OF_LOOK)
                training.put_best_back()
            else:
                training.run()
    except TrainingFailed:
        return HealthFacts(f"No training was looked at: {name}, failed when it was trained once more.")
    if training.history.stopped in ("interrupted", "time"):
        return HealthFacts(f"No training was looked at: that of {name}, once more was cut short.")
    fold = f" on the first of {n_folds} folds" if n_folds > 1 else ""
    others = len(found.trials) - 1
    rest = f" The other {others:,} networks were not looked at." if others > 1 else ""
    epochs = len(training.history)
    return health_of(
        training.history,
        f"{name[:1].upper()}{name[1:]}, was trained once more{fold}, as in the search, and looked at: "
        f"{epochs:,} {'epoch' if epochs == 1 else 'epochs'}.{rest}",
    )


def health_of_first(histories: Sequence[History]) -> HealthFacts:
    """Return what was found in the training of the first network of a preset."""
    first, others = histories[0], len(histories) - 1
    if first.stopped == "interrupted":
        return HealthFacts("No training was looked at, because it was interrupted.")
    rest = f" What is told is of the first of {others + 1} networks." if others else ""
    return health_of(first, WHOLE + rest, OPTIONS_OF_PRESETS)


def show_health(screen: Screen, facts: HealthFacts) -> None:
    """Say what was found."""
    health = facts.health
    if health is None:
        screen.entry("Health", facts.looked_at)
        return
    if not health.findings:
        screen.entry("Health", "nothing was found that keeps the network from learning")
    for finding in health.findings:
        where = f" in {finding.layer}" if finding.layer else ""
        since = f"from epoch {finding.epoch}" if finding.epoch else "before training"
        screen.entry("Health", f"{finding.name}{where}, {since}: {finding.evidence}.")
        screen.entry("", f"{finding.cause}.")
        screen.entry("", f"{finding.remedy}.")
    if health.findings and facts.looked_at != WHOLE:
        screen.entry("", facts.looked_at)
