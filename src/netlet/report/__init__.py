"""A training on a table as one page to read.

`write_report` writes the page of some `Facts`; `permutation_importance` and `worst_errors` work out two of its parts.
"""
