"""The run that a script is in: `init` begins it, `log` and `finish` speak of it."""

import atexit
import os
import sys
import weakref
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, TypedDict, Unpack, cast

from axonml.client import notices
from axonml.client.config import plain_mapping, text_of
from axonml.client.ending import watch_errors
from axonml.client.notices import warn_once
from axonml.client.places import address_of, home_folder, page_url, server_url
from axonml.client.run import Mode, Run, Status
from axonml.client.spool import Ending, Meta
from axonml.clock import monotonic
from axonml.ids import is_id, new_id
from axonml.registry.types import ModelVersion

_EXIT_TIMEOUT_S: Final = 60.0
_MAX_NAME: Final = 256
_MAX_TAG: Final = 64
_runs: Final[weakref.WeakSet[Run]] = weakref.WeakSet()


class Known(TypedDict, total=False):
    """What may be said of a model; `Run.log_model` tells what it means."""

    metrics: Mapping[str, float]
    config: Mapping[str, Any]
    description: str
    filename: str
    wait: bool


class _Current:
    """The run of this process, and whether its end is watched."""

    run: Run | None = None
    is_watched: bool = False


def init(  # noqa: PLR0913  # the options of the one call that every script makes
    project: str = "default",
    name: str | None = None,
    config: object = None,
    *,
    run_id: str | None = None,
    tags: Iterable[str] = (),
    notes: str = "",
    group: str = "",
    model_type: str = "",
    mode: Mode | None = None,
    server: str | None = None,
    token: str | None = None,
    home: str | Path | None = None,
    system: bool = True,
    capture_console: bool = False,
    **unknown: object,
) -> Run:
    """Begin a run and return it; waits for nothing.

    The server is told by a thread, now or whenever it can be reached. A run before this one ends.
    In a script that `axon train` started (`AXON_RUN_ID`), this joins the run made for it.

    Args:
        project: what the run belongs to.
        name: shown in lists; made from the script's name where None.
        config: a mapping, a dataclass or an argparse namespace.
        run_id: a ULID, to go on with a run that there is.
        tags: words to find the run by.
        notes: Markdown.
        group: what runs of one sweep or one distributed job have in common.
        model_type: what is trained.
        mode: "online", "offline" (points stay on disk until `axon sync`) or "disabled";
            `AXON_MODE` where None.
        server: the server's address; `AXON_SERVER`, else this machine's.
        token: an API token; `AXON_TOKEN`, else the one of `axon login`, else of this machine.
        home: the data folder; `AXONML_HOME`, else ~/.axonml.
        system: log what the machine does, every two seconds.
        capture_console: copy what the script prints to the run's log.
        unknown: warned of and ignored, so that a script written for another tracker runs.
    """
    if unknown:
        warn_once("init", f"init does not know {', '.join(sorted(unknown))}; ignored")
    if _Current.run is not None:
        _Current.run.end(None)
    joined = os.environ.get("AXON_RUN_ID")
    wanted = run_id or joined or ""
    own_id = wanted if is_id(wanted) else new_id()
    if wanted and own_id != wanted:
        warn_once("run_id", f"a run's id is a ULID, not {wanted[:40]!r}; made a new one")
    where = Path(home) if home else home_folder()
    address = address_of(server) if server else server_url(where)
    body: dict[str, Any] = {
        "id": own_id,
        "name": _label(name or _default_name(own_id)),
        "project": _label(project or "default"),
        "model_type": _label(model_type)[:128],
        "config": plain_mapping(config),
        "tags": [_label(tag)[:_MAX_TAG] for tag in tags if _label(tag)][:_MAX_TAG],
        "notes": text_of(str(notes)),
        "group": _label(group),
    }
    meta = Meta(address, body, owns_run=own_id != joined)
    run = Run(
        own_id, meta, mode=_mode(mode), token=token, home=where, page=page_url(where, address)
    )
    _Current.run = run
    _runs.add(run)
    _watch_end()
    is_first_rank = os.environ.get("RANK", "0") == "0"
    run.start(system=system and is_first_rank, capture_console=capture_console)
    return run


def log(values: Mapping[str, Any], step: int | None = None) -> None:
    """Log numbers to the run that `init` began."""
    if _Current.run is None:
        warn_once("no run", "nothing is logged before axonml.init(...)")
        return
    _Current.run.log(values, step)


def finish(status: Status | None = None, *, reason: str = "", timeout_s: float = 60.0) -> bool:
    """End the run that `init` began; tell whether the server has everything."""
    run, _Current.run = _Current.run, None
    return run is None or run.finish(status, reason=reason, timeout_s=timeout_s)


def log_model(model: str | Path | bytes, name: str, **known: Unpack[Known]) -> ModelVersion | None:
    """Upload a model of the run that `init` began; see `Run.log_model`.

    Raises:
        RuntimeError: there is no run.
    """
    if _Current.run is None:
        raise RuntimeError("log_model needs a run: call axonml.init(...) first")
    return _Current.run.log_model(model, name, **known)


def _mode(mode: str | None) -> Mode:
    named = mode or os.environ.get("AXON_MODE") or "online"
    if named not in {"online", "offline", "disabled"}:
        warn_once("mode", f"mode is online, offline or disabled, not {named!r}; online is used")
        return "online"
    return cast("Mode", named)


def _default_name(run_id: str) -> str:
    script = Path(sys.argv[0]).stem if sys.argv and sys.argv[0] not in {"", "-c", "-m"} else "run"
    return f"{script}-{run_id[-6:].lower()}"


def _label(text: object) -> str:
    kept = "".join(c if c.isprintable() else " " for c in text_of(str(text)))
    return kept.strip()[:_MAX_NAME]


def _watch_end() -> None:
    if _Current.is_watched:
        return
    _Current.is_watched = True
    watch_errors(_failed)
    _ = atexit.register(_at_exit)
    os.register_at_fork(after_in_child=_forked)


def _failed(ending: Ending) -> None:
    for run in tuple(_runs):
        if not run.is_over:
            run.fail(ending)


def _at_exit() -> None:
    deadline = monotonic() + _EXIT_TIMEOUT_S
    try:
        for run in tuple(_runs):
            run.end(None)
        for run in tuple(_runs):
            _ = run.finish(timeout_s=max(deadline - monotonic(), 0.0))
    except KeyboardInterrupt:
        return  # the run has said where the rest is kept


def _forked() -> None:
    notices.forked()
    for run in tuple(_runs):
        run.forked()
