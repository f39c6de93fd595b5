"""What a search needs of an engine: workers that each take one batch of trials at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from netlet.searching.batch import Batch, Outcome


@dataclass(frozen=True)
class Lost:
    """A batch whose worker died, so that nothing came of it.

    Attributes
    ----------
    reason : str
    """

    reason: str


class Engine(Protocol):
    """Workers, each a process with the task of the search in its memory.

    Attributes
    ----------
    name : str
    n_threads : int
        Of a worker; the most where they differ.
    """

    name: str
    n_threads: int

    def look(self) -> None:
        """Take in workers that came, and forget those that went; return at once."""
        ...

    def n_coming(self) -> int:
        """Return how many workers are not ready yet: the task is on its way to them, or they are waited for."""
        ...

    def n_workers(self) -> int:
        """Return how many workers are ready, with work or without."""
        ...

    def n_free(self) -> int:
        """Return how many workers could begin a batch now."""
        ...

    def submit(self, batch: Batch) -> None:
        """Give a batch to a free worker."""
        ...

    def collect(self, seconds: float) -> list[tuple[int, Outcome | Lost]]:
        """Wait for results, no longer than so many seconds; return the numbers of batches and what came of them.

        Raises
        ------
        Exception
            What a worker raised that is no death of its own.
        """
        ...

    def close(self) -> None:
        """End what is under way, and take the task from the workers."""
        ...
