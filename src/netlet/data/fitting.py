"""Learning a preparation from the rows to train on, with scikit-learn's transformers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from sklearn.compose import ColumnTransformer
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from netlet.data.columns import Column, Dropped
from netlet.data.errors import TableError
from netlet.data.kinds import Part, column_numbers, column_text, parts_of
from netlet.data.preparation import CategoryInput, NumberInput, Preparation
from netlet.data.target import Target

RARE_SHARE = 0.001
MOST_VALUES = 50


def fit_preparation(
    frame: pl.DataFrame, columns: Sequence[Column], target: Target, dropped: Sequence[Dropped] = ()
) -> Preparation:
    """Learn medians, means, scales and categories.

    Parameters
    ----------
    frame : polars.DataFrame
        The rows to train on, and only those.
    columns : sequence of Column
        The inputs, from `choose_columns`.
    target : Target
        The column to predict, from `fit_target`; kept, not used.
    dropped : sequence of Dropped, default ()
        The columns left out; kept, not used.

    Returns
    -------
    Preparation
        A category's values that are rarer than one row in 1000, and those beyond the 49 most frequent ones, are put
        together.

    Raises
    ------
    TableError
        If a column's numbers are too large to standardise.
    """
    table = input_table(frame, columns)
    transformer = fit_transformer(table)
    sources = [(c, part) for c in columns if c.kind != "category" for part in parts_of(frame[c.name], c.kind)]
    categories = [c.name for c in columns if c.kind == "category"]
    return Preparation(target, _numbers(transformer, sources), _categories(transformer, categories), tuple(dropped))


def input_table(frame: pl.DataFrame, columns: Sequence[Column]) -> pl.DataFrame:
    """Give the columns as scikit-learn's transformers take them: float64 with NaN (dates in parts) first, then text."""
    numbers = [
        pl.Series(column_numbers(frame[c.name], c.kind, part))
        for c in columns
        if c.kind != "category"
        for part in parts_of(frame[c.name], c.kind)
    ]
    texts = [column_text(frame[c.name]) for c in columns if c.kind == "category"]
    return pl.DataFrame([series.alias(str(place)) for place, series in enumerate([*numbers, *texts])])


def fit_transformer(table: pl.DataFrame) -> ColumnTransformer:
    """Fit scikit-learn's transformers to an `input_table`."""
    texts = [place for place, kind in enumerate(table.dtypes) if kind == pl.String]
    numbers = [place for place, kind in enumerate(table.dtypes) if kind != pl.String]
    standardise = Pipeline([
        ("impute", SimpleImputer(strategy="median", keep_empty_features=True)),
        ("scale", StandardScaler()),
    ])  # fmt: skip
    one_hot = OneHotEncoder(
        handle_unknown="infrequent_if_exist", min_frequency=RARE_SHARE, max_categories=MOST_VALUES, sparse_output=False
    )
    transformer = ColumnTransformer([
        ("numbers", standardise, numbers),
        ("missing", MissingIndicator(features="missing-only", error_on_new=False), numbers),
        ("categories", one_hot, texts),
    ])  # fmt: skip
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is reported with its column's name
        return transformer.fit(table)


def _numbers(transformer: ColumnTransformer, sources: Sequence[tuple[Column, Part]]) -> tuple[NumberInput, ...]:
    if not sources:
        return ()
    standardise = transformer.named_transformers_["numbers"]
    medians = standardise["impute"].statistics_
    means, scales = standardise["scale"].mean_, standardise["scale"].scale_
    missing = set(transformer.named_transformers_["missing"].features_)
    for (column, _), mean, scale in zip(sources, means, scales, strict=True):
        if not (np.isfinite(mean) and np.isfinite(scale)):
            raise TableError(
                f"column {column.name!r} holds numbers too large to standardise; give them in a larger unit"
            )
    return tuple(
        NumberInput(column.name, column.kind, part, float(median), float(mean), float(scale), place in missing)
        for place, ((column, part), median, mean, scale) in enumerate(zip(sources, medians, means, scales, strict=True))
    )


def _categories(transformer: ColumnTransformer, names: Sequence[str]) -> tuple[CategoryInput, ...]:
    if not names:
        return ()
    one_hot = transformer.named_transformers_["categories"]
    described = []
    for name, values, rare in zip(names, one_hot.categories_, one_hot.infrequent_categories_, strict=True):
        put_together = set() if rare is None else set(rare)
        described.append(CategoryInput(name, tuple(v for v in values if v not in put_together), bool(put_together)))
    return tuple(described)
