"""Pictures from folders, idx and npz files: found first, then decoded by threads, each to the same size."""

from netlet.pictures.reading.blocks import PictureBlocks, picture_blocks
from netlet.pictures.reading.errors import PicturesError
from netlet.pictures.reading.pictures import Pictures, read_part, read_pictures

__all__ = ["PictureBlocks", "Pictures", "PicturesError", "picture_blocks", "read_part", "read_pictures"]
