"""The four estimators among what scikit-learn, joblib and data frames do with estimators."""

from __future__ import annotations

import io
import multiprocessing
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse
import scipy.stats
from sklearn import config_context
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.ensemble import BaggingClassifier, VotingRegressor
from sklearn.exceptions import NotFittedError
from sklearn.inspection import permutation_importance
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV, cross_val_score
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from netlet import (
    Adam,
    Add,
    Columns,
    Concatenate,
    CrossEntropy,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    He,
    Input,
    LeakyReLU,
    MLPClassifier,
    MLPRegressor,
    NetworkClassifier,
    NetworkRegressor,
    Residual,
    WarmUp,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

FEW: dict[str, Any] = {"solver": "lbfgs", "max_iter": 15, "random_state": 0}
CLASSIFIERS = [MLPClassifier((6,), **FEW), NetworkClassifier([Dense(6, "tanh")], **FEW)]
REGRESSORS = [MLPRegressor(hidden_layer_sizes=(6,), **FEW), NetworkRegressor([Dense(6, "tanh")], **FEW)]
ALL = [*CLASSIFIERS, *REGRESSORS]
each_classifier = pytest.mark.parametrize("classifier", CLASSIFIERS, ids=lambda each: type(each).__name__)
each_regressor = pytest.mark.parametrize("regressor", REGRESSORS, ids=lambda each: type(each).__name__)
each_estimator = pytest.mark.parametrize("estimator", ALL, ids=lambda each: type(each).__name__)

_random = np.random.default_rng(0)
X = _random.normal(size=(60, 3))
Y = (X[:, 1] > 0).astype(int)  # the middle column decides
WEIGHTS = _random.uniform(0.1, 3.0, size=60)
NAMES = ["age", "height", "mass"]


def scored(estimator: Any) -> np.ndarray:
    return estimator.predict_proba(X) if hasattr(estimator, "predict_proba") else estimator.predict(X)


# clone and parameters


@each_estimator
def test_clone_has_the_parameters_and_nothing_learnt(estimator: Any) -> None:
    fitted = clone(estimator).fit(X, Y)
    again = clone(fitted)
    assert again.get_params(deep=False) == fitted.get_params(deep=False)
    assert not hasattr(again, "network_")
    np.testing.assert_array_equal(scored(again.fit(X, Y)), scored(fitted))


def test_clone_of_values_and_graphs_is_equal() -> None:
    start = Input(3)()
    node = Add()(Dense(3, LeakyReLU(0.3), initialiser=He())(start), start)
    for layers in ([Residual((Dense(3), Dropout(0.2)))], node, linear):
        model = NetworkClassifier(layers, solver=Adam(0.1), schedule=WarmUp(3), loss=CrossEntropy(0.1))
        assert clone(model).get_params() == model.get_params()


def linear(n_features: int, n_outputs: int) -> list[Dense]:
    return [Dense(n_outputs)]


def test_parameters_reach_into_layers_optimizers_losses_and_schedules() -> None:
    layers = [Dense(6, LeakyReLU(0.3)), Residual((Dense(6, initialiser=He()), Dropout(0.2)))]
    model = NetworkClassifier(layers, solver=Adam(0.1), schedule=WarmUp(3), loss=CrossEntropy(0.1))
    wanted = {
        "layers__0__units": 6,
        "layers__0__activation__negative_slope": 0.3,
        "layers__1__layers__1__rate": 0.2,
        "layers__1__layers__0__initialiser": He(),
        "solver__learning_rate": 0.1,
        "loss__label_smoothing": 0.1,
    }
    found = model.get_params()
    assert {name: found[name] for name in wanted} == wanted
    assert not any("__" in name for name in model.get_params(deep=False))

    given = list(layers)
    model.set_params(
        layers__0__units=7, layers__0__activation__negative_slope=0.1, layers__1__layers__1=Dropout(0.4),
        layers__1__layers__1__rate=0.5, solver__beta1=0.5, loss__label_smoothing=0.0,
    )  # fmt: skip
    assert model.layers == [
        Dense(7, LeakyReLU(0.1)), Residual((Dense(6, initialiser=He()), Dropout(0.5)))
    ]  # fmt: skip
    assert model.solver == Adam(0.1, beta1=0.5)
    assert model.loss == CrossEntropy(0.0)
    assert layers == given, "the list that the person holds is another one"


def test_parameters_reach_into_graphs_by_the_names_of_the_summary() -> None:
    start = Input(3)()
    model = NetworkClassifier(Add()(Dense(3, "tanh")(start), start), **FEW)
    assert model.get_params()["layers__dense_1__activation"] == "tanh"
    model.set_params(layers__dense_1__activation="relu").fit(X, Y)
    assert [each.row for each in model.network_._operations][1:4] == ["dense", "relu", "add"]


def test_deep_graphs_are_copied_shown_and_fitted() -> None:
    node = Input(3)()
    for _ in range(60):  # written out as a tree this has 2**60 leaves
        node = Add()(node, Dense(3, "tanh")(node))
    model = clone(NetworkClassifier(node, solver="sgd", max_iter=1, random_state=0))
    assert repr(model.layers) == "Node(Add(), the last of 121 layers)"
    model.set_params(layers__dense_60__activation="relu").fit(X, Y)
    assert "add_60" in str(model)
    assert "the last of 121 layers" in model._repr_html_()
    assert clone(model).get_params()["layers__dense_60__activation"] == "relu"


def test_parameters_reach_into_the_activations_of_a_perceptron() -> None:
    model = MLPClassifier((4, 4), activation=["relu", LeakyReLU(0.1)])
    assert model.set_params(activation__1__negative_slope=0.2).activation == ["relu", LeakyReLU(0.2)]


@pytest.mark.parametrize(
    ("parameter", "message"),
    [
        ("layers__0__unit", "Invalid parameter 'layers__0__unit': .*did you mean 'units'"),
        ("layers__1__units", "Invalid parameter 'layers__1': .*is not one of '0'"),
        ("alpha__rate", "Invalid parameter 'alpha__rate': alpha=0.0001 has no parts; set it as a whole"),
        ("layer__0", "Invalid parameter 'layer' for estimator"),
    ],
)
def test_unknown_parameters_are_refused_and_nothing_is_set(parameter: str, message: str) -> None:
    model = NetworkClassifier([Dense(6)])
    with pytest.raises(ValueError, match=message):
        model.set_params(**{"layers__0__units": 9, "tol": 1.0, parameter: 3})
    assert model.layers == [Dense(6)]
    assert model.tol == 1e-4


# layers of one's own


def test_a_list_gets_its_output_from_the_classes() -> None:
    two = NetworkClassifier([Dense(6)], **FEW).fit(X, Y)
    three = clone(two).fit(X, np.arange(60) % 3)
    labels = clone(two).fit(X, np.column_stack([Y, 1 - Y, Y]))
    scores = clone(two).set_params(loss="hinge").fit(X, Y)
    ends = [[str(layer) for layer in model.network_.layers[2:]] for model in (two, three, labels, scores)]
    assert ends == [
        [str(Dense(1)), "Sigmoid()"],
        [str(Dense(3)), "Softmax()"],
        [str(Dense(3)), "Sigmoid()"],
        [str(Dense(1))],
    ]


@pytest.mark.parametrize("link", [[], ["sigmoid"]], ids=["without the link", "with the link"])
def test_a_callable_gives_the_whole_network(link: list[str]) -> None:
    seen = []

    def layers(n_features: int, n_outputs: int) -> list[Dense]:
        seen.append((n_features, n_outputs))
        return [Dense(2 * n_features), Dense(n_outputs, *link)]

    model = NetworkClassifier(layers, **FEW).fit(X, Y)
    assert seen[0] == (3, 1)
    assert [each.row for each in model.network_._operations] == ["input", "dense", "dense", "sigmoid"]
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([Dense(4), Dense(1, "softmax")], "but the output is appended to it"),
        ([Input(4), Dense(4)], "X has 3 features, but the inputs of layers read 4"),
        (Dense(4), r"is a single layer; write layers=\[Dense"),
        (lambda _, n_outputs: [Dense(n_outputs + 1)], "a network with 2 outputs, 1 are needed"),
        (lambda _, n_outputs: [Dense(n_outputs, "softmax")], "but this y and loss need Sigmoid()"),
        (3, "The 'layers' parameter of NetworkClassifier must be"),
    ],
)
def test_layers_that_do_not_fit_are_refused(layers: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        NetworkClassifier(layers).fit(X, Y)


def category_and_numbers(n_features: int, n_outputs: int) -> Any:
    start = Input(n_features)()
    vectors = Flatten()(Embedding(3, 2)(Columns(0, 1)(start)))
    return Dense(n_outputs)(Concatenate()(vectors, Columns(1, n_features - 1)(start)))


@pytest.mark.parametrize("convert", [np.asarray, scipy.sparse.csr_array], ids=["dense", "sparse"])
def test_numbers_of_categories_are_checked_wherever_features_come_in(convert: Any) -> None:
    # An embedding's kernel reads its table at that number, wherever in memory that is.
    numbers = np.column_stack([np.arange(60) % 3, X[:, 1:]])
    wrong = numbers.copy()
    wrong[5, 0] = 3
    model = NetworkClassifier(category_and_numbers, max_iter=2, random_state=0)
    message = r"X.* holds 3 in row 5, column 0, which an Embedding reads: it is not an int from 0 to 2"
    with pytest.raises(ValueError, match=message):
        clone(model).fit(convert(wrong), Y)
    with pytest.raises(ValueError, match=message):
        clone(model).fit(convert(numbers), Y, validation_data=(convert(wrong), Y))
    model.fit(convert(numbers), Y)
    for method in (model.predict, model.predict_proba, lambda x: model.score(x, Y), lambda x: model.partial_fit(x, Y)):
        with pytest.raises(ValueError, match=message):
            method(convert(wrong))
    assert len(model.predict(convert(numbers))) == 60


def test_an_output_given_twice_is_warned_of() -> None:
    with pytest.warns(UserWarning, match=r"layers ends with Dense\(units=1.*another Dense\(1\)"):
        NetworkRegressor([Dense(4, "relu"), Dense(1)], **FEW).fit(X, Y)


def test_warm_start_with_other_layers_is_refused() -> None:
    start = Input(3)()
    model = NetworkClassifier(Dense(4, "relu")(start), warm_start=True, **FEW).fit(X, Y)
    with pytest.raises(ValueError, match="are not those of the model"):
        model.set_params(layers__dense_1__units=5).fit(X, Y)


# pipelines and searches


@each_estimator
def test_pipeline_scales_first(estimator: Any) -> None:
    by_hand = StandardScaler().fit(X)
    expected = clone(estimator).fit(by_hand.transform(X), Y).predict(by_hand.transform(X))
    np.testing.assert_array_equal(make_pipeline(StandardScaler(), estimator).fit(X, Y).predict(X), expected)


@each_classifier
def test_column_transformer_with_categories(classifier: Any) -> None:
    frame = pd.DataFrame(X, columns=NAMES).assign(colour=np.where(Y == 1, "red", "blue"))
    columns = make_column_transformer((StandardScaler(), NAMES), (OneHotEncoder(), ["colour"]))
    assert make_pipeline(columns, clone(classifier)).fit(frame, Y).score(frame, Y) == 1.0


def test_grid_search_over_layers_and_their_settings() -> None:
    model = NetworkClassifier([Dense(1)], **FEW)
    choices = [[Dense(1, "step")], [Dense(4, "tanh"), Dense(2, "tanh")]]
    search = GridSearchCV(model, {"layers": choices}, cv=3).fit(X, Y)
    assert search.best_params_ == {"layers": choices[1]}
    assert search.cv_results_["param_layers"].tolist() == choices

    search = GridSearchCV(model, {"layers__0__units": [1, 5], "layers__0__activation": ["tanh"]}, cv=3).fit(X, Y)
    assert search.best_estimator_.layers == [Dense(search.best_params_["layers__0__units"], "tanh")]
    assert model.layers == [Dense(1)]


def test_grid_search_over_a_pipelines_optimizer() -> None:
    network = NetworkClassifier([Dense(4, "relu")], solver=Adam(), max_iter=15, random_state=0)
    pipeline = make_pipeline(StandardScaler(), network)
    name = "networkclassifier__solver__learning_rate"
    search = GridSearchCV(pipeline, {name: [1e-9, 0.1]}, cv=3).fit(X, Y)
    assert search.best_params_ == {name: 0.1}


@each_regressor
def test_randomized_search(regressor: Any) -> None:
    name = "hidden_layer_sizes" if isinstance(regressor, MLPRegressor) else "layers__0__units"
    search = RandomizedSearchCV(
        regressor, {name: scipy.stats.randint(2, 6), "alpha": scipy.stats.loguniform(1e-5, 1e-1)}, n_iter=3, cv=2,
        random_state=0,
    )  # fmt: skip
    search.fit(X, Y)
    assert search.best_estimator_.get_params()[name] == search.best_params_[name]


@each_classifier
def test_cross_validation_calibration_and_bagging(classifier: Any) -> None:
    assert cross_val_score(classifier, X, Y, cv=3).mean() > 0.8
    calibrated = CalibratedClassifierCV(classifier, cv=2).fit(X, Y)
    np.testing.assert_allclose(calibrated.predict_proba(X).sum(axis=1), 1)
    assert calibrated.score(X, Y) > 0.8
    scores = clone(classifier).set_params(loss="hinge")  # has no predict_proba
    assert CalibratedClassifierCV(scores, cv=2).fit(X, Y).score(X, Y) > 0.8
    bags = BaggingClassifier(classifier, n_estimators=2, random_state=0).fit(X, Y)
    assert bags.score(X, Y) > 0.8


@each_regressor
def test_regressors_inside_of_others(regressor: Any) -> None:
    both = MultiOutputRegressor(regressor).fit(X, np.column_stack([Y, -Y]))
    single = clone(regressor).fit(X, Y)
    np.testing.assert_array_equal(both.predict(X)[:, 0], single.predict(X))
    vote = VotingRegressor([("a", regressor), ("b", regressor)]).fit(X, Y)
    np.testing.assert_allclose(vote.predict(X), single.predict(X), rtol=1e-15)


@each_estimator
def test_permutation_importance_finds_the_column(estimator: Any) -> None:
    found = permutation_importance(clone(estimator).fit(X, Y), X, Y, n_repeats=3, random_state=0)
    assert found.importances_mean.argmax() == 1


# metadata


@each_estimator
def test_sample_weights_are_routed(estimator: Any) -> None:
    scaled = StandardScaler().fit_transform(X)
    expected = scored(clone(estimator).fit(scaled, Y, sample_weight=WEIGHTS))
    assert not np.array_equal(expected, scored(clone(estimator).fit(scaled, Y)))
    with config_context(enable_metadata_routing=True):
        asks = clone(estimator).set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        pipeline = make_pipeline(StandardScaler().set_fit_request(sample_weight=False), asks)
        pipeline.fit(X, Y, sample_weight=WEIGHTS)
        np.testing.assert_array_equal(scored(pipeline[-1]), expected)
        weighted = cross_val_score(asks, X, Y, cv=2, params={"sample_weight": WEIGHTS})
        refuses = clone(estimator).set_fit_request(sample_weight=False).set_score_request(sample_weight=False)
        assert not np.array_equal(weighted, cross_val_score(refuses, X, Y, cv=2, params={}))


@each_estimator
def test_validation_data_are_routed(estimator: Any) -> None:
    with config_context(enable_metadata_routing=True):
        asks = clone(estimator).set_params(solver="adam", max_iter=3).set_fit_request(validation_data=True)
        model = make_pipeline("passthrough", asks).fit(X, Y, validation_data=(X[:9], Y[:9]))[-1]
    assert len(model.validation_loss_curve_) == 3


# data frames


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame], ids=["pandas", "polars"])
@each_estimator
def test_frames_keep_their_names_and_are_checked(estimator: Any, kind: Any) -> None:
    frame = kind(dict(zip(NAMES, X.T, strict=True)))
    model = clone(estimator).fit(frame, kind({"y": Y})["y"])
    assert model.feature_names_in_.tolist() == NAMES
    np.testing.assert_array_equal(model.predict(frame), clone(estimator).fit(X, Y).predict(X))
    with pytest.raises(ValueError, match="(?s)feature names should match.*same order"):
        model.predict(frame[["mass", "age", "height"]])
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        model.predict(X)


