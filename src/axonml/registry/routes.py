"""HTTP of the registry: /api/models/*."""

from typing import Annotated, Any, Final

from litestar import Request, Response, delete, get, post, put
from litestar.handlers import BaseRouteHandler
from litestar.params import Parameter
from litestar.types import ASGIApp
from starlette.responses import FileResponse

from axonml.errors import Invalid
from axonml.http.caller import MODELS_WRITE, READ, audited, caller_of
from axonml.http.openapi import described
from axonml.http.own_run import FOR_JOBS
from axonml.ids import RunId
from axonml.registry.catalogue import Catalogue
from axonml.registry.models import Models
from axonml.registry.types import (
    AliasTarget,
    Model,
    ModelChange,
    ModelVersion,
    NewModel,
    RunModels,
    UploadForm,
    VersionPage,
)
from axonml.registry.uploads import Uploads

Call = Request[Any, Any, Any]
AliasName = Annotated[str, Parameter(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}$")]
Text = Annotated[str, Parameter(max_length=1024)]
_MODEL: Final = "/api/models/{model_id:str}"
_ALIAS: Final = f"{_MODEL}/aliases/{{alias:str}}"
_UPLOAD: Final = described(body={"multipart/form-data": UploadForm})
_FILE: Final = described(answers={"application/octet-stream": bytes})
_VERSION: Final = f"{_MODEL}/versions/{{version:str}}"


class RegistryRoutes:
    """Models, versions, uploads and downloads."""

    def __init__(self, models: Models, catalogue: Catalogue, uploads: Uploads) -> None:
        self._models: Final = models
        self._catalogue: Final = catalogue
        self._uploads: Final = uploads

    async def create_model(self, request: Call, data: NewModel) -> Model:
        """Create a model without versions."""
        return await self._models.create(caller_of(request), data)

    async def get_model(self, request: Call, model_id: str) -> Model:
        """Return a model."""
        return await self._models.get(caller_of(request), model_id)

    async def change_model(self, request: Call, model_id: str, data: ModelChange) -> Model:
        """Change name, description, type, tags or visibility."""
        return await self._models.change(caller_of(request), model_id, data)

    async def delete_model(self, request: Call, model_id: str) -> None:
        """Delete a model with its versions and their bytes."""
        await self._models.delete(caller_of(request), model_id)

    async def set_alias(
        self, request: Call, model_id: str, alias: AliasName, data: AliasTarget
    ) -> Model:
        """Point an alias at a version."""
        if alias == "latest":
            raise Invalid("`latest` always is the newest version; choose another alias")
        return await self._models.set_alias(caller_of(request), model_id, alias, data)

    async def drop_alias(
        self, request: Call, model_id: str, alias: AliasName, reason: Text = ""
    ) -> None:
        """Remove an alias."""
        await self._models.drop_alias(caller_of(request), model_id, alias, reason)

    async def list_versions(self, request: Call, model_id: str) -> VersionPage:
        """List a model's versions, newest first."""
        versions = await self._models.versions(caller_of(request), model_id)
        return VersionPage(await self._catalogue.named(versions), None)

    async def upload_version(self, request: Call, model_id: str) -> ModelVersion:
        """Upload a version: multipart with a part `file` and, before or after it, `metadata`."""
        kind, options = request.content_type
        boundary = options.get("boundary", "") if kind == "multipart/form-data" else ""
        caller = caller_of(request)
        version = await self._uploads.receive(caller, model_id, boundary, request.stream())
        return (await self._catalogue.named([version]))[0]

    async def get_version(self, request: Call, model_id: str, version: str) -> ModelVersion:
        """Return a version: by number, `latest` or an alias."""
        _, found = await self._models.version(caller_of(request), model_id, version)
        return (await self._catalogue.named([found]))[0]

    async def delete_version(self, request: Call, model_id: str, version: str) -> None:
        """Delete a version and free its bytes."""
        await self._models.delete_version(caller_of(request), model_id, version)

    async def download_version(self, request: Call, model_id: str, version: str) -> ASGIApp:
        """Download the file; takes `Range`, and `If-None-Match` with the SHA-256 as ETag."""
        model, found = await self._models.version(caller_of(request), model_id, version)
        etag = f'"{found.sha256}"'
        headers = {"etag": etag, "cache-control": "private, no-cache"}
        if request.headers.get("if-none-match") == etag:
            return Response(None, status_code=304, headers=headers)  # pyright: ignore[reportReturnType]  # an ASGI app too
        path = await self._models.file_of(found)
        name = f"{model.name}-v{found.version}{path.suffix}"
        # Starlette's type of a scope differs from Litestar's by name only.
        return FileResponse(  # pyright: ignore[reportReturnType]  # see above
            path, filename=name, media_type="application/octet-stream", headers=headers
        )

    async def list_run_models(self, request: Call, run_id: str) -> RunModels:
        """List the model versions that a run made."""
        return RunModels(await self._models.made_by(caller_of(request), RunId(run_id)))

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        kind: dict[str, Any] = {"tags": ["models"]}
        return [
            post("/api/models", opt={**MODELS_WRITE, **FOR_JOBS}, **kind)(self.create_model),
            get(_MODEL, opt=READ, **kind)(self.get_model),
            put(_MODEL, opt={**MODELS_WRITE, **audited("model_changed")}, **kind)(
                self.change_model
            ),
            delete(_MODEL, opt={**MODELS_WRITE, **audited("model_deleted")}, **kind)(
                self.delete_model
            ),
            put(_ALIAS, opt={**MODELS_WRITE, **audited("alias_set")}, **kind)(self.set_alias),
            delete(_ALIAS, opt={**MODELS_WRITE, **audited("alias_removed")}, **kind)(
                self.drop_alias
            ),
            get(f"{_MODEL}/versions", opt=READ, **kind)(self.list_versions),
            post(
                f"{_MODEL}/versions",
                opt={**MODELS_WRITE, **FOR_JOBS, **_UPLOAD},
                request_max_body_size=None,
                **kind,
            )(self.upload_version),
            get(_VERSION, opt=READ, **kind)(self.get_version),
            delete(_VERSION, opt={**MODELS_WRITE, **audited("version_deleted")}, **kind)(
                self.delete_version
            ),
            get("/api/training/runs/{run_id:str}/models", opt=READ, **kind)(self.list_run_models),
            get(f"{_VERSION}/download", opt={**READ, **_FILE}, **kind)(self.download_version),
        ]
