"""Where a run goes on from: nothing, an earlier attempt of its own, or a step of another run.

This is the one part of the SDK that waits for the server and raises: a script that asks to go on
from what was must not begin again unawares.
"""

import re
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from axonml.client.api import Client
from axonml.client.notices import warn_once
from axonml.client.problems import AxonmlError, BadArgument, Unreachable
from axonml.ids import is_id, new_id
from axonml.training.types import Run

Resume = Literal["must", "allow", "never"]
_TIMEOUT_S: Final = 10.0
_NOT_FOUND: Final = 404
_RESUMES: Final[dict[object, Resume]] = {
    "must": "must",
    "allow": "allow",
    "never": "never",
    "auto": "allow",
    True: "allow",
}
_FORK: Final = re.compile(r"(?P<run>[0-9A-Z]{26})(\?_?step=(?P<step>-?\d+))?")


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """What the server knows of the run: its next step, and what it was called."""

    next_step: int = 0
    known: dict[str, Any] = {}


class Server(msgspec.Struct, frozen=True):
    """Where to ask, and as whom."""

    address: str
    token: str | None
    home: Path


def resume_of(resume: object) -> Resume | None:
    """Return how to resume, None where nothing is asked for.

    Raises:
        BadArgument: it is none of the words.
    """
    if resume is None or resume is False:
        return None
    found = _RESUMES.get(resume) if isinstance(resume, str | bool) else None
    if found is None:
        said = 'resume is "must", "allow" or "never"'
        raise BadArgument(f"{said}, not {resume!r:.60}", "bad_resume")
    return found


def resumed(run_id: str, how: Resume, server: Server) -> Origin:
    """Begin a further attempt of the run where there is one.

    Raises:
        AxonmlError: "must" and there is none, "never" and there is one, or the server is away
            (with "allow" that is one warning: the steps then begin at 0).
    """
    with Client(server.address, server.token, home=server.home, timeout_s=_TIMEOUT_S) as client:
        try:
            if how == "never":
                raise _there_already(client.run(run_id))
            found = client.resume_run(run_id, new_id())
        except Unreachable as error:
            if how != "allow":
                raise
            warn_once("resume", f"{error}; the steps begin at 0, as nobody says where they ended")
            return Origin()
        except AxonmlError as error:
            if error.status != _NOT_FOUND or how == "must":
                raise
            return Origin()
        last_step = -1 if found.last_step is None else client.last_step(run_id)
    known = {key: getattr(found.run, key) for key in ("name", "project", "config")}
    return Origin(next_step=last_step + 1, known=known)


def continued(run_id: str, prefix: str, server: Server) -> Origin:
    """Go on after the last step of a run whose further attempt somebody else began.

    That is a launcher, or the first rank; `prefix` stands before the names of this one.
    """
    with Client(server.address, server.token, home=server.home, timeout_s=_TIMEOUT_S) as client:
        try:
            return Origin(next_step=client.last_step(run_id, prefix) + 1)
        except AxonmlError as error:
            warn_once("resume", f"{error}; the steps begin at 0, as nobody says where they ended")
            return Origin()


def _there_already(run: Run) -> AxonmlError:
    said = f"run {run.id} ({run.name}) is there already, and resume is never: leave out its id"
    return AxonmlError(said, status=409, code="run_exists")


def check_fork(source: str) -> re.Match[str]:
    """Return the parts of `RUN?step=N`.

    Raises:
        BadArgument: `source` is something else.
    """
    match = _FORK.fullmatch(source)
    if match is None or not is_id(match["run"]):
        said = 'fork_from is "RUN?step=N" or "RUN", where RUN is a run\'s id'
        raise BadArgument(f"{said}, not {source!r:.60}", "bad_fork")
    return match


def forked(source: str, child: str, name: str | None, server: Server) -> Origin:
    """Make the run `child` from another: `RUN?step=N`, or its last step without `?step`.

    Raises:
        BadArgument: `source` cannot be read.
        AxonmlError: there is no such run, or the server is away.
    """
    match = check_fork(source)
    with Client(server.address, server.token, home=server.home, timeout_s=6 * _TIMEOUT_S) as client:
        step = int(match["step"]) if match["step"] else client.last_step(match["run"])
        fields = {"id": child, **({"name": name} if name else {})}
        run = client.fork_run(match["run"], step, **fields)
    known = {key: getattr(run, key) for key in ("name", "project", "config")}
    return Origin(next_step=step + 1, known=known)
