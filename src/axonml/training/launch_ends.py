"""How a launched run ended, told by how its job did."""

from axonml.training.jobs import JobState
from axonml.training.types import Run, RunStatus


def ending(run: Run, state: JobState) -> tuple[RunStatus, str]:
    """Return the state and reason of a run whose job has ended so."""
    code = state.code or 0
    forced = "; it had not ended by itself and was killed" if state.is_killed else ""
    if run.stop_requested or run.deleted_at is not None:
        return RunStatus.STOPPED, f"stopped by the user{forced}"
    if state.problem:
        return RunStatus.FAILED, f"{state.problem}{forced}"
    if code == 0:
        return RunStatus.COMPLETED, ""
    if state.is_out_of_memory:
        return RunStatus.FAILED, "ended by the kernel: the machine ran out of memory"
    how = f"ended by signal {-code}" if code < 0 else f"exit code {code}"
    return RunStatus.FAILED, f"{how}: {state.last_line}" if state.last_line else how


def absence(run: Run, state: JobState) -> tuple[RunStatus, str]:
    """Return the state and reason of a run whose runner is gone without a word of the end."""
    if run.status is RunStatus.STARTING and state.pid is None:
        why = state.problem or "its runner ended before the training began"
        return RunStatus.FAILED, f"cannot start: {why}"
    how = f"has ended ({state.problem})" if state.problem else "was killed"
    return RunStatus.LOST, f"its runner {how}, so the training was ended"
