"""How much memory is free for this process: that of the machine, or less where a container has a limit."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path, PurePosixPath

# Of each version of Linux's control groups: the limit, what is in use, and what part of that is cache, given up freely.
_FILES = {
    1: ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    2: ("memory.max", "memory.current", "inactive_file"),
}


def free_memory(root: Path = Path("/")) -> int | None:
    """Return how many bytes can be allocated without anything being moved to disk.

    Parameters
    ----------
    root : Path
        Where the folders ``proc`` and ``sys`` lie.

    Returns
    -------
    int or None
        None on a system that does not say.
    """
    found = _available(root)
    if found is None:
        return None
    for version, folder in _groups(root):
        left = _left(folder, *_FILES[version])
        if left is not None:
            found = min(found, left)
    return max(0, found)


def _available(root: Path) -> int | None:
    with suppress(OSError, ValueError, IndexError):
        for line in (root / "proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return None


def _groups(root: Path) -> list[tuple[int, Path]]:
    """Return the folders of the control groups that the process is in, up to the outermost, with their version."""
    groups: list[tuple[int, Path]] = []
    with suppress(OSError):
        for line in (root / "proc/self/cgroup").read_text().splitlines():
            number, controllers, name = line.split(":", 2)
            own = PurePosixPath(name.lstrip("/"))
            within = [*([own] if own.parts else []), *own.parents]
            if "memory" in controllers.split(","):
                groups += [(1, root / "sys/fs/cgroup/memory" / each) for each in within]
            elif number == "0":
                groups += [(2, root / "sys/fs/cgroup" / each) for each in within]
    return groups


def _left(folder: Path, limit: str, usage: str, cache: str) -> int | None:
    """Return what a group's limit leaves; None where it has none ("max") or is not to be seen from here."""
    try:
        left = int((folder / limit).read_text()) - int((folder / usage).read_text())
    except (OSError, ValueError):
        return None
    with suppress(OSError, ValueError):
        for line in (folder / "memory.stat").read_text().splitlines():
            name, number = line.split()
            if name == cache:
                left += int(number)
    return left
