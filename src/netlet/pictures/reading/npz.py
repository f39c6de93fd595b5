"""Arrays of pictures in NumPy's .npz, by the names that people give them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from netlet.pictures.reading.errors import PicturesError

PICTURES, LABELS = ("x", "images", "pictures"), ("y", "labels")
ENDINGS = {"train": ("train", "training"), "test": ("test", "testing"), "validation": ("val", "valid", "validation")}


def read_npz(path: Path, part: str) -> tuple[np.ndarray, np.ndarray | None] | None:
    """Read the pictures and labels of an .npz file.

    Parameters
    ----------
    path : pathlib.Path
    part : {"train", "test", "validation"}
        ``x_train``, ``train_images`` and so on; arrays without a part in their names are those to train with.

    Returns
    -------
    tuple of (array, array or None), or None
        As they are in the file; None where it has no such part.

    Raises
    ------
    PicturesError
        If it cannot be read, or has no pictures at all.
    """
    try:
        # Opened here, since NumPy leaves a damaged file open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            names = {name.lower(): name for name in arrays.files}
            chosen = _find(names, PICTURES, part)
            if chosen is None:
                if any(_find(names, PICTURES, other) for other in ENDINGS):
                    return None
                raise PicturesError(
                    f"{path} has no array of pictures; its arrays are {', '.join(arrays.files) or 'none'}; call the "
                    "pictures x, X, images, pictures or x_train, and the labels y, labels or y_train"
                )
            labels = _find(names, LABELS, part)
            return arrays[chosen], None if labels is None else arrays[labels]
    except (zipfile.BadZipFile, EOFError, KeyError, AttributeError) as error:
        raise PicturesError(f"{path} is no .npz file, or is damaged ({error}); write it with numpy.savez") from None
    except OSError as error:
        raise PicturesError(f"{path} cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        if isinstance(error, PicturesError):
            raise
        raise PicturesError(f"{path} cannot be read: {error}; write plain arrays with numpy.savez") from None


def _find(names: dict[str, str], kinds: tuple[str, ...], part: str) -> str | None:
    for kind in kinds:
        wanted = [f"{kind}_{ending}" for ending in ENDINGS[part]] + [f"{ending}_{kind}" for ending in ENDINGS[part]]
        for name in (*wanted, *((kind,) if part == "train" else ())):
            if name in names:
                return names[name]
    return None
