"""The words of the page on the model, and on what it was found among."""

from __future__ import annotations

from netlet.report.facts import Facts, NetworksFacts
from netlet.report.networks_section import networks_section
from netlet.report.parts import Tried
from netlet.report.search_section import search_section
from netlet.report.words import counted, shortened

PATH = 120


def tried_section(facts: Facts) -> Tried:
    """Return what the template shows of the search, or of the preset's networks."""
    if isinstance(facts.search, NetworksFacts):
        return networks_section(facts.search)
    return search_section(facts, facts.search)


def model_sentence(facts: Facts) -> str:
    """Say what the model is made of, and where it is."""
    winner, is_preset = facts.winner, isinstance(facts.search, NetworksFacts)
    parameters = counted(winner.n_parameters, "parameter", "parameters")
    if len(winner.members) > 1:
        which = "the first" if is_preset else "the best"
        said = f"An average of {len(winner.members)} networks with {winner.n_parameters:,} parameters together"
        said += f"{_folded(facts)}. The curves and settings are those of {which} of them."
    elif winner.members:
        alone = is_preset or len(facts.search.trials) <= 1  # type: ignore[union-attr]
        said = "One network" if alone else f"Network {winner.members[0][0]} of the search,"
        said += f" with {parameters}{_folded(facts)}."
    else:
        said = f"{parameters}."
    if winner.temperature is not None:
        said += (
            f" Its logits are divided by a temperature of {winner.temperature:.2f}, so that its probabilities "
            "are what they say."
        )
    return said


def members_of(facts: Facts) -> tuple[tuple[int, float], ...]:
    """Return the members to list with their weights: of a preset the table of networks shows them already."""
    several = len(facts.winner.members) > 1 and not isinstance(facts.search, NetworksFacts)
    return facts.winner.members if several else ()


def path_of_model(facts: Facts) -> str:
    """Return where the model is, short enough to be shown."""
    return shortened(facts.winner.file, PATH)


def _folded(facts: Facts) -> str:
    folds, many = folds_of(facts), len(facts.winner.members) > 1
    if folds is None:
        return ""
    return f", {'each ' if many else ''}trained {folds} times, on {folds - 1} of {folds} parts of the rows"


def folds_of(facts: Facts) -> int | None:
    """Return the folds of the cross-validation by which networks were compared; None where there was none."""
    return None if isinstance(facts.search, NetworksFacts) else facts.search.folds
