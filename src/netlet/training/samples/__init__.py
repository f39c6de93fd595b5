"""Checks at the border: what a person hands over becomes contiguous arrays or a clear error."""
