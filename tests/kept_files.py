"""Small files of the kinds that are kept and never loaded."""

import io
import json
import pickle
import zipfile


def _zipped(**entries: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return packed.getvalue()


def a_torch_archive() -> bytes:
    return _zipped(m__data_dot_pkl=pickle.dumps({"call": print}), m__data__0=bytes(64))


def a_keras_file() -> bytes:
    config = json.dumps({"layers": [{"class_name": "Lambda", "config": {}}]}).encode()
    return _zipped(config_dot_json=config, model_dot_weights_dot_h5=b"x")


def a_skops_file() -> bytes:
    schema = {"__module__": "os", "__class__": "system", "content": [1, 2, {"a": None}]}
    return _zipped(schema_dot_json=json.dumps(schema).encode())
