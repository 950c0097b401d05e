"""Where versions are deployed, as the registry asks it."""

from collections.abc import Callable

import onnx_models
import pytest
from serving import OTHER, OWNER, Slice

from axonml.ids import ModelId
from axonml.inference.deployments import DeployedVersions

pytestmark = pytest.mark.anyio
Build = Callable[..., Slice]


async def test_the_endpoints_of_a_version_are_known_by_name(a_slice: Build) -> None:
    here = a_slice()
    live = await here.deployed(onnx_models.doubling())
    deployed = DeployedVersions(here.endpoints, here.store)

    assert await deployed.names_of([live.record.model_version_id]) == ["m0"]
    assert await deployed.names_of([]) == []


async def test_a_caller_sees_endpoints_of_their_own_and_of_the_team(a_slice: Build) -> None:
    here = a_slice()
    _ = await here.deployed(onnx_models.doubling())
    deployed = DeployedVersions(here.endpoints, here.store)

    [found] = deployed.visible(OWNER)

    assert (found.name, found.version, found.status) == ("m0", 1, "running")
    assert deployed.visible(OTHER) == []
    assert deployed.visible(OWNER, {ModelId("another")}) == []
