"""Jobs on this machine: a folder and a runner process for each, which outlive the server."""

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

import msgspec
import psutil
import structlog

from axonml.ids import RunId
from axonml.storage.lock import is_held
from axonml.training.job_environment import environment_for_jobs

_RUNNER: Final = Path(__file__).parents[1] / "runner.py"
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_SAME_S: Final = 2.0
_ROUNDS: Final = 5
_log: Final = structlog.stdlib.get_logger("axonml.training")


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What a runner runs; `environment` is added to what jobs see of the server's own.

    After `max_seconds` it is stopped; of what it prints `log_bytes` are kept. `mark` is this job's
    alone: it is in the environment of each of its processes.
    """

    command: tuple[str, ...]
    cwd: str
    environment: dict[str, str]
    grace_s: float
    log_bytes: int
    max_seconds: float | None = None
    mark: str = msgspec.field(default_factory=lambda: secrets.token_hex(16))


class JobState(msgspec.Struct, frozen=True, kw_only=True):
    """Where a job stands. `code` is None until it has ended, negative for a signal.

    `is_alive` tells whether its runner is; one that is not and has left no `code` was killed.
    Without `is_submitted` no runner was ever started for it. `problem` says why its command could
    not be started or was stopped, or what its runner said last where that ended before its time.
    """

    is_alive: bool = False
    is_submitted: bool = True
    pid: int | None = None
    session: int = -1
    boot: str = ""
    began: float = 0.0
    code: int | None = None
    is_killed: bool = False
    is_out_of_memory: bool = False
    last_line: str = ""
    problem: str = ""


class Launcher(Protocol):
    """Runs jobs somewhere; every method may be called again after a restart of the server."""

    def clear(self, run: RunId) -> None:
        """Forget how an earlier attempt stood; what it has kept stays."""
        ...

    def submit(self, run: RunId, job: Job, hidden: Mapping[str, str]) -> None:
        """Start the job; `hidden` is of its environment too, but is stored nowhere.

        Raises `OSError` where it cannot be.
        """
        ...

    def look(self, run: RunId) -> JobState:
        """Return where the job stands."""
        ...

    def going(self) -> list[RunId]:
        """Return the runs whose runners live."""
        ...

    def stop(self, run: RunId, *, at_once: bool = False) -> None:
        """Ask the job to end, by force after its grace or at once; a repeat changes nothing."""
        ...

    def clean_up(self, run: RunId) -> None:
        """End what a runner that was killed has left."""
        ...

    def read_log(self, run: RunId, offset: int, size: int) -> bytes:
        """Return what the job printed, from `offset` on."""
        ...

    def log_size(self, run: RunId) -> int:
        """Return how many bytes of what the job printed are kept."""
        ...

    def shipped(self, run: RunId) -> int:
        """Return what `note_shipped` noted last; 0 where that is nothing, or cannot be true."""
        ...

    def note_shipped(self, run: RunId, offset: int) -> None:
        """Note up to where the log was brought away; it may be forgotten."""
        ...

    def forget(self, run: RunId) -> None:
        """Delete what is kept of the job."""
        ...


class LocalJobs:
    """The launcher for this machine: `runs/{run id}/` in the data folder, see `axonml.runner`.

    Of the server's environment jobs see what `environment_for_jobs` says, with the names `passed`.
    """

    def __init__(self, home: Path, passed: Sequence[str] = ()) -> None:
        self._folder: Final = home / "runs"
        self._passed: Final = passed
        self._runners: Final[dict[RunId, subprocess.Popen[bytes]]] = {}

    def folder(self, run: RunId) -> Path:
        """Return the job's folder; checkpoints are in its `checkpoints`."""
        return self._folder / run

    def clear(self, run: RunId) -> None:
        """Forget how an earlier attempt stood."""
        for old in ("job.json", "state.json", "runner.out", "stop", "kill"):
            (self.folder(run) / old).unlink(missing_ok=True)

    def submit(self, run: RunId, job: Job, hidden: Mapping[str, str]) -> None:
        """Start the job's runner."""
        folder = self.folder(run)
        for each in (folder, folder / "checkpoints"):
            each.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = folder / "job.json.part"
        _ = part.write_bytes(msgspec.json.encode(job))
        _ = part.replace(folder / "job.json")  # whole or not there: it says that a runner may be
        with (folder / "runner.out").open("wb") as out:
            # A session of its own: what ends this server is not for it.
            self._runners[run] = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_RUNNER), str(folder)],
                env={**environment_for_jobs(os.environ, self._passed), **hidden},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def look(self, run: RunId) -> JobState:
        """Return where the job stands."""
        folder = self.folder(run)
        if run in self._runners and self._runners[run].poll() is not None:
            del self._runners[run]
        # The lock first: a runner that ends in between has written its end before.
        is_alive = is_held(folder / "lock")
        try:
            state = msgspec.json.decode((folder / "state.json").read_bytes(), type=JobState)
        except (OSError, msgspec.MsgspecError):
            state = JobState(is_submitted=(folder / "job.json").exists())
        if not is_alive and state.code is None:
            state = msgspec.structs.replace(state, problem=_last_line(folder / "runner.out"))
        return msgspec.structs.replace(state, is_alive=is_alive)

    def going(self) -> list[RunId]:
        """Return the runs whose runners live."""
        return [RunId(lock.parent.name) for lock in self._folder.glob("*/lock") if is_held(lock)]

    def stop(self, run: RunId, *, at_once: bool = False) -> None:
        """Ask the job's runner to end it."""
        with contextlib.suppress(FileNotFoundError):
            (self.folder(run) / ("kill" if at_once else "stop")).touch(mode=0o600)

    def clean_up(self, run: RunId) -> None:
        """Kill what is left of a job whose runner was killed.

        The command goes with its runner, its children do not, and an init may have reaped it: its
        pid finds nothing then. So they are known by the job's mark, which they inherit.
        """
        state = self.look(run)
        try:
            job = msgspec.json.decode((self.folder(run) / "job.json").read_bytes(), type=Job)
        except (OSError, msgspec.MsgspecError):
            return
        for _ in range(_ROUNDS):  # one that is about to be killed may just have made another
            left = [each for each in psutil.process_iter() if _is_of(job, state, each)]
            if not left:
                return
            for each in left:
                with contextlib.suppress(psutil.Error):
                    each.kill()
            _ = psutil.wait_procs(left, timeout=_SAME_S)
        _log.warning("processes of a lost job do not end", run=run)

    def read_log(self, run: RunId, offset: int, size: int) -> bytes:
        """Return what the job printed, from `offset` on."""
        try:
            with (self.folder(run) / "log.txt").open("rb") as file:
                _ = file.seek(offset)
                return file.read(size)
        except OSError:
            return b""

    def log_size(self, run: RunId) -> int:
        """Return how many bytes of what the job printed are kept."""
        try:
            return (self.folder(run) / "log.txt").stat().st_size
        except OSError:
            return 0

    def shipped(self, run: RunId) -> int:
        """Return up to where an earlier server has brought the log away."""
        try:
            noted = int((self.folder(run) / "shipped").read_text())
        except (OSError, ValueError):
            return 0
        return noted if 0 <= noted <= self.log_size(run) else 0

    def note_shipped(self, run: RunId, offset: int) -> None:
        """Write it beside the log; on a full disk the next server begins at the last note."""
        part = self.folder(run) / "shipped.part"
        with contextlib.suppress(OSError):
            _ = part.write_text(str(offset))
            _ = part.replace(part.with_suffix(""))

    def forget(self, run: RunId) -> None:
        """Delete the job's folder, its checkpoints too."""
        shutil.rmtree(self.folder(run), ignore_errors=True)


def _is_of(job: Job, state: JobState, process: psutil.Process) -> bool:
    """Tell whether a process is of the job: by its mark, or in the job's session and group.

    The numbers count only where nobody can have got them since: in the same uptime, and both.
    """
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return _mark_of(process) == job.mark or (
            state.pid is not None
            and os.getpgid(process.pid) == state.pid
            and os.getsid(process.pid) == state.session
            and process.create_time() > state.began - _SAME_S
            and state.boot == _boot()
        )
    except (psutil.Error, OSError):  # it has ended, or is somebody else's
        return False


def _mark_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get("AXON_JOB")
    except psutil.AccessDenied:
        return None


def _boot() -> str:
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""


def _last_line(path: Path) -> str:
    try:
        lines = path.read_text(errors="replace").split("\n")
    except OSError:
        return ""
    return next((line.strip()[:300] for line in reversed(lines) if line.strip()), "")
