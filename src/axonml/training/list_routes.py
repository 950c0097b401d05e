"""HTTP of the run list: pages, groups, the keys there are, and files by `Accept`."""

from typing import Annotated, Any, Final

from litestar import Request, Response, get
from litestar.handlers import BaseRouteHandler
from litestar.params import Parameter
from litestar.response import Stream

from axonml.http.caller import READ, caller_of
from axonml.http.openapi import described
from axonml.training.export import as_file, columns_of, csv_of_runs, entries_of
from axonml.training.groups import GroupPage, group_runs, page_of
from axonml.training.listing import MAX_PAGE, Listing, RunKeys, split_keys, wanted_of
from axonml.training.parquet import MEDIA_TYPE as PARQUET
from axonml.training.parquet import parquet_of_runs
from axonml.training.types import RunPage, RunStatus

Call = Request[Any, Any, Any]
Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
Text = Annotated[str, Parameter(max_length=8192)]
_CSV: Final = "text/csv"
_DEFAULT_LIMIT: Final = 50
_LIST: Final = described(
    answers={"application/json": RunPage, _CSV: str, PARQUET: bytes}, problems=(503,)
)


class ListRoutes:
    """Lists of runs."""

    def __init__(self, listing: Listing) -> None:
        self._listing: Final = listing

    async def list_runs(  # noqa: PLR0913, PLR0917  # one argument for each query parameter
        self,
        request: Call,
        filter_text: Annotated[str, Parameter(query="filter")] = "",
        q: Text = "",
        status: list[RunStatus] | None = None,
        project: Text = "",
        sort: Text = "-created_at",
        limit: Annotated[int | None, Parameter(ge=1, le=MAX_PAGE)] = None,
        cursor: str | None = None,
        deleted: bool = False,  # noqa: FBT001, FBT002  # a query parameter
        columns: Text = "",
    ) -> Response[RunPage] | Stream:
        """List the runs that the caller may see; 50 without a `limit`.

        `filter` is like `metrics.loss < 0.1 and (config.lr >= 1e-3 or tags.team = "vision")`.
        `sort` is a key, with a minus for descending; runs without it come last either way.
        `deleted` lists the trash instead. As CSV or Parquet it is all of them in one file, with
        `columns` like `name,metrics.loss.min,config.lr`.
        """
        wanted = wanted_of(filter_text, q, status, project, deleted=deleted)
        caller, accepts = caller_of(request), request.headers.get("accept", "")
        if _CSV in accepts or PARQUET in accepts:
            named = columns_of(columns)
            pages = entries_of(self._listing, caller, wanted, sort, limit)
            # What is wrong with the request is said now: the answer's status goes out first.
            _ = await self._listing.ids(caller, wanted, sort, None, 1)
            if _CSV in accepts:
                lines = csv_of_runs(pages, named)
                return Stream(lines, media_type=_CSV, headers=as_file("runs.csv"))
            file = await parquet_of_runs(pages, named)
            return Stream(file, media_type=PARQUET, headers=as_file("runs.parquet"))
        size = _DEFAULT_LIMIT if limit is None else limit
        return Response(await self._listing.page(caller, wanted, sort, cursor, size))

    async def group_runs(  # noqa: PLR0913, PLR0917  # one argument for each query parameter
        self,
        request: Call,
        by: Text,
        filter_text: Annotated[str, Parameter(query="filter")] = "",
        q: Text = "",
        status: list[RunStatus] | None = None,
        project: Text = "",
        metrics: Text = "",
        sort: Text = "",
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> GroupPage:
        """Group the runs that the caller may see by the value of a key.

        Each group tells the mean and spread of the `metrics` (with commas) of its runs. `sort` is
        `key`, `n_runs` or a metric; without one the group with the newest run comes first.
        """
        wanted = wanted_of(filter_text, q, status, project, deleted=False)
        names = split_keys(metrics)
        groups = await group_runs(self._listing, caller_of(request), wanted, by, names, sort)
        return page_of(groups, cursor, limit)

    async def list_columns(self, request: Call, project: Text = "") -> RunKeys:
        """List the config keys, metrics and tags that the caller's runs have."""
        return await self._listing.keys(caller_of(request), project)

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        kind: dict[str, Any] = {"tags": ["training"]}
        runs = "/api/training/runs"
        return [
            get(runs, opt={**READ, **_LIST}, **kind)(self.list_runs),
            get(f"{runs}/groups", opt=READ, **kind)(self.group_runs),
            get(f"{runs}/columns", opt=READ, **kind)(self.list_columns),
        ]
