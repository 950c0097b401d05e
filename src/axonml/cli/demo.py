"""`axon demo`: the whole of AxonML at work on real images, in under a minute."""

from collections.abc import Iterator
from itertools import islice
from typing import Final, cast

import msgspec
import numpy as np
from numpy.typing import NDArray
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from axonml.cli.connection import connect
from axonml.cli.digits import (
    BATCH,
    DECAY,
    HIDDEN,
    LEARNING_RATE,
    MOMENTUM,
    SIDE,
    Classifier,
    Digits,
    Images,
    Step,
    load_digits,
    n_steps_per_epoch,
)
from axonml.cli.link import sign_in_link
from axonml.cli.processes import Part, held_by, start
from axonml.cli.terminal import out, say
from axonml.client.api import Client
from axonml.client.run import Run
from axonml.client.session import init
from axonml.clock import monotonic
from axonml.config import Config, load
from axonml.errors import StartupError

NAME: Final = "digits"
_SECONDS: Final = 18.0
_ASKED: Final = 100
_SHOWN: Final = 10
_LABELS: Final = 10
_SHADES: Final = " ░▒▓█"
_LOG_EVERY_EPOCHS: Final = 5


class Asked(msgspec.Struct, frozen=True, eq=False):
    """What the endpoint said of held-out images, and how long each call took in ms."""

    predicted: NDArray[np.int64]
    confidence: NDArray[np.float64]
    took_ms: NDArray[np.float64]


def demo(*, epochs: int | None = None) -> int:
    """Train a digit classifier live, register it, deploy it and ask it for predictions.

    Starts the services where they do not run; they go on afterwards (`axon stop` ends them).

    Args:
        epochs: Train for so many passes over the images instead of for 18 seconds.
    """
    config = load()
    _start_services(config)
    digits = load_digits()
    with connect(config) as client:
        say(f"sign in and watch (works once): {sign_in_link(config, client)}")
        classifier = Classifier()
        with _begin(config, client) as run:
            say(f"training on {len(digits.labels)} images")
            last = _train(classifier, digits, run, epochs)
            version = run.log_model(
                classifier.to_onnx(),
                NAME,
                metrics={"accuracy": last.accuracy, "loss": last.loss},
                description="Handwritten digits of 8x8 pixels, made by `axon demo`.",
                filename=f"{NAME}.onnx",
            )
        if version is None or run.should_stop:
            say("the run was stopped on the page; the model is registered, not deployed")
            return 0
        say(f"registered {NAME} v{version.version} ({version.format}, {version.file_size} bytes)")
        endpoint = client.deploy(version.model_id, version.version, NAME)
        say(f"endpoint {endpoint.name} is {endpoint.status} with v{endpoint.version}")
        _report(digits, _ask(client, digits.held_out_images[:_ASKED]))
    page = held_by(config, Part.FRONTEND)
    say(f"see it all at {page.url if page else config.api_url}; `axon stop` ends the services")
    return 0


def _start_services(config: Config) -> None:
    started = start(config, list(Part))
    names = " and ".join(process.part for process in started)
    say(f"{names} started" if started else "the services run already")


def _begin(config: Config, client: Client) -> Run:
    return init(
        NAME,
        "digits-demo",
        config={
            "hidden": HIDDEN,
            "batch": BATCH,
            "lr": LEARNING_RATE,
            "lr_decay": DECAY,
            "momentum": MOMENTUM,
            "data": "sklearn.datasets.load_digits",
        },
        model_type="mlp",
        tags=["demo"],
        server=client.server,
        home=config.home,
    )


