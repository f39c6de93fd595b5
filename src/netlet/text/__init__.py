"""Text: reading it, classifying it, and a model of language."""
