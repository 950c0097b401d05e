"""Who makes a request, and what a route asks of them.

Every route says which access it needs (`opt=READ`); a route that says nothing stops the server
from starting.
"""

from enum import StrEnum
from typing import Any, Final, Literal

import msgspec
from litestar.connection import ASGIConnection

from axonml.ids import RunId, SessionId, UserId

Scope = Literal["read", "runs:write", "models:write", "predict"]
Access = Literal["public", "read", "runs:write", "models:write", "predict", "session", "admin"]

PUBLIC: Final[dict[str, Any]] = {"access": "public"}
READ: Final[dict[str, Any]] = {"access": "read"}
RUNS_WRITE: Final[dict[str, Any]] = {"access": "runs:write"}
MODELS_WRITE: Final[dict[str, Any]] = {"access": "models:write"}
PREDICT: Final[dict[str, Any]] = {"access": "predict"}
SESSION: Final[dict[str, Any]] = {"access": "session"}
ADMIN: Final[dict[str, Any]] = {"access": "admin"}

# Beside the access, for what leads to a second factor where the server asks for one.
BEFORE_MFA: Final[dict[str, Any]] = {"before_mfa": True}

# Beside the access, for routes that something else bounds: ingest has queues of its own.
UNMETERED: Final[dict[str, Any]] = {"unmetered": True}


def audited(action: str) -> dict[str, Any]:
    """Return the part of a route's `opt` that puts each success into the audit log."""
    return {"audited": action}


class Role(StrEnum):
    """What a user may do in general; a viewer writes nothing."""

    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who makes a request: read from the session or API token, never from a claim.

    `scopes` is None for a session, which may do all that its role may; except where `lacks_mfa`:
    then it may only set up the second factor that this server asks for. `run_id` is set for a
    launched training, which changes its own run only (`axonml.http.own_run`).
    """

    user_id: UserId
    email: str
    role: Role
    session_id: SessionId | None = None
    token_id: str | None = None
    scopes: frozenset[Scope] | None = None
    lacks_mfa: bool = False
    is_operator: bool = False
    run_id: RunId | None = None


def caller_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    """Return the caller that the guard found for this request; never called on a public route."""
    scope: Any = connection.scope  # Litestar's type has no room for what middleware adds
    return scope["caller"]
