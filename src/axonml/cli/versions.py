"""How commands name a version of a model: `digits`, `digits:3`, `digits:champion`."""

from collections.abc import Generator
from contextlib import contextmanager

from axonml.cli.connection import connect
from axonml.client.api import Client
from axonml.registry.types import Model, ModelVersion


def split_version(text: str) -> tuple[str, str]:
    """Return the name and the version in `name:version`; without one it is the latest."""
    name, _, version = text.partition(":")
    return name, (version.removeprefix("v") if version[1:].isdecimal() else version) or "latest"


@contextmanager
def the_model(name: str) -> Generator[tuple[Client, Model, str]]:
    """Yield a client, the model of that name, and its path in the API."""
    with connect() as client:
        model = client.model(name)
        yield client, model, f"/api/models/{model.id}"


@contextmanager
def the_version(text: str) -> Generator[tuple[Client, Model, ModelVersion, str]]:
    """Yield a client, the model and version of `name:version`, and its path in the API."""
    name, ref = split_version(text)
    with the_model(name) as (client, model, path):
        version = client.version(model.id, ref)
        yield client, model, version, f"{path}/versions/{version.version}"
