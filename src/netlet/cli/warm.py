"""`netlet warmup`: compile everything ahead of time."""

from __future__ import annotations

import time

from rich.console import Console

import netlet


def warm() -> None:
    """Compile all kernels into the cache, with a line that names the one at work."""
    console = Console(stderr=True, highlight=False)
    started = time.perf_counter()
    with console.status("compiling ...") as status:
        count = netlet.warmup(lambda name: status.update(f"compiling {name} ..."))
    Console(highlight=False).print(f"{count} kernels are ready, after {time.perf_counter() - started:.1f} s")