def _train(classifier: Classifier, digits: Digits, run: Run, epochs: int | None) -> Step:
    columns = (
        TextColumn("training"),
        BarColumn(),
        TextColumn("epoch {task.fields[epoch]}  loss {task.fields[loss]:.3f}"),
        TextColumn("accuracy {task.fields[accuracy]:.3f}"),
        TimeRemainingColumn(),
    )
    step: Step | None = None
    logged_epoch = -1
    with Progress(*columns, console=out, transient=True) as progress:
        task = progress.add_task("", total=1.0, epoch=0, loss=float("nan"), accuracy=0.0)
        for done, step in _steps(classifier, digits, epochs):
            values = {"loss": step.loss, "accuracy": step.accuracy, "lr": step.lr}
            run.log({**values, "epoch": step.epoch}, step=step.number)
            progress.update(
                task,
                completed=done,
                epoch=step.epoch,
                loss=step.loss,
                accuracy=step.accuracy,
            )
            if step.epoch != logged_epoch and step.epoch % _LOG_EVERY_EPOCHS == 0:
                logged_epoch = step.epoch
                run.log_text(f"epoch {step.epoch}: accuracy {step.accuracy:.3f} on held-out images")
            if run.should_stop:
                break
    if step is None:
        raise StartupError("--epochs is at least 1")
    say(f"trained {step.number + 1} steps: accuracy {step.accuracy:.3f} on held-out images")
    return step


def _steps(
    classifier: Classifier, digits: Digits, epochs: int | None
) -> Iterator[tuple[float, Step]]:
    """Return the steps, each with the part of training that is done by then."""
    steps = classifier.train(digits)
    if epochs is not None:
        total = epochs * n_steps_per_epoch(digits)
        for step in islice(steps, total):
            yield (step.number + 1) / total, step
        return
    begun = monotonic()
    for step in steps:
        passed = monotonic() - begun
        yield passed / _SECONDS, step
        if passed >= _SECONDS:
            return


def _ask(client: Client, images: Images) -> Asked:
    predicted: list[int] = []
    confidence: list[float] = []
    took_ms: list[float] = []
    for image in images:
        begun = monotonic()
        answer = client.predict(NAME, [image.tolist()])
        took_ms.append((monotonic() - begun) * 1000)
        outputs = cast("dict[str, list[object]]", answer.outputs)
        [label], [probabilities] = outputs["label"], outputs["probabilities"]
        predicted.append(cast("int", label))
        confidence.append(max(cast("list[float]", probabilities)))
    return Asked(np.array(predicted), np.array(confidence), np.array(took_ms))


def _report(digits: Digits, asked: Asked) -> None:
    truth = digits.held_out_labels[: len(asked.predicted)]
    right = int(np.sum(truth == asked.predicted))
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 3, 0, 0))
    shown = range(min(_SHOWN, (out.width - _LABELS) // (SIDE + 3)))
    table.add_row("", *(_picture(digits.held_out_images[i]) for i in shown))
    table.add_row("true", *(str(truth[i]) for i in shown))
    table.add_row(
        "predicted",
        *(
            Text(str(label), style="green" if label == truth[i] else "bold red")
            for i, label in enumerate(asked.predicted[: len(shown)])
        ),
    )
    table.add_row("certainty", *(f"{asked.confidence[i]:.0%}" for i in shown))
    out.print(table)
    p50, p95 = np.percentile(asked.took_ms, [50, 95])
    say(f"{right} of {len(truth)} held-out images right, asked one by one")
    say(f"latency of a predict call, measured here: p50 {p50:.1f} ms, p95 {p95:.1f} ms")


def _picture(image: Images) -> Text:
    """Return an image as half blocks, two rows of pixels a line; without colours, as shades."""
    levels = (image.reshape(SIDE, SIDE) * 255).astype(int)
    if out.color_system is None:
        pairs = (levels[::2] + levels[1::2]) * (len(_SHADES) - 1) // 510
        return Text("\n".join("".join(_SHADES[level] for level in row) for row in pairs))
    picture = Text()
    for y in range(0, SIDE, 2):
        for upper, lower in zip(levels[y], levels[y + 1], strict=True):
            style = f"rgb({upper},{upper},{upper}) on rgb({lower},{lower},{lower})"
            _ = picture.append("▀", style=style)
        _ = picture.append("\n" if y < SIDE - 2 else "")
    return picture
