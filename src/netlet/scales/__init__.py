"""What a setting is drawn from: scales, which turn a number between 0 and 1 into a value."""

from netlet.scales.base import Point, Scale
from netlet.scales.choice import Choice
from netlet.scales.continuous import LogUniform, OneMinusLog, Uniform
from netlet.scales.integer import Integer
from netlet.scales.sizes import Sizes

__all__ = ["Choice", "Integer", "LogUniform", "OneMinusLog", "Point", "Scale", "Sizes", "Uniform"]
