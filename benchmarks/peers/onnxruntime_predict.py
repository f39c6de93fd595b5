"""ONNX Runtime with the network of scikit-learn's model: as skl2onnx writes it, and as the fewest operators."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from skl2onnx import to_onnx

from peers import Run, row_by_row
from peers.scikit_learn_predict import fitted
from shapes import Shape

OPSET = 17


def converted(model: Any, X: NDArray[np.float32]) -> bytes:
    """Return what skl2onnx makes of the model, which computes labels too; without the map of class names."""
    written: bytes = to_onnx(model, X[:1], options={"zipmap": False}, target_opset=OPSET).SerializeToString()
    return written


def shortest(model: Any) -> bytes:
    """Return Gemm and Relu for each hidden layer, then Gemm and the softmax over both classes, as netlet computes it.

    scikit-learn keeps one logit for two classes; 0 and that logit are the two that a softmax reads.
    """
    operators, constants, value = [], [], "x"
    weights = [*model.coefs_[:-1], np.pad(model.coefs_[-1], ((0, 0), (1, 0)))]
    biases = [*model.intercepts_[:-1], np.pad(model.intercepts_[-1], (1, 0))]
    for i, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        is_last = i == len(weights) - 1
        constants += [onnx.numpy_helper.from_array(weight, f"w{i}"), onnx.numpy_helper.from_array(bias, f"b{i}")]
        operators.append(onnx.helper.make_node("Gemm", [value, f"w{i}", f"b{i}"], [f"z{i}"]))
        value = "y" if is_last else f"h{i}"
        operators.append(onnx.helper.make_node("Softmax" if is_last else "Relu", [f"z{i}"], [value]))
    real, n_features, n_outputs = onnx.TensorProto.FLOAT, weights[0].shape[0], weights[-1].shape[1]
    graph = onnx.helper.make_graph(
        operators,
        "network",
        [onnx.helper.make_tensor_value_info("x", real, [None, n_features])],
        [onnx.helper.make_tensor_value_info("y", real, [None, n_outputs])],
        constants,
    )
    opsets = [onnx.helper.make_opsetid("", OPSET)]
    written: bytes = onnx.helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()
    return written


def session(model: bytes, n_threads: int) -> Any:
    """Return a session with that many threads."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = n_threads, 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def forms(shape: Shape, X: NDArray[np.float32], y: NDArray[Any], n_threads: int) -> dict[str, Run]:
    """Return `run` for both graphs, and the shorter one with its input and output bound by hand."""
    model = fitted(shape, X, y)
    whole, short = session(converted(model, X), n_threads), session(shortest(model), n_threads)
    name, probabilities = whole.get_inputs()[0].name, [whole.get_outputs()[1].name]
    binding = short.io_binding()

    def bound(row: NDArray[np.float32]) -> Any:
        binding.bind_cpu_input("x", row)
        binding.bind_output("y")
        short.run_with_iobinding(binding)
        return binding.copy_outputs_to_cpu()[0]

    calls = {
        "skl2onnx": lambda row: whole.run(probabilities, {name: row})[0],
        "four operators": lambda row: short.run(None, {"x": row})[0],
        "four operators, bound": bound,
    }
    for form, call in calls.items():
        if not np.allclose(call(X[:3]), model.predict_proba(X[:3]), rtol=1e-4, atol=1e-6):
            raise RuntimeError(f"{form} does not compute what scikit-learn does")
    return {form: row_by_row(call, X) for form, call in calls.items()}
