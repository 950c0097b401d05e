"""`axon predict`."""

import sys
from pathlib import Path
from typing import Annotated, cast

import msgspec
from cyclopts import Parameter

from axonml.cli.connection import connect
from axonml.cli.options import Flag
from axonml.cli.terminal import say, say_json
from axonml.errors import StartupError


def predict(
    endpoint: str,
    inputs: Annotated[str, Parameter(allow_leading_hyphen=True)],
    /,
    *,
    json: Flag = False,
) -> None:
    """Ask an endpoint for predictions.

    Args:
        endpoint: Its name.
        inputs: Rows as JSON (`'[[0.1, 0.2]]'`, or one list of rows per input name),
            `@file.json`, or `-` for standard input.
        json: Print the whole answer instead of one row per line.
    """
    with connect() as client:
        answer = client.predict(endpoint, _inputs(inputs))
    if json:
        say_json(answer)
        return
    for row in _rows(answer.outputs):
        say(msgspec.json.encode(row).decode())


def _inputs(text: str) -> object:
    if text == "-":
        text = sys.stdin.read()
    elif text.startswith("@"):
        text = Path(text[1:]).read_text(encoding="utf-8")
    try:
        read = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise StartupError(f"the inputs are not JSON: {error}") from None
    if isinstance(read, dict) and "inputs" in read:
        return cast("dict[str, object]", read)["inputs"]
    return cast("object", read)


def _rows(outputs: object) -> list[object]:
    if isinstance(outputs, dict):
        columns = cast("dict[str, list[object]]", outputs)
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return cast("list[object]", outputs)