@pytest.mark.parametrize("container", ["pandas", "polars"])
@each_estimator
def test_names_come_through_set_output(estimator: Any, container: str) -> None:
    scaler = StandardScaler().set_output(transform=container)
    frame = pd.DataFrame(X, columns=NAMES) if container == "pandas" else pl.DataFrame(X, schema=NAMES)
    pipeline = make_pipeline(scaler, estimator).fit(frame, Y)
    assert pipeline[-1].feature_names_in_.tolist() == NAMES
    assert len(pipeline.predict(frame)) == 60


# copies


@each_estimator
def test_pickle_and_joblib(estimator: Any, tmp_path: Path) -> None:
    model = clone(estimator).fit(X, Y)
    joblib.dump(model, tmp_path / "model.joblib")
    for copy in (pickle.loads(pickle.dumps(model)), joblib.load(tmp_path / "model.joblib")):
        np.testing.assert_array_equal(scored(copy), scored(model))
        copy.network_.theta[:] = 0
        assert not np.array_equal(scored(copy), scored(model)), "a copy has weights of its own"


@each_estimator
def test_a_model_mapped_from_a_file_predicts_and_trains(estimator: Any, tmp_path: Path) -> None:
    # joblib does this by itself with models of more than a megabyte that it sends to other processes.
    model = clone(estimator).set_params(warm_start=True).fit(X, Y)
    joblib.dump(model, tmp_path / "model.joblib")
    mapped = joblib.load(tmp_path / "model.joblib", mmap_mode="r")
    np.testing.assert_array_equal(scored(mapped), scored(model))
    for each in (mapped, model):
        each.set_params(solver="adam", max_iter=2).fit(X, Y)
    np.testing.assert_array_equal(mapped.network_.theta, model.network_.theta)


