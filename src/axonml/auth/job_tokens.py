"""The tokens of launched trainings: each for one run, ended with its job."""

from typing import Final

from axonml.auth.api_tokens import ApiTokens
from axonml.auth.store import AuthStore
from axonml.auth.types import NewApiToken
from axonml.http.caller import Scope
from axonml.ids import RunId, UserId

# What `axonml.http.own_run` narrows down to the run.
_SCOPES: Final[frozenset[Scope]] = frozenset(("read", "runs:write", "models:write"))
# For a job of a server that never comes back; every other end ends the token.
_DAYS: Final = 90


class JobTokens:
    """Issues a token for each launched training, in the name of who launched it."""

    def __init__(self, store: AuthStore, api_tokens: ApiTokens) -> None:
        self._store: Final = store
        self._api_tokens: Final = api_tokens

    async def issue(self, user: UserId, run: RunId) -> str:
        """Return a token that writes to the run and to no other; the run's others end.

        Raises `Conflict` where the user has too many tokens.
        """
        await self.revoke(run)
        new = NewApiToken(name=f"run {run}", scopes=_SCOPES, expires_in_days=_DAYS)
        return (await self._api_tokens.create(user, new, run)).token

    async def revoke(self, run: RunId) -> None:
        """End the run's token, at once; a repeat changes nothing."""
        for token in await self._store.tokens_of_jobs(run):
            await self._api_tokens.revoke(token.user_id, token.id)

    async def runs(self) -> set[RunId]:
        """Return the runs that have a token."""
        return {token.run_id for token in await self._store.tokens_of_jobs() if token.run_id}
