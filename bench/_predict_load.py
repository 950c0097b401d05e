"""Callers in a closed loop: each asks again as soon as it is answered. Prints one JSON line.

`python bench/_predict_load.py URL BODY_FILE CALLERS SECONDS TOKEN [HEADER]`: TOKEN may be empty.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

WARM_S = 1.0


class Caller(asyncio.Protocol):
    """One kept connection; `latencies` are of the answers that came after the warm-up."""

    def __init__(self, request: bytes, warm_until: float, ends: float) -> None:
        self._request, self._warm_until, self._ends = request, warm_until, ends
        self._got = b""
        self._asked = 0.0
        self._transport: asyncio.WriteTransport | None = None
        self._wanted = 0
        self.latencies: list[float] = []
        self.errors: dict[str, int] = {}
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the first time."""
        # uvloop's transports are of another family.
        self._transport = cast("asyncio.WriteTransport", transport)
        self._ask()

    def _ask(self) -> None:
        self._asked = time.perf_counter()
        if self._transport is not None:
            self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Take an answer, and ask again."""
        self._got += data
        if not self._wanted:
            head, found, _ = self._got.partition(b"\r\n\r\n")
            if not found:
                return
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            self._wanted = len(head) + 4 + int(length)
        if len(self._got) < self._wanted:
            return
        now = time.perf_counter()
        status = self._got[9:12].decode()
        self._got, self._wanted = b"", 0
        if status != "200":
            self.errors[status] = self.errors.get(status, 0) + 1
        elif now > self._warm_until:
            self.latencies.append(now - self._asked)
        if now < self._ends:
            self._ask()
        elif self._transport is not None:
            self.ended.set_result(None)
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count a connection that the server closed as an error."""
        del exc
        if not self.ended.done():
            self.errors["lost"] = self.errors.get("lost", 0) + 1
            self.ended.set_result(None)


async def load(
    url: str, body: bytes, n_callers: int, seconds: float, token: str, header: str = ""
) -> dict[str, object]:
    """Return requests per second and latencies in ms over `seconds`, after a warm-up."""
    parts = urlsplit(url)
    head = [
        f"POST {parts.path} HTTP/1.1",
        f"host: {parts.netloc}",
        "content-type: application/json",
        f"content-length: {len(body)}",
    ]
    if token:
        head.append(f"authorization: Bearer {token}")
    if header:
        head.append(header)
    request = ("\r\n".join(head) + "\r\n\r\n").encode() + body
    warm_until = time.perf_counter() + WARM_S
    loop = asyncio.get_running_loop()
    callers = [Caller(request, warm_until, warm_until + seconds) for _ in range(n_callers)]
    for caller in callers:
        _ = await loop.create_connection(lambda c=caller: c, parts.hostname or "", parts.port or 80)
    _ = await asyncio.gather(*(caller.ended for caller in callers))
    latencies = sorted(each for caller in callers for each in caller.latencies)
    errors: dict[str, int] = {}
    for caller in callers:
        for status, n in caller.errors.items():
            errors[status] = errors.get(status, 0) + n
    n = len(latencies)
    return {
        "requests_per_s": n / seconds,
        "p50_ms": latencies[n // 2] * 1000 if n else None,
        "p99_ms": latencies[int(n * 0.99)] * 1000 if n else None,
        "errors": errors,
    }


if __name__ == "__main__":
    import uvloop

    url, body_file, n_callers, seconds, *rest = sys.argv[1:]
    found = uvloop.run(
        load(url, Path(body_file).read_bytes(), int(n_callers), float(seconds), *rest)
    )
    print(json.dumps(found))