def test_a_training_goes_on_in_a_copy() -> None:
    model = NetworkClassifier([Dense(6, "relu")], random_state=0)
    for _ in range(3):
        model.partial_fit(X, Y, classes=[0, 1])
    copy = pickle.loads(pickle.dumps(model))
    for each in (model, copy):
        each.partial_fit(X, Y)
    np.testing.assert_array_equal(copy.network_.theta, model.network_.theta)


def predicted_in_a_process(content: bytes) -> np.ndarray:
    return scored(pickle.loads(content))


def fitted_in_a_process(content: bytes) -> bytes:
    return pickle.dumps(pickle.loads(content).fit(X, Y))


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_copies_across_processes(method: str) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this system cannot {method}")
    models = [clone(estimator).fit(X, Y) for estimator in ALL]
    with multiprocessing.get_context(method).Pool(1) as pool:
        found = pool.map(predicted_in_a_process, [pickle.dumps(model) for model in models])
        trained = pool.map(fitted_in_a_process, [pickle.dumps(clone(model)) for model in models])
    for model, outputs, other in zip(models, found, trained, strict=True):
        np.testing.assert_array_equal(outputs, scored(model))
        np.testing.assert_array_equal(pickle.loads(other).network_.theta, model.network_.theta)


@each_estimator
def test_threads_share_a_model_and_train_their_own(estimator: Any) -> None:
    model = clone(estimator).fit(X, Y)
    expected = scored(model)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: scored(model), range(40)))
        trained = list(pool.map(lambda _: clone(estimator).fit(X, Y), range(4)))
    for outputs in (*found, *map(scored, trained)):
        np.testing.assert_array_equal(outputs, expected)


