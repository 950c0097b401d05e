"""Graphs: layers described in words and compiled to ONNX, and ONNX graphs that run."""

from axonml.formats.graph.compile import compiled, signature_of
from axonml.formats.graph.description import Graph, Input, described
from axonml.formats.graph.plan import GraphError, Plan, Weights
from axonml.formats.graph.recognise import recognised
from axonml.formats.graph.session import opened

__all__ = [
    "Graph",
    "GraphError",
    "Input",
    "Plan",
    "Weights",
    "compiled",
    "described",
    "opened",
    "recognised",
    "signature_of",
]
