"""What becomes of a column under the recipe, in words."""

from __future__ import annotations

from collections.abc import Sequence

from netlet.data.done import plain_number, split_into
from netlet.tables.inputs import Category, Number


def done_with_numbers(numbers: Sequence[Number]) -> str:
    """Say what becomes of a column of numbers or dates, which has one number or more."""
    first = numbers[0]
    if first.kind == "date":
        done = f"{split_into([number.part for number in numbers])}, each scaled by its quartiles"
        filled = "missing taken as the medians"
    elif not first.factor:
        done, filled = "always 0: the rows to learn from hold one value only", "missing ones too"
    elif first.knots:
        done, filled = "made normal by its quantiles", "missing taken as the median"
    elif first.places:
        done, filled = "its place among its different values, scaled", "missing taken as the median"
    else:
        done, filled = "scaled by its quartiles", f"missing taken as the median {plain_number(first.median)}"
    return f"{done}; {filled}, and marked" if first.missing else done


def done_with_category(category: Category) -> str:
    """Say what becomes of a category or a truth value."""
    n = len(category.values)
    if category.is_embedded:
        return f"embedded: {n:,} values, each with numbers that are learned; one for missing and rarer values"
    if n == 2:
        return f"one input: -1 for {_short(category.values[0])}, 1 for {_short(category.values[1])}, 0 for missing"
    return f"one input for each of {n:,} values" if n > 1 else "one input for its value"


def _short(value: str) -> str:
    return value if len(value) <= 24 else f"{value[:21]}..."
