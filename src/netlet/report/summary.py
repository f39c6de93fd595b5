"""The page's first words: what was learned, how good it is, and against what."""

from __future__ import annotations

import numpy as np

from netlet.report.facts import Facts, ModelScore, NetworksFacts, TestFacts
from netlet.report.model_section import folds_of
from netlet.report.words import counted, duration, figure, listed, shortened

NAME_LENGTH = 60


def first_measure(test: TestFacts) -> str:
    """Return the name of the measure that the models are compared by; empty if there are no scores."""
    return next(iter(test.scores[0].texts), "") if test.scores else ""


def sentence(facts: Facts) -> list[tuple[str, bool]]:
    """Return the summary as pieces of text, each with whether it is emphasised."""
    table = facts.table
    used = sum(not column.left_out for column in table.columns)
    pieces = [
        ("From ", False),
        (counted(used, "column", "columns"), False),
        (" of ", False),
        (shortened(table.file, NAME_LENGTH), True),
        (", netlet learned to predict ", False),
        (shortened(table.target, NAME_LENGTH), True),
    ]
    if table.task == "classification":
        pieces.append((f", one of {counted(len(table.class_counts), 'class', 'classes')}.", False))
    elif table.number_range is not None:
        low, high = table.number_range
        pieces.append((f", a number from {figure(low)} to {figure(high)}.", False))
    else:
        pieces.append((", a number.", False))
    test = facts.test
    if test is None or not test.scores:
        return [*pieces, (f" {facts.no_test}" if test is None else "", False)]
    measure, own = first_measure(test), test.scores[0]
    pieces += [
        (f" On {counted(len(test.truth), 'row', 'rows')} that it never saw, its {measure} is ", False),
        (_unbroken(own.texts[measure]), True),
    ]
    others = [
        f"{_unbroken(score.texts[measure])} for {shortened(score.name, NAME_LENGTH)}"
        for score in test.scores[1:]
        if measure in score.texts
    ]
    return [*pieces, (f", against {listed(others)}." if others else ".", False)]


def _unbroken(text: str) -> str:
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def verdict(test: TestFacts) -> tuple[str, bool] | None:
    """Say how the model stands against the others, and whether that is well; None where it cannot be said."""
    known = [score for score in test.scores[1:] if score.value is not None]
    model = test.scores[0] if test.scores else None
    if model is None or model.value is None or not known:
        return None
    own = model.value, _surer(model)
    better = [shortened(each.name, NAME_LENGTH) for each in known if (each.value, _surer(each)) >= own]
    if not better:
        level = [shortened(each.name, NAME_LENGTH) for each in known if each.value == model.value]
        if level:
            return f"As often right as {listed(level)}, and with the better log loss.", True
        return "Better than every simple model it was compared with.", True
    if len(better) == len(known):
        said = "these columns may say little of the target"
        guess = known[-1]
        if (known[0].value, _surer(known[0])) > (guess.value, _surer(guess)):
            said = "the simpler model may be the wiser choice"
        elif _surer(model) > _surer(guess):  # of uneven classes the guess is seldom wrong, and never sure
            told = f"by log loss its probabilities tell more than {shortened(guess.name, NAME_LENGTH)}"
            return f"No more often right than {listed(better)}; {told}.", False
        return f"No better than {listed(better)}: {said}.", False
    return f"Not better than {listed(better)}: the simpler model may be the wiser choice.", False


def _surer(score: ModelScore) -> float:
    return -score.log_loss if score.log_loss is not None else 0.0


def uncertainty(test: TestFacts) -> str:
    """Say how well the accuracy is known from so many rows; empty in regression."""
    if not test.classes or not len(test.truth):
        return ""
    share = float((np.argmax(test.outputs, axis=1) == test.truth).mean())
    error = float(np.sqrt(share * (1 - share) / len(test.truth)))
    if not error:
        return ""
    return (
        f"{counted(len(test.truth), 'row', 'rows')} tell the accuracy to about ± {100 * error:.1f} percentage points "
        "(one standard error)."
    )


def key_figures(facts: Facts) -> list[tuple[str, str]]:
    """Return the figures that stand out at the top: (value, what it is)."""
    figures: list[tuple[str, str]] = []
    if facts.test is not None and facts.test.scores:
        figures += [(text, f"{name} on test rows") for name, text in list(facts.test.scores[0].texts.items())[:2]]
    search = facts.search
    is_preset = isinstance(search, NetworksFacts)
    tried = len(search.networks if isinstance(search, NetworksFacts) else search.trials)
    done = "trained" if is_preset else "tried"
    figures.append((f"{tried:,}", f"{'network' if tried == 1 else 'networks'} {done} in {duration(search.seconds)}"))
    members = len(facts.winner.members) * (folds_of(facts) or 1)
    what = "parameters" if members <= 1 else f"parameters in {members} networks"
    figures.append((f"{facts.winner.n_parameters:,}", what))
    return figures
