"""netlet: small neural networks trained at the speed of the hardware, with every number in view.

The names below are loaded at their first use, so that importing netlet costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from netlet.version import __version__

_HOMES = {
    "netlet.population.population": ("Population",),
    "netlet.population.ensemble": ("Ensemble",),
    "netlet.loading": ("load",),
    "netlet.population.selection": ("Selection", "greedy_selection"),
    "netlet.population.calibration": (
        "ReliabilityCurve", "expected_calibration_error", "fit_temperature", "reliability_curve",
    ),
    "netlet.population.sizing": ("Size", "Sizing", "contributions", "grow", "prune", "remove_units", "widen"),
    "netlet.searching.search": ("search",),
    "netlet.searching.result": ("SearchResult",),
    "netlet.searching.trial": ("Trial",),
    "netlet.searching.budget": ("Epochs", "Seconds", "Trials"),
    "netlet.searching.space": ("Space",),
    "netlet.searching.strategies": ("CoarseToFine", "Halving", "Hyperband", "OptunaSearch", "RandomSearch"),
    "netlet.searching.population_search": ("PopulationSearchCV",),
    "netlet.population.member": ("Member", "Outcome"),
    "netlet.estimators.mlp": ("MLPClassifier", "MLPRegressor"),
    "netlet.estimators.network": ("NetworkClassifier", "NetworkRegressor"),
    "netlet.estimators.conversion": ("from_sklearn",),
    "netlet.network.network": ("Network",),
    "netlet.training.step_memory": ("StepMemory",),
    "netlet.insight.descent": ("descend",),
    "netlet.insight.record_path": ("RecordPath",),
    "netlet.insight.layer_histograms": ("Histograms",),
    "netlet.insight.loss_surface": ("LossSurface",),
    "netlet.insight.health": ("Finding", "Health"),
    "netlet.insight.trace": ("Trace",),
    "netlet.insight.gradient_over_time": ("GradientOverTime",),
    "netlet.tables.classifier": ("TableClassifier",),
    "netlet.tables.regressor": ("TableRegressor",),
    "netlet.graph.periodic_embedding": ("PeriodicEmbedding",),
    "netlet.graph.piecewise_linear_embedding": ("PiecewiseLinearEmbedding",),
    "netlet.graph.members": ("MemberDense", "MemberMean", "MemberScaling"),
    "netlet.pictures.classifier": ("ImageClassifier",),
    "netlet.pictures.reading": ("PictureBlocks", "Pictures", "PicturesError", "picture_blocks", "read_pictures"),
    "netlet.pictures.detector": ("Detector",),
    "netlet.pictures.objects": ("Detections",),
    "netlet.pictures.average_precision": ("mean_average_precision",),
    "netlet.sequences.classifier": ("SequenceClassifier",),
    "netlet.sequences.regressor": ("SequenceRegressor",),
    "netlet.sequences.forecaster": ("Forecaster",),
    "netlet.text.language_model": ("LanguageModel",),
    "netlet.text.classifier": ("TextClassifier",),
    "netlet.text.reading": ("read_texts",),
    "netlet.graph.augmentation": ("Augment",),
    "netlet.network.compiled_predictor": ("CompiledPredictor",),
    "netlet.graph.activations": (
        "ELU", "Exponential", "GELU", "Identity", "LeakyReLU", "Mish", "PReLU", "ParametricMish",
        "ParametricSELU", "ReLU", "SELU", "SiLU", "Sigmoid", "Softmax", "Softplus", "Step", "Tanh",
    ),
    "netlet.graph.layers": ("Dense", "Dropout"),
    "netlet.graph.shaping": ("Columns", "Flatten", "Input", "Reshape"),
    "netlet.graph.joining": ("Add", "Concatenate", "Multiply", "Residual"),
    "netlet.graph.normalisation": ("BatchNorm", "LayerNorm", "Scaling"),
    "netlet.graph.embedding": ("Embedding", "EmbeddingBag"),
    "netlet.graph.convolution": ("Conv1D", "Conv2D"),
    "netlet.graph.pooling": (
        "AveragePool1D", "AveragePool2D", "GlobalAveragePool", "GlobalMaxPool", "MaxPool1D", "MaxPool2D",
        "Upsample",
    ),
    "netlet.graph.recurrent": ("Bidirectional", "GRU", "LSTM", "RNN"),
    "netlet.graph.attention": ("MultiHeadAttention", "TransformerBlock"),
    "netlet.graph.time_dense": ("TiedDense", "TimeDense"),
    "netlet.graph.positions": ("LearnedPositions", "SinusoidalPositions"),
    "netlet.graph.distributions": ("Constant", "Glorot", "He", "LeCun", "Normal", "Orthogonal", "Uniform", "Zeros"),
    "netlet.training.losses": (
        "AbsoluteError", "BinaryCrossEntropy", "CrossEntropy", "Detection", "Hinge", "Huber", "LogCosh",
        "PerceptronLoss", "Poisson", "Quantile", "SequenceCrossEntropy", "SquaredError",
    ),
    "netlet.training.optimizers": (
        "AMSGrad", "Adadelta", "Adagrad", "Adam", "AdamEpsHat", "AdamW", "AveragedMomentum", "Lion", "Momentum",
        "NAdam", "RMSprop", "Rprop", "SGD",
    ),
    "netlet.training.full_batch": ("ConjugateGradient", "LBFGS", "NewtonCG", "TruncatedNewton"),
    "netlet.training.schedules": (
        "ConstantRate", "CosLog", "CosineDecay", "CosineRestarts", "ExponentialDecay", "FlatCosine",
        "InverseTimeDecay", "OneCycle", "PolynomialDecay", "ReduceOnPlateau", "StepDecay", "WarmUp",
    ),
    "netlet.training.history": ("History",),
    "netlet.training.warming": ("warmup",),
    "netlet.errors": (
        "BudgetTooSmall", "CheckpointMismatch", "CheckpointNotWritten", "HealthWarning", "ModelFileError",
        "NotBuilt", "NotConverged", "NotEnoughMemory", "TrainingFailed", "WorkerLost",
    ),
}  # fmt: skip
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "ELU",
    "GELU",
    "GRU",
    "LBFGS",
    "LSTM",
    "RNN",
    "SELU",
    "SGD",
    "AMSGrad",
    "AbsoluteError",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamEpsHat",
    "AdamW",
    "Add",
    "Augment",
    "AveragePool1D",
    "AveragePool2D",
    "AveragedMomentum",
    "BatchNorm",
    "Bidirectional",
    "BinaryCrossEntropy",
    "BudgetTooSmall",
    "CheckpointMismatch",
    "CheckpointNotWritten",
    "CoarseToFine",
    "Columns",
    "CompiledPredictor",
    "Concatenate",
    "ConjugateGradient",
    "Constant",
    "ConstantRate",
    "Conv1D",
    "Conv2D",
    "CosLog",
    "CosineDecay",
    "CosineRestarts",
    "CrossEntropy",
    "Dense",
    "Detection",
    "Detections",
    "Detector",
    "Dropout",
    "Embedding",
    "EmbeddingBag",
    "Ensemble",
    "Epochs",
    "Exponential",
    "ExponentialDecay",
    "Finding",
    "FlatCosine",
    "Flatten",
    "Forecaster",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "Glorot",
    "GradientOverTime",
    "Halving",
    "He",
    "Health",
    "HealthWarning",
    "Hinge",
    "Histograms",
    "History",
    "Huber",
    "Hyperband",
    "Identity",
    "ImageClassifier",
    "Input",
    "InverseTimeDecay",
    "LanguageModel",
    "LayerNorm",
    "LeCun",
    "LeakyReLU",
    "LearnedPositions",
    "Lion",
    "LogCosh",
    "LossSurface",
    "MLPClassifier",
    "MLPRegressor",
    "MaxPool1D",
    "MaxPool2D",
    "Member",
    "MemberDense",
    "MemberMean",
    "MemberScaling",
    "Mish",
    "ModelFileError",
    "Momentum",
    "MultiHeadAttention",
    "Multiply",
    "NAdam",
    "Network",
    "NetworkClassifier",
    "NetworkRegressor",
    "NewtonCG",
    "Normal",
    "NotBuilt",
    "NotConverged",
    "NotEnoughMemory",
    "OneCycle",
    "OptunaSearch",
    "Orthogonal",
    "Outcome",
    "PReLU",
    "ParametricMish",
    "ParametricSELU",
    "PerceptronLoss",
    "PeriodicEmbedding",
    "PictureBlocks",
    "Pictures",
    "PicturesError",
    "PiecewiseLinearEmbedding",
    "Poisson",
    "PolynomialDecay",
    "Population",
    "PopulationSearchCV",
    "Quantile",
    "RMSprop",
    "RandomSearch",
    "ReLU",
    "RecordPath",
    "ReduceOnPlateau",
    "ReliabilityCurve",
    "Reshape",
    "Residual",
    "Rprop",
    "Scaling",
    "SearchResult",
    "Seconds",
    "Selection",
    "SequenceClassifier",
    "SequenceCrossEntropy",
    "SequenceRegressor",
    "SiLU",
    "Sigmoid",
    "SinusoidalPositions",
    "Size",
    "Sizing",
    "Softmax",
    "Softplus",
    "Space",
    "SquaredError",
    "Step",
    "StepDecay",
    "StepMemory",
    "TableClassifier",
    "TableRegressor",
    "Tanh",
    "TextClassifier",
    "TiedDense",
    "TimeDense",
    "Trace",
    "TrainingFailed",
    "TransformerBlock",
    "Trial",
    "Trials",
    "TruncatedNewton",
    "Uniform",
    "Upsample",
    "WarmUp",
    "WorkerLost",
    "Zeros",
    "__version__",
    "contributions",
    "descend",
    "expected_calibration_error",
    "fit_temperature",
    "from_sklearn",
    "greedy_selection",
    "grow",
    "load",
    "mean_average_precision",
    "picture_blocks",
    "prune",
    "read_pictures",
    "read_texts",
    "reliability_curve",
    "remove_units",
    "search",
    "warmup",
    "widen",
]

if TYPE_CHECKING:
    from netlet.errors import (
        BudgetTooSmall,
        CheckpointMismatch,
        CheckpointNotWritten,
        HealthWarning,
        ModelFileError,
        NotBuilt,
        NotConverged,
        NotEnoughMemory,
        TrainingFailed,
        WorkerLost,
    )
    from netlet.estimators.conversion import from_sklearn
    from netlet.estimators.mlp import MLPClassifier, MLPRegressor
    from netlet.estimators.network import NetworkClassifier, NetworkRegressor
    from netlet.graph.activations import (
        ELU,
        GELU,
        SELU,
        Exponential,
        Identity,
        LeakyReLU,
        Mish,
        ParametricMish,
        ParametricSELU,
        PReLU,
        ReLU,
        Sigmoid,
        SiLU,
        Softmax,
        Softplus,
        Step,
        Tanh,
    )
    from netlet.graph.attention import MultiHeadAttention, TransformerBlock
    from netlet.graph.augmentation import Augment
    from netlet.graph.convolution import Conv1D, Conv2D
    from netlet.graph.distributions import Constant, Glorot, He, LeCun, Normal, Orthogonal, Uniform, Zeros
    from netlet.graph.embedding import Embedding, EmbeddingBag
    from netlet.graph.joining import Add, Concatenate, Multiply, Residual
    from netlet.graph.layers import Dense, Dropout
    from netlet.graph.members import MemberDense, MemberMean, MemberScaling
    from netlet.graph.normalisation import BatchNorm, LayerNorm, Scaling
    from netlet.graph.periodic_embedding import PeriodicEmbedding
    from netlet.graph.piecewise_linear_embedding import PiecewiseLinearEmbedding
    from netlet.graph.pooling import (
        AveragePool1D,
        AveragePool2D,
        GlobalAveragePool,
        GlobalMaxPool,
        MaxPool1D,
        MaxPool2D,
        Upsample,
    )
    from netlet.graph.positions import LearnedPositions, SinusoidalPositions
    from netlet.graph.recurrent import GRU, LSTM, RNN, Bidirectional
    from netlet.graph.shaping import Columns, Flatten, Input, Reshape
    from netlet.graph.time_dense import TiedDense, TimeDense
    from netlet.insight.descent import descend
    from netlet.insight.gradient_over_time import GradientOverTime
    from netlet.insight.health import Finding, Health
    from netlet.insight.layer_histograms import Histograms
    from netlet.insight.loss_surface import LossSurface
    from netlet.insight.record_path import RecordPath
    from netlet.insight.trace import Trace
    from netlet.loading import load
    from netlet.network.compiled_predictor import CompiledPredictor
    from netlet.network.network import Network
    from netlet.pictures.average_precision import mean_average_precision
    from netlet.pictures.classifier import ImageClassifier
    from netlet.pictures.detector import Detector
    from netlet.pictures.objects import Detections
    from netlet.pictures.reading import PictureBlocks, Pictures, PicturesError, picture_blocks, read_pictures
    from netlet.population.calibration import (
        ReliabilityCurve,
        expected_calibration_error,
        fit_temperature,
        reliability_curve,
    )
    from netlet.population.ensemble import Ensemble
    from netlet.population.member import Member, Outcome
    from netlet.population.population import Population
    from netlet.population.selection import Selection, greedy_selection
    from netlet.population.sizing import Size, Sizing, contributions, grow, prune, remove_units, widen
    from netlet.searching.budget import Epochs, Seconds, Trials
    from netlet.searching.population_search import PopulationSearchCV
    from netlet.searching.result import SearchResult
    from netlet.searching.search import search
    from netlet.searching.space import Space
    from netlet.searching.strategies import CoarseToFine, Halving, Hyperband, OptunaSearch, RandomSearch
    from netlet.searching.trial import Trial
    from netlet.sequences.classifier import SequenceClassifier
    from netlet.sequences.forecaster import Forecaster
    from netlet.sequences.regressor import SequenceRegressor
    from netlet.tables.classifier import TableClassifier
    from netlet.tables.regressor import TableRegressor
    from netlet.text.classifier import TextClassifier
    from netlet.text.language_model import LanguageModel
    from netlet.text.reading import read_texts
    from netlet.training.full_batch import LBFGS, ConjugateGradient, NewtonCG, TruncatedNewton
    from netlet.training.history import History
    from netlet.training.losses import (
        AbsoluteError,
        BinaryCrossEntropy,
        CrossEntropy,
        Detection,
        Hinge,
        Huber,
        LogCosh,
        PerceptronLoss,
        Poisson,
        Quantile,
        SequenceCrossEntropy,
        SquaredError,
    )
    from netlet.training.optimizers import (
        SGD,
        Adadelta,
        Adagrad,
        Adam,
        AdamEpsHat,
        AdamW,
        AMSGrad,
        AveragedMomentum,
        Lion,
        Momentum,
        NAdam,
        RMSprop,
        Rprop,
    )
    from netlet.training.schedules import (
        ConstantRate,
        CosineDecay,
        CosineRestarts,
        CosLog,
        ExponentialDecay,
        FlatCosine,
        InverseTimeDecay,
        OneCycle,
        PolynomialDecay,
        ReduceOnPlateau,
        StepDecay,
        WarmUp,
    )
    from netlet.training.step_memory import StepMemory
    from netlet.training.warming import warmup


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'netlet' has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
