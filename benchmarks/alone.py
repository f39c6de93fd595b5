"""A whole training in a process of its own, with its own number of threads: nothing of one library disturbs another."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from typing import Any

from worker import THREAD_VARIABLES, reason


def _work(pipe: Any, train: Callable[..., dict[str, float]], arguments: tuple[Any, ...]) -> None:
    try:
        pipe.send(train(*arguments))
    except Exception as error:
        pipe.send(reason(error))


def alone(train: Callable[..., dict[str, float]], *arguments: Any, threads: int) -> dict[str, float] | str:
    """Call a function of a module in a fresh process; return its figures, or why there are none."""
    for name in THREAD_VARIABLES:
        os.environ[name] = str(threads)
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs, train, arguments))
    process.start()
    theirs.close()
    try:
        answer: dict[str, float] | str = ours.recv()
    except EOFError:
        answer = "the process ended"
    process.join()
    return answer
