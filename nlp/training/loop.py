"""The training loop: batches in, checkpoints and a log out."""

from __future__ import annotations

import json
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from nlp.errors import ModelError
from nlp.networks.joint import JointModel
from nlp.training.checkpoints import Average, load, restore, save
from nlp.training.lessons import Lesson

LOG_STEPS: Final = 20


@dataclass(frozen=True, slots=True)
class LoopConfig:
    """How to train.

    Attributes:
        encoder_rate: peak learning rate of the pretrained parameters.
        new_rate: peak learning rate of tag heads and shape tables.
        edge_rate: peak learning rate of the network for edges.
        cue_rate: peak learning rate of what it learns of lists and rules, whose codes are rare.
        distance_rate: peak learning rate of what it learns of distances, which are added to scores as they are.
        clip: largest norm of the gradient.
        average: decay of the moving average.
        bfloat16: whether products are computed in bfloat16; weights stay float32.
        save_seconds: between checkpoints.
        score_seconds: between measurements.
        keep: how many checkpoints of those that it writes to keep, at least 1.
        workers: 1 to draw each lesson's batches in a process of its own, which a GPU needs; 0 to draw them between
            steps.
    """

    encoder_rate: float = 2e-4
    new_rate: float = 1e-3
    edge_rate: float = 5e-4
    cue_rate: float = 2e-3
    distance_rate: float = 1e-2
    weight_decay: float = 0.01
    clip: float = 1.0
    average: float = 0.998
    bfloat16: bool = True
    save_seconds: float = 600.0
    score_seconds: float = 900.0
    keep: int = 2
    workers: int = 0


def optimizer_for(model: JointModel, config: LoopConfig) -> torch.optim.AdamW:
    """AdamW in groups by learning rate and by decay.

    Matrices and tables of the encoder and of the network for edges decay. Norms and biases do not, nor do tag heads,
    shape tables and what is learned of lists and rules.
    """
    groups: dict[tuple[float, float], list[nn.Parameter]] = defaultdict(list)
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        decay = config.weight_decay if parameter.ndim > 1 else 0.0
        if name.startswith("edges.") and (".priors." in name or "cues." in name):
            groups[config.cue_rate, 0.0].append(parameter)
        elif name.startswith("edges.") and (".from_" in name or "_between." in name):
            groups[config.distance_rate, 0.0].append(parameter)
        elif name.startswith("edges."):
            groups[config.edge_rate, decay].append(parameter)
        elif name.startswith("tagger.heads.") or ".shapes." in name:
            groups[config.new_rate, 0.0].append(parameter)
        else:
            groups[config.encoder_rate, decay].append(parameter)
    return torch.optim.AdamW(
        [
            {"params": parameters, "lr": rate, "peak": rate, "weight_decay": decay}
            for (rate, decay), parameters in groups.items()
        ],
        betas=(0.9, 0.98),
        fused=True,
    )


