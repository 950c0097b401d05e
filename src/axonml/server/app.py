"""The composition root: builds everything, top to bottom, and chooses every implementation."""

from collections.abc import Sequence
from typing import Any, Final, Protocol

from litestar import Litestar
from litestar.handlers import BaseRouteHandler
from starlette.types import ASGIApp

from axonml.admin.accounts import AccountAdminRoutes, WatchRoutes
from axonml.admin.stats import Counts, StatsRoutes
from axonml.auth.build import Auth, build_auth
from axonml.auth.users import RegistrationRules
from axonml.config import Config
from axonml.formats.inspect import Inspector
from axonml.http.decode import JsonRequest
from axonml.http.guard import Guard, check_access_declared
from axonml.http.headers import Cors, SecurityHeaders
from axonml.http.health import HealthRoutes
from axonml.http.limits import Budgets, behind_proxies
from axonml.http.observe import Observe, RequestMetrics
from axonml.http.openapi import OpenapiRoutes, document
from axonml.http.origins import Origins, dashboard_origins
from axonml.http.problems import on_error
from axonml.http.sockets import Sockets
from axonml.inference.build import Inference, build_inference
from axonml.inference.deployments import DeployedVersions
from axonml.inference.endpoints import Endpoints
from axonml.inference.engines.embedded import EmbeddedEngine
from axonml.inference.store import EndpointStore
from axonml.live import Live
from axonml.registry.arrivals import Arrivals
from axonml.registry.catalogue import Catalogue
from axonml.registry.catalogue_routes import CatalogueRoutes
from axonml.registry.history import Events
from axonml.registry.models import Models
from axonml.registry.resumable import Resumable, UploadLimits
from axonml.registry.routes import RegistryRoutes
from axonml.registry.store import RegistryStore
from axonml.registry.upload_routes import UploadRoutes
from axonml.registry.upload_store import UploadStore
from axonml.registry.uploads import Uploads
from axonml.storage.open import open_storage
from axonml.storage.protocols import Storage
from axonml.training.bulk import Bulk, BulkRoutes
from axonml.training.compare import Compare, CompareRoutes
from axonml.training.forks import ForkRoutes, Forks
from axonml.training.heartbeats import HeartbeatRoutes, Heartbeats
from axonml.training.history import History
from axonml.training.importance import ImportanceRoutes, Importances
from axonml.training.ingest import Ingest
from axonml.training.jobs import LocalJobs
from axonml.training.launch_routes import LaunchRoutes
from axonml.training.launchable import Launchable, Place
from axonml.training.launches import Launches
from axonml.training.list_routes import ListRoutes
from axonml.training.listing import Listing
from axonml.training.logs import Logs
from axonml.training.media import Media
from axonml.training.media_routes import MediaRoutes
from axonml.training.media_store import MediaStore
from axonml.training.projects import ProjectRoutes, Projects
from axonml.training.retention import Retention, RetentionRoutes
from axonml.training.routes import TrainingRoutes
from axonml.training.runs import Runs
from axonml.training.searchable import catch_up
from axonml.training.store import RunStore
from axonml.training.stream import Stream
from axonml.training.trainers import TrainerRoutes
from axonml.training.trash import Trash, TrashRoutes
from axonml.training.views import ViewRoutes
from axonml.training.weigher import Weigher
from axonml.web import page


class Closes(Protocol):
    """A part with a task of its own."""

    async def close(self) -> None:
        """End the task."""
        ...


class Server:
    """A built server: `app` answers, `drain` says goodbye to watchers, `close` ends the rest."""

    def __init__(
        self,
        app: ASGIApp,
        storage: Storage,
        sockets: Sockets,
        inference: Inference,
        auth: Auth,
        tasks: Sequence[Closes],
    ) -> None:
        self.app: Final = app
        self._storage: Final = storage
        self._sockets: Final = sockets
        self._inference: Final = inference
        self._auth: Final = auth
        self._tasks: Final = tasks

    async def setup_token(self) -> str | None:
        """Return the token that the first account must show, None where it need not."""
        return await self._auth.setup_token()

    async def drain(self) -> None:
        """Close the sockets with a code that says: come again."""
        await self._sockets.drain()

    async def close(self) -> None:
        """End endpoints and tasks, then the storage; nothing acknowledged is lost."""
        await self._inference.supervisor.close()
        await self._inference.metrics.close()
        for task in self._tasks:
            await task.close()
        self._auth.close()
        await self._storage.close()


async def build(config: Config) -> Server:
    """Open the data folder and return the server on it, ready for requests.

    Raises:
        StartupError: the data folder or the configuration cannot be used.
    """
    storage = await open_storage(config)
    try:
        return await _assemble(config, storage)
    except BaseException:
        await storage.close()
        raise


