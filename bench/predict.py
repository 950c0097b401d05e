"""Predictions a second over HTTP: our whole server beside LitServe, on the same ONNX file.

Ours answers with sign-in, validation, metrics and access log on; through its own route, and through
the Open Inference Protocol with a row as JSON and as raw bytes, which LitServe does not take. Each
server runs alone, in turns, under the same callers; the ratio of the medians is what counts.
LitServe gets an environment of its own in ~/.cache/axonml-bench, made on the first call.

    ./run python bench/predict.py [--seconds 5] [--rounds 3] [--callers 64 1]
"""

import argparse
import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from product import free_port, running

HERE = Path(__file__).parent
CACHE = Path("~/.cache/axonml-bench/litserve").expanduser()
PEER = ("litserve==0.2.19", "onnxruntime", "numpy")
SIZES = (784, 512, 512, 10)
READY_S = 120.0


def a_model(path: Path) -> Path:
    """Save an MLP 784-512-512-10 with ReLU between its layers."""
    rng = np.random.default_rng(0)
    nodes, weights, at = list[Any](), list[Any](), "x"
    for i, (n_in, n_out) in enumerate(itertools.pairwise(SIZES)):
        weight = (rng.normal(size=(n_in, n_out)) / np.sqrt(n_in)).astype(np.float32)
        weights += [
            numpy_helper.from_array(weight, f"w{i}"),
            numpy_helper.from_array(np.zeros(n_out, np.float32), f"b{i}"),
        ]
        is_last = i == len(SIZES) - 2
        out = "y" if is_last else f"g{i}"
        nodes.append(helper.make_node("Gemm", [at, f"w{i}", f"b{i}"], [out]))
        if not is_last:
            nodes.append(helper.make_node("Relu", [out], [f"r{i}"]))
            at = f"r{i}"
    graph = helper.make_graph(
        nodes,
        "mlp",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["b", SIZES[0]])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["b", SIZES[-1]])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    return path


class Way(NamedTuple):
    """One way of asking: what it is called, where, and with which body and header."""

    who: str
    url: str
    body: Path
    token: str = ""
    header: str = ""


def bodies(folder: Path, row: list[float]) -> dict[str, Path]:
    """Write the row as each way wants it; the name of the last one ends with its JSON's length."""
    tensor: dict[str, Any] = {"name": "x", "shape": [1, len(row)], "datatype": "FP32"}
    ours, oip = folder / "ours.json", folder / "oip.json"
    _ = ours.write_text(json.dumps({"inputs": [row]}))
    _ = oip.write_text(json.dumps({"inputs": [{**tensor, "data": row}]}))
    raw = np.array(row, np.float32).tobytes()
    given = {**tensor, "parameters": {"binary_data_size": len(raw)}}
    asked = {"inputs": [given], "parameters": {"binary_data_output": True}}
    text = json.dumps(asked).encode()
    binary = folder / f"oip-{len(text)}"
    _ = binary.write_bytes(text + raw)
    return {"ours": ours, "oip": oip, "binary": binary}


@contextmanager
def ours(model: Path, folder: Path, body: dict[str, Path]) -> Generator[list[Way]]:
    """Run our server with the model deployed; give the ways of asking it."""
    with running(folder) as server, server.client() as client:
        made = client.post("/api/models", json={"name": "mlp"}).json()
        with model.open("rb") as file:
            versions = f"/api/models/{made['id']}/versions"
            _ = client.post(versions, files={"file": ("m.onnx", file)}).raise_for_status()
        _ = client.post(f"{versions}/1/deploy").raise_for_status()
        token = client.headers["authorization"].removeprefix("Bearer ")
        base = f"http://127.0.0.1:{server.port}"
        oip = f"{base}/v2/models/mlp/infer"
        length = f"inference-header-content-length: {body['binary'].name.removeprefix('oip-')}"
        yield [
            Way("axonml", f"{base}/api/inference/predict/mlp", body["ours"], token),
            Way("axonml /v2 JSON", oip, body["oip"], token),
            Way("axonml /v2 bytes", oip, body["binary"], token, length),
        ]


def peer_python() -> Path:
    """Return the interpreter of LitServe's environment; make that where it is missing."""
    python = CACHE / "bin" / "python"
    if not python.exists():
        print(f"making {CACHE} with {', '.join(PEER)} ...", file=sys.stderr)
        venv.create(CACHE, with_pip=True)
        _ = subprocess.run([python, "-m", "pip", "install", "-q", *PEER], check=True)
    return python


@contextmanager
def litserve(model: Path, body: Path) -> Generator[list[Way]]:
    """Run LitServe with the same model; give the way of asking it."""
    port = free_port()
    process = subprocess.Popen(
        [peer_python(), HERE / "_predict_litserve.py", model, str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    url = f"http://127.0.0.1:{port}/predict"
    try:
        deadline = time.monotonic() + READY_S
        while not answers(url, body.read_bytes()):
            assert process.poll() is None, "LitServe ended"
            assert time.monotonic() < deadline, "LitServe was not ready in time"
            time.sleep(0.2)
        yield [Way(PEER[0], url, body)]
    finally:
        os.killpg(process.pid, 15)
        _ = process.wait(30)


def answers(url: str, body: bytes) -> bool:
    """Tell whether a server answers one prediction."""
    try:
        headers = {"content-type": "application/json"}
        return httpx.post(url, content=body, headers=headers, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def measured(way: Way, callers: int, seconds: float) -> dict[str, Any]:
    """Return what a process of callers saw."""
    command = [sys.executable, str(HERE / "_predict_load.py"), way.url, str(way.body)]
    done = subprocess.run(
        [*command, str(callers), str(seconds), way.token, way.header],
        capture_output=True,
        text=True,
        check=True,
        timeout=seconds + 60,
    )
    found = json.loads(done.stdout)
    assert not found["errors"], found
    return dict(found)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    _ = parser.add_argument("--seconds", type=float, default=5.0)
    _ = parser.add_argument("--rounds", type=int, default=3)
    _ = parser.add_argument("--callers", type=int, nargs="+", default=[64, 1])
    chosen = parser.parse_args()
    found: dict[tuple[str, int], list[dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = a_model(folder / "mlp.onnx")
        random.seed(0)
        body = bodies(folder, [round(random.random(), 7) for _ in range(SIZES[0])])
        for number in range(chosen.rounds):
            peers = (
                ours(model, folder / f"home{number}", body),
                litserve(model, body["ours"]),
            )
            for server in peers:
                with server as ways:
                    for way in ways:
                        for callers in chosen.callers:
                            seen = measured(way, callers, chosen.seconds)
                            found.setdefault((way.who, callers), []).append(seen)
    print(f"MLP {'-'.join(map(str, SIZES))}, JSON rows of 784 numbers, {os.cpu_count()} cores")
    print("| callers | server | requests/s | p50 ms | p99 ms | ratio |")
    print("|---|---|---|---|---|---|")
    for callers in chosen.callers:
        peer = median(found[PEER[0], callers], "requests_per_s")
        for who in dict.fromkeys(who for who, _ in found):
            seen = found[who, callers]
            rate = median(seen, "requests_per_s")
            print(
                f"| {callers} | {who} | {rate:,.0f} | {median(seen, 'p50_ms'):.2f}"
                f" | {median(seen, 'p99_ms'):.2f} | {rate / peer:.1f} |"
            )


def median(seen: list[dict[str, Any]], figure: str) -> float:
    """Return the median of one figure over the rounds."""
    return float(statistics.median(each[figure] for each in seen))


if __name__ == "__main__":
    main()
