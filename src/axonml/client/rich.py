"""The calls of a run that log what is no number. Nothing here raises into training or waits."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

from axonml.client.media import (
    Artifact,
    File,
    Histogram,
    Image,
    Rich,
    Table,
    check_place,
    rich_of,
)
from axonml.client.notices import Quietly, warn_once
from axonml.client.numbers import step_of
from axonml.client.outbox import keep
from axonml.client.pictures import is_one_picture
from axonml.client.recording import Recording
from axonml.ids import new_id

_MAX_KEY: Final = 256


class RichRecording(Recording):
    """Writes images, histograms, tables, text and files to the spool, beside the numbers.

    A value is on disk when the call returns, so that it survives the end of the process; its step
    is the last one logged where none is given.
    """

    def log_image(
        self, key: str, image: object, *, step: int | None = None, caption: str = ""
    ) -> None:
        """Log a picture: an array or tensor, a Pillow image, a figure, a path or its bytes."""
        self._log_rich(key, [image if isinstance(image, Image) else Image(image, caption)], step)

    def log_images(
        self,
        key: str,
        images: Iterable[object],
        *,
        step: int | None = None,
        captions: Iterable[str] = (),
    ) -> None:
        """Log several pictures under one name, shown beside each other."""
        with Quietly("log_images"):
            if is_one_picture(images):
                images = [images]
            if not hasattr(images, "__iter__"):
                raise TypeError(f"it takes a list of images, not {type(images).__name__}")
            if isinstance(captions, str):
                captions = [captions]
            texts = map(str, captions)
            rich = [
                image if isinstance(image, Image) else Image(image, next(texts, ""))
                for image in images
            ]
            self._log_rich(key, rich, step)

    def log_histogram(
        self, key: str, values: object, *, step: int | None = None, bins: int = 64
    ) -> None:
        """Log how values are spread; a tensor on a GPU is read at once, which waits for it."""
        with Quietly("log_histogram"):
            self._log_rich(key, [Histogram(values, num_bins=bins)], step)

    def log_table(
        self,
        key: str,
        columns: Iterable[str],
        data: Iterable[Iterable[object]],
        *,
        step: int | None = None,
    ) -> None:
        """Log rows under named columns."""
        with Quietly("log_table"):
            self._log_rich(key, [Table(columns, data)], step)

    def log_file(self, path: str | Path, name: str = "", *, step: int | None = None) -> None:
        """Keep a copy of a file with the run, under its own name where none is given."""
        with Quietly("log_file"):
            place = str(name or Path(path).name)
            check_place(place)
            self._log_rich(place, [File(path)], step)

    def save(self, path: str | Path, name: str = "", **_unknown: object) -> None:
        """Keep a copy of a file with the run: `log_file`, as wandb calls it."""
        self.log_file(path, name)

    def log_artifact(
        self,
        artifact: Artifact | str | Path,
        name: str = "",
        type: str = "",
        **_unknown: object,
    ) -> None:
        """Keep a file, or a folder with all below it, as the next version of a named artifact."""
        with Quietly("log_artifact"):
            if isinstance(artifact, Artifact):
                gathered = artifact
            else:
                path = Path(artifact)
                gathered = Artifact(name or path.name, type)
                (gathered.add_dir if path.is_dir() else gathered.add_file)(path)
            gathered.check()
            known = {
                "artifact": gathered.name,
                "artifact_type": gathered.type[:64],
                "batch": new_id(),
                "n_files": len(gathered.files),
            }
            for place, path in sorted(gathered.files.items()):
                self._keep(place, File(path), self.step, known)

    # ------------------------------------------------------------------ inside
    def _log_any(self, values: object, step: object, *, is_held: bool) -> None:
        if not isinstance(values, Mapping) or self._is_over:
            super()._log_any(cast("object", values), step, is_held=is_held)
            return
        numbers: dict[object, object] = {}
        at = None if step is None else step_of(step)
        place = self._next_step if at is None else at
        for key, value in cast("Mapping[object, object]", values).items():
            if rich := rich_of(value):
                self._log_rich(str(key), rich, place)
            else:
                numbers[key] = value
        super()._log_any(numbers, step, is_held=is_held)

    def _log_rich(self, key: str, values: Sequence[Rich], step: int | None) -> None:
        with Quietly(f"the log of {str(key)[:64]!r}"):
            at = None if step is None else step_of(step)
            for i, value in enumerate(values):
                known = {"index": i} if i else {}
                self._keep(str(key), value, self.step if at is None else at, known)

    def _keep(self, key: str, value: Rich, step: int, known: Mapping[str, Any]) -> None:
        if self._is_silent:
            return
        if self._is_over:
            where = self._spool.meta.run.get("name", "")
            warn_once(f"over {where}", f"run {where} is finished; what is logged now is lost")
            return
        packed = value.packed()
        if not key:
            raise ValueError("it needs a name")
        self._spool.open()
        name = key if isinstance(value, File) else f"{self._prefix}{key}"
        # As metrics are named: a mistake in a name must not lose the value.
        name = "".join(c if c.isprintable() else "_" for c in name)[:_MAX_KEY] or "_"
        if known:
            packed = type(packed)(packed.kind, packed.body, {**packed.meta, **known})
        keep(self._spool.folder, name, step, packed)
