"""The run that a script is in: `init` begins it, `log` and `finish` speak of it."""

import atexit
import copyreg
import os
import sys
import weakref
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, TypedDict, Unpack

import msgspec

from axonml.client import notices
from axonml.client.arguments import check_arguments, config_said, tags_said
from axonml.client.config import text_of
from axonml.client.ending import watch_errors
from axonml.client.family import known_to_children, run_of_parent, server_of_parent
from axonml.client.labels import label, tags_of
from axonml.client.media import Artifact
from axonml.client.notices import warn_once
from axonml.client.origin import (
    Origin,
    Resume,
    Server,
    continued,
    forked,
    resume_of,
    resumed,
)
from axonml.client.places import (
    address_of,
    home_folder,
    in_the_clear,
    is_address,
    page_url,
    server_url,
    spool_folder,
)
from axonml.client.problems import BadArgument
from axonml.client.ranks import Rank, agreed_run, restarts, this_rank
from axonml.client.run import Mode, Run, Settings, Status, known_mode
from axonml.client.spool import Ending, Meta, last_step
from axonml.client.watch import Log
from axonml.clock import monotonic
from axonml.ids import is_id, new_id
from axonml.registry.types import ModelVersion

_EXIT_TIMEOUT_S: Final = 60.0
_runs: Final[weakref.WeakSet[Run]] = weakref.WeakSet()


class Known(TypedDict, total=False):
    """What may be said of a model; `Run.log_model` tells what it means."""

    metrics: Mapping[str, float]
    config: Mapping[str, Any]
    description: str
    filename: str
    wait: bool


class _Current:
    """The run of this process, and how many it had.

    In a process that another one's run came to by a fork or as an argument: the run of that one,
    its data folder and its token, for an `init` that says none.
    """

    run: Run | None = None
    n_runs: int = 0
    forked: str | None = None
    above_home: Path | None = None
    above_token: str | None = None
    above_server: str | None = None
    is_watched: bool = False


