"""What a fitted estimator of tables is asked: the inputs of rows to predict, and the columns' importance."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted, check_random_state

from netlet.data.errors import listed
from netlet.data.importance import ColumnImportance, Importance, permutation_importance
from netlet.tables.frame import clean_columns
from netlet.tables.given import Given, given_of, has_names, numbered
from netlet.tables.saving import Saved


class Asked(Saved):
    """The part of an estimator of tables that reads rows to predict; a subclass writes what is marked below."""

    # What a subclass writes

    def _scored(self, y: Any, measure: str | None) -> tuple[np.ndarray, Callable[..., Any], Callable[..., float], str]:
        """Return the truth, what to predict from inputs, how to score it by a measure, and the measure's name."""
        raise NotImplementedError

    # What it gets

    def _given(self, X: Any) -> Given:
        """Take rows to predict over, with the columns' names of the rows that were learnt from."""
        if not hasattr(self, "model_"):  # what follows takes as long as a prediction
            check_is_fitted(self, "model_")
        given = given_of(X)
        if hasattr(self, "feature_names_in_"):
            if not has_names(X):
                names = listed(self.feature_names_in_.tolist())
                raise ValueError(
                    f"X has no column names, but the model was fitted with {names}; give a table with them"
                )
            return given
        if given.width != self.n_features_in_:
            raise ValueError(
                f"X has {given.width} features, but {type(self).__name__} is expecting {self.n_features_in_} features "
                "as input"
            )
        return given.renamed(numbered(given.width))

    def _inputs(self, X: Any) -> np.ndarray:
        given = self._given(X)  # first: it says so where there is no network yet
        return self.preparation_.transform(given)

    def importance(
        self,
        X: Any,
        y: Any,
        *,
        repeats: int = 5,
        random_state: Any = 0,
        measure: str | None = None,
        most_rows: int = 2_000,
        time_limit: float | None = None,
    ) -> Importance:
        """Measure how much worse the predictions are where a raw column's cells are shuffled among the rows.

        Parameters
        ----------
        X : table
            Rows that nothing was learnt from, as for `predict`.
        y : array-like, (n_rows,)
        repeats : int, >= 1
            Shuffles of each column.
        random_state : int, RandomState or None
            Decides the shuffles.
        measure : str, optional
            What drops. Of a classifier "accuracy" (default) or "log likelihood", which tells more where one class is
            rare; of a regressor "R2".
        most_rows : int, >= 1
            From a larger table so many rows are drawn.
        time_limit : float, > 0, optional
            Seconds; the columns that there was no time for are named in `left_out`.

        Returns
        -------
        Importance
            The largest drop first; ``print`` shows it as a table. A column that is not used has a drop of 0. Columns
            that say the same as another can look unimportant.

        Raises
        ------
        NotFittedError
            If there is no network yet.
        ValueError
            If X or y is not as it should be.
        """
        frame = clean_columns(self._given(X))
        truth, predict, score, name = self._scored(y, measure)
        if len(truth) != frame.height:
            raise ValueError(f"X has {frame.height} rows and y has {len(truth)}; give the truth of each row")
        used = list(self.preparation_.columns)
        self.preparation_.transform(frame.head(1))  # it says which columns are missing
        found = permutation_importance(
            lambda rows: predict(self.preparation_.transform(rows)),
            frame.select(frame[each] for each in used),
            truth,
            score,
            measure=name,
            repeats=repeats,
            seed=seed_of(random_state),
            most_rows=most_rows,
            time_limit=time_limit,
        )
        unused = tuple(ColumnImportance(each, 0.0, 0.0) for each in self.dropped_columns_ if each in frame.columns)
        columns = tuple(sorted((*found.columns, *unused), key=lambda each: -each.mean))
        return Importance(columns, found.left_out, found.measure, found.score, found.n_rows, found.repeats)


def seed_of(random_state: Any) -> int:
    """Return the seed that a random state of scikit-learn's stands for."""
    if isinstance(random_state, Integral):
        if random_state < 0:
            raise ValueError(f"random_state={random_state} is not >= 0; use an int >= 0, a RandomState or None")
        return int(random_state)
    return int(check_random_state(random_state).randint(np.iinfo(np.int32).max))
