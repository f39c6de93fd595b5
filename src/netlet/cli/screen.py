"""What a person sees: plain and short, at home in 80 columns and where there is no terminal."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager, nullcontext
from importlib import metadata

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

LABEL_WIDTH = 9
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
NARROWEST = 20  # a text is not squeezed into fewer columns


class Screen:
    """Writes the report of a command to standard output.

    Parameters
    ----------
    quiet : bool, default False
        Whether to leave out all but what is marked `always`.
    """

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self.console = Console(highlight=False)

    def entry(self, label: str, text: str, always: bool = False) -> None:
        """Write a line that begins with a label; a long text continues below its own beginning."""
        if self.quiet and not always:
            return
        indent = max(LABEL_WIDTH, cell_len(label)) + 2
        parts = Text(_in_line(text)).wrap(self.console, max(self.console.width - indent, NARROWEST), overflow="fold")
        for place, part in enumerate(parts):
            part.rstrip()
            start = set_cell_size(label if place == 0 else "", indent)
            self.console.print(Text.assemble((start, "bold"), part), soft_wrap=True)

    def waiting(self, text: str) -> AbstractContextManager[object]:
        """Show on a terminal, for as long as it takes, that something is being done."""
        if self.quiet or not self.console.is_terminal:
            return nullcontext()
        return self.console.status(Text(text))

    def gap(self) -> None:
        """Write an empty line."""
        if not self.quiet:
            self.console.print()

    def table(self, title: str, columns: list[str], rows: list[list[str]]) -> None:
        """Write figures, right-aligned, the first row in bold; always."""
        lines = [[_in_line(cell) for cell in line] for line in ([title, *columns], *rows)]
        widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
        room = self.console.width - sum(widths[1:]) - 2 * len(columns)
        widths[0] = min(widths[0], max(room, NARROWEST))
        for place, (first, *others) in enumerate(lines):
            name = Text(first, style=("bold", "bold green", "")[min(place, 2)])
            name.truncate(widths[0], overflow="ellipsis", pad=True)
            figures = "".join(
                "  " + " " * (w - cell_len(cell)) + cell for w, cell in zip(widths[1:], others, strict=True)
            )
            self.console.print(name + Text(figures, style=("dim", "bold green", "")[min(place, 2)]), soft_wrap=True)

    def command(self, text: str) -> None:
        """Write a command to copy, never cut into lines."""
        if not self.quiet:
            self.console.print(Text(f"  {text}", style="cyan"), soft_wrap=True)


def _in_line(text: str) -> str:
    """Replace what would break a line, or steer the terminal, such as a line break in a class's name."""
    return CONTROL.sub(" ", text)


def say_error(message: str) -> None:
    """Write an error as one red line to standard error."""
    line = Text.assemble(("error: ", "bold red"), (_in_line(message), "red"))
    Console(stderr=True, highlight=False).print(line, soft_wrap=True)


def say(message: str) -> None:
    """Write a remark to standard error, so that it never mixes with predictions on standard output."""
    Console(stderr=True, highlight=False).print(Text(_in_line(message)), soft_wrap=True)


def version_line() -> str:
    """Give the name and version of the installed package."""
    try:
        return f"netlet {metadata.version('netlet')}"
    except metadata.PackageNotFoundError:
        return "netlet (not installed)"


def figure(value: float) -> str:
    """Write a number with four significant digits, or all that stand before the point while they are few."""
    return f"{value:,.0f}" if 10_000 <= abs(value) < 1e12 else f"{value:.4g}"
