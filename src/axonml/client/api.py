"""The server's routes as typed calls."""

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from io import BufferedReader, BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypedDict, TypeVar, Unpack
from urllib.parse import quote

import httpx
import msgspec

from axonml.client.bodies import FileBody
from axonml.client.labels import rank_prefix
from axonml.client.places import (
    address_of,
    home_folder,
    is_this_machine,
    operator_key,
    save_token,
    saved_token,
    server_url,
)
from axonml.client.problems import AxonmlError, Unreachable, problem_of
from axonml.columns import MEDIA_TYPE
from axonml.inference.types import Endpoint, Prediction
from axonml.registry.types import Model, ModelPage, ModelVersion, VersionPage
from axonml.training.media_types import MediaItem
from axonml.training.types import (
    LogPage,
    MetricsAccepted,
    Resumed,
    Run,
    RunPage,
    SeriesList,
)

# Codecs are imported at first use, here and not by a thread in the middle of a fork: the child
# would wait for the import's lock for ever. (Looking up a host's address uses this one.)
_ = "localhost".encode("idna")

T = TypeVar("T")
ModelFile = BufferedReader | BytesIO
_READ: Final = 1 << 20
_UNAUTHENTICATED: Final = 401
_CONFLICT: Final = 409
_PARTIAL: Final = 206
_UPLOAD_S: Final = 300.0


class Request(TypedDict, total=False):
    """What a call may carry besides method, path and token."""

    params: Mapping[str, Any] | None
    json: object
    content: bytes | Iterable[bytes]
    headers: dict[str, str]
    files: Mapping[str, tuple[str, bytes | ModelFile, str]]
    timeout: float | None


class _Granted(msgspec.Struct, frozen=True):
    token: str


class _Linked(msgspec.Struct, frozen=True):
    link_token: str


class _Me(msgspec.Struct, frozen=True):
    id: str


class EndpointPage(msgspec.Struct, frozen=True):
    """One page of endpoints."""

    items: list[Endpoint]
    next_cursor: str | None = None


