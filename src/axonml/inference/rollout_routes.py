"""HTTP of rollouts: a version tried beside the one that answers, and two versions compared."""

from typing import Any, Final

from litestar import Request, delete, get, post, put
from litestar.handlers import BaseRouteHandler

from axonml.http.caller import MODELS_WRITE, PREDICT, READ, audited, caller_of
from axonml.inference.rollout_types import AskBoth, Compared, NewRollout, RolloutState
from axonml.inference.rollouts import Rollouts
from axonml.inference.types import Endpoint

Call = Request[Any, Any, Any]
_ROLLOUT: Final = "/api/inference/endpoints/{endpoint_id:str}/rollout"
_COMPARE: Final = "/api/inference/endpoints/{endpoint_id:str}/compare"


class RolloutRoutes:
    """Canary and shadow of an endpoint, and the comparison of two versions' answers."""

    def __init__(self, rollouts: Rollouts) -> None:
        self._rollouts: Final = rollouts

    async def get_rollout(self, request: Call, endpoint_id: str) -> RolloutState:
        """Return what is tried beside the endpoint's version, and how both do."""
        return self._rollouts.state(caller_of(request), endpoint_id)

    async def set_rollout(self, request: Call, endpoint_id: str, data: NewRollout) -> Endpoint:
        """Let a canary answer a share of the requests, a shadow get copies of a share."""
        return await self._rollouts.begin(caller_of(request), endpoint_id, data)

    async def end_rollout(self, request: Call, endpoint_id: str) -> None:
        """Let the endpoint's version answer everything again."""
        _ = await self._rollouts.end(caller_of(request), endpoint_id)

    async def promote_rollout(self, request: Call, endpoint_id: str) -> Endpoint:
        """Make the canary (without one, the shadow) the version that answers."""
        return await self._rollouts.promote(caller_of(request), endpoint_id)

    async def compare_answers(self, request: Call, endpoint_id: str, data: AskBoth) -> Compared:
        """Answer the same inputs by the endpoint's version and by another one of its model."""
        return await self._rollouts.compare(caller_of(request), endpoint_id, data)

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        kind: dict[str, Any] = {"tags": ["inference"]}
        return [
            get(_ROLLOUT, opt=READ, **kind)(self.get_rollout),
            put(_ROLLOUT, opt={**MODELS_WRITE, **audited("rollout_changed")}, **kind)(
                self.set_rollout
            ),
            delete(_ROLLOUT, opt={**MODELS_WRITE, **audited("rollout_ended")}, **kind)(
                self.end_rollout
            ),
            post(
                f"{_ROLLOUT}/promote",
                opt={**MODELS_WRITE, **audited("rollout_promoted")},
                status_code=200,
                **kind,
            )(self.promote_rollout),
            post(_COMPARE, opt=PREDICT, status_code=200, **kind)(self.compare_answers),
        ]
