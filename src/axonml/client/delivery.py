"""A writer's folder to the server: in order, each point once, whatever breaks on the way."""

from collections.abc import Mapping
from pathlib import Path
from time import sleep
from typing import Any, Final, Protocol

from axonml.client.api import Client
from axonml.client.frames import Record
from axonml.client.notices import forget, warn_once
from axonml.client.outbox import MediaUplink, Outbox
from axonml.client.packing import MAX_RECORDS, batch_of
from axonml.client.problems import AxonmlError
from axonml.client.spool import Ending, Meta, Spool, SpoolReader, claimed, remove
from axonml.clock import as_datetime, monotonic
from axonml.columns import encode_batch
from axonml.training.types import MetricsAccepted, Run

# What the server will say again however often it is asked: the body is at fault.
_REFUSED: Final = frozenset({400, 413, 422})
_CONFLICT: Final = 409
_NO_ROUTE: Final = frozenset({404, 405})
HEARTBEAT_S: Final = 30.0
_MAX_LINE: Final = 65_536
_MAX_LINES: Final = 5_000
# Begins the level of a line that is an alert: its first line is the title.
ALERT: Final = "alert/"


class Uplink(MediaUplink, Protocol):
    """The calls that delivery makes; `Client` has them."""

    def create_run(self, body: Mapping[str, Any]) -> Run:
        """Create a run; a repeat with the same `id` returns the run that there is."""
        ...

    def change_run(self, run_id: str, changes: Mapping[str, Any]) -> Run:
        """Change fields of a run."""
        ...

    def finish_run(self, run_id: str, status: str, reason: str = "") -> Run:
        """End a run."""
        ...

    def append_metrics(self, run_id: str, frame: bytes) -> MetricsAccepted:
        """Send a packed batch."""
        ...

    def append_log(self, run_id: str, lines: list[dict[str, Any]], writer: str = "") -> None:
        """Append lines to a run's log; those of a `writer` that come again are stored once."""
        ...


class Delivery:
    """Brings one writer's records to the server; `step` sends one batch.

    The server keeps the last sequence of each writer, of points and of lines, and stores none
    twice: what had no answer is simply sent again. Lines go ahead of the batch that acknowledges
    them.
    """

    def __init__(self, run_id: str, folder: Path, uplink: Uplink) -> None:
        self._run_id: Final = run_id
        self._writer: Final = folder.name
        self._uplink: Final = uplink
        self._reader: Final = SpoolReader(folder)
        self._outbox: Final = Outbox(run_id, folder, uplink)
        self._pending: list[Record] = []
        self._limit = MAX_RECORDS
        self._text_sent = 0
        self.acknowledged = 0

    def step(self) -> MetricsAccepted | None:
        """Send the next batch and return the answer; None where nothing is left for now.

        Raises:
            AxonmlError: the server cannot take it now; nothing is lost, try again later.
        """
        while len(self._pending) < self._limit and (read := self._reader.read()):
            self._pending += [record for record in read if record.seq > self.acknowledged]
            self._reader.drop(self.acknowledged)
            sleep(0)  # lets the script's `log` in: it waits for this thread's piece of work
        return self._send(self._pending[: self._limit]) if self._pending else None

    def all(self) -> int:
        """Send everything that is there; return the sequence up to which the server has it.

        Raises:
            AxonmlError: the server cannot take it now; nothing is lost, try again later.
        """
        while self.step() is not None or self.media_step():
            pass
        return self.acknowledged

    def media_step(self) -> bool:
        """Send the next image, table or file; False where none is left for now.

        Raises:
            AxonmlError: the server cannot take it now; nothing is lost, try again later.
        """
        return self._outbox.step()

    def _send(self, records: list[Record]) -> MetricsAccepted | None:
        self._send_text(records)
        frame = encode_batch(batch_of(self._writer, records))
        try:
            answer = self._uplink.append_metrics(self._run_id, frame)
        except AxonmlError as error:
            if error.status not in _REFUSED:
                raise
            return self._narrow(records, error)
        if answer.last_seq < records[0].seq:
            raise AxonmlError(f"the server stands at {answer.last_seq} and took no batch after it")
        self._limit = min(MAX_RECORDS, self._limit * 2)
        self._acknowledge(answer.last_seq)
        return answer

    def _narrow(self, records: list[Record], error: AxonmlError) -> MetricsAccepted | None:
        """Find the record that the server refuses by halves, and go on without it."""
        if len(records) > 1:
            self._limit = len(records) // 2
            return self._send(self._pending[: self._limit])
        self._limit = MAX_RECORDS
        names = ", ".join(map(repr, list(records[0].values)[:3]))
        warn_once(f"refused {error.code}", f"the server refuses a record with {names}: {error}")
        self._acknowledge(records[0].seq)
        return self.step()

    def _acknowledge(self, last_seq: int) -> None:
        self.acknowledged = max(self.acknowledged, last_seq)
        self._pending = [record for record in self._pending if record.seq > last_seq]
        self._reader.drop(self.acknowledged)

    def _send_text(self, records: list[Record]) -> None:
        texts = [record for record in records if record.is_text and record.seq > self._text_sent]
        for start in range(0, len(texts), _MAX_LINES):
            some = texts[start : start + _MAX_LINES]
            try:
                lines = [_line(record) for record in some]
                self._uplink.append_log(self._run_id, lines, self._writer)
            except AxonmlError as error:
                if error.status not in _REFUSED:
                    raise
                warn_once("refused text", f"the server refuses lines of the log: {error}")
            self._text_sent = some[-1].seq


