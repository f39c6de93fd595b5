"""What becomes of a column, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netlet.data.preparation import CategoryInput, NumberInput


def done_with_numbers(inputs: Sequence[NumberInput]) -> str:
    """Say what becomes of a column of numbers or dates, which has one input or more."""
    first = inputs[0]
    if first.kind == "date":
        done = f"{split_into([number.part for number in inputs])}, each standardised"
        filled = "missing filled with the medians"
    else:
        done, filled = "standardised", f"missing filled with the median {plain_number(first.median)}"
    return f"{done}; {filled}, and marked" if first.missing else done


def done_with_category(category: CategoryInput) -> str:
    """Say what becomes of a category."""
    named = [value for value in category.values if value is not None]
    done = f"one input for each of {len(named):,} values" if len(named) > 1 else "one input for its value"
    if not named:
        done = "no value is frequent enough for an input of its own"
    more = [
        *["one for missing"] * (None in category.values),
        *["one for all rarer values"] * category.other,
    ]
    return ", ".join([done, *more])


def split_into(parts: Sequence[str]) -> str:
    """Say what a date becomes."""
    return f"split into {', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else f"counted in {parts[0]}"


def plain_number(value: float) -> str:
    """Write a number as a person would: whole ones whole, others with four digits."""
    if value == round(value) and abs(value) < 1e15:
        return f"{int(value):,}" if abs(value) >= 10_000 else str(int(value))
    return f"{value:,.0f}" if 10_000 <= abs(value) < 1e15 else f"{value:.4g}"
