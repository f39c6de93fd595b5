"""What a figure was measured on: the machine's line, and how busy the machine is with other things."""

from __future__ import annotations

import datetime
import os
import platform
import sys
from importlib import metadata
from pathlib import Path

LIBRARIES = (
    "netlet", "numpy", "scipy", "numba", "scikit-learn", "joblib", "torch", "jax", "keras", "onnxruntime", "skl2onnx",
    "lightgbm", "xgboost", "catboost", "pytabkit",
)  # fmt: skip


def processor() -> str:
    """The processor's name and its widest vector extension where the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    facts = dict(line.split(":", 1) for line in reversed(lines) if ":" in line)
    told = {name.strip(): value.strip() for name, value in facts.items()}
    name = told.get("model name", platform.machine())
    if name in ("AMD EPYC", "Intel Xeon Processor"):  # a virtual machine hides the rest of the name
        name += f" (family {told.get('cpu family')}, model {told.get('model')})"
    vectors = [label for flag, label in (("avx512f", "AVX-512"), ("avx2", "AVX2")) if flag in told.get("flags", "")]
    return f"{name}, {vectors[0]}" if vectors else name


def version(library: str) -> str | None:
    """The installed version of a library, or None; netlet's also where it is on the path but not installed."""
    if library == "netlet":
        import netlet

        return netlet.__version__
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return None


def machine_line() -> str:
    """Describe the machine, the system, Python and the libraries in one line, with the date."""
    versions = [f"{name} {version(name)}" for name in LIBRARIES if version(name)]
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    where = f"{processor()}; {os.cpu_count()} cores; {platform.system()}; Python {platform.python_version()}"
    return f"{where}; {', '.join(versions)}; {today}"


def busy_seconds() -> float | None:
    """Seconds of processor time spent by everything on this machine since it started; None where unknown."""
    if sys.platform != "linux":
        return None
    ticks = [int(part) for part in Path("/proc/stat").read_text(encoding="utf-8").split("\n", 1)[0].split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")  # all but idle and waiting for disks
