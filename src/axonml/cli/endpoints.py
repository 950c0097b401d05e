"""`axon endpoints`."""

from types import NoneType
from typing import Final

from cyclopts import App

from axonml.cli.connection import connect
from axonml.cli.models import confirmed
from axonml.cli.options import Flag
from axonml.cli.terminal import ago, say, say_json, say_table
from axonml.client.api import Client
from axonml.client.problems import AxonmlError
from axonml.inference.types import Endpoint, ReplicaLogPage, ReplicaPage

app: Final = App(name="endpoints", help="What serves models.")


@app.default
@app.command(name="list")
def list_endpoints(*, json: Flag = False) -> None:
    """List the endpoints, with their last ten seconds.

    Args:
        json: Print JSON for programs.
    """
    with connect() as client:
        found = client.endpoints().items
    if json:
        say_json(found)
        return
    say_table(
        (
            "name",
            "model",
            "status",
            "replicas",
            "requests/s",
            "p50 ms",
            "p99 ms",
            "errors",
            "since",
        ),
        map(_row, found),
    )
    for endpoint in found:
        if endpoint.reason:
            say(f"{endpoint.name}: {endpoint.reason}")


@app.command
def show(name: str, /) -> None:
    """Print an endpoint with its configuration, as JSON.

    Args:
        name: The endpoint.
    """
    with connect() as client:
        say_json(_named(client, name))


@app.command
def logs(name: str, /, *, replica: int | None = None) -> None:
    """Print the last lines that an endpoint's replicas wrote.

    Args:
        name: The endpoint.
        replica: Only those of the replica with this number.
    """
    wanted = "" if replica is None else f"?replica={replica}"
    with connect() as client:
        page = client.call("GET", f"{path_of(client, name)}/logs{wanted}", ReplicaLogPage)
    for line in page.items:
        say(f"{line.timestamp:%H:%M:%S} v{line.version} {line.replica} {line.line}")


@app.command
def replicas(name: str, /, *, json: Flag = False) -> None:
    """List the processes that run for an endpoint.

    Args:
        name: The endpoint.
        json: Print JSON for programs.
    """
    with connect() as client:
        found = client.call("GET", f"{path_of(client, name)}/replicas", ReplicaPage).items
    if json:
        say_json(found)
        return
    say_table(
        ("role", "version", "replica", "status", "pid", "memory", "loaded in", "restarts"),
        [
            (
                each.role,
                f"v{each.version}",
                str(each.replica),
                each.status,
                "" if each.pid is None else str(each.pid),
                "" if each.memory_bytes is None else f"{each.memory_bytes / (1 << 20):.0f} MiB",
                "" if each.load_ms is None else f"{each.load_ms:.0f} ms",
                str(each.restarts),
            )
            for each in found
        ],
    )


@app.command
def start(name: str, /) -> None:
    """Start an endpoint; returns once it answers.

    Args:
        name: The endpoint.
    """
    with connect() as client:
        started = client.call("POST", f"{path_of(client, name)}/start", Endpoint, timeout=600.0)
    say(f"{name} serves {started.model_name} v{started.version}")


@app.command
def stop(name: str, /) -> None:
    """Answer what waits, then stop an endpoint; it stays, to be started again.

    Args:
        name: The endpoint.
    """
    with connect() as client:
        _ = client.call("POST", f"{path_of(client, name)}/stop", Endpoint, timeout=600.0)
    say(f"{name} is stopped")


@app.command
def scale(name: str, replicas: int, /) -> None:
    """Change how many replicas an endpoint has; it answers all the while.

    Args:
        name: The endpoint.
        replicas: How many.
    """
    with connect() as client:
        body = {"replicas": replicas}
        changed = client.call("PUT", path_of(client, name), Endpoint, json=body, timeout=600.0)
    say(f"{name} has {changed.replicas} {'replica' if changed.replicas == 1 else 'replicas'}")


@app.command
def delete(name: str, /, *, yes: Flag = False) -> None:
    """Stop an endpoint and forget it; the model stays.

    Args:
        name: The endpoint.
        yes: Do not ask.
    """
    with connect() as client:
        path = path_of(client, name)
        confirmed(f"delete the endpoint {name}", agreed=yes)
        _ = client.call("DELETE", path, NoneType, timeout=600.0)
    say(f"{name} is deleted")


def _named(client: Client, name: str) -> Endpoint:
    for endpoint in client.endpoints().items:
        if endpoint.name == name:
            return endpoint
    raise AxonmlError(f"there is no endpoint {name!r}; `axon endpoints` lists them")


def path_of(client: Client, name: str) -> str:
    """Return the path of the endpoint of that name."""
    return f"/api/inference/endpoints/{_named(client, name).id}"


def _row(endpoint: Endpoint) -> tuple[str, ...]:
    stats = endpoint.stats
    figures = ("", "", "", "")
    if stats is not None:
        times = (stats.latency_p50, stats.latency_p99)
        p50, p99 = ("" if ms is None else f"{ms:.1f}" for ms in times)
        figures = (f"{stats.requests_per_s:.1f}", p50, p99, str(stats.requests_error))
    return (
        endpoint.name,
        f"{endpoint.model_name}:{endpoint.version}",
        endpoint.status,
        str(endpoint.replicas),
        *figures,
        ago(endpoint.updated_at),
    )
