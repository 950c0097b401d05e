"""What the token of a launched training may change: its own run, and models that it makes.

The one policy; the guard asks it of every request, and a route that makes a run or names one in
its body asks `check_own` as well.
"""

from collections.abc import Mapping
from typing import Any, Final

from axonml.errors import Forbidden
from axonml.http.caller import Access, Caller

# Beside the access, for routes without a run in their path that a training needs.
FOR_JOBS: Final[dict[str, Any]] = {"for_jobs": True}

# For routes that a training must not use for its own run either: it would launch itself.
NOT_FOR_JOBS: Final[dict[str, Any]] = {"for_jobs": False}


def check_job(
    caller: Caller, access: Access, opt: Mapping[str, Any], path: Mapping[str, Any]
) -> None:
    """Return where `caller` is no training, or the route is for trainings; else `Forbidden`.

    A training reads what its owner may read. It writes where the path names its run, unless the
    route says otherwise; a route that says nothing and names no run is not for trainings.
    """
    if caller.run_id is None or access in {"public", "read"}:
        return
    run_id = path.get("run_id")
    if access == "runs:write" and run_id is not None:
        check_own(caller, run_id)
    if not opt.get("for_jobs", access == "runs:write" and run_id is not None):
        raise Forbidden(
            f"the token of the launched run {caller.run_id} writes to that run and registers"
            " models, and cannot do this; sign in, or use an API token of your own",
            code="not_for_jobs",
        )


def check_own(caller: Caller, run_id: str | None) -> None:
    """Return where `caller` may write to the run, as far as its token goes; else `Forbidden`."""
    if caller.run_id is None or caller.run_id == run_id:
        return
    other = f"the run {run_id[:64]}" if run_id else "another run"
    raise Forbidden(
        f"the token of the launched run {caller.run_id} cannot write to {other};"
        " sign in, or use an API token of your own",
        code="other_run",
    )
