"""What a setting is drawn from: scales, which turn a number between 0 and 1 into a value."""

from netlet.search.scales.base import Point, Scale
from netlet.search.scales.choice import Choice
from netlet.search.scales.continuous import LogUniform, OneMinusLog, Uniform
from netlet.search.scales.integer import Integer
from netlet.search.scales.sizes import Sizes

__all__ = ["Choice", "Integer", "LogUniform", "OneMinusLog", "Point", "Scale", "Sizes", "Uniform"]
