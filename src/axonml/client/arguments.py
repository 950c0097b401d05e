"""What a script says when it begins a run, checked at once: a slip there is an error.

Later nothing raises into training: what is logged wrongly is one warning.
"""

import dataclasses
import os
import reprlib
from collections.abc import Iterable, Mapping
from types import SimpleNamespace, TracebackType
from typing import Any, Final, cast

import msgspec

from axonml.client.config import plain
from axonml.client.origin import check_fork
from axonml.client.problems import BadArgument

MAX_TAGS: Final = 64
_MAX_TAG: Final = 64
# As the server has them.
_MAX_TEXTS: Final = {
    "project": 256,
    "name": 256,
    "group": 256,
    "model_type": 128,
    "notes": 65_536,
}
_TEXTS: Final = (*_MAX_TEXTS, "id", "run_id", "fork_from", "server", "token", "mode")
_FLAGS: Final = ("system", "capture_console")
_MODES: Final = ("online", "offline", "disabled")
_MAX_CONFIG: Final = 2 << 20


def check_arguments(said: Mapping[str, object]) -> None:
    """Look at what `init` was given, by its names; None is what was left out.

    Raises:
        TypeError: an argument is of another type.
        BadArgument: a text is too long, a mode is none, or two arguments contradict each other.
    """
    for name in _TEXTS:
        _check_text(name, said.get(name))
    for name in _FLAGS:
        if not isinstance(said[name], bool):
            raise TypeError(f"{name} is True or False, not {shown(said[name])}")
    _check_rank(said.get("rank"))
    home = said.get("home")
    if home is not None and not isinstance(home, str | os.PathLike):
        raise TypeError(f"home is the path of a folder, not {shown(home)}")
    if said.get("mode") not in {None, "", *_MODES}:
        raise BadArgument(f"mode is {_listed(_MODES)}, not {shown(said['mode'])}", "bad_mode")
    if said.get("id") and said.get("run_id") and said["id"] != said["run_id"]:
        raise BadArgument("id and run_id are two names of one argument: give one", "bad_id")
    fork_from = said.get("fork_from")
    if isinstance(fork_from, str):
        _ = check_fork(fork_from)
        if said.get("resume"):
            raise BadArgument("a run is resumed or forked, not both", "bad_resume")


def tags_said(tags: object) -> list[str]:
    """Return the tags that `init` was given.

    Raises:
        TypeError: it is no list of words.
        BadArgument: a tag is too long, or there are too many.
    """
    if tags is None:
        return []
    if isinstance(tags, str | bytes):
        raise TypeError(f"tags is a list of words: tags=[{tags!r:.40}], not tags={tags!r:.40}")
    if isinstance(tags, Mapping) or not isinstance(tags, Iterable):
        raise TypeError(f'tags is a list such as ["first", "team=vision"], not {shown(tags)}')
    found = list(cast("Iterable[object]", tags))
    for i, tag in enumerate(found):
        if not isinstance(tag, str):
            raise TypeError(f"tags[{i}] is a word, not {shown(tag)}")
        if len(tag) > _MAX_TAG:
            said = f"tags[{i}] has {len(tag)} characters, and a tag has at most {_MAX_TAG}"
            raise BadArgument(said, "bad_tags")
    if len(found) > MAX_TAGS:
        raise BadArgument(f"a run has at most {MAX_TAGS} tags, not {len(found)}", "bad_tags")
    return cast("list[str]", found)


def config_said(config: object) -> dict[str, Any]:
    """Return the configuration that `init` was given, fit for JSON.

    Raises:
        TypeError: it has no names and values, or a value cannot even be shown as text.
        BadArgument: it is too large for the server.
    """
    if config is None:
        return {}
    named = _named(config)
    if named is None:
        said = "config is a dict, a dataclass or an argparse namespace"
        raise TypeError(f"{said}, not {shown(config)}")
    found: dict[str, Any] = {}
    for key, value in named.items():
        with _Telling(f"config[{key!r:.60}] can be kept neither as JSON nor as text"):
            found.update(cast("dict[str, Any]", plain({key: value})))
    size = len(msgspec.json.encode(found))
    if size > _MAX_CONFIG:
        largest = max(found, key=lambda name: len(msgspec.json.encode(found[name])))
        said = f"config has {size >> 20} MiB as JSON, and the server takes {_MAX_CONFIG >> 20} MiB"
        raise BadArgument(f"{said}; the largest value is {largest!r:.60}", "bad_config")
    return found


def shown(value: Any) -> str:  # noqa: ANN401  # whatever a script may give
    """Return the type of what was given instead, and the beginning of its text."""
    # Short, and without the errors of the script's own `__repr__`.
    text = reprlib.repr(value)
    kind = "" if value is None or isinstance(value, str) else f"{type(value).__name__} "
    return f"{kind}{text}"


def _check_text(name: str, value: object) -> None:
    if value is None:
        return
    if not isinstance(value, str):
        raise TypeError(f"{name} is a text, not {shown(value)}")
    most = _MAX_TEXTS.get(name)
    if most is not None and len(value) > most:
        said = f"{name} has {len(value)} characters, and at most {most} are kept"
        raise BadArgument(said, f"bad_{name}")
    if name == "token" and not (value.isascii() and value.strip().isprintable()):
        raise BadArgument("token has characters that no token has", "bad_token")


def _check_rank(rank: object) -> None:
    if rank is None:
        return
    if isinstance(rank, bool) or not isinstance(rank, int):
        raise TypeError(f"rank is a whole number, not {shown(rank)}")
    if rank < 0:
        raise BadArgument(f"rank is the number of a process, from 0, not {rank}", "bad_rank")


def _named(config: object) -> Mapping[Any, Any] | None:
    """Return names and values of whatever scripts keep their settings in; None: it has none."""
    given: Any = config
    if isinstance(config, type):
        return None
    if isinstance(config, Mapping):
        return cast("Mapping[Any, Any]", config)
    if dataclasses.is_dataclass(config):
        return {field.name: getattr(config, field.name) for field in dataclasses.fields(config)}
    if isinstance(config, SimpleNamespace) or type(config).__name__ == "Namespace":
        return vars(config)
    with _Telling("config cannot be read"):
        for method in ("model_dump", "to_dict"):  # pydantic, ml_collections, Hugging Face
            if callable(getattr(given, method, None)):
                made = getattr(given, method)()
                return cast("Mapping[Any, Any]", made) if isinstance(made, Mapping) else None
    return None


def _listed(words: Iterable[str]) -> str:
    *others, last = (f'"{word}"' for word in words)
    return f"{', '.join(others)} or {last}"


class _Telling:
    """A `with` block whose errors come out as a TypeError that says what of the script failed."""

    def __init__(self, what: str) -> None:
        self._what: Final = what

    def __enter__(self) -> None:
        return

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, Exception):
            raise TypeError(f"{self._what}: {type(error).__name__}: {error}") from error
