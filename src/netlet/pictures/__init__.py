"""Pictures: reading them, classifying them, and finding things in them."""

from netlet.pictures.classifier import ImageClassifier

__all__ = ["ImageClassifier"]
