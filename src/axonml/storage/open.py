"""Config -> Storage: the only importer of engines."""

import shutil
from contextlib import AsyncExitStack, suppress
from typing import Final

import apsw

from axonml.config import Config
from axonml.errors import StartupError
from axonml.storage.blobs.local import LocalBlobs
from axonml.storage.embedded.database import open_file, refuse_affected
from axonml.storage.embedded.documents import EmbeddedDocuments
from axonml.storage.embedded.keyvalue import EmbeddedKeyValue
from axonml.storage.embedded.readers import Readers
from axonml.storage.embedded.series import EmbeddedEngine
from axonml.storage.embedded.writer import Writer
from axonml.storage.intake import sync_folder
from axonml.storage.lock import FolderLock
from axonml.storage.protocols import Blobs, Storage
from axonml.storage.series import PackedSeries

_FOLDERS: Final = ("models", "runs", "logs", "blobs")
_LOW_BYTES: Final = 16 << 20


async def open_storage(config: Config) -> Storage:
    """Open the data folder, made and migrated where needed, for this process alone.

    Raises:
        StartupError: it cannot be used; the sentence says which part, why, and what to do.
    """
    if config.storage.url:
        raise StartupError(
            f"[storage] url = {config.storage.url!r}: this version keeps its tables in the data"
            " folder only; remove the setting (or AXONML_STORAGE_URL)"
        )
    refuse_affected(apsw.sqlite_lib_version())
    _make_folder(config)
    # What was opened is closed again in reverse order, also where the next part cannot open.
    async with AsyncExitStack() as opened:
        lock = FolderLock.acquire(config.home / "server.lock", config.api_url)
        _ = opened.callback(lock.release)
        storage = await _open_engines(config, opened)
        closing = opened.pop_all()
    return Storage(*storage, close=closing.aclose)


def _make_folder(config: Config) -> None:
    home = config.home
    try:
        made = [folder for folder in (home, *home.parents) if not folder.exists()]
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in _FOLDERS:
            (home / name).mkdir(mode=0o700, exist_ok=True)
        for folder in made:
            with suppress(PermissionError):  # we may enter the parent, but not list it
                sync_folder(folder.parent)
        free = shutil.disk_usage(home).free
    except OSError as error:
        raise StartupError(
            f"cannot use the data folder {home}: {error.strerror};"
            " mend its permissions, or name another folder with AXONML_HOME"
        ) from None
    if free < _LOW_BYTES:
        raise StartupError(
            f"the disk with the data folder {home} has {free >> 20} MiB left; free some space"
        )


async def _open_engines(
    config: Config, opened: AsyncExitStack
) -> tuple[EmbeddedDocuments, EmbeddedKeyValue, PackedSeries, Blobs]:
    durability = config.server.durability
    documents_path, series_path = config.home / "axon.db", config.home / "metrics.db"
    documents_writer = Writer(open_file(documents_path, "axon", durability), "axon-writer")
    _ = opened.push_async_callback(documents_writer.close)
    series_writer = Writer(open_file(series_path, "metrics", durability), "metrics-writer")
    _ = opened.push_async_callback(series_writer.close)
    documents_readers = Readers(documents_path, durability, beside=series_path)
    _ = opened.push_async_callback(documents_readers.close)
    series_readers = Readers(series_path, durability)
    _ = opened.push_async_callback(series_readers.close)
    series = PackedSeries(EmbeddedEngine(series_readers, series_writer))
    await series.start()
    _ = opened.push_async_callback(series.close)
    return (
        EmbeddedDocuments(documents_readers, documents_writer),
        EmbeddedKeyValue(documents_readers, documents_writer),
        series,
        await _open_blobs(config),
    )


async def _open_blobs(config: Config) -> Blobs:
    stored, folder = config.storage, config.home / "blobs"
    if not stored.blobs:
        return LocalBlobs(folder)
    try:
        from axonml.storage.blobs.objects import ObjectBlobs
    except ImportError:
        raise StartupError(
            "[storage] blobs needs a package that is not installed:"
            " pip install 'axonml-dashboard[s3]'"
        ) from None
    return await ObjectBlobs.opened(
        stored.blobs, stored.blobs_endpoint, stored.blobs_region, folder, stored.cache_bytes
    )