async def _assemble(config: Config, storage: Storage) -> Server:
    live, sockets, budgets = Live(), Sockets(), Budgets(config.limits)
    requests = RequestMetrics()
    is_local = not RegistrationRules.of(config).is_exposed
    origins = Origins(dashboard_origins(config), config.dashboard.port, is_local=is_local)
    auth = build_auth(config, storage, origins, sockets)

    run_store = RunStore(storage.documents)
    runs = Runs(run_store, storage.series, live)
    logs = Logs(storage.series, live)
    launchable = _launchable(config)
    launches = Launches(
        runs,
        run_store,
        logs,
        LocalJobs(config.home, config.launch.env),
        launchable,
        config.launch.max_parallel,
        auth.job_tokens,
    )
    heartbeats = Heartbeats(runs, run_store, config.training.lost_after_s)
    training = TrainingRoutes(
        runs,
        launches,
        heartbeats,
        Ingest(storage.series, live),
        History(storage.series),
        logs,
        Stream(runs, storage.series, live, sockets),
        budgets,
    )

    endpoints, endpoint_store = Endpoints(), EndpointStore(storage.documents)
    deployed = DeployedVersions(endpoints, endpoint_store)
    registry_store = RegistryStore(storage.documents)
    models = Models(registry_store, storage.blobs, config.home, deployed)
    catalogue = Catalogue(models, registry_store, runs, deployed, auth.store.names_of)

    media_store = MediaStore(storage.documents)
    media = Media(media_store, storage.blobs, live, models.placing, config.limits.upload_bytes)

    _ = await catch_up(storage.documents, run_store.runs)
    listing = Listing(storage.documents, run_store, storage.series)
    trash = Trash(
        storage.documents,
        run_store,
        storage.series,
        live,
        config.training.trash_days,
        (launches.forget, media.forget),
    )
    bulk = Bulk(runs, trash)
    projects = Projects(storage.documents, listing, bulk)
    retention = Retention(storage.documents, run_store, storage.series, projects)
    compare = Compare(listing)
    weigher = Weigher()
    forks = ForkRoutes(Forks(runs, run_store, storage.series, live, media))

    arrivals = Arrivals(models, registry_store, storage.blobs, config.home, Inspector().inspect)
    registry = RegistryRoutes(
        models,
        catalogue,
        Uploads(models, arrivals, storage.blobs, config.limits.upload_bytes),
    )

    resumable = _resumable(config, storage, models, arrivals, registry_store)

    inference = build_inference(
        config, endpoints, endpoint_store, models, EmbeddedEngine(), storage.series, live
    )

    counts = Counts(auth.store.count_accounts, run_store.count_by_status, lambda: len(sockets))
    stats = StatsRoutes(config.home, storage.series, counts)

    handlers = [
        *auth.handlers,
        *stats.handlers(),
        *AccountAdminRoutes(auth).handlers(),
        *WatchRoutes(auth, budgets).handlers(),
        *training.handlers(),
        *ListRoutes(listing).handlers(),
        *TrashRoutes(trash).handlers(),
        *BulkRoutes(bulk).handlers(),
        *ProjectRoutes(projects).handlers(),
        *RetentionRoutes(retention, trash).handlers(),
        *ViewRoutes(storage.documents).handlers(),
        *CompareRoutes(compare, weigher).handlers(),
        *ImportanceRoutes(Importances(compare, weigher)).handlers(),
        *forks.handlers(),
        *LaunchRoutes(launches, launchable).handlers(),
        *HeartbeatRoutes(runs, heartbeats).handlers(),
        *TrainerRoutes().handlers(),
        *MediaRoutes(runs, media, media_store, storage.blobs, heartbeats, budgets).handlers(),
        *registry.handlers(),
        *CatalogueRoutes(
            models, catalogue, Events(storage.documents, auth.store.names_of)
        ).handlers(),
        *UploadRoutes(resumable).handlers(),
        *inference.handlers,
        *HealthRoutes(requests, _is_ready, (inference.prometheus.render,)).handlers(),
    ]
    guard = Guard(auth.callers, budgets, origins, auth.audit)
    app = _with_edges(config, handlers, guard, origins, requests)
    await inference.supervisor.open()
    inference.metrics.open()
    trash.open()
    retention.open()
    resumable.open()
    await launches.open()
    heartbeats.open()
    tasks = (launches, heartbeats, trash, retention, weigher, resumable)
    return Server(app, storage, sockets, inference, auth, tasks)


def _resumable(
    config: Config, storage: Storage, models: Models, arrivals: Arrivals, store: RegistryStore
) -> Resumable:
    limits = config.limits
    return Resumable(
        models,
        arrivals,
        store,
        UploadStore(storage.documents),
        config.home / "blobs" / "uploads",
        UploadLimits(
            limits.upload_bytes, limits.uploads_per_account, limits.uploads, limits.upload_hours
        ),
    )


def _launchable(config: Config) -> Launchable:
    return Launchable(
        Place(
            home=config.home,
            server=config.api_url,
            grace_s=config.launch.grace_s,
            log_bytes=config.launch.log_bytes,
            entrypoints=config.launch.commands(),
        )
    )


def _with_edges(
    config: Config,
    handlers: list[BaseRouteHandler],
    guard: Guard,
    origins: Origins,
    requests: RequestMetrics,
) -> ASGIApp:
    """Return the API behind guard, CORS, security headers and access log, beside the page."""
    api: Any = Litestar(
        [*handlers, *OpenapiRoutes().handlers()],
        middleware=[guard],
        request_class=JsonRequest,
        request_max_body_size=config.limits.json_bytes,
        exception_handlers={Exception: on_error},
        openapi_config=None,
        logging_config=None,  # ours is open already
        debug=False,
    )
    check_access_declared(api)
    _ = document(api)  # a route that cannot be described stops the start, not a reader
    app = page(lambda _: "", Cors(api, origins))
    app = Observe(SecurityHeaders(app), requests)
    return behind_proxies(app, config.server.trusted_proxies)


async def _is_ready() -> str:
    return ""
