"""`axon deploy`."""

from typing import Annotated

from cyclopts import Parameter

from axonml.cli.connection import connect
from axonml.cli.options import Flag
from axonml.cli.terminal import say, say_json
from axonml.cli.versions import split_version


def deploy(
    model: str,
    /,
    *,
    endpoint: Annotated[str | None, Parameter(name=["--endpoint", "--as"])] = None,
    replicas: int | None = None,
    json: Flag = False,
) -> None:
    """Serve a version; returns once it answers. An endpoint of that name moves without a gap.

    Args:
        model: `model:version` with a number or an alias; the latest version if left out.
        endpoint: The name to serve it under; the model's if left out.
        replicas: Processes that answer; those it has (of a new endpoint: 1) if left out.
        json: Print JSON for programs.
    """
    name, version = split_version(model)
    with connect() as client:
        found = client.model(name)
        wanted = {} if replicas is None else {"replicas": replicas}
        served = client.deploy(found.id, version, endpoint, **wanted)
    if json:
        say_json(served)
    else:
        say(f"{served.name} serves {name} v{served.version}; try: axon predict {served.name} ...")
