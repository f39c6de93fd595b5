"""Data of these pages that come with no library: a folder that NETLET_SHARED_DATA names, or ../shared/data."""

import gzip
import os
from pathlib import Path

import numpy as np

FOLDER = Path(os.environ.get("NETLET_SHARED_DATA") or Path(__file__).parents[2].parent / "shared" / "data")


def shared(name):
    """Return the path of a file of the data, or end the script and say what is missing."""
    path = FOLDER / name
    if not path.exists():
        raise SystemExit(f"{path} is not there; NETLET_SHARED_DATA names the folder that holds {name}")
    return path


def mnist(part):
    """Return MNIST's pictures (n, 28, 28, 1), from 0 to 1, and their digits (n,); `part` is "train" or "t10k"."""
    with gzip.open(shared(f"mnist/{part}-images-idx3-ubyte.gz")) as file:
        pictures = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 28, 28, 1)
    with gzip.open(shared(f"mnist/{part}-labels-idx1-ubyte.gz")) as file:
        digits = np.frombuffer(file.read(), np.uint8, offset=8).astype(int)
    return pictures / np.float32(255), digits


def cats(part):
    """Return pictures (n, 64, 64, 3), from 0 to 1, and whether each shows a cat (n,); `part` is "train" or "test"."""
    import h5py  # only these pages need it: it comes with the extra "dev"

    with h5py.File(shared(f"cats/{part}.h5")) as file:
        return file[f"{part}_set_x"][:] / np.float32(255), file[f"{part}_set_y"][:].astype(int)