def init(  # noqa: PLR0913  # the options of the one call that every script makes
    project: str | None = None,
    name: str | None = None,
    config: object = None,
    *,
    id: str | None = None,
    run_id: str | None = None,
    resume: Resume | bool | None = None,
    fork_from: str | None = None,
    rank: int | None = None,
    tags: Iterable[str] | None = None,
    notes: str | None = None,
    group: str | None = None,
    model_type: str = "",
    mode: Mode | None = None,
    server: str | None = None,
    token: str | None = None,
    home: str | Path | None = None,
    system: bool = True,
    capture_console: bool = False,
    **unknown: object,
) -> Run:
    """Begin a run and return it; waits for nothing, unless it resumes or forks.

    The server is told by a thread, now or whenever it can be reached. A run before this one ends.
    In a script that `axon train` started (`AXON_RUN_ID`), this joins the run made for it; in a
    process of a distributed job, the run of the job.

    Args:
        project: what the run belongs to, "default" where None.
        name: shown in lists; made from the script's name where None.
        config: a mapping, a dataclass or an argparse namespace, of at most 2 MiB as JSON. A value
            that JSON has no word for is kept as its text, as are NaN and infinities.
        id: a ULID, to go on with a run that there is.
        run_id: the same.
        resume: "must", "allow" or "never" go on with the run `id` at its next step.
        fork_from: "RUN?step=N", to begin with another run's history up to that step.
        rank: the number of this process among those that log to the run, where no launcher of
            distributed jobs says it; above 0 its names begin with `rankN/`.
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

    Raises:
        TypeError: an argument is of another type.
        BadArgument: an argument cannot be what it is; both an `AxonmlError` and a ValueError.
        AxonmlError: the run cannot be resumed or forked as asked.
    """
    check_arguments(locals())  # the arguments by their names: nothing else is there yet
    own_tags, own_config = tags_said(tags), config_said(config)
    where = Path(home).expanduser().absolute() if home else _Current.above_home or home_folder()
    address = _address(server or _Current.above_server or server_of_parent(), where)
    token = token or _Current.above_token
    wanted = id or run_id or ""
    asked = _resume(resume, wanted)
    if unknown:
        warn_once("init", f"init does not know {', '.join(sorted(unknown))}; ignored")
    if _Current.run is not None:
        _Current.run.end(None)
    _Current.n_runs += 1
    chosen = known_mode(mode or os.environ.get("AXON_MODE") or "online")
    this = this_rank(rank)
    origin = Origin()
    own_id, is_owner = _identity(wanted, this, where, chosen)
    # Looked at before the server is asked: what is delivered in between is known to one of them.
    left = last_step(spool_folder(where) / own_id, this.prefix) if asked is not None else -1
    if chosen == "online" and is_owner:
        if asked == "must" and not wanted:
            raise BadArgument("resume is must, and no id says which run", "bad_resume")
        origin = _origin(own_id, asked, fork_from, name, Server(address, token, where))
    elif chosen == "online" and asked is not None:
        origin = continued(own_id, this.prefix, Server(address, token, where))
    elif resume or fork_from:
        warn_once("resume", "resume and fork_from need the server: left out here")
    if origin.next_step <= left:
        origin = msgspec.structs.replace(origin, next_step=left + 1)
    body: dict[str, Any] = {
        "id": own_id,
        "name": label(name or origin.known.get("name") or _default_name(own_id)),
        "project": label(project or origin.known.get("project") or "default"),
        "model_type": label(model_type)[:128],
        "launch": None,  # this script is the training
        "config": {**origin.known.get("config", {}), **own_config, **_set_outside()},
        "tags": tags_of(own_tags),
        "notes": text_of(notes or ""),
        "group": label(group or ""),
    }
    changes = _said_in_script(own_id, body, project=project, name=name, tags=tags, notes=notes)
    page = page_url(where, address)
    settings = Settings(
        mode=chosen,
        token=(token or "").strip() or None,
        home=where,
        page=page,
        rank=this,
        first_step=origin.next_step,
    )
    run = _begun(Run(own_id, Meta(address, body, changes=changes, owns_run=is_owner), settings))
    _Current.run = run
    known_to_children(own_id, address)
    run.start(system=system and this.local == 0, capture_console=capture_console)
    return run


def current() -> Run | None:
    """Return the run that `init` began last, None before it and after `finish`."""
    return _Current.run


def log(values: Mapping[str, Any], step: int | None = None, *, commit: bool | None = None) -> None:
    """Log numbers to the run that `init` began."""
    if (run := _run_for("log")) is not None:
        run.log(values, step, commit=commit)


def define_metric(
    name: str,
    step_metric: str | None = None,
    *,
    summary: str | None = None,
    goal: str | None = None,
    **unknown: object,
) -> None:
    """Say how a metric of the run that `init` began is read; see `Run.define_metric`."""
    if (run := _run_for("define_metric")) is not None:
        run.define_metric(name, step_metric, summary=summary, goal=goal, **unknown)


def alert(title: str, text: str = "", level: str = "info") -> None:
    """Ask people to look at the run that `init` began; see `Run.alert`."""
    if (run := _run_for("alert")) is not None:
        run.alert(title, text, level)


def watch(model: object, log: Log | None = "gradients", log_freq: int = 1000) -> None:
    """Log gradients or parameters to the run that `init` began; see `Run.watch`."""
    if (run := _run_for("watch")) is not None:
        run.watch(model, log, log_freq)


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


def log_artifact(
    artifact: Artifact | str | Path,
    name: str = "",
    type: str = "",
) -> None:
    """Keep a file or folder with the run that `init` began; see `Run.log_artifact`."""
    if (run := _run_for("log_artifact")) is not None:
        run.log_artifact(artifact, name, type)


def save(path: str | Path, name: str = "") -> None:
    """Keep a copy of a file with the run that `init` began; see `Run.log_file`."""
    if (run := _run_for("save")) is not None:
        run.log_file(path, name)


def _run_for(call: str) -> Run | None:
    if _Current.run is None:
        warn_once("no run", f"nothing is logged before axonml.init(...): {call} is left out")
    return _Current.run


