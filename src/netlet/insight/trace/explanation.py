"""A trace as formulas with the numbers put in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from netlet.insight.trace import formulas
from netlet.insight.trace.numbers import array_text, factor, number
from netlet.insight.trace.quantity import Operation

if TYPE_CHECKING:
    from netlet.insight.trace.trace import Trace

_MOST_NUMBERS, _MOST_TERMS = 8, 6  # of an array, and of each of its sums, that are worked out


def explanation_of(trace: Trace, digits: int) -> str:
    """Return the step as text: forward, loss, backward, update."""
    return "\n".join(_Explanation(trace, digits).lines())


class _Explanation:
    def __init__(self, trace: Trace, digits: int) -> None:
        self.trace, self.digits, self.ends = trace, digits, trace.ends
        self.n = len(trace["X"])

    def lines(self) -> Iterator[str]:
        """Yield the lines."""
        yield f"Forward pass: n = {self.n} sample{'s' * (self.n != 1)}"
        yield from self._array("X", "")
        layer = ""
        for operation in self.trace.operations:
            yield from _heading(operation.layer, layer)
            layer = operation.layer
            yield from self._forward(operation)
        yield from self._loss()
        yield ""
        yield "Backward pass"
        layer = ""
        for operation in reversed(self.trace.operations):
            if f"d{operation.gives}" not in self.trace:
                continue
            yield from _heading(operation.layer, layer)
            layer = operation.layer
            yield from self._backward(operation)
        yield from self._update()

    def _forward(self, operation: Operation) -> Iterator[str]:
        reads, gives = operation.reads[0], operation.gives
        if operation.row == "dense":
            weight, bias = operation.parameters[0], operation.parameters[1:]
            yield from self._array(gives, " + ".join([f"{reads} {weight}", *bias]))
            x, w = self._flat(reads), self.trace[weight]
            if self._is_small(gives, len(w) + len(bias)):
                for i, j in np.ndindex(*self._flat(gives).shape):
                    terms = [self._product(x[i, k], w[k, j]) for k in range(len(w))]
                    terms += [self._factor(self.trace[each][j]) for each in bias]
                    yield self._worked(f"{gives}[{i}, {j}]", " + ".join(terms), self._flat(gives)[i, j])
            return
        if operation.derivative is None:
            yield from self._array(gives, f"{operation.row}({', '.join([*operation.reads, *operation.parameters])})")
            if operation.row == "softmax" and self._is_small(gives, self._flat(gives).shape[1]):
                yield from self._softmax(reads, gives)
            return
        yield from self._array(gives, f"{operation.row}({reads})")
        if self._is_small(gives, 1) and operation.row != "identity":
            written = formulas.activation(operation.row)
            for i, j in np.ndindex(*self._flat(gives).shape):
                z = self._flat(reads)[i, j]
                text = written(z=self._factor(z), n=self._number(z), s=self._setting(operation))
                yield self._worked(f"{gives}[{i}, {j}]", text, self._flat(gives)[i, j])

    def _softmax(self, reads: str, gives: str) -> Iterator[str]:
        z = self._flat(reads)
        for i, j in np.ndindex(*z.shape):
            below = " + ".join(f"e^{self._factor(each)}" for each in z[i])
            yield self._worked(f"{gives}[{i}, {j}]", f"e^{self._factor(z[i, j])} / ({below})", self._flat(gives)[i, j])

    def _loss(self) -> Iterator[str]:
        name, output = self.ends.loss, self.ends.output
        value, _ = formulas.loss(name, output, self.ends.joined, self._smoothed)
        yield ""
        yield f"Loss: {name}"
        yield from self._array("Y", "")
        yield f"  L = {value}"
        if name == "squared_error" and self._is_small(output, 1):
            o, y = self._flat(output), self._flat("Y")
            terms = [f"({self._number(a)} - {self._factor(t)})^2" for a, t in zip(o.ravel(), y.ravel(), strict=True)]
            yield self._worked("L", f"1/(2 * {self.n} * {o.shape[1]}) ({' + '.join(terms)})", self.trace["L"])
        elif name == "cross_entropy" and self.ends.joined and not self._smoothed and self._is_small(output, 1):
            o = self._flat(output)
            right = [o[i, int(label)] for i, label in enumerate(self._flat("Y")[:, 0])]
            terms = [f"log {self._number(each)}" for each in right]
            yield self._worked("L", f"-1/{self.n} ({' + '.join(terms)})", self.trace["L"])
        elif name == "binary_cross_entropy" and self.ends.joined and self._is_small(output, 1):
            o, y = self._flat(output).ravel(), self._flat("Y").ravel()
            terms = [
                f"{self._factor(t)} log {self._number(a)} + {self._number(1 - t)} log {self._number(1 - a)}"
                for a, t in zip(o, y, strict=True)
            ]
            yield self._worked("L", f"-1/{self.n} ({' + '.join(terms)})", self.trace["L"])
        else:
            yield f"    = {self._number(self.trace['L'])}"

    @property
    def _smoothed(self) -> bool:
        return any(self.ends.factors) and self.ends.loss == "cross_entropy"

    def _backward(self, operation: Operation) -> Iterator[str]:
        gives = operation.gives
        if gives == self.ends.reads:
            yield from self._first()
        if operation.frozen and operation.parameters:
            yield "  the layer is frozen: the gradient of its parameters counts as 0"
        if operation.row == "dense":
            yield from self._dense_backward(operation)
        elif operation.derivative is not None:
            yield from self._through_activation(operation)
        else:
            for name in [*(() if operation.frozen else operation.parameters), *operation.reads]:
                if f"d{name}" in self.trace:
                    yield from self._array(f"d{name}", f"d{gives} times the derivative of {operation.row} by {name}")

    def _first(self) -> Iterator[str]:
        """Yield the gradient with which the backward pass begins."""
        reads, output, name = self.ends.reads, self.ends.output, self.ends.loss
        _, gradient = formulas.loss(name, output, self.ends.joined, self._smoothed)
        why = f"  (the loss and {output} taken together)" if self.ends.joined else ""
        yield from self._array(f"d{reads}", gradient, why)
        exact = name == "squared_error" or (self.ends.joined and name in ("cross_entropy", "binary_cross_entropy"))
        if not exact or self._smoothed or not self._is_small(reads, 1):
            return
        o, y = self._flat(output), self._flat("Y")
        if name == "cross_entropy":
            y = np.eye(o.shape[1])[y[:, 0].astype(int)]
        divisor = f"({self.n} * {o.shape[1]})" if name == "squared_error" else f"{self.n}"
        for i, j in np.ndindex(*o.shape):
            text = f"({self._number(o[i, j])} - {self._factor(y[i, j])}) / {divisor}"
            yield self._worked(f"d{reads}[{i}, {j}]", text, self._flat(f"d{reads}")[i, j])

    def _through_activation(self, operation: Operation) -> Iterator[str]:
        reads, gives = operation.reads[0], operation.gives
        z, a, up, down = (self._flat(name) for name in (reads, gives, f"d{gives}", f"d{reads}"))
        written = formulas.derivative(operation.row)
        general = written(z=reads, n=reads, a=gives, s=self._setting(operation))
        if not self._only(reads):
            general += ", and what comes from its other readers"
        yield from self._array(f"d{reads}", f"d{gives} * {general}")
        if self._is_small(reads, 1) and self._only(reads):
            for i, j in np.ndindex(*z.shape):
                numbers = {"z": self._factor(z[i, j]), "n": self._number(z[i, j]), "a": self._factor(a[i, j])}
                slope = written(**numbers, s=self._setting(operation))
                yield self._worked(f"d{reads}[{i}, {j}]", f"{self._factor(up[i, j])} * {slope}", down[i, j])

    def _dense_backward(self, operation: Operation) -> Iterator[str]:
        reads, gives, weight = operation.reads[0], operation.gives, operation.parameters[0]
        x, w, dz = self._flat(reads), self.trace[weight], self._flat(f"d{gives}")
        if not operation.frozen:
            yield from self._of_weights(operation, x, dz)
        if self._only(reads):
            yield from self._array(f"d{reads}", f"d{gives} {weight}^T")
            if self._is_small(reads, w.shape[1]):
                for i, k in np.ndindex(*x.shape):
                    terms = " + ".join(self._product(dz[i, j], w[k, j]) for j in range(w.shape[1]))
                    yield self._worked(f"d{reads}[{i}, {k}]", terms, self._flat(f"d{reads}")[i, k])
        else:
            yield from self._array(f"d{reads}", f"d{gives} {weight}^T, and what comes from its other readers")

    def _of_weights(self, operation: Operation, x: np.ndarray, dz: np.ndarray) -> Iterator[str]:
        """Yield the gradients of a dense layer's parameters."""
        reads, gives, weight = operation.reads[0], operation.gives, operation.parameters[0]
        yield from self._array(f"d{weight}", f"{reads}^T d{gives}")
        if self._is_small(weight, self.n):
            for k, j in np.ndindex(*self.trace[weight].shape):
                terms = " + ".join(self._product(x[i, k], dz[i, j]) for i in range(self.n))
                yield self._worked(f"d{weight}[{k}, {j}]", terms, self.trace[f"d{weight}"][k, j])
        for bias in operation.parameters[1:]:
            yield from self._array(f"d{bias}", f"the sum of d{gives} over the samples")
            if self._is_small(bias, self.n) and self.n > 1:
                for j in range(dz.shape[1]):
                    terms = " + ".join(self._factor(each) for each in dz[:, j])
                    yield self._worked(f"d{bias}[{j}]", terms, self.trace[f"d{bias}"][j])

    def _update(self) -> Iterator[str]:
        rule, rate = self.ends.optimizer, self._number(self.ends.learning_rate)
        settings = [f"{name} = {self._number(value)}" for name, value in self.ends.settings.items()]
        yield ""
        yield f"Update: {rule}, {', '.join([f'rate = {rate}', *settings])}"
        if self.ends.weight_decay:
            yield f"  W first becomes W - rate * {self._number(self.ends.weight_decay)} W (weights only)"
        for line in formulas.UPDATES[rule]:
            yield f"  {line}"
        if formulas.MEMORY.get(rule):
            yield f"  in the first step, t = 1; {' and '.join(formulas.MEMORY[rule])} start at 0"
        frozen = {name for operation in self.trace.operations if operation.frozen for name in operation.parameters}
        for each in self.trace.quantities:
            if each.meaning == "parameter" and each.name not in frozen:
                yield from self._updated(each.name)

    def _updated(self, name: str) -> Iterator[str]:
        """Yield what the optimizer keeps of a parameter, and its new values."""
        for kept in self.trace.quantities:
            if kept.meaning.startswith("memory") and kept.name.endswith(f" {name}"):
                yield from self._array(kept.name, "")
        rule, plain = self.ends.optimizer, not self.ends.weight_decay
        yield from self._array(f"new {name}", f"{name} - rate d{name}" if plain and rule == "sgd" else "")
        old, new = self.trace[name], self.trace[f"new {name}"]
        if not plain or not self._is_small(name, 1) or np.array_equal(old, new):
            return
        for place in np.ndindex(*old.shape):
            index = f"[{', '.join(map(str, place))}]"
            if rule in ("sgd", "adam"):
                step = self._moved(name, place)
                yield self._worked(f"new {name}{index}", f"{self._number(old[place])} - {step}", new[place])

    def _moved(self, name: str, place: tuple[int, ...]) -> str:
        """Return how far an update moves a number, with the numbers put in."""
        rate, settings = self._number(self.ends.learning_rate), self.ends.settings
        if self.ends.optimizer == "sgd":
            return f"{rate} * {self._factor(self.trace[f'd{name}'][place])}"
        m, v = (self._factor(self.trace[f"{kept} {name}"][place]) for kept in ("m", "v"))
        left1, left2 = (self._number(1 - settings[each]) for each in ("beta1", "beta2"))
        return f"{rate} * ({m} / {left1}) / (sqrt({v} / {left2}) + {self._number(settings['eps'])})"

    def _array(self, name: str, formula: str, why: str = "") -> Iterator[str]:
        """Yield an array's formula with its shape, then its numbers."""
        shape = " x ".join(map(str, self.trace[name].shape))
        if formula:
            yield f"  {name} = {formula}    ({shape}){why}"
            yield f"    = {array_text(self.trace[name], self.digits)}"
        else:
            yield f"  {name} = {array_text(self.trace[name], self.digits)}    ({shape})"

    def _flat(self, name: str) -> np.ndarray:
        """Return an array of samples as (n, size)."""
        return self.trace[name].reshape(self.n, -1)

    def _only(self, name: str) -> bool:
        """Say whether one operation alone reads a value."""
        return sum(operation.reads.count(name) for operation in self.trace.operations) == 1

    def _is_small(self, name: str, n_terms: int) -> bool:
        return self.trace[name].size <= _MOST_NUMBERS and n_terms <= _MOST_TERMS

    def _setting(self, operation: Operation) -> str:
        return self._factor(operation.factors[0]) if operation.factors else ""

    def _worked(self, name: str, text: str, value: Any) -> str:
        return f"      {name} = {text} = {self._number(value)}"

    def _product(self, left: Any, right: Any) -> str:
        return f"{self._factor(left)} * {self._factor(right)}"

    def _number(self, value: Any) -> str:
        return number(value, self.digits)

    def _factor(self, value: Any) -> str:
        return factor(value, self.digits)


def _heading(layer: str, before: str) -> Iterator[str]:
    if layer != before:
        yield ""
        yield layer
