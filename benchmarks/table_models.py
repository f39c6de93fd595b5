"""The models of `tables.py`: each is fitted to raw columns, with its defaults.

A model is given pandas frames whose columns are float64 with NaN for missing, or of the dtype `category`. What a
library refuses is prepared as its documents advise, and counted to its time: RealMLP and TabM (pytabkit) refuse missing
numbers, so the median takes their place, with a column that tells it; scikit-learn's MLP gets standardised numbers and
a column for each category.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def lightgbm(task: str, seed: int) -> Any:
    """LightGBM's defaults."""
    import lightgbm as library

    estimator = library.LGBMClassifier if task == "classification" else library.LGBMRegressor
    return estimator(random_state=seed, verbosity=-1, n_jobs=2)


def xgboost(task: str, seed: int) -> Any:
    """XGBoost's defaults; columns of categories are said to be such."""
    import xgboost as library

    estimator = library.XGBClassifier if task == "classification" else library.XGBRegressor
    return estimator(random_state=seed, n_jobs=2, enable_categorical=True)


class _CatBoost:
    """CatBoost's defaults; it wants text in the columns of categories."""

    def __init__(self, task: str, seed: int) -> None:
        import catboost as library

        estimator = library.CatBoostClassifier if task == "classification" else library.CatBoostRegressor
        self.model = estimator(random_seed=seed, verbose=False, thread_count=2, allow_writing_files=False)

    def fit(self, X: Any, y: Any) -> _CatBoost:
        self.model.fit(_text(X), y, cat_features=[name for name in X if X[name].dtype == "category"])
        return self

    def predict(self, X: Any) -> Any:
        return self.model.predict(_text(X))

    def predict_proba(self, X: Any) -> Any:
        return self.model.predict_proba(_text(X))


def _text(X: Any) -> Any:
    changed = {name: X[name].astype(object).fillna("missing").astype(str) for name in X if X[name].dtype == "category"}
    return X.assign(**changed)


class _Pytabkit:
    """A network of pytabkit; missing numbers are replaced by the median and told."""

    def __init__(self, name: str, task: str, seed: int, **options: Any) -> None:
        from pytabkit.models.sklearn import sklearn_interfaces as library

        kind = "Classifier" if task == "classification" else "Regressor"
        self.model = getattr(library, f"{name}_D_{kind}" if name == "TabM" else f"{name}_TD_{kind}")(
            random_state=seed, n_threads=2, device="cpu", **options
        )

    def fit(self, X: Any, y: Any) -> _Pytabkit:
        numbers = [name for name in X if X[name].dtype != "category"]
        self.medians = X[numbers].median()
        self.lacking = [name for name in numbers if X[name].isna().any()]
        self.model.fit(self._filled(X), y, cat_col_names=[name for name in X if X[name].dtype == "category"])
        return self

    def _filled(self, X: Any) -> Any:
        told = {f"{name} missing": X[name].isna().astype(float) for name in self.lacking}
        return X.fillna(self.medians.to_dict()).assign(**told)

    def predict(self, X: Any) -> Any:
        return np.asarray(self.model.predict(self._filled(X))).ravel()

    def predict_proba(self, X: Any) -> Any:
        return self.model.predict_proba(self._filled(X))


def sklearn_mlp(task: str, seed: int) -> Any:
    """scikit-learn's MLP with its defaults; in regression on standardised targets."""
    from sklearn.compose import TransformedTargetRegressor, make_column_selector, make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    prepared = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), make_column_selector(dtype_include="number")),
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_include="category")),
    )
    if task == "classification":
        return make_pipeline(prepared, MLPClassifier(random_state=seed))
    scaled = TransformedTargetRegressor(MLPRegressor(random_state=seed), transformer=StandardScaler())
    return make_pipeline(prepared, scaled)


def netlet(preset: str) -> Callable[[str, int], Any]:
    """One of netlet's presets."""

    def build(task: str, seed: int) -> Any:
        from netlet.tables.classifier import TableClassifier
        from netlet.tables.regressor import TableRegressor

        estimator = TableClassifier if task == "classification" else TableRegressor
        return estimator(preset, random_state=seed, n_threads=2)

    return build


# RealMLP's defaults smooth the labels and keep the epoch of the fewest errors, which costs log loss; so it is measured
# with what its documents advise for log loss too. For regression that changes nothing.
FOR_LOG_LOSS = "RealMLP-TD for log loss"

MODELS: dict[str, Callable[[str, int], Any]] = {
    "LightGBM": lightgbm,
    "XGBoost": xgboost,
    "CatBoost": _CatBoost,
    "RealMLP-TD": lambda task, seed: _Pytabkit("RealMLP", task, seed),
    FOR_LOG_LOSS: lambda task, seed: _Pytabkit("RealMLP", task, seed, val_metric_name="cross_entropy", use_ls=False),
    "TabM": lambda task, seed: _Pytabkit("TabM", task, seed),
    "scikit-learn MLP": sklearn_mlp,
    "netlet fast": netlet("fast"),
    "netlet default": netlet("default"),
    "netlet best": netlet("best"),
}
