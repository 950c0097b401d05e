"""The peer: LitServe with its batching on, serving the same ONNX file on the CPU.

Runs in its own environment; `predict.py` starts it: `python _predict_litserve.py MODEL PORT`.
"""

import sys
from collections.abc import Sequence
from typing import Any

import litserve
import numpy as np
import onnxruntime
from numpy.typing import NDArray

Array = NDArray[np.float32]


class Mlp(litserve.LitAPI):
    """One row a request, joined to batches of up to 64.

    Waiting 10 ms for company was its best of 0, 2 and 10.
    """

    def setup(self, device: str) -> None:
        """Load the model with one thread, as our replica does."""
        del device
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            sys.argv[1], options, providers=["CPUExecutionProvider"]
        )

    def decode_request(self, request: dict[str, Any], **_: object) -> Array:
        """Return the row of one request."""
        return np.asarray(request["inputs"], np.float32)

    def batch(self, inputs: Sequence[Array]) -> Array:
        """Join the rows of a batch."""
        return np.concatenate(inputs)

    def predict(self, x: Array, **_: object) -> Array:
        """Run the model on a batch."""
        return self.session.run(None, {"x": x})[0]

    def unbatch(self, output: Array) -> list[Array]:
        """Part the rows again."""
        return [row[None] for row in output]

    def encode_response(self, output: Array, **_: object) -> dict[str, Any]:
        """Return the body of an answer."""
        return {"outputs": output.tolist()}


if __name__ == "__main__":
    server = litserve.LitServer(
        Mlp(max_batch_size=64, batch_timeout=0.01),
        accelerator="cpu",
        workers_per_device=1,
        fast_queue=True,
    )
    server.run(
        host="127.0.0.1",
        port=int(sys.argv[2]),
        num_api_servers=1,
        log_level="warning",
        generate_client_file=False,
    )
