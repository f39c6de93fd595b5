"""A training on a table as one page to read."""
