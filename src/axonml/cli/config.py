"""`axon config`."""

import os
import tomllib
from pathlib import Path
from typing import Any, Final

import msgspec

from axonml.cli.options import Flag
from axonml.cli.terminal import say, say_json, say_table
from axonml.config import Config, load

_SCHEME_END: Final = "://"


class Setting(msgspec.Struct, frozen=True):
    """One key with the value in force and where that comes from."""

    key: str
    value: Any
    source: str


def config(*, json: Flag = False) -> None:
    """Show the configuration in force, and where each value comes from.

    Args:
        json: Print JSON for programs.
    """
    in_force = load()
    settings = list(_settings(in_force))
    if json:
        say_json(settings)
        return
    say(f"data folder {in_force.home}, configuration {in_force.home / 'config.toml'}")
    say_table(("key", "value", "source"), ((s.key, str(s.value), s.source) for s in settings))


def _settings(in_force: Config) -> list[Setting]:
    path = in_force.home / "config.toml"
    file = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    home_source = "AXONML_HOME" if os.environ.get("AXONML_HOME") else "default"
    found = [Setting("home", str(in_force.home), home_source)]
    sections: dict[str, dict[str, Any]] = msgspec.to_builtins(in_force, enc_hook=str)
    for section, keys in sections.items():
        if section == "home":
            continue
        for key, value in keys.items():
            found.append(
                Setting(f"{section}.{key}", _shown(value), _source(path, file, section, key))
            )
    return found


def _source(path: Path, file: dict[str, Any], section: str, key: str) -> str:
    variable = f"AXONML_{section}_{key}".upper()
    if variable in os.environ:
        return variable
    return str(path) if key in file.get(section, {}) else "default"


def _shown(value: object) -> object:
    # postgresql://user:password@host: the password is nobody's to read over a shoulder
    if not isinstance(value, str) or _SCHEME_END not in value or "@" not in value:
        return value
    scheme, _, rest = value.partition(_SCHEME_END)
    login, _, host = rest.rpartition("@")
    user = login.partition(":")[0]
    return f"{scheme}{_SCHEME_END}{user}:***@{host}"
