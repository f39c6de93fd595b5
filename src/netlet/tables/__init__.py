"""Tables: the network that a person should try first on rows of numbers and categories."""

from netlet.tables.recipe import Recipe, recipe

__all__ = ["Recipe", "recipe"]
