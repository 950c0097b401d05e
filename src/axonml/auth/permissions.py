"""Who may do what with an object: the one policy.

Owners and admins write. Others read what is visible to the team. Somebody else's private object
does not exist, as far as an answer tells.
"""

from typing import Any, Literal, Protocol

from axonml.errors import Forbidden, NotFound
from axonml.http.caller import Caller, Role
from axonml.ids import UserId


class Owned(Protocol):
    """An object with an owner and a visibility."""

    @property
    def id(self) -> str:
        """Return the object's id."""
        ...

    @property
    def user_id(self) -> UserId:
        """Return the owner's id."""
        ...

    @property
    def visibility(self) -> Literal["private", "team"]:
        """Return who may read it besides its owner and the admins."""
        ...


def check_read(caller: Caller, found: Owned, noun: str) -> None:
    """Return where `caller` may read `found`; else `NotFound`, as if there were none."""
    if not may_read(caller, found):
        raise NotFound(f"there is no {noun} {found.id}", code=f"{noun}_not_found")


def check_write(caller: Caller, found: Owned, noun: str) -> None:
    """Return where `caller` may change `found`; `Forbidden` where it may only read it."""
    check_read(caller, found, noun)
    if caller.role is Role.VIEWER:
        raise Forbidden(f"a viewer cannot change a {noun}; ask an admin for the role member")
    if caller.role is not Role.ADMIN and found.user_id != caller.user_id:
        raise Forbidden(f"this {noun} belongs to somebody else; only its owner may change it")


def visible_to(caller: Caller) -> tuple[str, tuple[Any, ...]]:
    """Return the SQL condition on `user_id` and `visibility` that selects what `caller` may read.

    Its parameters are the first of the statement: `$1` on.
    """
    if caller.role is Role.ADMIN:
        return "TRUE", ()
    return "(user_id = $1 OR visibility = 'team')", (caller.user_id,)


def may_read(caller: Caller, found: Owned) -> bool:
    """Tell whether `caller` may read `found`."""
    return (
        caller.role is Role.ADMIN or found.user_id == caller.user_id or found.visibility == "team"
    )
