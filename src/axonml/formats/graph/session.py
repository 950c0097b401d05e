"""An ONNX graph as a function of its inputs, run by onnxruntime."""

from collections.abc import Mapping
from types import ModuleType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from axonml.formats.format import Device, ModelError, Predictor, Tensors

_MAX_SENTENCE: Final = 500
_PROVIDERS: Final[dict[Device, str]] = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
}
_NO_BUILD: Final = (
    "the device is cuda, but onnxruntime here is built for the CPU; install onnxruntime-gpu in its"
    " place, or deploy with the device cpu"
)
_NO_DRIVER: Final = (
    "the device is cuda, but onnxruntime finds no CUDA that it can use; look at the driver and at"
    " the versions of CUDA and cuDNN, or deploy with the device cpu"
)


def opened(
    model: str | bytes,
    threads: int,
    device: Device = "cpu",
    constants: Mapping[str, NDArray[np.generic]] | None = None,
) -> Predictor:
    """Return the model, a path or the bytes of a file; it computes with `threads` threads.

    `constants` are the initializers that the file says are elsewhere.

    Raises:
        ModelError: onnxruntime cannot load it, or has no such device here.
    """
    import onnxruntime

    runtime: Any = onnxruntime  # it ships no types
    provider = _PROVIDERS[device]
    if provider not in runtime.get_available_providers():
        raise ModelError(_NO_BUILD)
    failures = _failures(runtime.capi.onnxruntime_pybind11_state)
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    # A spinning thread would take the core from the server's event loop.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    kept = dict(constants or {})
    values = [runtime.OrtValue.ortvalue_from_numpy(array) for array in kept.values()]
    try:
        if kept:
            options.add_external_initializers(list(kept), values)
        session = runtime.InferenceSession(model, options, providers=[provider])
    except failures as error:
        raise ModelError(_first_line(error)) from None
    # onnxruntime goes on with the CPU where the driver or its libraries do not fit.
    if session.get_providers()[0] != provider:
        raise ModelError(_NO_DRIVER)
    names: list[str] = [output.name for output in session.get_outputs()]

    def predict(inputs: Mapping[str, NDArray[np.generic]]) -> Tensors:
        _ = kept  # the session computes on their memory, and does not hold it
        try:
            return dict(zip(names, session.run(None, inputs), strict=True))
        except failures as error:
            raise ModelError(_first_line(error)) from None

    return predict


def _failures(states: ModuleType) -> tuple[type[Exception], ...]:
    """Return what onnxruntime raises: a dozen classes without a common base of their own."""
    found = (each for each in vars(states).values() if isinstance(each, type))
    return tuple(each for each in found if issubclass(each, Exception))


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:_MAX_SENTENCE]
