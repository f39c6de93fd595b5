"""Text: reading it, classifying it, and a model of language."""

from netlet.text.classifier import TextClassifier
from netlet.text.language_model import LanguageModel
from netlet.text.reading import read_texts

__all__ = ["LanguageModel", "TextClassifier", "read_texts"]
