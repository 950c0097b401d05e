"""HTTP of what people look for in the registry: lists, cards, history, comparison, approval."""

from typing import Annotated, Any, Final, Literal

from litestar import Request, delete, get, patch, post
from litestar.handlers import BaseRouteHandler
from litestar.params import Parameter

from axonml.errors import Invalid
from axonml.http.caller import MODELS_WRITE, READ, audited, caller_of
from axonml.registry.card import Card, CardDraft, rendered
from axonml.registry.catalogue import Catalogue, Lineage, ModelWords, VersionFiles
from axonml.registry.compare import VersionComparison
from axonml.registry.history import Events, ModelHistory
from axonml.registry.models import Models
from axonml.registry.store import SORTS, Wanted
from axonml.registry.types import Approving, ModelPage, ModelVersion, VersionChange

Call = Request[Any, Any, Any]
Limit = Annotated[int, Parameter(ge=1, le=1000)]
Text = Annotated[str, Parameter(max_length=512)]
_MODEL: Final = "/api/models/{model_id:str}"
_VERSION: Final = f"{_MODEL}/versions/{{version:str}}"
_MOST_TAGS: Final = 16


class CatalogueRoutes:
    """Lists of models and versions, and what is known of each."""

    def __init__(self, models: Models, catalogue: Catalogue, events: Events) -> None:
        self._models: Final = models
        self._catalogue: Final = catalogue
        self._events: Final = events

    async def list_models(  # noqa: PLR0913, PLR0917  # one argument for each query parameter
        self,
        request: Call,
        q: Text = "",
        name: Text = "",
        tag: list[str] | None = None,
        alias: Text = "",
        file_format: Annotated[str, Parameter(query="format", max_length=512)] = "",
        deployed: Literal["true", "false"] | None = None,
        sort: str = "-created_at",
        limit: Limit = 50,
        cursor: str | None = None,
    ) -> ModelPage:
        """List the models that the caller may see; `q` is sought in name, type, tags and card."""
        if sort not in SORTS:
            raise Invalid(f"sort is one of {', '.join(SORTS)}, not {sort[:64]!r}")
        if tag is not None and len(tag) > _MOST_TAGS:
            raise Invalid(f"ask for at most {_MOST_TAGS} tags at once")
        wanted = Wanted(
            text=q,
            name=name,
            tags=tuple(tag or ()),
            alias=alias,
            format=file_format,
            is_deployed=None if deployed is None else deployed == "true",
        )
        return await self._catalogue.page(caller_of(request), wanted, sort, cursor, limit)

    async def list_model_words(self, request: Call) -> ModelWords:
        """List the tags, aliases and formats that there are, to filter by."""
        return await self._catalogue.words(caller_of(request))

    async def get_card(self, request: Call, model_id: str) -> Card:
        """Return the model card, as Markdown and as HTML without anything that could act."""
        model = await self._models.get(caller_of(request), model_id)
        return await rendered(model.description)

    async def preview_card(self, request: Call, model_id: str, data: CardDraft) -> Card:
        """Return how a card would look; nothing is stored."""
        _ = await self._models.get(caller_of(request), model_id)
        return await rendered(data.markdown)

    async def list_model_history(
        self, request: Call, model_id: str, limit: Limit = 50, cursor: str | None = None
    ) -> ModelHistory:
        """List what happened to the model, newest first."""
        model = await self._models.get(caller_of(request), model_id)
        return await self._events.page(model.id, cursor, limit)

    async def compare_versions(
        self, request: Call, model_id: str, versions: Text
    ) -> VersionComparison:
        """Compare 2 to 4 versions: `versions=1,3`, numbers, aliases or `latest`."""
        refs = [ref.strip() for ref in versions.split(",") if ref.strip()]
        return await self._catalogue.compare(caller_of(request), model_id, refs)

    async def change_version(
        self, request: Call, model_id: str, version: str, data: VersionChange
    ) -> ModelVersion:
        """Change what people say of a version: its description and tags."""
        caller = caller_of(request)
        changed = await self._models.change_version(caller, model_id, version, data)
        return (await self._catalogue.named([changed]))[0]

    async def list_version_files(self, request: Call, model_id: str, version: str) -> VersionFiles:
        """List the files of a version, with their hashes."""
        return await self._catalogue.files(caller_of(request), model_id, version)

    async def get_lineage(self, request: Call, model_id: str, version: str) -> Lineage:
        """Return the run that made a version, and the endpoints that serve it."""
        return await self._catalogue.lineage(caller_of(request), model_id, version)

    async def approve_version(
        self, request: Call, model_id: str, version: str, data: Approving
    ) -> ModelVersion:
        """Allow a version to be deployed, of a model that asks for that."""
        return await self._decide(request, model_id, version, data.reason, is_approved=True)

    async def withdraw_approval(
        self, request: Call, model_id: str, version: str, reason: Text = ""
    ) -> None:
        """Withdraw an approval; what is deployed already stays."""
        _ = await self._decide(request, model_id, version, reason, is_approved=False)

    async def _decide(
        self, request: Call, model_id: str, version: str, reason: str, *, is_approved: bool
    ) -> ModelVersion:
        caller = caller_of(request)
        decided = await self._models.approve(
            caller, model_id, version, reason, is_approved=is_approved
        )
        return (await self._catalogue.named([decided]))[0]

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        kind: dict[str, Any] = {"tags": ["models"]}
        approving = {**MODELS_WRITE, **audited("version_approved")}
        withdrawing = {**MODELS_WRITE, **audited("approval_withdrawn")}
        approval = f"{_VERSION}/approval"
        return [
            get("/api/models", opt=READ, **kind)(self.list_models),
            get("/api/models/words", opt=READ, **kind)(self.list_model_words),
            get(f"{_MODEL}/card", opt=READ, **kind)(self.get_card),
            post(f"{_MODEL}/card/preview", opt=READ, status_code=200, **kind)(self.preview_card),
            get(f"{_MODEL}/history", opt=READ, **kind)(self.list_model_history),
            get(f"{_MODEL}/compare", opt=READ, **kind)(self.compare_versions),
            patch(_VERSION, opt=MODELS_WRITE, **kind)(self.change_version),
            get(f"{_VERSION}/files", opt=READ, **kind)(self.list_version_files),
            get(f"{_VERSION}/lineage", opt=READ, **kind)(self.get_lineage),
            post(approval, opt=approving, status_code=200, **kind)(self.approve_version),
            delete(approval, opt=withdrawing, **kind)(self.withdraw_approval),
        ]
