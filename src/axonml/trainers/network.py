"""How every network trains: steps, checkpoints, a stop at any step, and the export.

A run that goes on from a checkpoint gives the numbers of one that was never stopped: the order
of an epoch's rows is drawn from seed and epoch, and the state of every generator is kept.
"""

import os
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np

from axonml.trainers.datasets import Data
from axonml.trainers.exported import Answers, scores
from axonml.trainers.networks import Network, Tensor, export, read
from axonml.trainers.params import NetworkParams
from axonml.trainers.progress import Pace, Progress, Trained

CHECKPOINT: Final = "checkpoint.pt"

# torch is an extra; what is of it is known by what it does.
Optimizer = Any
Augment = Callable[[Tensor], Tensor]


def fit(
    network: Network,
    data: Data,
    params: NetworkParams,
    progress: Progress,
    augment: Augment | None = None,
) -> Trained | None:
    """Train `network` and return it exported, None where a stop came first.

    Args:
        network: what is trained, fresh.
        data: the rows.
        params: how it is trained.
        progress: where numbers go, and the folder of checkpoints.
        augment: changes the inputs of a training step at random.
    """
    work = _Work(network, data, params, progress)
    work.restore()
    for step in work.steps_left():
        work.take(step, augment)
        if progress.should_stop:
            work.save()
            return None
    return export(network, data, progress)


class _Work:
    """One training: the weights, what moves them, and how far it is."""

    def __init__(
        self, network: Network, data: Data, params: NetworkParams, progress: Progress
    ) -> None:
        self._torch: Final[Any] = import_module("torch")
        self._network: Final = network
        self._data: Final = data
        self._params: Final = params
        self._progress: Final = progress
        self._pace: Final = Pace()
        self._done = 0
        self._per_epoch: Final = -(-len(data.rows) // params.batch_size)
        self._total: Final = self._per_epoch * params.epochs
        device = network.device
        self._inputs: Final = network.tensor(data.rows).to(device)
        self._targets: Final = self._torch.as_tensor(data.targets).to(device)
        self._optimizer: Final[Optimizer] = self._optimizer_of(params)
        self._lr: Final[Any] = self._torch.optim.lr_scheduler.LambdaLR(
            self._optimizer, self._lr_part
        )

    def steps_left(self) -> Iterator[int]:
        """Return the numbers of the steps that are still to be taken."""
        return iter(range(self._done, self._total))

    def take(self, step: int, augment: Augment | None) -> None:
        """Take one step and log it; the last of an epoch also measures and saves."""
        torch, module = self._torch, self._network.module
        epoch, place = divmod(step, self._per_epoch)
        chosen = self._order(epoch)[place * self._params.batch_size :][: self._params.batch_size]
        _ = module.train()
        inputs = self._inputs[chosen]
        loss = self._network.loss(
            module(augment(inputs) if augment else inputs), self._targets[chosen]
        )
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        longest = self._params.clip_norm or float("inf")
        norm = torch.nn.utils.clip_grad_norm_(module.parameters(), longest)
        lr = self._optimizer.param_groups[0]["lr"]
        self._optimizer.step()
        self._lr.step()
        self._done = step + 1
        values = {"train/loss": loss.detach(), "lr": lr, "grad_norm": norm, "epoch": epoch}
        if place == self._per_epoch - 1:
            values |= self._end_of_epoch(epoch)
        self._progress.log(values, step)

    def save(self) -> None:
        """Write all that going on needs, whole or not at all."""
        folder = self._progress.checkpoints
        if folder is None:
            return
        folder.mkdir(parents=True, exist_ok=True)
        state = {
            "what": self._what(),
            "done": self._done,
            "module": self._network.module.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "lr": self._lr.state_dict(),
            "random": self._torch.get_rng_state(),
        }
        if self._network.device == "cuda":
            state["random_cuda"] = self._torch.cuda.get_rng_state()
        _replace(folder / CHECKPOINT, lambda path: self._torch.save(state, path))
        self._progress.say(f"checkpoint after step {self._done - 1}")

    def restore(self) -> None:
        """Go on where a checkpoint of the same training stands; else begin."""
        folder = self._progress.checkpoints
        if folder is None or not (folder / CHECKPOINT).is_file():
            return
        # Tensors and plain values only: a checkpoint runs no code.
        state: dict[str, Any] = self._torch.load(
            folder / CHECKPOINT, map_location="cpu", weights_only=True
        )
        if state["what"] != self._what():
            self._progress.say("the checkpoint is of other parameters; training begins anew")
            return
        self._done = int(state["done"])
        self._network.module.load_state_dict(state["module"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._lr.load_state_dict(state["lr"])
        self._torch.set_rng_state(state["random"])
        if self._network.device == "cuda" and "random_cuda" in state:
            self._torch.cuda.set_rng_state(state["random_cuda"])
        self._progress.say(f"going on after step {self._done - 1} of {self._total - 1}")

    def _end_of_epoch(self, epoch: int) -> dict[str, float]:
        rate = self._pace.rate(len(self._data.rows))
        found = self.held_out()
        measured = scores(self._data, found, self._data.held_targets)
        if "loss" not in measured:
            measured["loss"] = measured["rmse"] ** 2
        told = ", ".join(f"{name} {value:.4g}" for name, value in measured.items())
        self._progress.say(f"epoch {epoch}: held-out {told}; {rate:.0f} rows/s")
        self.save()
        _ = self._pace.rate(0)  # measuring and saving are no training
        return {"rows_per_s": rate, **{f"val/{name}": value for name, value in measured.items()}}

    def held_out(self) -> Answers:
        """Return what the network says of the held-out rows."""
        return read(self._network, self._data.held_rows)

    def _order(self, epoch: int) -> Tensor:
        drawn = np.random.default_rng([self._params.seed, epoch])
        return self._torch.as_tensor(drawn.permutation(len(self._data.rows)))

    def _lr_part(self, step: int) -> float:
        if self._params.schedule == "constant":
            return 1.0
        return 0.5 * (1 + float(np.cos(np.pi * step / max(self._total, 1))))

    def _optimizer_of(self, params: NetworkParams) -> Optimizer:
        weights = list(self._network.module.parameters())
        if params.optimizer == "sgd":
            return self._torch.optim.SGD(
                weights,
                lr=params.lr,
                momentum=0.9,
                nesterov=True,
                weight_decay=params.weight_decay,
            )
        return self._torch.optim.AdamW(weights, lr=params.lr, weight_decay=params.weight_decay)

    def _what(self) -> str:
        return f"{self._data.info.name} {len(self._data.rows)} {self._params!r}"


def _replace(path: Path, write: Callable[[Path], None]) -> None:
    part = path.with_suffix(".part")
    write(part)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    _ = part.replace(path)