def _joined(run_id: str, meta: bytes, settings: Settings) -> Run:
    """Return the run in a process that it was sent to; the process that began it ends it."""
    known = msgspec.json.decode(meta, type=Meta)
    _Current.above_home, _Current.above_token = settings.home, settings.token
    _Current.above_server = known.server
    run = _begun(Run(run_id, known, settings))
    if _Current.run is None:
        _Current.run = run
    run.start(system=False, capture_console=False)
    return run


def _reduced(run: Run) -> tuple[Callable[..., Run], tuple[str, bytes, Settings]]:
    run_id, meta, settings = run.handed_on()
    return _joined, (run_id, msgspec.json.encode(meta), settings)


# A run may be an argument of a spawned process.
copyreg.pickle(Run, _reduced)


def _address(server: str | None, home: Path) -> str:
    address = address_of(server) if server else server_url(home)
    if not is_address(address):
        said = "server is an address such as http://localhost:3000"
        raise BadArgument(f"{said}, not {address!r:.80}", "bad_server")
    if warning := in_the_clear(address):
        warn_once("clear", warning)
    return address


def _resume(said: object, wanted: str) -> Resume | None:
    asked = resume_of(said or _resume_asked())
    if asked == "must" and wanted and not is_id(wanted):
        raise BadArgument(f"resume is must, and {wanted[:40]!r} is no run's id", "bad_resume")
    return asked


def _identity(asked: str, rank: Rank, home: Path, mode: Mode) -> tuple[str, bool]:
    """Return the run's id, and whether this process is the one that ends the run."""
    joined = os.environ.get("AXON_RUN_ID") or run_of_parent()
    if rank.is_said and joined is None:
        joined = _Current.forked
    wanted = asked or joined or ""
    if wanted and is_id(wanted):
        return wanted, wanted != joined and rank.is_first
    if wanted:
        warn_once("run_id", f"a run's id is a ULID, not {wanted[:40]!r}; made a new one")
    if rank.size > 1 and mode != "disabled":
        agreed = agreed_run(home, _Current.n_runs)
        if agreed is not None:
            return agreed, rank.is_first
    return new_id(), True


def _said_in_script(run_id: str, body: Mapping[str, Any], **said: object) -> dict[str, Any]:
    """Return what the script says of a run that a launcher has made, and the launcher did not."""
    if os.environ.get("AXON_RUN_ID") != run_id:
        return {}
    given = os.environ.get("AXON_RUN_GIVEN", "").split(",")
    return {field: body[field] for field, value in said.items() if value and field not in given}


def _set_outside() -> dict[str, Any]:
    """Return the configuration that `axon train --set` gives: it is stronger than the script's."""
    try:
        return msgspec.json.decode(os.environ.get("AXON_CONFIG", "{}"), type=dict[str, Any])
    except msgspec.MsgspecError:
        return {}


def _resume_asked() -> str | None:
    """Return how the launcher wants the run resumed: a restarted job goes on with its run."""
    return os.environ.get("AXON_RESUME") or ("allow" if restarts() else None)


def _origin(
    run_id: str, resume: Resume | None, fork_from: str | None, name: str | None, server: Server
) -> Origin:
    if fork_from is not None:
        return forked(fork_from, run_id, name, server)
    return Origin() if resume is None else resumed(run_id, resume, server)


def _default_name(run_id: str) -> str:
    script = Path(sys.argv[0]).stem if sys.argv and sys.argv[0] not in {"", "-c", "-m"} else "run"
    return f"{script}-{run_id[-6:].lower()}"


def _begun(run: Run) -> Run:
    _runs.add(run)
    if not _Current.is_watched:
        _Current.is_watched = True
        watch_errors(_failed)
        _ = atexit.register(_at_exit)
        os.register_at_fork(after_in_child=_forked)
    return run


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
    if (run := _Current.run) is not None:
        _, meta, settings = run.handed_on()
        _Current.forked, _Current.above_server = run.id, meta.server
        _Current.above_home, _Current.above_token = settings.home, settings.token
    for run in tuple(_runs):
        run.forked()
