"""Random networks for property tests, and what can be computed of them without lowering."""

from __future__ import annotations

from hypothesis import strategies as st

from netlet import Add, Dense, Dropout, Identity, Input, LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from netlet.graph.activations import GELU, PReLU
from netlet.graph.graph import graph_of

# Left out: step, which jumps, and exponential, which several times in a row leaves every scale.
ACTIVATIONS = (
    "identity", "sigmoid", "tanh", "relu", "leaky_relu", "prelu", "elu", "gelu", "silu", "softplus", "mish", "softmax",
)  # fmt: skip
SIZES = st.integers(1, 6)


def layers(dropout=True):
    """Draw a layer that reads one value."""
    kinds = [
        st.builds(
            Dense, SIZES, activation=st.sampled_from(ACTIVATIONS), bias=st.booleans(),
            initialiser=st.sampled_from(("auto", "glorot", "he")),
        ),
        st.builds(LeakyReLU, st.sampled_from((0.0, 0.1, 0.5))),
        st.sampled_from((Identity(), ReLU(), Sigmoid(), Softmax(), Tanh(), PReLU(), GELU(True))),
    ]  # fmt: skip
    if dropout:
        kinds.append(st.builds(Dropout, st.sampled_from((0.0, 0.2, 0.7))))
    return st.one_of(kinds)


@st.composite
def graphs(draw, dropout=True):
    """Draw a graph in which values are read several times, added to each other and to themselves."""
    made = [Input(draw(SIZES))()]
    sizes = [made[0].layer.size]
    for _ in range(draw(st.integers(1, 7))):
        place = draw(st.integers(0, len(made) - 1))
        partners = [other for other in range(len(made)) if sizes[other] == sizes[place]]
        if draw(st.booleans()):
            made.append(Add()(made[place], made[draw(st.sampled_from(partners))]))
            sizes.append(sizes[place])
        else:
            layer = draw(layers(dropout))
            made.append(layer(made[place]))
            sizes.append(layer.units if isinstance(layer, Dense) else sizes[place])
    output = Dense(draw(SIZES))(made[-1]) if draw(st.booleans()) else made[-1]
    return graph_of(output)


@st.composite
def chains(draw, dropout=True):
    """Draw a list of layers, with or without its input."""
    drawn = draw(st.lists(layers(dropout), min_size=1, max_size=6))
    return graph_of([Input(draw(SIZES)), *drawn] if draw(st.booleans()) else drawn).with_input(draw(SIZES))


def networks(dropout=True):
    """Draw the graph of any network."""
    return st.one_of(chains(dropout), graphs(dropout))
