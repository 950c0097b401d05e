"""Who can read the data folder is its operator, and may sign in without a password."""

import hmac
from typing import Final

from axonml.auth.api_tokens import ALL_SCOPES, ApiTokens
from axonml.auth.audit import Audit
from axonml.auth.links import SignInLinks
from axonml.auth.types import NewApiToken, OperatorGrant, OperatorRequest
from axonml.auth.users import Users
from axonml.errors import Unauthenticated

_NAME: Final = "Admin"
_EMAIL: Final = "admin@localhost"


class Operator:
    """Grants an API token and a sign-in link to who shows the content of `operator.key`."""

    def __init__(
        self, key: str, users: Users, api_tokens: ApiTokens, links: SignInLinks, audit: Audit
    ) -> None:
        self._key: Final = key
        self._users: Final = users
        self._api_tokens: Final = api_tokens
        self._links: Final = links
        self._audit: Final = audit

    async def grant(self, key: str, wanted: OperatorRequest, address: str) -> OperatorGrant:
        """Return a link, and a token with all scopes, for the oldest admin, made where none is."""
        if not hmac.compare_digest(key.encode(), self._key.encode()):
            await self._audit.record("sign_in_failed", None, address, method="operator")
            raise Unauthenticated(
                "this is not the operator's key; read it from operator.key in the data folder",
                code="wrong_operator_key",
            )
        admin = await self._users.first_admin(wanted.name or _NAME, wanted.email or _EMAIL)
        created = None
        if not wanted.link_only:
            new = NewApiToken("operator of this machine", ALL_SCOPES)
            created = await self._api_tokens.create(admin.id, new)
        link = await self._links.make(admin.id, skips_mfa=True)
        await self._audit.record("operator_granted", admin.id, address)
        return OperatorGrant(
            token=created.token if created else None,
            expires_at=created.api_token.expires_at if created else None,
            user=admin.shown(),
            link_token=link,
        )
