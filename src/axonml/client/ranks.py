"""Which process of a distributed job this is, and the run that all of them log to.

torchrun, Slurm and Open MPI number the processes of a job in the environment. They agree on a run
through a file: whoever comes first names it, and nobody waits. The file stays for a month: a rank
may begin when the first one has ended already.
"""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
import psutil

from axonml.clock import now_ms
from axonml.ids import is_id, new_id

_RANKS: Final = ("RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "PMI_RANK")
_LOCAL: Final = ("LOCAL_RANK", "SLURM_LOCALID", "OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID")
_SIZES: Final = ("WORLD_SIZE", "SLURM_NTASKS", "OMPI_COMM_WORLD_SIZE", "PMI_SIZE")
# What all processes of one job share, and no other job has.
_JOB: Final = ("SLURM_JOB_ID", "SLURM_STEP_ID", "PMIX_NAMESPACE")
# Not the port: torchrun takes another one when it starts a job again.
_MEETING: Final = ("TORCHELASTIC_RUN_ID", "MASTER_ADDR")
_FOLDER: Final = "jobs"
_FORGOTTEN_MS: Final = 30 * 24 * 3600 * 1000


class Rank(msgspec.Struct, frozen=True):
    """The number of this process in its job, on its machine, and the size of the job.

    `is_said` where the script says the number, and no launcher.
    """

    number: int = 0
    local: int = 0
    size: int = 1
    is_said: bool = False

    @property
    def is_first(self) -> bool:
        """Tell whether this process speaks for the job."""
        return self.number == 0

    @property
    def prefix(self) -> str:
        """Return what stands before the names of its metrics: nothing for the first."""
        return "" if self.is_first else f"rank{self.number}/"


def this_rank(said: int | None = None, environment: Mapping[str, str] | None = None) -> Rank:
    """Return the rank that the script says, else its launcher; rank 0 of 1 without either."""
    known = os.environ if environment is None else environment
    if said is not None:
        return Rank(said, said, _number(known, _SIZES, 1), is_said=True)
    return Rank(_number(known, _RANKS, 0), _number(known, _LOCAL, 0), _number(known, _SIZES, 1))


def agreed_run(home: Path, nth: int) -> str | None:
    """Return the run id for the `nth` run of this job, the same in each of its processes.

    None where the data folder cannot be written: then each process has a run of its own.
    """
    try:
        file = _file(home, nth)
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _forget_old(file.parent)
        part = file.with_name(f"{file.name}.{os.getpid()}")
        _ = part.write_text(new_id(), encoding="ascii")
        try:
            os.link(part, file)  # whole or not at all, and only where none is
        except FileExistsError:
            pass
        finally:
            part.unlink()
        found = file.read_text(encoding="ascii")
    except (OSError, psutil.Error):  # also a parent that cannot be looked at
        return None
    return found if is_id(found) else None


def _file(home: Path, nth: int) -> Path:
    parts = [f"{name}={os.environ[name]}" for name in _JOB if os.environ.get(name)]
    if not parts and _is_on_many_machines():
        parts = [f"{name}={os.environ.get(name, '')}" for name in _MEETING]
    if not parts:
        # The processes of one machine have one parent: torchrun, mpirun.
        parent = psutil.Process(os.getppid())
        parts = [f"{parent.pid} {parent.create_time()}"]
    job = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
    return home / _FOLDER / f"{job}.{nth}"


def _is_on_many_machines() -> bool:
    is_named = os.environ.get("TORCHELASTIC_RUN_ID", "none") not in {"", "none"}
    return is_named and os.environ.get("GROUP_WORLD_SIZE", "1") != "1"


def _forget_old(folder: Path) -> None:
    for file in folder.iterdir():
        if now_ms() - file.stat().st_mtime_ns // 1_000_000 > _FORGOTTEN_MS:
            file.unlink(missing_ok=True)


def _number(known: Mapping[str, str], names: tuple[str, ...], default: int) -> int:
    for name in names:
        text = known.get(name, "")
        if text.isdecimal():
            return int(text)
    return default


def restarts() -> int:
    """Return how often torchrun has started this job again."""
    return _number(os.environ, ("TORCHELASTIC_RESTART_COUNT",), 0)