class RunDelivery:
    """Brings a run to the server while its script lives: creation, records, changes, end."""

    def __init__(self, run_id: str, spool: Spool, token: str | None, home: Path) -> None:
        self._run_id: Final = run_id
        self._spool: Final = spool
        self._client: Final = Client(spool.meta.server, token, home=home)
        self._records: Final = Delivery(run_id, spool.folder, self._client)
        self._registered: tuple[Mapping[str, Any], Mapping[str, Any]] | None = None
        self._has_heartbeat = True
        self._heard_of_at = 0.0
        self.flush_after_s = 0.0
        self.stop_requested = False

    @property
    def acknowledged(self) -> int:
        """Return the sequence up to which the server has this writer's records."""
        return self._records.acknowledged

    @property
    def is_registered(self) -> bool:
        """Tell whether the server has known the run."""
        return self._registered is not None

    def send(self) -> None:
        """Send all that is there.

        Raises:
            AxonmlError: the server cannot take it now; nothing is lost, try again later.
        """
        meta = self._spool.meta
        if self._registered != (meta.run, meta.changes):
            register(self._client, meta)
            self._registered = meta.run, meta.changes
            self._heard_of_at = monotonic()
        self._send_records()
        while self._records.media_step():
            self._heard_of_at = monotonic()
            self._send_records()  # points do not wait for the next file
        if self._has_heartbeat and monotonic() - self._heard_of_at >= HEARTBEAT_S:
            self._heartbeat()
        forget("server")

    def _send_records(self) -> None:
        while (answer := self._records.step()) is not None:
            self.stop_requested = self.stop_requested or answer.stop_requested
            self.flush_after_s = answer.flush_after_ms / 1000
            self._heard_of_at = monotonic()

    def _heartbeat(self) -> None:
        """Say that the script lives, where nothing else said so for a while; hear of a stop."""
        try:
            self._client.heartbeat(self._run_id)
            run = self._client.run(self._run_id)
            self.stop_requested = self.stop_requested or run.stop_requested
        except AxonmlError as error:
            if error.status not in _NO_ROUTE or error.code == "run_not_found":
                raise
            self._has_heartbeat = False  # an older server
        self._heard_of_at = monotonic()

    def finish(self) -> None:
        """End the run, where this process owns it, and free the disk; everything was sent.

        Raises:
            AxonmlError: the server cannot do it now; nothing is lost, try again later.
        """
        self._spool.seal()
        self.send()  # what another thread logged while the rest was sent
        if n_lost := self._spool.last_seq - self._records.acknowledged:
            where = self._spool.folder
            warn_once("lost", f"{n_lost} records are no longer in {where}: someone removed them")
        meta = self._spool.meta
        if meta.ending is not None and meta.owns_run:
            self._sweep()
            end(self._client, self._run_id, meta.ending)
        self._spool.close()
        remove(self._spool.folder)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _sweep(self) -> None:
        """Send what processes of this run left that ended without sending it (forked workers)."""
        for folder in self._spool.folder.parent.iterdir():
            if folder == self._spool.folder:
                continue
            with claimed(folder) as is_free:
                if is_free:
                    _ = Delivery(self._run_id, folder, self._client).all()
                    remove(folder)


def register(uplink: Uplink, meta: Meta) -> None:
    """Make sure that the run is there with what its script said of it.

    Raises:
        AxonmlError: the server cannot do it now, or refuses.
    """
    config: dict[str, Any] = meta.run.get("config", {})
    changes = dict(meta.changes)
    try:
        run = uplink.create_run(meta.run)
        if any(name not in run.config or run.config[name] != config[name] for name in config):
            changes["config"] = {**run.config, **config}
        if changes:
            _ = uplink.change_run(run.id, changes)
    except AxonmlError as error:
        if error.status not in _REFUSED:
            raise
        # The points matter more than what describes them.
        warn_once("described", f"the server refuses what describes the run: {error}; left out")
        known = {key: meta.run[key] for key in ("id", "name", "project")}
        _ = uplink.create_run(known)


def end(uplink: Uplink, run_id: str, ending: Ending) -> None:
    """End the run; a run that has ended otherwise meanwhile stays as it is.

    Raises:
        AxonmlError: the server cannot do it now.
    """
    try:
        _ = uplink.finish_run(run_id, ending.status, ending.reason)
    except AxonmlError as error:
        if error.status != _CONFLICT:
            raise


def _line(record: Record) -> dict[str, Any]:
    [(level, message)] = record.values.items()
    line: dict[str, Any] = {
        "message": message[:_MAX_LINE],
        "level": level,
        "timestamp": as_datetime(record.wall_ms),
        "seq": record.seq,
    }
    if level.startswith(ALERT):
        title, _, text = message.partition("\n")
        line["alert"] = {"title": title, "text": text[:_MAX_LINE]}
        line["level"] = level.removeprefix(ALERT)
        line["message"] = f"{title}: {text}"[:_MAX_LINE] if text else title
    return line
