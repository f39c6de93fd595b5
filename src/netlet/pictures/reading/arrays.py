"""Arrays of pictures and labels as people keep them, to uint8 with channels last."""

from __future__ import annotations

import numpy as np

from netlet.pictures.reading.errors import PicturesError


def check_pictures(pictures: np.ndarray, where: str) -> tuple[np.ndarray, list[str]]:
    """Return pictures as uint8, (n, height, width, 1 or 3), and notes.

    Parameters
    ----------
    pictures : array, (n, height, width), (n, height, width, channels) or (n, channels, height, width)
        Truth values; whole numbers from 0 to 255; fractions from 0 to 1, or from 0 to 255. 1, 3 or 4 channels; the
        fourth is how opaque it is, and what is not is laid over white.

    Raises
    ------
    PicturesError
        If they are something else, or none.
    """
    if pictures.ndim not in (3, 4) or 0 in pictures.shape:
        raise PicturesError(
            f"the pictures of {where} have the shape {pictures.shape}; give (n, height, width) or "
            "(n, height, width, channels), none of them 0"
        )
    notes: list[str] = []
    array = pictures[..., None] if pictures.ndim == 3 else pictures
    if array.shape[3] not in (1, 3, 4) and array.shape[1] in (1, 3, 4):
        array = array.transpose(0, 2, 3, 1)
        notes.append("The channels come first in the array; they are put last.")
    if array.shape[3] not in (1, 3, 4):
        raise PicturesError(f"the pictures of {where} have {array.shape[3]} channels; 1, 3 or 4 can be used")
    whole = _bytes(array, where, notes)
    if whole.shape[3] == 4:
        notes.append("The fourth channel is taken as how opaque the picture is; it is laid over white.")
        opaque = whole[..., 3:].astype(np.float32) / 255
        whole = np.rint(whole[..., :3] * opaque + 255 * (1 - opaque)).astype(np.uint8)
    return np.ascontiguousarray(whole), notes


def _bytes(array: np.ndarray, where: str, notes: list[str]) -> np.ndarray:
    if array.dtype == np.uint8:
        return array
    if array.dtype.kind not in "buif":
        raise PicturesError(f"the pictures of {where} are of type {array.dtype}; give numbers from 0 to 255")
    low, high = float(array.min()), float(array.max())
    if not (low >= 0 and high <= 255):  # so that not-a-number is refused too
        raise PicturesError(
            f"the pictures of {where} range from {low:g} to {high:g}; give numbers from 0 to 255, or from 0 to 1"
        )
    if array.dtype.kind == "b" or (array.dtype.kind == "f" and high <= 1):
        notes.append("The values reach from 0 to 1; they are multiplied by 255.")
        return np.rint(array.astype(np.float32) * 255).astype(np.uint8)
    rounded: np.ndarray = np.rint(array).astype(np.uint8)
    return rounded


def labels_of(labels: np.ndarray, n_pictures: int, where: str) -> np.ndarray:
    """Return labels as an array of one axis: text, whole numbers or truth values.

    Raises
    ------
    PicturesError
        If there is not one for each picture, or one is missing.
    """
    flat = labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels
    if flat.ndim != 1:
        raise PicturesError(
            f"the labels of {where} have the shape {labels.shape}; give one for each picture, such as y.argmax(axis=1)"
        )
    if len(flat) != n_pictures:
        raise PicturesError(f"{where} has {n_pictures:,} pictures and {len(flat):,} labels; give one for each")
    if flat.dtype.kind == "S":
        flat = np.char.decode(flat, "utf-8", "replace")
    if flat.dtype.kind == "f":
        if not (np.isfinite(flat).all() and (flat == np.rint(flat)).all()):
            raise PicturesError(f"the labels of {where} are not whole numbers; give each picture one class")
        flat = flat.astype(np.int64)
    if flat.dtype.kind not in "Ubiu":
        raise PicturesError(f"the labels of {where} are of type {flat.dtype}; give text or whole numbers")
    return flat