# representations


@each_estimator
def test_representations_show_the_network(estimator: Any) -> None:
    model = clone(estimator)
    assert str(model) == repr(model)
    model.fit(X, Y)
    table = model.network_.summary()
    assert str(model) == f"{model!r}\n\n{table}"
    assert "dense_2" in table
    assert table in model._repr_html_()
    assert table in make_pipeline(StandardScaler(), model)._repr_html_()
    assert table not in clone(model)._repr_html_()


def test_html_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    model = clone(CLASSIFIERS[1]).fit(X, Y)
    monkeypatch.setattr(model.network_, "summary", lambda: "<script>&")
    assert "<pre>&lt;script&gt;&amp;</pre>" in model._repr_html_()


def test_eval_of_the_text_gives_the_estimator_back() -> None:
    model = NetworkClassifier([Dense(6, LeakyReLU(0.3))], solver=Adam(0.1))
    names = {each.__name__: each for each in (NetworkClassifier, Dense, LeakyReLU, Adam)}
    assert eval(repr(model), names).get_params() == model.get_params()


def test_an_open_file_is_enough() -> None:
    model = clone(CLASSIFIERS[0]).fit(X, Y)
    file = io.BytesIO()
    joblib.dump(model, file, compress=3)
    file.seek(0)
    np.testing.assert_array_equal(scored(joblib.load(file)), scored(model))


@pytest.mark.parametrize("dtype", [None, "float32"])
def test_a_compiled_predictor_gives_the_outputs(dtype):
    X, y = load_iris(return_X_y=True)
    model = MLPClassifier((5,), max_iter=5, random_state=0).fit(X, y)
    predictor = model.compile_predictor(dtype=dtype)
    rows = X.astype(predictor.dtype)
    tolerance = 1e-12 if dtype is None else 1e-5
    np.testing.assert_allclose(predictor(rows), model.predict_proba(X), rtol=tolerance)
    np.testing.assert_allclose(predictor(rows[7]), model.predict_proba(X[7:8])[0], rtol=tolerance)
    with pytest.raises(ValueError, match="dtype='float16' is not one of 'float32', 'float64'"):
        model.compile_predictor(dtype="float16")
    with pytest.raises(NotFittedError):
        MLPClassifier().compile_predictor()