class Loop:
    """A run in a folder: ``checkpoint-STEP`` folders and ``log.jsonl``.

    Args:
        lessons: a step takes a batch from each and adds up their losses.
        schedule: from the step to the factor of the learning rates.
        score: measures a model; called with the averaged weights in place.
    """

    def __init__(
        self,
        folder: Path,
        model: JointModel,
        lessons: Sequence[Lesson],
        config: LoopConfig,
        schedule: Callable[[int], float],
        score: Callable[[JointModel], Mapping[str, Any]],
    ) -> None:
        self.folder = folder
        self.model = model
        self.config = config
        self.schedule = schedule
        self.step = 0
        self.pieces = 0
        self.optimizer = optimizer_for(model, config)
        self.average = Average(model, config.average)
        self._lessons = lessons
        self._score = score
        self._written: list[Path] = []

    def resume(self, checkpoint: Path) -> None:
        """Go on from a checkpoint."""
        found = load(checkpoint)
        restore(found, self.model, self.average, self.optimizer)
        self.step, self.pieces = found.progress["step"], found.progress["pieces"]
        for lesson, position in zip(self._lessons, found.progress["positions"], strict=True):
            lesson.go_to(position)

    def save(self) -> Path:
        """Write a checkpoint and drop the oldest of this loop's own."""
        path = self.folder / f"checkpoint-{self.step:06d}"
        positions = [lesson.position() for lesson in self._lessons]
        progress = {"step": self.step, "pieces": self.pieces, "positions": positions}
        save(path, self.model, self.average, self.optimizer, progress)
        self._written = [*(own for own in self._written if own != path), path]
        while len(self._written) > max(self.config.keep, 1):
            shutil.rmtree(self._written.pop(0), ignore_errors=True)
        return path

    def measure(self) -> None:
        """Measure the averaged weights and log the result."""
        own = {name: value.detach().clone() for name, value in self.model.named_parameters()}
        self.model.load_state_dict(self.average.values)
        self.model.eval()
        try:
            self._log(kind="scores", **self._score(self.model))
        finally:
            self.model.load_state_dict(own)
            self.model.train()

    def run(self, until: Callable[[int], bool]) -> None:
        """Train until ``until(step)`` says so, then write a checkpoint, unless it says so at once.

        Args:
            until: asked before the first step and after each one.

        Raises:
            ModelError: if the loss is no longer a number; the last checkpoint is from before.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self.model.train()
        last_save = last_score = last_log = time.monotonic()
        parts: dict[str, list[tuple[Tensor, Tensor]]] = defaultdict(list)
        seen = 0
        streams = [lesson.batches(self.config.workers) for lesson in self._lessons]
        norm = None
        while not until(self.step):
            factor = self.schedule(self.step)
            for group in self.optimizer.param_groups:
                group["lr"] = group["peak"] * factor
            for lesson, stream in zip(self._lessons, streams, strict=True):
                batch, position = next(stream)
                loss, pieces, own = lesson.loss(self.model, batch, bfloat16=self.config.bfloat16)
                (lesson.weight * loss).backward()  # type: ignore[no-untyped-call]
                lesson.went(position)
                seen += pieces
                self.pieces += pieces
                for name, part in own.items():
                    parts[name].append(part)
            norm = nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip)
            self.optimizer.step()
            self.average.update(self.model, self.step)
            self.optimizer.zero_grad(set_to_none=True)
            self.step += 1
            now = time.monotonic()
            if self.step % LOG_STEPS == 0:
                # Here the device is waited for, and before checkpoints.
                check(norm)
                rate = round(seen / (now - last_log))
                losses = means(parts)
                self._log(kind="train", rate=rate, factor=round(factor, 4), norm=round(float(norm), 3), losses=losses)
                parts.clear()
                seen, last_log = 0, now
            if now - last_save > self.config.save_seconds:
                check(norm)
                self.save()
                last_save = now
            if now - last_score > self.config.score_seconds:
                self.measure()
                last_score = last_log = time.monotonic()
        if norm is not None:
            check(norm)
            self.save()

    def _log(self, **fields: Any) -> None:
        record = {"time": time.strftime("%H:%M:%S"), "step": self.step, "pieces": self.pieces, **fields}
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(record) + "\n")


def check(norm: Tensor) -> None:
    """Refuse a gradient that is no number; once it is none, it stays so.

    Raises:
        ModelError: if it is not finite.
    """
    if not torch.isfinite(norm):
        raise ModelError("the training came apart", found=f"a gradient of norm {float(norm)}")


def means(parts: Mapping[str, Sequence[tuple[Tensor, Tensor]]]) -> dict[str, float]:
    """Mean losses of some steps, by name; those of nothing are left out."""
    found = {}
    for name, own in sorted(parts.items()):
        total, count = torch.stack([torch.stack(part).float() for part in own]).sum(0).tolist()
        if count:
            found[name] = round(total / count, 4)
    return found
