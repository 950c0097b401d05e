"""Libraries that only some servers have: said at inspection, imported in a replica."""

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import Any, Final

from axonml.formats.format import Device, ModelError

# What these libraries load where it is there, for arrays that never come here: LightGBM took 2.3 s
# and 128 MB with them, 0.5 s and 63 MB without.
_UNWANTED: Final = ("pandas", "sklearn", "matplotlib", "dask", "pyarrow", "cffi", "graphviz")


def lacking(library: str, extra: str) -> str:
    """Return what to install, as a sentence; empty where the library is there."""
    if importlib.util.find_spec(library):
        return ""
    return (
        f"this server lacks {library}; it serves this version as soon as"
        f" axonml-dashboard[{extra}] is installed there"
    )


def imported(library: str, extra: str) -> ModuleType:
    """Import the library, without the packages that it would load for arrays of theirs.

    Raises:
        ModelError: it is not installed; says how to install it.
    """
    modules: dict[str, Any] = sys.modules
    absent = [name for name in _UNWANTED if name not in modules]
    modules.update(dict.fromkeys(absent))
    try:
        return importlib.import_module(library)
    except ImportError:
        raise ModelError(
            f"{library} is not installed on this server: install axonml-dashboard[{extra}]"
        ) from None
    finally:
        for name in absent:
            del modules[name]


def require_cpu(library: str, device: Device) -> None:
    """Refuse a device that models of this library do not run on here.

    Raises:
        ModelError: says which device to deploy with.
    """
    if device != "cpu":
        raise ModelError(f"models of {library} run on the CPU here: deploy with the device cpu")
