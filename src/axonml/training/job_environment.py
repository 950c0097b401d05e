"""What a job sees of the server's environment: what programs need to run, and no secret."""

from collections.abc import Mapping, Sequence
from typing import Final

_NAMES: Final = frozenset(
    (
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TERM",
        "LD_LIBRARY_PATH", "VIRTUAL_ENV", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
        "MPLCONFIGDIR", "MPLBACKEND", "TOKENIZERS_PARALLELISM", "COVERAGE_PROCESS_START",
    )
)  # fmt: skip
_BEGINNINGS: Final = (
    "LC_", "XDG_", "PYTHON", "CONDA_", "HF_", "TORCH_", "PYTORCH_", "TRITON_", "TF_", "XLA_",
    "JAX_", "KERAS_", "CUDA_", "CUBLAS_", "CUDNN_", "NVIDIA_", "NCCL_", "ROCR_", "HIP_",
    "OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "NUMEXPR_", "NUMBA_",
)  # fmt: skip
# `HF_TOKEN`, for one: it is somebody's, and the script may be anybody's.
_SECRET: Final = frozenset(("AUTH", "CREDENTIALS", "KEY", "PASSWD", "PASSWORD", "SECRET", "TOKEN"))
# The server's own settings; what a job is told of them it is told by its launcher.
_OWN: Final = ("AXON_", "AXONML_")


def environment_for_jobs(
    environment: Mapping[str, str], passed: Sequence[str] = ()
) -> dict[str, str]:
    """Return what of `environment` a job gets: what is known to be harmless, and `passed`.

    A name in `passed` that ends in `*` speaks for every name that begins so. The server's own
    settings are passed to nobody, however they are asked for.
    """
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith(_OWN) and (_is_harmless(name) or _is_named(name, passed))
    }


def _is_harmless(name: str) -> bool:
    is_known = name in _NAMES or name.startswith(_BEGINNINGS)
    return is_known and _SECRET.isdisjoint(name.upper().split("_"))


def _is_named(name: str, passed: Sequence[str]) -> bool:
    return any(
        name.startswith(each[:-1]) if each.endswith("*") else name == each for each in passed
    )
