"""Config -> Storage: the only importer of engines."""

import shutil

import apsw

from axonml.config import Config
from axonml.errors import StartupError
from axonml.storage.blobs.local import LocalBlobs
from axonml.storage.embedded.database import connect, open_file, refuse_affected
from axonml.storage.embedded.documents import EmbeddedDocuments
from axonml.storage.embedded.keyvalue import EmbeddedKeyValue
from axonml.storage.embedded.series import EmbeddedSeries
from axonml.storage.embedded.writer import Writer
from axonml.storage.lock import FolderLock
from axonml.storage.protocols import Storage

_FOLDERS = ("models", "runs", "logs", "blobs")
_LOW_BYTES = 16 << 20


async def open_storage(config: Config) -> Storage:
    """Open the data folder, made and migrated where needed, for this process alone.

    Raises:
        StartupError: it cannot be used; the sentence says which part, why, and what to do.
    """
    for setting, value in (("url", config.storage.url), ("blobs", config.storage.blobs)):
        if value:
            raise StartupError(
                f"[storage] {setting} = {value!r}: this version stores in the data folder only;"
                f" remove the setting (or AXONML_STORAGE_{setting.upper()})"
            )
    refuse_affected(apsw.sqlite_lib_version())
    _make_folder(config)
    lock = FolderLock.acquire(config.home / "server.lock", config.api_url)
    try:
        return await _open_engines(config, lock)
    except BaseException:
        lock.release()
        raise


def _make_folder(config: Config) -> None:
    home = config.home
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in _FOLDERS:
            (home / name).mkdir(mode=0o700, exist_ok=True)
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


async def _open_engines(config: Config, lock: FolderLock) -> Storage:
    durability = config.server.durability
    documents_path, series_path = config.home / "axon.db", config.home / "metrics.db"
    documents_writer = Writer(open_file(documents_path, "axon", durability), "axon-writer")
    try:
        series_writer = Writer(open_file(series_path, "metrics", durability), "metrics-writer")
    except BaseException:
        documents_writer.close()
        raise
    reader = connect(documents_path, durability, read_only=True)
    series = EmbeddedSeries(series_path, durability, series_writer)
    await series.start()

    async def close() -> None:
        await series.close()
        series_writer.close()
        documents_writer.close()
        reader.close()
        lock.release()

    return Storage(
        documents=EmbeddedDocuments(reader, documents_writer),
        keys=EmbeddedKeyValue(reader, documents_writer),
        series=series,
        blobs=LocalBlobs(config.home / "blobs"),
        close=close,
    )
