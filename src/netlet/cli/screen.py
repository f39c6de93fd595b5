"""What a person sees: plain and short, at home in 80 columns and where there is no terminal."""

from __future__ import annotations

from importlib import metadata

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

LABEL_WIDTH = 9
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
        parts = Text(text).wrap(self.console, max(self.console.width - indent, NARROWEST), overflow="fold")
        for place, part in enumerate(parts):
            part.rstrip()
            start = set_cell_size(label if place == 0 else "", indent)
            self.console.print(Text.assemble((start, "bold"), part), soft_wrap=True)

    def gap(self) -> None:
        """Write an empty line."""
        if not self.quiet:
            self.console.print()

    def table(self, title: str, columns: list[str], rows: list[list[str]]) -> None:
        """Write figures, right-aligned, the first row in bold; always."""
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="")
        table.add_column(Text(title, style="bold"), overflow="fold")
        for column in columns:
            table.add_column(Text(column, style="dim"), justify="right", no_wrap=True)
        for place, row in enumerate(rows):
            table.add_row(*(Text(cell, style="bold green" if place == 0 else "") for cell in row))
        self.console.print(table)

    def command(self, text: str) -> None:
        """Write a command to copy, never cut into lines."""
        if not self.quiet:
            self.console.print(Text(f"  {text}", style="cyan"), soft_wrap=True)


def say_error(message: str) -> None:
    """Write an error as one red line to standard error."""
    line = Text.assemble(("error: ", "bold red"), (" ".join(message.split("\n")), "red"))
    Console(stderr=True, highlight=False).print(line, soft_wrap=True)


def say(message: str) -> None:
    """Write a remark to standard error, so that it never mixes with predictions on standard output."""
    Console(stderr=True, highlight=False).print(Text(message), soft_wrap=True)


def version_line() -> str:
    """Give the name and version of the installed package."""
    try:
        return f"netlet {metadata.version('netlet')}"
    except metadata.PackageNotFoundError:
        return "netlet (not installed)"


def figure(value: float) -> str:
    """Write a number with four significant digits."""
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"
