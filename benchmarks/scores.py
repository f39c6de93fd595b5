"""Is speed bought with accuracy? Test scores of netlet's estimators against scikit-learn's, same settings and seeds.

On scikit-learn's own data sets (those it ships), with five seeds each. A seed decides the split into training and test
samples (a quarter, of each class alike), and is the `random_state` of both estimators. Features are standardised, and
so is the target of a regression; the score is accuracy, or R^2. Every setting but those named is the default one, so
training ends by scikit-learn's own rules. Linnerud's 20 samples are left out: five to test on say nothing.

netlet draws scikit-learn's initial weights and batches from a `random_state`, so that fits differ by rounding alone
until rounding has grown up to something; "same" counts the seeds in which both made the same number of epochs and
predicted the test samples alike (class by class, numbers within 1e-3 of the target's spread). To see scores under
other numbers of chance too, netlet is fitted once more with `random_state` 1000 higher, on the same split.

Bar: with the same numbers of chance the mean of the paired differences, netlet less scikit-learn, lies within two of
its standard errors, or above; less than a thousandth is taken for none. With five seeds even twins exceed two standard
errors on the side that counts in about one row of seventeen, so look at a missed bar again with more `--seeds`. The
column with other numbers of chance has no bar.

Run `python benchmarks/scores.py`, `--quick` for a look at two data sets with two seeds.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, stdev
from typing import Any

import numpy as np
from numpy.typing import NDArray

from machine import machine_line
from measuring import add_common_options, finish, markdown_table, say

DATA_SETS = {
    "iris": "load_iris",
    "wine": "load_wine",
    "breast_cancer": "load_breast_cancer",
    "digits": "load_digits",
    "diabetes": "load_diabetes",
}
SETTINGS: dict[str, dict[str, Any]] = {
    "Adam (all defaults)": {},
    "Adam, float32": {},
    "Adam, early stopping": {"early_stopping": True},
    "SGD, adaptive": {"solver": "sgd", "learning_rate_init": 0.01, "learning_rate": "adaptive"},
    "L-BFGS": {"solver": "lbfgs"},
}
OTHER_CHANCE = 1000  # added to the seed of the fit that draws other numbers
NEGLIGIBLE = 1e-3


@dataclass
class Split:
    """Training and test samples of one data set and seed, standardised by the training samples."""

    X: NDArray[Any]
    y: NDArray[Any]
    X_test: NDArray[Any]
    y_test: NDArray[Any]
    classifies: bool


def split(data_set: str, seed: int, dtype: str) -> Split:
    """Load and split a data set."""
    from sklearn import datasets
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    X, y = getattr(datasets, DATA_SETS[data_set])(return_X_y=True)
    classifies = data_set != "diabetes"
    X, X_test, y, y_test = train_test_split(X, y, random_state=seed, stratify=y if classifies else None)
    scaler = StandardScaler().fit(X)
    X, X_test = scaler.transform(X).astype(dtype), scaler.transform(X_test).astype(dtype)
    if not classifies:
        centre, spread = y.mean(), y.std()
        y, y_test = ((each - centre) / spread for each in (y, y_test))
    return Split(X, y, X_test, y_test, classifies)


def fitted(library: Any, one: Split, settings: dict[str, Any], random_state: int) -> dict[str, Any]:
    """Fit the estimator of a library; return test score, predictions and the number of epochs."""
    from sklearn.exceptions import ConvergenceWarning

    estimator = library.MLPClassifier if one.classifies else library.MLPRegressor
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = estimator(**settings, random_state=random_state).fit(one.X, one.y)
    return {
        "score": float(model.score(one.X_test, one.y_test)),
        "predicted": model.predict(one.X_test),
        "epochs": int(model.n_iter_),
    }


def measure(data_sets: Sequence[str], settings: Sequence[str], n_seeds: int) -> dict[str, Any]:
    """Fit both libraries on every data set with all settings and seeds; return the scores."""
    import sklearn.neural_network

    import netlet

    rows = []
    for data_set in data_sets:
        for setting in settings:
            say(f"{data_set}, {setting} ...")
            row: dict[str, Any] = {"data": data_set, "settings": setting, "scikit-learn": [], "netlet": []}
            row |= {"netlet, other chance": [], "same": 0}
            for seed in range(n_seeds):
                one = split(data_set, seed, "float32" if "float32" in setting else "float64")
                theirs = fitted(sklearn.neural_network, one, SETTINGS[setting], seed)
                ours = fitted(netlet, one, SETTINGS[setting], seed)
                other = fitted(netlet, one, SETTINGS[setting], seed + OTHER_CHANCE)
                for name, result in (("scikit-learn", theirs), ("netlet", ours), ("netlet, other chance", other)):
                    row[name].append(result["score"])
                close = np.abs(ours["predicted"] - theirs["predicted"]).max() <= 1e-3
                row["same"] += int(close and ours["epochs"] == theirs["epochs"])
            rows.append(row)
    return {"machine": machine_line(), "seeds": n_seeds, "rows": rows}


def difference(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float]:
    """Return the mean of the paired differences and its standard error."""
    differences = [a - b for a, b in zip(ours, theirs, strict=True)]
    return mean(differences), stdev(differences) / len(differences) ** 0.5


def judged(ours: Sequence[float], theirs: Sequence[float], has_bar: bool = True) -> str:
    """A difference beside its standard error, and the verdict."""
    centre, error = difference(ours, theirs)
    noise = max(2 * error, NEGLIGIBLE)
    word = "within noise" if abs(centre) <= noise else "better" if centre > 0 else "MISS" if has_bar else "worse"
    return f"{centre:+.4f} +- {error:.4f} ({word})"


def spread(scores: Sequence[float]) -> str:
    """Mean and standard deviation over the seeds."""
    return f"{mean(scores):.4f} ({stdev(scores):.4f})"


def markdown(result: dict[str, Any]) -> str:
    """Lay out scores, differences and verdicts."""
    n_seeds = result["seeds"]
    rows = [
        [
            row["data"],
            row["settings"],
            spread(row["scikit-learn"]),
            spread(row["netlet"]),
            judged(row["netlet"], row["scikit-learn"]),
            f"{row['same']} of {n_seeds}",
            judged(row["netlet, other chance"], row["scikit-learn"], has_bar=False),
        ]
        for row in result["rows"]
    ]
    return "\n\n".join(
        [
            f"Test scores (accuracy; R^2 for diabetes), {n_seeds} seeds: mean and standard deviation. Differences are "
            "netlet's score less scikit-learn's, mean and standard error over the pairs.",
            markdown_table(
                ["data", "settings", "scikit-learn", "netlet", "difference", "same", "with other numbers of chance"],
                rows,
            ),
        ]
    )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", metavar="DATA", choices=list(DATA_SETS), help="only these data sets")
    parser.add_argument("--seeds", type=int, help="seeds (5, with --quick 2); at least 2")
    add_common_options(parser)
    options = parser.parse_args()
    result = measure(*chosen(options.quick, options.only, options.seeds))
    finish(result, f"{result['machine']}\n\n{markdown(result)}", options.json)


def chosen(
    quick: bool, data_sets: Sequence[str] | None = None, n_seeds: int | None = None
) -> tuple[Sequence[str], Sequence[str], int]:
    """Return data sets, settings and the number of seeds for `measure`."""
    if n_seeds is not None and n_seeds < 2:
        raise SystemExit(f"--seeds: {n_seeds} is not >= 2; a spread needs two")
    return (
        data_sets or (["iris", "diabetes"] if quick else list(DATA_SETS)),
        ["Adam (all defaults)", "L-BFGS"] if quick else list(SETTINGS),
        n_seeds or (2 if quick else 5),
    )


if __name__ == "__main__":
    main()
