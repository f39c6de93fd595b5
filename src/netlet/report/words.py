"""Numbers and names as text: short enough for a table, a tick or a label."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

_NARROW, _WIDE = frozenset("iljtfrI.,:;'|!()[]- "), frozenset("mwMW@%—")


def figure(value: float, digits: int = 4) -> str:
    """Write a number with so many significant digits, thousands apart, a true minus sign."""
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else "∞" if value > 0 else "−∞"
    text = f"{value:,.0f}" if 10_000 <= abs(value) < 1e9 else f"{value:.{digits}g}"
    if "e" in text and 1 <= abs(value) < 10_000:  # 1e+03, of which the digits are enough
        text = f"{float(text):.0f}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        text = f"{mantissa}e{int(exponent)}"
    return text.replace("-", "−")


def percent(share: float) -> str:
    """Write a share as a percentage that no line break parts from its sign."""
    return f"{100 * share:.1f}\N{NO-BREAK SPACE}%"


def is_share(measure: str) -> bool:
    """Say whether a measure is a share of the rows, better written in percent."""
    return "accuracy" in measure.lower()


def score_text(measure: str, value: float) -> str:
    """Write a score in the way of its measure."""
    return percent(value) if is_share(measure) and math.isfinite(value) else figure(value)


def counted(n: int, one: str, many: str) -> str:
    """Write a count with its word."""
    return f"{n:,} {one if n == 1 else many}"


def duration(seconds: float) -> str:
    """Write a time as a person says it."""
    if seconds < 0.1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 120:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def setting(value: Any) -> str:
    """Write a setting's value."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return figure(value, 3)
    if isinstance(value, (list, tuple)):
        return " × ".join(setting(item) for item in value) if value else "none"
    return str(value)


def words_of(name: str) -> str:
    """Write a setting's name as words."""
    return name.replace("__", " ").replace("_", " ").strip() or name


def shortened(text: str, most: int) -> str:
    """Cut a text at its middle, where names that begin and end alike differ least; line breaks become spaces."""
    text = " ".join(str(text).split()) if len(text) < 10 * most else " ".join(str(text)[: 10 * most].split())
    if len(text) <= most:
        return text
    tail = most // 4
    return f"{text[: most - tail - 1].rstrip()}…{text[len(text) - tail :].lstrip()}"


def named(text: str, most: int) -> str:
    """Shorten a name; one that cannot be seen is said to be empty."""
    return shortened(text, most) or "(empty)"


def text_width(text: str, size: float) -> float:
    """Estimate how wide a text is in a sans-serif face of a size; rather too wide than too narrow."""
    ems = 0.0
    for letter in text:
        if letter in _NARROW:
            ems += 0.36
        elif letter in _WIDE:
            ems += 0.92
        elif ord(letter) > 0x2E7F:
            ems += 1.05
        elif letter.isupper():
            ems += 0.72
        else:
            ems += 0.59
    return ems * size


def fitted(text: str, width: float, size: float) -> str:
    """Shorten a text until it is no wider than a width."""
    text = shortened(text, 200)
    most = len(text)
    while most > 4 and text_width(shortened(text, most), size) > width:
        most -= 1
    return shortened(text, most)


def listed(items: Sequence[str]) -> str:
    """Join with commas and a last "and"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def settings_in_words(settings: Mapping[str, Any]) -> str:
    """Write settings one after the other."""
    return ", ".join(f"{words_of(name)} {setting(value)}" for name, value in settings.items())
