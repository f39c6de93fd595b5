"""Show the progress of a training: a bar on a terminal, now and then a line elsewhere, or nothing."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any

from netlet.errors import unknown_name

_CHOICES = ("auto", "bar", "lines", "none")
_SECONDS_BETWEEN_LINES = 5.0


def progress_of(choice: Any, total: int | None, unit: str = "epoch") -> Progress:
    """Return the progress display that a choice stands for.

    Parameters
    ----------
    choice : {"auto", "bar", "lines", "none"} or bool
        "auto" (or True) is a bar on a terminal, else lines. False is "none".
    total : int or None
        How many there will be at most; None: nobody knows.
    unit : str
        What is counted.

    Raises
    ------
    ValueError
        If the choice is unknown.
    """
    name = {True: "auto", False: "none"}.get(choice, choice) if isinstance(choice, bool) else choice
    if name not in _CHOICES:
        raise ValueError(unknown_name("progress", choice, _CHOICES))
    if name == "auto":
        name = "bar" if sys.stderr.isatty() else "lines"
    return {"bar": Bar, "lines": Lines, "none": Progress}[name](total, unit)


def figures(epoch: dict[str, float]) -> str:
    """Return an epoch's figures as a short text: the loss, and loss and accuracy on the validation samples."""
    text = f"loss {epoch['loss']:.4f}"
    if "validation_loss" in epoch:
        text += f", validation {epoch['validation_loss']:.4f}"
    if "validation_accuracy" in epoch:
        text += f" ({epoch['validation_accuracy']:.1%} right)"
    return text


class Progress:
    """Shows nothing; the base of the others.

    Parameters
    ----------
    total : int or None
        How many there will be at most.
    unit : str
        What is counted.
    """

    def __init__(self, total: int | None, unit: str = "epoch") -> None:
        self.total, self.unit = total, unit

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def compiling(self) -> None:
        """Say that kernels are being compiled."""

    def show(self, epoch: dict[str, float]) -> None:
        """Show a finished epoch."""
        self.count(int(epoch["epoch"]), figures(epoch))

    def count(self, done: int, text: str) -> None:
        """Show how many are done, and something about them."""

    def end(self, message: str) -> None:
        """Say how it ended."""


class Lines(Progress):
    """A line on standard error every few seconds."""

    def __init__(self, total: int | None, unit: str = "epoch") -> None:
        super().__init__(total, unit)
        self._next = time.monotonic() + 1.0
        self._last: tuple[int, str] | None = None
        self._said = False

    def compiling(self) -> None:
        if self._said:  # it is called for every kernel
            return
        self._said = True
        print("netlet: compiling kernels for this machine (once; some seconds) ...", file=sys.stderr, flush=True)

    def count(self, done: int, text: str) -> None:
        self._last = done, text
        if time.monotonic() >= self._next:
            self._write()
            self._next = time.monotonic() + _SECONDS_BETWEEN_LINES

    def _write(self) -> None:
        if self._last is not None:
            of = "" if self.total is None else f"/{self.total}"
            print(f"{self.unit} {self._last[0]}{of}  {self._last[1]}", file=sys.stderr, flush=True)
            self._last = None

    def end(self, message: str) -> None:
        self._write()
        print(message, file=sys.stderr, flush=True)


class Bar(Progress):
    """A live bar on standard error (rich)."""

    def __init__(self, total: int | None, unit: str = "epoch") -> None:
        super().__init__(total, unit)
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as RichProgress
        from rich.table import Column

        self._bar = RichProgress(
            TextColumn(unit),
            MofNCompleteColumn(table_column=Column(no_wrap=True)),
            BarColumn(bar_width=12),
            TimeElapsedColumn(),
            TextColumn("{task.fields[text]}", table_column=Column(no_wrap=True)),
            console=Console(stderr=True),
            refresh_per_second=8,
        )
        self._task = self._bar.add_task("", total=total, text="")

    def __enter__(self) -> Progress:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def compiling(self) -> None:
        self._bar.update(self._task, text="compiling kernels for this machine (once; some seconds) ...")
        self._bar.refresh()

    def count(self, done: int, text: str) -> None:
        self._bar.update(self._task, completed=done, text=text)

    def end(self, message: str) -> None:
        self._bar.console.print(message, highlight=False)
