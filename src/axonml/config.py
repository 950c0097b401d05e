"""One frozen configuration: `config.toml` in the data folder, then `AXONML_*`, then flags.

`AXONML_<SECTION>_<KEY>` overrides a key (`AXONML_SERVER_PORT=3000`); `AXONML_HOME` is the folder.
"""

import os
import tomllib
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from axonml.errors import StartupError

HOME_VARIABLE: Final = "AXONML_HOME"


class ServerConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The API. Only `durability` "full" fsyncs before it acknowledges."""

    host: str = "127.0.0.1"
    port: int = 3000
    trusted_proxies: tuple[str, ...] = ()
    durability: Literal["full", "relaxed"] = "full"


class DashboardConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The page on its own port. `origins` are further browser origins that may call the API."""

    host: str = "127.0.0.1"
    port: int = 8080
    origins: tuple[str, ...] = ()


class AuthConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Accounts. `registration` "" means open on a loopback host, invite otherwise.

    With `require_mfa` who signs in without a second factor can do nothing but set one up.
    """

    registration: Literal["", "open", "invite", "closed"] = ""
    require_mfa: bool = False
    access_minutes: int = 15
    idle_days: int = 7
    session_days: int = 30
    argon2_memory_kib: int = 19456
    argon2_passes: int = 2


class StorageConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where data lives. `url` "" is SQLite in the data folder; `blobs` "" is its folder `blobs`.

    With `blobs` `s3://bucket/prefix`, files are objects, and `blobs` has copies of `cache_bytes`.
    """

    url: str = ""
    blobs: str = ""
    blobs_endpoint: str = ""
    blobs_region: str = "us-east-1"
    cache_bytes: Annotated[int, Meta(ge=0)] = 20 << 30


class TrainingConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Runs. A deleted one is purged with its points after `trash_days`.

    A script's run that nothing is heard of for `lost_after_s` seconds is lost, until it speaks.
    """

    trash_days: int = 7
    lost_after_s: float = 300.0


class Entrypoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A command that may be started; `cwd` "" is its run's folder, and `max_seconds` end it."""

    command: Annotated[tuple[str, ...], Meta(min_length=1)]
    cwd: Annotated[str, Meta(pattern="^(/|$)")] = ""
    max_seconds: Annotated[float, Meta(gt=0, le=366 * 86_400)] | None = None


class LaunchConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Trainings that this server starts: so many at once, each with `grace_s` seconds to stop.

    `entrypoints` are the commands that may be started from the page, by name; bare, or with more
    to say of them. None is empty: the arguments of whoever launches it would be the command.
    `env` names what jobs see of the server's environment besides what is harmless; the server's
    own settings are never among it. Of what one attempt prints `log_bytes` are kept.
    """

    max_parallel: Annotated[int, Meta(ge=1)] = 2
    grace_s: Annotated[float, Meta(ge=0, le=86_400)] = 30.0
    log_bytes: Annotated[int, Meta(ge=64 << 10, le=1 << 40)] = 64 << 20
    entrypoints: dict[str, Annotated[tuple[str, ...], Meta(min_length=1)] | Entrypoint] = {}
    env: tuple[Annotated[str, Meta(pattern=r"^(?!AXON)[A-Za-z_][A-Za-z0-9_]*\*?$")], ...] = ()

    def commands(self) -> dict[str, Entrypoint]:
        """Return the entry points in their long form."""
        return {
            name: said if isinstance(said, Entrypoint) else Entrypoint(said)
            for name, said in self.entrypoints.items()
        }


class InferenceConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Serving limits: endpoints at once, and how long a model may take to load, in seconds."""

    max_endpoints: int = 64
    load_timeout_s: float = 60.0


class LimitsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Sizes in bytes and rates per minute that one request, one address or one user may use."""

    json_bytes: int = 4 << 20
    metrics_bytes: int = 16 << 20
    predict_bytes: int = 64 << 20
    upload_bytes: int = 16 << 30
    upload_hours: Annotated[float, Meta(gt=0, le=366 * 24)] = 24.0
    uploads_per_account: Annotated[int, Meta(ge=1)] = 32
    uploads: Annotated[int, Meta(ge=1)] = 512
    requests_per_minute: int = 6000
    anonymous_per_minute: int = 600
    points_per_minute: int = 120_000_000
    ingest_bytes_per_minute: int = 4 << 30


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is in force; `home` is the data folder."""

    home: Path
    server: ServerConfig = ServerConfig()
    dashboard: DashboardConfig = DashboardConfig()
    auth: AuthConfig = AuthConfig()
    storage: StorageConfig = StorageConfig()
    training: TrainingConfig = TrainingConfig()
    launch: LaunchConfig = LaunchConfig()
    inference: InferenceConfig = InferenceConfig()
    limits: LimitsConfig = LimitsConfig()

    @property
    def api_url(self) -> str:
        """Return the address of the API that a browser on this machine can open."""
        return f"http://{_browsable(self.server.host)}:{self.server.port}"

    @property
    def page_url(self) -> str:
        """Return the address of the page that a browser on this machine can open."""
        return f"http://{_browsable(self.dashboard.host)}:{self.dashboard.port}"


_SECTIONS: Final = (
    "server",
    "dashboard",
    "auth",
    "storage",
    "training",
    "launch",
    "inference",
    "limits",
)


def default_home() -> Path:
    """Return the data folder: `AXONML_HOME`, or `~/.axonml`."""
    return Path(os.environ.get(HOME_VARIABLE) or "~/.axonml").expanduser().absolute()


def load(home: Path | None = None, flags: dict[str, dict[str, Any]] | None = None) -> Config:
    """Return the configuration of `home`; `flags` maps section to the keys a command line set.

    Raises:
        StartupError: the file or a variable cannot be read; the sentence names it.
    """
    home = home or default_home()
    sections = _from_file(home / "config.toml")
    for source in (_from_environment(), flags or {}):
        for section, keys in source.items():
            sections[section] = {**sections.get(section, {}), **keys}
    try:
        # Not strict: the environment carries numbers as text.
        return msgspec.convert(
            {"home": str(home), **sections}, Config, strict=False, dec_hook=_path
        )
    except msgspec.ValidationError as error:
        message = (
            f"the configuration is not valid: {error} (file {home / 'config.toml'}, or AXONML_*)"
        )
        raise StartupError(message) from None


def _from_file(path: Path) -> dict[str, dict[str, Any]]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = f"cannot read {path}: {error}; mend or remove the file"
        raise StartupError(message) from None


def _from_environment() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for variable, text in os.environ.items():
        prefix, _, rest = variable.partition("_")
        section, _, key = rest.lower().partition("_")
        if prefix == "AXONML" and section in _SECTIONS and key:
            found.setdefault(section, {})[key] = _value(variable, key, text)
    return found


def _value(variable: str, key: str, text: str) -> object:
    if key in _LISTS:
        return text.split(",")
    if key not in _TABLES:
        return text
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise StartupError(f"{variable} is no JSON: {error}") from None


_EVERYWHERE: Final = {str(IPv4Address(0)), str(IPv6Address(0))}
_LISTS: Final = ("trusted_proxies", "origins", "env")
_TABLES: Final = ("entrypoints",)


def _path(kind: type, value: object) -> object:
    return kind(value)


def _browsable(host: str) -> str:
    # Browsers refuse passkeys on http://127.0.0.1 but not on http://localhost.
    return "localhost" if is_loopback(host) or host in _EVERYWHERE else host


def is_loopback(host: str) -> bool:
    """Tell whether a server bound to `host` can be reached from this machine only."""
    return host in {"127.0.0.1", "::1", "localhost"}
