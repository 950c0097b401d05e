"""Build hook: put the browser UI into the package, with Node from PyPI."""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class UiBuildHook(BuildHookInterface[Any]):
    """Placeholder until the UI exists."""

    PLUGIN_NAME = "custom"
