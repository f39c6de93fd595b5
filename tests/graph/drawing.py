"""Random networks for property tests, and what can be computed of them without lowering."""

from __future__ import annotations

import math

from hypothesis import strategies as st

from netlet import (
    GRU,
    LSTM,
    RNN,
    Add,
    BatchNorm,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Identity,
    Input,
    LayerNorm,
    LeakyReLU,
    ReLU,
    Scaling,
    Sigmoid,
    Softmax,
    Tanh,
)
from netlet.graph.activations import PReLU
from netlet.graph.graph import graph_of
from netlet.graph.joining import Concatenate, Multiply, Residual
from netlet.graph.shaping import Columns, Flatten, Reshape

# Without "step", which has no slope, and "exponential", behind which numbers grow beyond measuring.
ACTIVATIONS = (
    "identity", "sigmoid", "tanh", "relu", "leaky_relu", "prelu", "elu", "selu", "gelu", "silu", "softplus", "mish",
    "softmax", "parametric_selu", "parametric_mish",
)  # fmt: skip
SIZES = st.integers(1, 6)
LARGE = st.sampled_from((0.1, 0.5, 1.0))  # eps so large that slopes can be measured with finite steps
_MOST_NUMBERS = 16  # of a sample: two values that are larger together are not joined


def shape_of(layer, *shapes):
    """Return the shape of what a layer gives for one sample, from the shapes of what it reads."""
    if isinstance(layer, Input):
        return layer.dimensions
    shape = shapes[0]
    if isinstance(layer, Dense):
        return (layer.units,)
    if isinstance(layer, Columns):
        return (layer.count,)
    if isinstance(layer, Flatten):
        return (math.prod(shape),)
    if isinstance(layer, Reshape):
        known = abs(math.prod(layer.shape))
        return tuple(math.prod(shape) // known if size == -1 else size for size in layer.shape)
    if isinstance(layer, Embedding):
        return (*shape, layer.dimensions)
    if isinstance(layer, Bidirectional):
        inner = shape_of(layer.forward, shape)
        return (*inner[:-1], 2 * inner[-1])
    if isinstance(layer, (RNN, LSTM, GRU)):
        return (shape[0], layer.units) if layer.returns == "sequence" else (layer.units,)
    if isinstance(layer, Concatenate):
        return (*shape[:-1], sum(each[-1] for each in shapes))
    if isinstance(layer, Residual):
        for each in layer.layers:
            shape = shape_of(each, shape)
    return shape


def n_parameters_of(layer, *shapes):
    """Return how many parameters a layer has, from the shapes of what it reads."""
    if isinstance(layer, Dense):
        return (shapes[0][0] + layer.bias) * layer.units + (
            layer.units if layer.activation in ("prelu", "parametric_selu", "parametric_mish") else 0
        )
    if isinstance(layer, (BatchNorm, LayerNorm)):
        return 2 * shapes[0][-1]
    if isinstance(layer, Scaling):
        return shapes[0][-1]
    if isinstance(layer, PReLU):
        return math.prod(shapes[0])
    if isinstance(layer, Embedding):
        return layer.categories * layer.dimensions
    if isinstance(layer, Bidirectional):
        return 2 * n_parameters_of(layer.forward, *shapes)
    if isinstance(layer, (RNN, LSTM, GRU)):
        gates = {RNN: 1, LSTM: 4, GRU: 3}[type(layer)]
        biases = (2 if isinstance(layer, GRU) else 1) * layer.bias
        return gates * layer.units * (shapes[0][1] + layer.units + biases)
    count = 0
    if isinstance(layer, Residual):
        shape = shapes[0]
        for each in layer.layers:
            count += n_parameters_of(each, shape)
            shape = shape_of(each, shape)
        count += math.prod(shape) * math.prod(shapes[0]) if layer.project else 0
    return count


@st.composite
def residuals(draw, shape, dropout):
    """Draw a residual connection around one or two layers, projected where it must be and sometimes where not."""
    inner, after = [], shape
    for _ in range(draw(st.integers(1, 2))):
        inner.append(draw(layers(after, dropout, nested=True)))
        after = shape_of(inner[-1], after)
    return Residual(tuple(inner), project=after != shape or draw(st.booleans()))


@st.composite
def reshapes(draw, shape):
    """Draw new axes for the numbers of a sample, with and without -1."""
    size = math.prod(shape)
    first = draw(st.sampled_from([divisor for divisor in range(1, size + 1) if size % divisor == 0]))
    return Reshape(draw(st.sampled_from(((first, -1), (-1, first), (1, first, -1), (-1,)))))


def layers(shape=(6,), dropout=True, nested=False):
    """Draw a layer that reads one value of a shape."""
    kinds = [
        st.builds(LeakyReLU, st.sampled_from((0.0, 0.1, 0.5))),
        st.sampled_from((Identity(), ReLU(), PReLU(), Sigmoid(), Softmax(), Tanh())),
        st.sampled_from((Flatten(), Scaling())),
        st.builds(BatchNorm, st.sampled_from((0.1, 0.5, 1.0)), LARGE),
        st.builds(LayerNorm, LARGE),
    ]
    if not nested:
        kinds += [residuals(shape, dropout), reshapes(shape)]
    if len(shape) == 1:
        dense = st.builds(
            Dense, SIZES, activation=st.sampled_from(ACTIVATIONS), bias=st.booleans(),
            initialiser=st.sampled_from(("auto", "glorot", "he")),
        )  # fmt: skip
        parts = [(first, count) for first in range(shape[0]) for count in range(1, shape[0] - first + 1)]
        kinds += [dense, dense, st.sampled_from(parts).map(lambda part: Columns(*part))]
    if len(shape) == 2:
        kinds.append(recurrent())
    if dropout:
        kinds.append(st.builds(Dropout, st.sampled_from((0.0, 0.2, 0.7))))
    return st.one_of(kinds)


def recurrent():
    """Draw a recurrent layer, of one direction or both."""
    fields = {"returns": st.sampled_from(("last", "sequence")), "bias": st.booleans()}
    kinds = (RNN, LSTM, GRU)
    one = [st.builds(kind, st.integers(1, 3), reverse=st.booleans(), **fields) for kind in kinds]
    both = [st.builds(Bidirectional, st.builds(kind, st.integers(1, 3), **fields)) for kind in kinds]
    return st.one_of(*one, *both)


@st.composite
def joined(draw, made, shapes):
    """Draw a node that joins two of those made, the same one perhaps; with its shape."""
    place = draw(st.integers(0, len(made) - 1))
    alike = [other for other in range(len(made)) if shapes[other] == shapes[place]]
    beside = [
        other
        for other in range(len(made))
        if shapes[other][:-1] == shapes[place][:-1]
        and math.prod(shapes[other]) + math.prod(shapes[place]) <= _MOST_NUMBERS
    ]
    kinds = [Add(), Multiply()] if not any(isinstance(node.layer, Multiply) for node in made) else [Add()]
    kind = draw(st.sampled_from([*kinds, Concatenate()] if beside else kinds))
    partners = [place, draw(st.sampled_from(beside if isinstance(kind, Concatenate) else alike))]
    if draw(st.booleans()) and isinstance(kind, Add):
        partners.append(draw(st.sampled_from(alike)))
    return kind(*(made[each] for each in partners)), shape_of(kind, *(shapes[each] for each in partners))


@st.composite
def graphs(draw, dropout=True):
    """Draw a graph of several inputs in which values are read several times, joined to each other and to themselves."""
    sizes = draw(st.lists(st.one_of(SIZES, st.tuples(st.integers(1, 3), st.integers(1, 3))), min_size=1, max_size=3))
    made = [Input(size)() for size in sizes]
    shapes = [node.layer.dimensions for node in made]
    if draw(st.booleans()):  # categories, which the other layers may read too
        layer = Embedding(draw(SIZES), draw(SIZES))
        part = Input(draw(SIZES))()
        if draw(st.booleans()):
            part = Columns(part.layer.size - 1, 1)(part)
        made.append(Flatten()(layer(part)))
        shapes.append((shape_of(part.layer, (1,))[0] * layer.dimensions,))
    for _ in range(draw(st.integers(1, 7))):
        if draw(st.booleans()):
            node, shape = draw(joined(made, shapes))
        else:
            place = draw(st.integers(0, len(made) - 1))
            layer = draw(layers(shapes[place], dropout))
            node, shape = layer(made[place]), shape_of(layer, shapes[place])
        made.append(node)
        shapes.append(shape)
    return graph_of(Dense(draw(SIZES))(Flatten()(made[-1])) if draw(st.booleans()) else made[-1])


@st.composite
def chains(draw, dropout=True):
    """Draw a list of layers, with or without its input."""
    size = draw(SIZES)
    shape, drawn = (size,), []
    for _ in range(draw(st.integers(1, 6))):
        drawn.append(draw(layers(shape, dropout)))
        shape = shape_of(drawn[-1], shape)
    return graph_of([Input(size), *drawn] if draw(st.booleans()) else drawn).with_input(size)


def networks(dropout=True):
    """Draw the graph of any network."""
    return st.one_of(chains(dropout), graphs(dropout))
