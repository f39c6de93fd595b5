"""Pictures: reading them, classifying them, and finding things in them."""

from netlet.pictures.classifier import ImageClassifier
from netlet.pictures.reading import PictureBlocks, Pictures, PicturesError, picture_blocks, read_pictures

__all__ = ["ImageClassifier", "PictureBlocks", "Pictures", "PicturesError", "picture_blocks", "read_pictures"]
