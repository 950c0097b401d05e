"""kill -9 while scripts log: what was acknowledged is there afterwards, once."""

import threading
from pathlib import Path

import httpx
import numpy as np
from product import running

from axonml.columns import MEDIA_TYPE, Block, MetricBatch, encode_batch


def test_every_acknowledged_point_survives_a_kill_of_the_server(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.client() as client:
        run = client.post("/api/training/runs", json={"name": "survivor"}).json()["id"]
        acknowledged: list[int] = []
        enough = threading.Event()

        def log() -> None:
            for seq in range(1, 100_000):
                block = Block(("loss",), np.array([seq]), np.array([seq]), np.array([[1.0]]))
                frame = encode_batch(MetricBatch("w", seq, seq, (block,)))
                try:
                    answer = client.post(
                        f"/api/training/runs/{run}/metrics",
                        content=frame,
                        headers={"content-type": MEDIA_TYPE},
                    )
                except httpx.HTTPError:
                    return
                acknowledged.append(answer.json()["last_seq"])
                if len(acknowledged) == 200:
                    enough.set()

        script = threading.Thread(target=log)
        script.start()
        assert enough.wait(30)
        server.kill()
        script.join(30)
        server.start()

        query = {"runs": [run], "names": ["loss"]}
        (series,) = client.post("/api/training/metrics/query", json=query).json()["series"]

    assert acknowledged == list(range(1, len(acknowledged) + 1))
    # One more may be stored whose acknowledgement the kill cut off.
    assert series["step"][: len(acknowledged)] == acknowledged
    assert len(series["step"]) - len(acknowledged) in {0, 1}
