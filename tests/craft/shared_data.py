"""Real data for these tests, which stay outside the project; where they are absent a test is skipped."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat

SHARED = Path(os.environ.get("NETLET_SHARED_DATA") or Path(__file__).parents[2].parent / "shared" / "data")


def shared(name):
    """Return the path of a file of the shared data."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{path} is not there; NETLET_SHARED_DATA names the folder that holds {name}")
    return path


def cats(part):
    """Return pictures (n, 12288) uint8 and whether each shows a cat (n,); `part` is "train" or "test"."""
    path = shared(f"cats/{part}.h5")
    h5py = pytest.importorskip("h5py")
    with h5py.File(path) as file:
        pixels, labels = file[f"{part}_set_x"][:], file[f"{part}_set_y"][:]
    return pixels.reshape(len(pixels), -1), labels.astype(np.int64)


def flower():
    """Return points (400, 2), classes (400,) and the published initial weights W1, b1, W2, b2."""
    specification = importlib.util.spec_from_file_location("flower", shared("flower.py"))
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return *module.points(), module.weights()


def digits20():
    """Return pictures (5000, 400), classes 0 to 9 (class 9 is the digit 0) and weights (25, 401), (10, 26)."""
    data, weights = loadmat(shared("digits20/data.mat")), loadmat(shared("digits20/weights.mat"))
    return data["X"], data["y"].ravel().astype(np.int64) - 1, weights["Theta1"], weights["Theta2"]
