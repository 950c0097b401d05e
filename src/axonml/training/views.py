"""Saved views: a page's address under a name, for oneself or for the team."""

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, delete, get, patch, post
from litestar.handlers import BaseRouteHandler
from msgspec import UNSET, Meta, UnsetType

from axonml.auth.permissions import check_write, visible_to
from axonml.clock import now
from axonml.errors import Forbidden, Invalid
from axonml.http.caller import READ, RUNS_WRITE, Caller, Role, caller_of
from axonml.ids import UserId, new_id
from axonml.storage.collection import Collection
from axonml.storage.protocols import Documents
from axonml.training.types import Name, Visibility

Call = Request[Any, Any, Any]
# A path of this site: never another site's address.
Path = Annotated[str, Meta(max_length=512, pattern=r"^/(?![/\\])[^\x00-\x20\x7f\\]*$")]
Query = Annotated[str, Meta(max_length=16384, pattern=r"^[^\x00-\x1f\x7f]*$")]
_MAX_VIEWS: Final = 1000


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A saved view: `path` and `query` (the address's search text) bring the page back."""

    id: str
    user_id: UserId
    name: str
    path: str
    query: str
    visibility: Visibility = "private"
    created_at: datetime
    updated_at: datetime


class NewView(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /api/training/views."""

    name: Name
    path: Path = "/training"
    query: Query = ""
    visibility: Visibility = "private"


class ViewChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """PATCH /api/training/views/:id; what is left out stays."""

    name: Name | UnsetType = UNSET
    path: Path | UnsetType = UNSET
    query: Query | UnsetType = UNSET
    visibility: Visibility | UnsetType = UNSET


class ViewPage(msgspec.Struct, frozen=True):
    """The views that the caller may use, by name."""

    items: list[View]
    next_cursor: str | None = None


class ViewRoutes:
    """HTTP of saved views."""

    def __init__(self, documents: Documents) -> None:
        self._views: Final = Collection(documents, "axonml_views", View, "view")

    async def list_views(self, request: Call) -> ViewPage:
        """List the caller's own views and the team's."""
        visible, bound = visible_to(caller_of(request))
        tail = f"WHERE {visible} ORDER BY lower(data ->> 'name'), id LIMIT {2 * _MAX_VIEWS}"
        return ViewPage(await self._views.find(tail, bound))

    async def create_view(self, request: Call, data: NewView) -> View:
        """Save a view."""
        caller = caller_of(request)
        if caller.role is Role.VIEWER:
            raise Forbidden("a viewer cannot save views; ask an admin for the role member")
        if await self._views.count("WHERE user_id = $1", (caller.user_id,)) >= _MAX_VIEWS:
            raise Invalid(f"you have {_MAX_VIEWS} views already; delete one first")
        at = now()
        view = View(
            id=new_id(),
            user_id=caller.user_id,
            name=data.name,
            path=data.path,
            query=data.query,
            visibility=data.visibility,
            created_at=at,
            updated_at=at,
        )
        await self._views.insert(view)
        return view

    async def change_view(self, request: Call, view_id: str, data: ViewChange) -> View:
        """Rename a view, or save another address under its name."""
        _ = await self._writable(caller_of(request), view_id)
        fields = {
            name: value
            for name in data.__struct_fields__
            if (value := getattr(data, name)) is not UNSET
        }
        return await self._views.update(
            view_id, lambda view: msgspec.structs.replace(view, **fields, updated_at=now())
        )

    async def delete_view(self, request: Call, view_id: str) -> None:
        """Delete a view."""
        _ = await self._writable(caller_of(request), view_id)
        _ = await self._views.delete(view_id)

    async def _writable(self, caller: Caller, view_id: str) -> View:
        view = await self._views.require(view_id)
        check_write(caller, view, "view")
        return view

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        kind: dict[str, Any] = {"tags": ["training"]}
        views, view = "/api/training/views", "/api/training/views/{view_id:str}"
        return [
            get(views, opt=READ, **kind)(self.list_views),
            post(views, opt=RUNS_WRITE, **kind)(self.create_view),
            patch(view, opt=RUNS_WRITE, **kind)(self.change_view),
            delete(view, opt=RUNS_WRITE, **kind)(self.delete_view),
        ]
