"""`axon rollout`: try a version beside the one that answers."""

from types import NoneType
from typing import Final

from cyclopts import App

from axonml.cli.connection import connect
from axonml.cli.endpoints import path_of
from axonml.cli.options import Flag
from axonml.cli.terminal import say, say_json, say_table
from axonml.client.problems import AxonmlError
from axonml.inference.rollout_types import RolloutState, SideFigures
from axonml.inference.types import Endpoint

app: Final = App(name="rollout", help="Try a version beside the one that answers.")


@app.command
def show(name: str, /, *, json: Flag = False) -> None:
    """Show how the versions of a rollout do.

    Args:
        name: The endpoint.
        json: Print JSON for programs.
    """
    with connect() as client:
        state = client.call("GET", f"{path_of(client, name)}/rollout", RolloutState)
    if json:
        say_json(state)
        return
    sides = (("main", state.main), ("canary", state.canary), ("shadow", state.shadow))
    rows = [_row(role, side) for role, side in sides if side is not None]
    if not rows:
        say(f"{name} has no rollout at work; `axon rollout set {name} --canary 2 --percent 10`")
        return
    say_table(("role", "version", "share", "requests", "errors", "p50 ms", "p99 ms"), rows)
    answers = state.answers
    if answers is not None and answers.compared:
        say(
            f"{answers.agreed} of {answers.compared} answers of the shadow agree;"
            f" the largest difference is {answers.max_difference:g}"
        )


@app.command(name="set")
def set_rollout(
    name: str,
    /,
    *,
    canary: str | None = None,
    percent: float = 10.0,
    shadow: str | None = None,
    shadow_percent: float = 100.0,
) -> None:
    """Let a canary answer a share of the requests, a shadow get copies of a share.

    Args:
        name: The endpoint.
        canary: The version (a number, `latest` or an alias) that answers some requests.
        percent: How many of 100 requests the canary answers.
        shadow: The version that gets copies; its answers are compared and dropped.
        shadow_percent: How many of 100 requests are copied.
    """
    if canary is None and shadow is None:
        raise AxonmlError("name a version with --canary or --shadow")
    body = {
        "canary": None if canary is None else {"version": canary, "percent": percent},
        "shadow": None if shadow is None else {"version": shadow, "percent": shadow_percent},
    }
    with connect() as client:
        path = f"{path_of(client, name)}/rollout"
        _ = client.call("PUT", path, Endpoint, json=body, timeout=600.0)
    if canary is not None:
        say(f"{percent:g} of 100 requests to {name} go to {canary}")
    if shadow is not None:
        say(f"{shadow_percent:g} of 100 requests to {name} are copied to {shadow}")


@app.command
def promote(name: str, /) -> None:
    """Make the canary, or the shadow where there is none, the version that answers.

    Args:
        name: The endpoint.
    """
    with connect() as client:
        path = f"{path_of(client, name)}/rollout/promote"
        changed = client.call("POST", path, Endpoint, timeout=600.0)
    say(f"{name} serves {changed.model_name} v{changed.version}")


@app.command
def end(name: str, /) -> None:
    """Let the endpoint's version answer everything again.

    Args:
        name: The endpoint.
    """
    with connect() as client:
        _ = client.call("DELETE", f"{path_of(client, name)}/rollout", NoneType, timeout=600.0)
    say(f"the rollout of {name} has ended")


def _row(role: str, side: SideFigures) -> tuple[str, ...]:
    p50, p99 = ("" if ms is None else f"{ms:.1f}" for ms in (side.latency_p50, side.latency_p99))
    return (
        role,
        f"v{side.version}",
        f"{side.percent:g} %",
        str(side.requests_total),
        str(side.requests_error),
        p50,
        p99,
    )
