"""One step of a training with every value kept: as arrays, as formulas with the numbers put in, and as a picture."""

from netlet.insight.trace.trace import Trace
from netlet.insight.trace.tracing import trace_of

__all__ = ["Trace", "trace_of"]
