"""The error of pictures that cannot be used."""

from __future__ import annotations


class PicturesError(ValueError):
    """A folder or file of pictures cannot be used as it is; the message says why and what to do."""


class UnreadablePicture(ValueError):
    """One picture cannot be read; the message says why in a few words. It is skipped, and the others are read."""
