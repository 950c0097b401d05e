"""Jobs on this machine: a folder and a runner process for each, which outlive the server."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

import msgspec
import psutil

from axonml.ids import RunId
from axonml.storage.lock import is_held
from axonml.training.job_environment import environment_for_jobs

_RUNNER: Final = Path(__file__).parents[1] / "runner.py"
_SAME_S: Final = 2.0


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What a runner runs; `environment` is added to what jobs see of the server's own."""

    command: tuple[str, ...]
    cwd: str
    environment: dict[str, str]
    grace_s: float


class JobState(msgspec.Struct, frozen=True, kw_only=True):
    """Where a job stands. `code` is None until it has ended, negative for a signal.

    `is_alive` tells whether its runner is; one that is not and has left no `code` was killed.
    """

    is_alive: bool = False
    pid: int | None = None
    began: float = 0.0
    code: int | None = None
    is_killed: bool = False
    is_out_of_memory: bool = False
    problem: str = ""


class Launcher(Protocol):
    """Runs jobs somewhere; every method may be called again after a restart of the server."""

    def clear(self, run: RunId) -> None:
        """Forget how an earlier attempt stood; what it has kept stays."""
        ...

    def submit(self, run: RunId, job: Job, secrets: Mapping[str, str]) -> None:
        """Start the job; `secrets` are of its environment too, but are stored nowhere.

        Raises `OSError` where it cannot be.
        """
        ...

    def look(self, run: RunId) -> JobState:
        """Return where the job stands."""
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
        for old in ("state.json", "stop", "kill"):
            (self.folder(run) / old).unlink(missing_ok=True)

    def submit(self, run: RunId, job: Job, secrets: Mapping[str, str]) -> None:
        """Start the job's runner."""
        folder = self.folder(run)
        (folder / "checkpoints").mkdir(parents=True, exist_ok=True, mode=0o700)
        _ = (folder / "job.json").write_bytes(msgspec.json.encode(job))
        with (folder / "runner.out").open("wb") as out:
            # A session of its own: what ends this server is not for it.
            self._runners[run] = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_RUNNER), str(folder)],
                env={**environment_for_jobs(os.environ, self._passed), **secrets},
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
            return JobState(is_alive=is_alive)
        return msgspec.structs.replace(state, is_alive=is_alive)

    def stop(self, run: RunId, *, at_once: bool = False) -> None:
        """Ask the job's runner to end it."""
        with contextlib.suppress(FileNotFoundError):
            (self.folder(run) / ("kill" if at_once else "stop")).touch(mode=0o600)

    def clean_up(self, run: RunId) -> None:
        """Kill the group of a job whose runner was killed; who took its pid since is not it."""
        state = self.look(run)
        if state.pid is None:
            return
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError, PermissionError):
            if abs(psutil.Process(state.pid).create_time() - state.began) < _SAME_S:
                os.killpg(state.pid, signal.SIGKILL)

    def read_log(self, run: RunId, offset: int, size: int) -> bytes:
        """Return what the job printed, from `offset` on."""
        try:
            with (self.folder(run) / "log.txt").open("rb") as file:
                _ = file.seek(offset)
                return file.read(size)
        except OSError:
            return b""

    def forget(self, run: RunId) -> None:
        """Delete the job's folder, its checkpoints too."""
        shutil.rmtree(self.folder(run), ignore_errors=True)
