"""A training on a table as one page to read.

`write_report` writes the page of some `Facts`; `worst_errors` works out one of its parts.
"""
