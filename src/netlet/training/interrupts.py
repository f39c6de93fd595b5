"""Ctrl-C as a request: the first one asks a training to stop at its next step, the second one breaks it off."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any


class Interrupts:
    """Take over Ctrl-C within the block, so that no exception falls between two lines that belong together.

    Only in the main thread and only where Python's own handler is in force: a program with a handler of its own keeps
    it.

    Parameters
    ----------
    stop : callable
        Called at the first Ctrl-C.

    Attributes
    ----------
    asked : bool
        Whether there was one.
    """

    def __init__(self, stop: Callable[[], None]) -> None:
        self.asked = False
        self._stop = stop
        self._before: Any = None

    def __enter__(self) -> Interrupts:
        in_main = threading.current_thread() is threading.main_thread()
        if in_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._before = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        self._stop()
