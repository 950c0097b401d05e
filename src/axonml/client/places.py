"""Where things are on this machine: the data folder, the server's address, the saved tokens."""

import ipaddress
import os
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

DEFAULT_SERVER: Final = "http://localhost:3000"
DEFAULT_PAGE: Final = "http://localhost:8080"


class _Held(msgspec.Struct, frozen=True):
    url: str = ""


class _Saved(msgspec.Struct, frozen=True):
    token: str


def home_folder() -> Path:
    """Return the data folder: `AXONML_HOME`, or `~/.axonml`."""
    return Path(os.environ.get("AXONML_HOME") or "~/.axonml").expanduser().absolute()


def spool_folder(home: Path) -> Path:
    """Return the folder that holds the points which no server has yet."""
    return home / "spool"


def server_url(home: Path) -> str:
    """Return the server's address: `AXON_SERVER`, else that of `home`, else port 3000 here."""
    named = os.environ.get("AXON_SERVER") or _url_in(home / "server.lock") or DEFAULT_SERVER
    return address_of(named)


def address_of(server: str) -> str:
    """Return `server` as an address that calls can begin with: `localhost:3000` is http."""
    return (server if "://" in server else f"http://{server}").rstrip("/")


def is_address(url: str) -> bool:
    """Tell whether calls can begin with `url`."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is none
    except ValueError:
        return False
    is_one_word = url.isprintable() and " " not in url
    return is_one_word and parts.scheme in {"http", "https"} and bool(parts.hostname)


def page_url(home: Path, server: str) -> str:
    """Return the address at which a browser sees the page of `server`."""
    if same_server(server, _url_in(home / "server.lock") or DEFAULT_SERVER):
        on_its_own = _url_in(home / "dashboard.lock")
        return on_its_own or (DEFAULT_PAGE if same_server(server, DEFAULT_SERVER) else server)
    return server


def same_server(one: str, other: str) -> bool:
    """Tell whether two addresses are of one server: the names of this machine are one name."""
    return _where(one) == _where(other)


def is_this_machine(url: str) -> bool:
    """Tell whether `url` leads to this machine without leaving it."""
    return _where(url)[1] == "localhost"


def in_the_clear(url: str) -> str | None:
    """Return what to say where a token sent to `url` can be read on the way; None where not."""
    if is_this_machine(url) or url.startswith("https:"):
        return None
    return f"{url} is no https: whoever is between here and there can read your token"


def operator_key(home: Path, server: str) -> str | None:
    """Return the key by which who can read the data folder may sign in, where `server` is its own.

    None for any other server: a key is never shown to somebody else.
    """
    own = _url_in(home / "server.lock")
    if not own or not same_server(server, own) or not is_this_machine(server):
        return None
    try:
        return (home / "operator.key").read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def saved_token(home: Path, server: str) -> str | None:
    """Return the token that `save_token` kept for `server`."""
    saved = _credentials(home).get(server.rstrip("/"))
    return saved.token if saved else None


def save_token(home: Path, server: str, token: str | None) -> None:
    """Keep `token` for `server` in a file that only this user can read; None forgets it.

    Raises:
        OSError: the file cannot be written.
    """
    saved = _credentials(home)
    _ = saved.pop(server.rstrip("/"), None)
    if token is not None:
        saved[server.rstrip("/")] = _Saved(token)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = home / f"credentials.json.{os.getpid()}"
    part.unlink(missing_ok=True)
    fd = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        _ = os.write(fd, msgspec.json.encode(saved))
    finally:
        os.close(fd)
    _ = part.replace(home / "credentials.json")


def _credentials(home: Path) -> dict[str, _Saved]:
    try:
        return msgspec.json.decode((home / "credentials.json").read_bytes(), type=dict[str, _Saved])
    except (OSError, msgspec.MsgspecError):
        return {}


def _url_in(lock: Path) -> str:
    try:
        return msgspec.json.decode(lock.read_bytes(), type=_Held).url
    except (OSError, msgspec.MsgspecError):
        return ""


def _where(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        is_local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_local = False
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return parts.scheme, "localhost" if is_local else host, port
