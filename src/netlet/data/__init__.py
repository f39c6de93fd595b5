"""Tables from files, and the way from their rows to a network's input and back."""

# `fitting` is not handed on: it imports scikit-learn, which predicting does without.
from netlet.data.blocks import array_blocks, parquet_blocks
from netlet.data.columns import choose_columns
from netlet.data.duplicates import duplicates_across
from netlet.data.errors import TableError
from netlet.data.facts import ColumnFacts, describe_columns
from netlet.data.finding import Finding
from netlet.data.findings import findings_of
from netlet.data.preparation import Preparation
from netlet.data.split import split_rows
from netlet.data.table import Table, read_table
from netlet.data.target import Target, choose_task, fit_target

__all__ = [
    "ColumnFacts",
    "Finding",
    "Preparation",
    "Table",
    "TableError",
    "Target",
    "array_blocks",
    "choose_columns",
    "choose_task",
    "describe_columns",
    "duplicates_across",
    "findings_of",
    "fit_target",
    "parquet_blocks",
    "read_table",
    "split_rows",
]
