"""What a replica answers on each device: rows a second of one network, by the size of a batch.

    python bench/device.py [--devices cpu cuda] [--width 4096] [--layers 4]

Loads an ONNX network as a replica does, on each device, and runs batches of 1 to 1024 rows; host to
device and back are within the time, as they are for a caller. A device that the machine lacks is
said, not replaced. For `cuda` install onnxruntime-gpu in place of onnxruntime.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from axonml.formats.format import Device, ModelError, Predictor
from axonml.formats.onnx import OnnxFormat

BATCHES = (1, 16, 64, 256, 1024)
SECONDS = 2.0


def network(width: int, layers: int) -> onnx.ModelProto:
    """Return a chain of dense layers with ReLU, `width` wide."""
    rng = np.random.default_rng(0)
    nodes: list[onnx.NodeProto] = []
    weights: list[onnx.TensorProto] = []
    name = "input"
    for layer in range(layers):
        weight = rng.normal(0, width**-0.5, (width, width)).astype(np.float32)
        weights.append(numpy_helper.from_array(weight, f"w{layer}"))
        output = "output" if layer == layers - 1 else f"h{layer}"
        nodes.append(helper.make_node("MatMul", [name, f"w{layer}"], [f"m{layer}"]))
        nodes.append(helper.make_node("Relu", [f"m{layer}"], [output]))
        name = output
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["b", width])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["b", width])],
        weights,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def rows_a_second(predict: Predictor, n_rows: int, width: int) -> float:
    """Run batches of `n_rows` for two seconds, after three that warm up."""
    batch = {"input": np.random.default_rng(1).random((n_rows, width), np.float32)}
    for _ in range(3):
        _ = predict(batch)
    began, n_done = time.perf_counter(), 0
    while time.perf_counter() - began < SECONDS:
        _ = predict(batch)
        n_done += n_rows
    return n_done / (time.perf_counter() - began)


def main() -> None:
    """Print a table: a row for each batch size, a column for each device."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    _ = parser.add_argument(
        "--devices", nargs="+", choices=("cpu", "cuda"), default=["cpu", "cuda"]
    )
    _ = parser.add_argument("--width", type=int, default=4096)
    _ = parser.add_argument("--layers", type=int, default=4)
    asked = parser.parse_args()
    devices: list[Device] = asked.devices
    found: dict[Device, dict[int, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        onnx.save(network(asked.width, asked.layers), path)
        for device in devices:
            began = time.perf_counter()
            try:
                predict = OnnxFormat().load(path, 1, device)
            except ModelError as error:
                _ = sys.stderr.write(f"{device}: {error}\n")
                continue
            print(f"{device}: loaded in {time.perf_counter() - began:.2f} s")
            found[device] = {n: rows_a_second(predict, n, asked.width) for n in BATCHES}
    print("rows/batch " + "".join(f"{device + ' rows/s':>16}" for device in found))
    for n_rows in BATCHES:
        print(f"{n_rows:10} " + "".join(f"{rates[n_rows]:16,.0f}" for rates in found.values()))


if __name__ == "__main__":
    main()
