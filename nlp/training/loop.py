"""The training loop: batches in, checkpoints and a log out."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from nlp.networks.reader import CAPTION_HEAD
from nlp.networks.tagger import MentionTagger
from nlp.training.checkpoints import Average, load, restore, save
from nlp.training.examples import Batch
from nlp.training.losses import partial_label_loss
from nlp.training.sampling import Position, Sampler
from nlp.training.schedule import WarmupStableDecay


@dataclass(frozen=True, slots=True)
class Objective:
    """What a task teaches.

    Attributes:
        name: of the task and of its own head; ``caption`` has no other.
        allowed: (own tags, caption tags), which caption tags each of its tags leaves possible.
        caption_weight: of the caption head's loss on this task, beside 1 for its own head.
    """

    name: str
    allowed: Tensor
    caption_weight: float


@dataclass(frozen=True, slots=True)
class LoopConfig:
    """How to train.

    Attributes:
        encoder_rate: peak learning rate of the pretrained parameters.
        new_rate: peak learning rate of shape tables and heads.
        clip: largest norm of the gradient.
        average: decay of the moving average.
        bfloat16: whether products are computed in bfloat16; weights stay float32.
        save_seconds: between checkpoints.
        score_seconds: between measurements.
        keep: how many checkpoints to keep.
    """

    encoder_rate: float = 2e-4
    new_rate: float = 1e-3
    weight_decay: float = 0.01
    clip: float = 1.0
    average: float = 0.998
    bfloat16: bool = True
    save_seconds: float = 600.0
    score_seconds: float = 900.0
    keep: int = 2


def optimizer_for(model: MentionTagger, config: LoopConfig) -> torch.optim.AdamW:
    """AdamW in three groups: pretrained matrices, new parameters, and what is not decayed (norms and biases)."""
    groups: dict[str, list[nn.Parameter]] = defaultdict(list)
    for name, parameter in model.named_parameters():
        new = name.startswith("heads.") or ".shapes." in name
        groups["new" if new else "decayed" if parameter.ndim > 1 else "plain"].append(parameter)
    rates = {"new": config.new_rate, "decayed": config.encoder_rate, "plain": config.encoder_rate}
    return torch.optim.AdamW(
        [
            {
                "params": parameters,
                "lr": rates[kind],
                "peak": rates[kind],
                "weight_decay": config.weight_decay if kind == "decayed" else 0.0,
            }
            for kind, parameters in groups.items()
        ],
        betas=(0.9, 0.98),
        fused=True,
    )


def batch_loss(
    model: MentionTagger, batch: Batch, objectives: Sequence[Objective], *, bfloat16: bool
) -> tuple[Tensor, dict[str, tuple[float, int]]]:
    """Loss of a batch: mean over its words of their own head's loss and the weighted caption loss.

    Returns:
        The loss, and for each head and task of the batch the summed loss and number of words, for the log.
    """
    with torch.autocast(batch.ids.device.type, torch.bfloat16, enabled=bfloat16):
        words = model.words(batch.ids, batch.shapes, batch.mask, batch.firsts)
    words = words.float()
    total = words.new_zeros(())
    parts: dict[str, tuple[float, int]] = {}
    for task in sorted(set(batch.tasks.tolist())):
        objective, chosen = objectives[task], (batch.tasks == task).nonzero()[:, 0]
        vectors, tags = words[chosen], batch.tags[chosen]
        if objective.caption_weight:
            caption = partial_label_loss(model.head(CAPTION_HEAD, vectors), objective.allowed[tags]).sum()
            total = total + objective.caption_weight * caption
            parts[f"{CAPTION_HEAD}/{objective.name}"] = (caption.item(), len(tags))
        if objective.name != CAPTION_HEAD:
            own = nn.functional.cross_entropy(model.head(objective.name, vectors), tags, reduction="sum")
            total = total + own
            parts[objective.name] = (own.item(), len(tags))
    return total / len(batch.tags), parts


class Loop:
    """A run in a folder: ``checkpoint-STEP`` folders and ``log.jsonl``.

    Args:
        score: measures a model; called with the averaged weights in place.
    """

    def __init__(
        self,
        folder: Path,
        model: MentionTagger,
        sampler: Sampler,
        objectives: Sequence[Objective],
        config: LoopConfig,
        schedule: WarmupStableDecay,
        score: Callable[[MentionTagger], Mapping[str, Any]],
    ) -> None:
        self.folder = folder
        self.model = model
        self.config = config
        self.schedule = schedule
        self.step = 0
        self.pieces = 0
        self.optimizer = optimizer_for(model, config)
        self.average = Average(model, config.average)
        self._sampler = sampler
        self._device = next(model.parameters()).device
        self._objectives = [replace(item, allowed=item.allowed.to(self._device)) for item in objectives]
        self._score = score

    def resume(self, checkpoint: Path) -> None:
        """Go on from a checkpoint."""
        found = load(checkpoint)
        restore(found, self.model, self.average, self.optimizer)
        self.step, self.pieces = found.progress["step"], found.progress["pieces"]
        position = found.progress["position"]
        self._sampler.position = Position(
            position["pool"], position["batch"], [(turn, index) for turn, index in position["cursors"]]
        )

    def save(self) -> Path:
        """Write a checkpoint and drop the oldest."""
        path = self.folder / f"checkpoint-{self.step:06d}"
        progress = {"step": self.step, "pieces": self.pieces, "position": asdict(self._sampler.position)}
        save(path, self.model, self.average, self.optimizer, progress)
        for old in sorted(self.folder.glob("checkpoint-??????"))[: -self.config.keep]:
            for file in old.iterdir():
                file.unlink()
            old.rmdir()
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
        """Train until ``until(step)`` says so, then write a checkpoint."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.model.train()
        last_save = last_score = last_log = time.monotonic()
        losses: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        seen = 0
        for drawn in self._sampler:
            batch = drawn.to(self._device)
            factor = self.schedule(self.step)
            for group in self.optimizer.param_groups:
                group["lr"] = group["peak"] * factor
            loss, parts = batch_loss(self.model, batch, self._objectives, bfloat16=self.config.bfloat16)
            loss.backward()  # type: ignore[no-untyped-call]
            norm = nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip)
            if torch.isfinite(norm):
                self.optimizer.step()
                self.average.update(self.model, self.step)
            self.optimizer.zero_grad(set_to_none=True)
            self.step += 1
            count = int(batch.mask.sum())
            self.pieces += count
            seen += count
            for name, (value, words) in parts.items():
                losses[name][0] += value
                losses[name][1] += words
            now = time.monotonic()
            if self.step % 20 == 0:
                means = {name: round(value / words, 4) for name, (value, words) in sorted(losses.items())}
                rate = round(seen / (now - last_log))
                self._log(kind="train", rate=rate, factor=round(factor, 4), norm=round(float(norm), 3), losses=means)
                losses.clear()
                seen, last_log = 0, now
            if now - last_save > self.config.save_seconds:
                self.save()
                last_save = now
            if now - last_score > self.config.score_seconds:
                self.measure()
                last_score = last_log = time.monotonic()
            if until(self.step):
                break
        self.save()

    def _log(self, **fields: Any) -> None:
        record = {"time": time.strftime("%H:%M:%S"), "step": self.step, "pieces": self.pieces, **fields}
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(record) + "\n")
