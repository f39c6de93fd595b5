"""The right size: prune a trained network, or grow a small one."""

from netlet.population.sizing.contributing import contributions
from netlet.population.sizing.growing import grow
from netlet.population.sizing.pruning import prune
from netlet.population.sizing.removing import remove_units
from netlet.population.sizing.result import Size, Sizing
from netlet.population.sizing.widening import widen

__all__ = ["Size", "Sizing", "contributions", "grow", "prune", "remove_units", "widen"]