class Client:
    """Calls one server; every refusal is an `AxonmlError` with the server's sentence.

    The token is the argument, else `AXON_TOKEN`, else the one saved by `axon login`, else one that
    the server of this machine's data folder gives to who can read that folder (it is then saved).
    """

    def __init__(
        self,
        server: str | None = None,
        token: str | None = None,
        *,
        home: Path | None = None,
        timeout_s: float = 30.0,
    ) -> None:
        self.home: Final = home or home_folder()
        self.server: Final = address_of(server) if server else server_url(self.home)
        self._given: Final = token or os.environ.get("AXON_TOKEN") or None
        self._token: str | None = None
        self._http: Final = httpx.Client(
            base_url=self.server,
            timeout=httpx.Timeout(timeout_s, connect=min(5.0, timeout_s)),
            # A proxy of the environment is for the way out of this machine.
            trust_env=not is_this_machine(self.server),
            # Reading the certificates takes 20 ms, for an address that will show none.
            verify=self.server.startswith("https:"),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    # ------------------------------------------------------------------ runs
    def runs(self, limit: int = 50, **filters: str) -> RunPage:
        """Return the newest runs; `filters` as the route takes them (`project`, `q`, `status`)."""
        return self._get("/api/training/runs", RunPage, {"limit": limit, **filters})

    def run(self, run_id: str) -> Run:
        """Return a run."""
        return self._get(f"/api/training/runs/{_part(run_id)}", Run)

    def create_run(self, body: Mapping[str, Any]) -> Run:
        """Create a run; a repeat with the same `id` returns the run that there is."""
        return self._post("/api/training/runs", Run, body)

    def change_run(self, run_id: str, changes: Mapping[str, Any]) -> Run:
        """Change fields of a run."""
        return self.call("PATCH", f"/api/training/runs/{_part(run_id)}", Run, json=changes)

    def finish_run(self, run_id: str, status: str, reason: str = "") -> Run:
        """End a run as completed, failed or stopped."""
        body = {"status": status, "reason": reason}
        return self._post(f"/api/training/runs/{_part(run_id)}/finish", Run, body)

    def resume_run(self, run_id: str, key: str = "") -> Resumed:
        """Set a run running again; return it and the last step that it has."""
        return self._post(f"/api/training/runs/{_part(run_id)}/resume", Resumed, {"key": key})

    def last_step(self, run_id: str, prefix: str = "") -> int:
        """Return the highest step of a run's metrics of one rank, -1 where it has none.

        `prefix` is what stands before the names of that rank: nothing for the first.
        """
        found = self._get(f"/api/training/runs/{_part(run_id)}/series", SeriesList)
        steps = (s.last_step for s in found.items if rank_prefix(s.name) == prefix)
        return max(steps, default=-1)

    def fork_run(self, run_id: str, step: int, **fields: str) -> Run:
        """Make a run with another's history up to `step`; `fields` are `id` and `name`."""
        return self._post(f"/api/training/runs/{_part(run_id)}/fork", Run, {"step": step, **fields})

    def heartbeat(self, run_id: str) -> None:
        """Say that the script of a run lives, though it logs nothing."""
        answer = self._send(
            "POST", f"/api/training/runs/{_part(run_id)}/heartbeat", **self._signed({})
        )
        if answer.is_error:
            raise problem_of(answer.status_code, answer.content, None)

    def append_metrics(self, run_id: str, frame: bytes) -> MetricsAccepted:
        """Send a packed batch."""
        path = f"/api/training/runs/{_part(run_id)}/metrics"
        headers = {"Content-Type": MEDIA_TYPE}
        return self.call("POST", path, MetricsAccepted, content=frame, headers=headers)

    def append_log(self, run_id: str, lines: list[dict[str, Any]], writer: str = "") -> None:
        """Append lines, each with `message` and maybe `level` and `timestamp`, to a run's log.

        With a `writer` each has a rising `seq`, and a line that comes again is stored once.
        """
        body = {"lines": lines, "writer": writer}
        _ = self._post(f"/api/training/runs/{_part(run_id)}/log", dict[str, int], body)

    def upload_media(self, run_id: str, query: Mapping[str, str | int], body: Path) -> None:
        """Send a rich value or a file of a run; a repeat changes nothing."""
        _ = self.call(
            "POST",
            f"/api/training/runs/{_part(run_id)}/media",
            MediaItem,
            params=query,
            content=FileBody(body),
            headers={
                "Content-Type": "application/octet-stream",
                "Content-Length": str(body.stat().st_size),
            },
            timeout=_UPLOAD_S,
        )

    def log_lines(self, run_id: str, after: int = 0, limit: int = 1000) -> LogPage:
        """Return lines of a run's log; `after=-1` the last ones."""
        query = {"after": after, "limit": limit}
        return self._get(f"/api/training/runs/{_part(run_id)}/logs", LogPage, query)

    # ------------------------------------------------------------------ models
    def models(self, limit: int = 50, **filters: str | list[str]) -> ModelPage:
        """Return the newest models; `filters` as the route takes them (`q`, `tag`, `sort`)."""
        return self._get("/api/models", ModelPage, {"limit": limit, **filters})

    def model(self, name: str) -> Model:
        """Return the model called `name`, the caller's own where others share one of that name.

        Raises:
            AxonmlError: there is none.
        """
        found = self.models(100, name=name).items
        if len(found) > 1:
            me = self._get("/api/auth/me", _Me)
            found.sort(key=lambda model: model.user_id != me.id)
        if not found:
            raise AxonmlError(f"there is no model {name!r}", status=404, code="model_not_found")
        return found[0]

    def ensure_model(self, name: str, **fields: object) -> Model:
        """Return the caller's model called `name`, made with `fields` where there is none."""
        try:
            return self._post("/api/models", Model, {"name": name, **fields})
        except AxonmlError as error:
            if error.status != _CONFLICT:
                raise
            return self.model(name)

    def versions(self, model_id: str) -> VersionPage:
        """Return the versions of a model, newest first."""
        return self._get(f"/api/models/{_part(model_id)}/versions", VersionPage)

    def version(self, model_id: str, version: int | str) -> ModelVersion:
        """Return one version: a number, `latest`, or an alias."""
        return self._get(
            f"/api/models/{_part(model_id)}/versions/{_part(str(version))}", ModelVersion
        )

    def upload_version(
        self, model_id: str, file: ModelFile, filename: str, metadata: Mapping[str, Any]
    ) -> ModelVersion:
        """Upload a file as the next version; the server checks that it arrived whole."""
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        _ = file.seek(0)
        described = msgspec.json.encode({**metadata, "sha256": digest})
        parts = {
            "metadata": ("metadata.json", described, "application/json"),
            "file": (filename, file, "application/octet-stream"),
        }
        path = f"/api/models/{_part(model_id)}/versions"
        return self.call("POST", path, ModelVersion, files=parts, timeout=None)

    def download_version(
        self,
        model_id: str,
        version: int | str,
        target: Path,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> str:
        """Write a version's file to `target` (by rename, once whole) and return its SHA-256.

        What a call before this one had brought stays beside `target`, and is not fetched again.

        Raises:
            AxonmlError: the file did not arrive as it was uploaded; it is not kept.
        """
        known = self.version(model_id, version)
        part = target.with_name(f"{target.name}.{known.sha256[:16]}.part")
        try:
            if (there := part.stat().st_size if part.exists() else 0) < known.file_size:
                self._fetch(model_id, known, part, there, on_progress)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        with part.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != known.sha256:
            part.unlink()
            raise AxonmlError(f"{target.name} arrived damaged; try again", code="hash_differs")
        _ = part.replace(target)
        return found

    def _fetch(  # one argument for each fact
        self,
        model_id: str,
        known: ModelVersion,
        part: Path,
        there: int,
        on_progress: Callable[[int, int], None] | None,
    ) -> None:
        """Append what `part` lacks of the version's file."""
        path = f"/api/models/{_part(model_id)}/versions/{known.version}/download"
        headers = {"Authorization": f"Bearer {self.token()}"}
        if there:
            headers["Range"] = f"bytes={there}-"
        with self._http.stream("GET", path, headers=headers) as answer, part.open("ab") as file:
            if answer.is_error:
                raise problem_of(answer.status_code, answer.read(), None)
            if answer.status_code != _PARTIAL and there:
                there = file.truncate(0)
            for chunk in answer.iter_bytes(_READ):
                there += file.write(chunk)
                if on_progress is not None:
                    on_progress(there, known.file_size)

    def deploy(
        self, model_id: str, version: int | str, name: str | None = None, **fields: object
    ) -> Endpoint:
        """Serve a version under `name` (the model's, where None); returns once it answers."""
        path = f"/api/models/{_part(model_id)}/versions/{_part(str(version))}/deploy"
        body = {"name": name, **fields} if name else fields
        return self.call("POST", path, Endpoint, json=body, timeout=120.0)

    # ------------------------------------------------------------------ inference
    def endpoints(self) -> EndpointPage:
        """Return the endpoints that the caller may see."""
        return self._get("/api/inference/endpoints", EndpointPage, {"limit": 1000})

    def predict(self, name: str, inputs: object) -> Prediction:
        """Ask an endpoint; `inputs` is a list of rows, or one list of rows per input name."""
        return self._post(f"/api/inference/predict/{_part(name)}", Prediction, {"inputs": inputs})

    # ------------------------------------------------------------------ sign-in
    def sign_in_link(self) -> str:
        """Return the token of a one-time sign-in link, as who can read the server's data folder.

        Makes the first account where none is.

        Raises:
            AxonmlError: the data folder is not this server's, or cannot be read.
        """
        return self._operator(_Linked, link_only=True).link_token

    def _operator(self, kind: type[T], *, link_only: bool) -> T:
        key = operator_key(self.home, self.server)
        if key is None:
            _ = self._send("GET", "/health/live")  # a server that is away is the better reason
            raise AxonmlError(
                f"no token for {self.server}: run `axon login`, or set AXON_TOKEN",
                status=_UNAUTHENTICATED,
                code="no_token",
            )
        headers = {"Authorization": f"Bearer {key}"}
        body = {"link_only": link_only}
        answer = self._send("POST", "/api/auth/operator", json=body, headers=headers)
        return _body(answer, kind)

    def token(self) -> str:
        """Return the token in use, found as the class says.

        Raises:
            AxonmlError: there is none, and how to get one.
        """
        if self._token is None:
            self._token = self._given or saved_token(self.home, self.server) or self._granted()
        return self._token

    def _granted(self) -> str:
        """Return a token for who can read the server's data folder, saved for later calls."""
        token = self._operator(_Granted, link_only=False).token
        save_token(self.home, self.server, token)
        return token

    # ------------------------------------------------------------------ calls
    def download(
        self,
        path: str,
        query: Mapping[str, Any],
        accept: str,
        write: Callable[[bytes], object],
    ) -> None:
        """Hand what a route answers to `write` as it comes, however long it is.

        Raises:
            AxonmlError: the server refused.
            Unreachable: nothing answered, or the answer broke off.
        """
        headers = {"Authorization": f"Bearer {self.token()}", "Accept": accept}
        try:
            with self._http.stream("GET", path, params=query, headers=headers) as answer:
                if answer.is_error:
                    raise problem_of(answer.status_code, answer.read(), None)
                for chunk in answer.iter_bytes(_READ):
                    _ = write(chunk)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error

    def text(self, path: str, query: Mapping[str, Any], accept: str) -> str:
        """Return what a route answers as text."""
        chunks: list[bytes] = []
        self.download(path, query, accept, chunks.append)
        return b"".join(chunks).decode()

    def call(self, method: str, path: str, kind: type[T], **request: Unpack[Request]) -> T:
        """Call any route with the token; return the answer as `kind`.

        Raises:
            AxonmlError: the server refused, or answered something that is no `kind`.
            Unreachable: nothing answered.
        """
        answer = self._send(method, path, **self._signed(request))
        if answer.status_code == _UNAUTHENTICATED and self._renewed():
            for _, content, _ in request.get("files", {}).values():
                if not isinstance(content, bytes):
                    _ = content.seek(0)
            answer = self._send(method, path, **self._signed(request))
        return _body(answer, kind)

    def _signed(self, request: Request) -> Request:
        bearer = {"Authorization": f"Bearer {self.token()}"}
        return {**request, "headers": {**request.get("headers", {}), **bearer}}

    def _renewed(self) -> bool:
        """Replace a saved token that is no longer good; tell whether it was."""
        if self._given or operator_key(self.home, self.server) is None:
            self._token = None  # `axon login` may save a better one meanwhile
            return False
        self._token = self._granted()
        return True

    def _get(self, path: str, kind: type[T], query: Mapping[str, Any] | None = None) -> T:
        return self.call("GET", path, kind, params=query)

    def _post(self, path: str, kind: type[T], body: Mapping[str, Any]) -> T:
        return self.call("POST", path, kind, json=body)

    def _send(self, method: str, path: str, **request: Unpack[Request]) -> httpx.Response:
        if "json" in request:
            body = msgspec.json.encode(request.pop("json"))
            headers = {**request.get("headers", {}), "Content-Type": "application/json"}
            request = {**request, "content": body, "headers": headers}
        try:
            return self._http.request(method, path, **request)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: httpx.HTTPError) -> Unreachable:
        if isinstance(error, httpx.ConnectError):
            start = "; start it with `axon start`" if is_this_machine(self.server) else ""
            return Unreachable(f"no server answers at {self.server}{start}")
        return Unreachable(f"the call to {self.server} broke off: {error or type(error).__name__}")


def _part(text: str) -> str:
    """Return an id or name as one part of a path, whatever is in it."""
    return quote(text, safe="")


def _body(answer: httpx.Response, kind: type[T]) -> T:
    if answer.is_error:
        raise problem_of(answer.status_code, answer.content, answer.headers.get("Retry-After"))
    if answer.is_redirect:
        where = answer.headers.get("Location", "")
        said = f"the address leads elsewhere ({where}): use that one"
        raise AxonmlError(said, status=answer.status_code)
    try:
        return msgspec.json.decode(answer.content or b"null", type=kind)
    except msgspec.MsgspecError as error:
        said = f"what answers at {answer.url} is not this version's server: {error}"
        raise AxonmlError(said, status=answer.status_code, code="bad_answer") from error
