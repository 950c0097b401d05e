"""Projects: the names that runs are kept under, and what was set for each."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, get, patch, put
from litestar.handlers import BaseRouteHandler
from msgspec import Meta

from axonml.clock import as_datetime
from axonml.errors import Forbidden, NotFound
from axonml.http.caller import READ, RUNS_WRITE, Caller, Role, caller_of
from axonml.storage.collection import Collection
from axonml.storage.protocols import Documents
from axonml.training.bulk import Bulk, BulkAction, BulkAnswer, BulkFailure
from axonml.training.listing import Listing, Wanted
from axonml.training.types import Name, RunStatus

Call = Request[Any, Any, Any]


class ProjectSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What was set for a project; `id` is its name."""

    id: str
    retention_days: int | None = None


class ProjectChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """PUT /api/training/projects/:name: how long every point is kept; null for ever.

    After that a finished run keeps what its charts draw: every extreme, but not every point.
    """

    retention_days: Annotated[int, Meta(ge=1, le=36_500)] | None = None


class ProjectName(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """PATCH /api/training/projects/:name: the new name; one that is there takes the runs in."""

    name: Name


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """A project with the runs that the caller may see in it."""

    name: str
    n_runs: int
    by_status: dict[RunStatus, int]
    last_run_at: str | None
    retention_days: int | None = None


class ProjectPage(msgspec.Struct, frozen=True):
    """Every project that the caller may see a run of, by name."""

    items: list[Project]
    next_cursor: str | None = None


class Projects:
    """Counts runs by project, renames projects, and keeps their settings."""

    def __init__(self, documents: Documents, listing: Listing, bulk: Bulk) -> None:
        self.settings: Final = Collection(documents, "axonml_projects", ProjectSettings, "project")
        self._listing: Final = listing
        self._bulk: Final = bulk

    async def all(self, caller: Caller) -> list[Project]:
        """Return the projects, by name."""
        conditions = await self._listing.conditions(caller, Wanted())
        rows = await self._listing.scan(
            conditions,
            "SELECT r.project, r.status, count(*), max(r.created_at)",
            "GROUP BY r.project, r.status ORDER BY r.project, r.status",
        )
        known = {each.id: each.retention_days for each in await self.settings.find()}
        by_status: dict[str, dict[RunStatus, int]] = {}
        last: dict[str, int] = {}
        for name, status, n_runs, created in rows:
            by_status.setdefault(name, {})[RunStatus(status)] = n_runs
            last[name] = max(last.get(name, 0), created)
        return [
            Project(
                name=name,
                n_runs=sum(counts.values()),
                by_status=counts,
                last_run_at=as_datetime(last[name]).isoformat().replace("+00:00", "Z"),
                retention_days=known.get(name),
            )
            for name, counts in by_status.items()
        ]

    async def one(self, caller: Caller, name: str) -> Project:
        """Return one project; `NotFound` where the caller sees no run of it."""
        for project in await self.all(caller):
            if project.name == name:
                return project
        raise NotFound(f"there is no project {name[:64]!r}", code="project_not_found")

    async def rename(self, caller: Caller, name: str, new_name: str) -> BulkAnswer:
        """Move every run of the project that the caller may see; tell which were refused."""
        _ = await self.one(caller, name)
        done: list[str] = []
        failed: list[BulkFailure] = []
        ids, cursor = await self._ids(caller, name, None)
        while True:
            answer = await self._bulk.act(
                caller, BulkAction(action="move", runs=tuple(ids), value=new_name)
            )
            done += answer.done
            failed += answer.failed
            if cursor is None:
                return BulkAnswer(done, failed)
            ids, cursor = await self._ids(caller, name, cursor)

    async def _ids(
        self, caller: Caller, name: str, cursor: str | None
    ) -> tuple[list[str], str | None]:
        ids, after, _ = await self._listing.ids(
            caller, Wanted(project=name), "created_at", cursor, 1000
        )
        return ids, after

    async def set(self, caller: Caller, name: str, change: ProjectChange) -> Project:
        """Set how long the project keeps every point; it is for all users' runs in it."""
        if caller.role is not Role.ADMIN:
            raise Forbidden("only an admin may set how long a project's points are kept")
        project = await self.one(caller, name)
        settings = ProjectSettings(id=name, retention_days=change.retention_days)
        if await self.settings.get(name) is None:
            await self.settings.insert(settings)
        else:
            _ = await self.settings.update(name, lambda _: settings)
        return msgspec.structs.replace(project, retention_days=change.retention_days)


class ProjectRoutes:
    """HTTP of projects."""

    def __init__(self, projects: Projects) -> None:
        self._projects: Final = projects

    async def list_projects(self, request: Call) -> ProjectPage:
        """List the projects that have a run that the caller may see."""
        return ProjectPage(await self._projects.all(caller_of(request)))

    async def get_project(self, request: Call, project: str) -> Project:
        """Return one project."""
        return await self._projects.one(caller_of(request), project.removeprefix("/"))

    async def rename_project(self, request: Call, project: str, data: ProjectName) -> BulkAnswer:
        """Rename a project: its runs move, but for those that the caller may only read."""
        name = project.removeprefix("/")
        return await self._projects.rename(caller_of(request), name, data.name)

    async def set_project(self, request: Call, project: str, data: ProjectChange) -> Project:
        """Set how long every point of the project's runs is kept."""
        return await self._projects.set(caller_of(request), project.removeprefix("/"), data)

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        kind: dict[str, Any] = {"tags": ["training"]}
        # A path, not a segment: names may have slashes.
        one = "/api/training/projects/{project:path}"
        return [
            get("/api/training/projects", opt=READ, **kind)(self.list_projects),
            get(one, opt=READ, **kind)(self.get_project),
            patch(one, opt=RUNS_WRITE, **kind)(self.rename_project),
            put(one, opt=RUNS_WRITE, **kind)(self.set_project),
        ]
