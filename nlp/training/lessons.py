"""What a step of training consists of: from each lesson one batch and its loss."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final, Protocol

import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset

from nlp.networks.edges import EdgeNetwork
from nlp.networks.joint import JointModel
from nlp.networks.reader import CAPTION_HEAD
from nlp.networks.tagger import MentionTagger
from nlp.training.distillation import Distillation, Teachers
from nlp.training.edge_sampling import EdgePosition, EdgeSampler
from nlp.training.edges import EdgeBatch, EdgeLoss, EdgeWeights, edge_states
from nlp.training.examples import Batch
from nlp.training.objectives import Objective, TagLoss
from nlp.training.sampling import Position, Sampler

AHEAD: Final = 16
"""Batches that are drawn ahead of time."""

Parts = Mapping[str, tuple[Tensor, Tensor]]
"""For the log, by name: a sum of losses, and the number of words or pairs that it is of."""


class Stream(Protocol):
    """Batches, each with the position after it."""

    def __iter__(self) -> Iterator[tuple[Any, Any]]: ...


class Lesson(Protocol):
    """One thing that is learned.

    Attributes:
        weight: of its loss.
    """

    weight: float

    def batches(self, workers: int) -> Iterator[tuple[Any, Any]]:
        """Batches from the position on, drawn here or, with ``workers``, ahead of time in another process."""

    def loss(self, model: JointModel, batch: Any, *, bfloat16: bool) -> tuple[Tensor, int, Parts]:
        """The loss of a batch, how many pieces it has, and parts of the loss; nothing in it waits for the device."""

    def went(self, position: Any) -> None:
        """A batch was learned from; ``position`` is that after it."""

    def position(self) -> dict[str, Any]:
        """Where it stands, as JSON."""

    def go_to(self, position: Mapping[str, Any]) -> None:
        """Go on from a position that was saved."""


class TagLesson:
    """Words' tags, in captions and corpora.

    Args:
        sampler: of texts.
        objectives: of the sampler's tasks.
        device: of the model.
        teachers: trained models to learn from as well.
        distillation: how much they count.
    """

    def __init__(
        self,
        sampler: Sampler,
        objectives: Sequence[Objective],
        device: torch.device,
        teachers: Sequence[MentionTagger] = (),
        distillation: Distillation | None = None,
    ) -> None:
        self.weight = 1.0
        self._sampler = sampler
        self._device = device
        self._loss = TagLoss(objectives).to(device)
        self._teachers = Teachers(teachers, self._loss.sizes, distillation or Distillation()) if teachers else None

    def batches(self, workers: int) -> Iterator[tuple[Batch, Position]]:
        return _drawn(self._sampler, workers)

    def loss(self, model: JointModel, batch: Batch, *, bfloat16: bool) -> tuple[Tensor, int, Parts]:
        pieces = int(batch.mask.sum())
        batch = batch.to(self._device)
        with torch.autocast(self._device.type, torch.bfloat16, enabled=bfloat16):
            words = model.tagger.words(batch.ids, batch.shapes, batch.mask, batch.firsts)
            said = self._teachers(batch) if self._teachers else []
        scores = self._loss.scores(model.tagger, words.float())
        loss, sums = self._loss(scores, batch)
        if self._teachers:
            loss = self._teachers.settings.hard * loss + self._teachers.loss(scores, said)
        parts: dict[str, tuple[Tensor, Tensor]] = {}
        for name, (own, caption, count) in zip(self._loss.names, (row.unbind() for row in sums.unbind()), strict=True):
            parts[f"{CAPTION_HEAD}/{name}"] = (caption, count)
            if name != CAPTION_HEAD:
                parts[name] = (own, count)
        return loss, pieces, parts

    def went(self, position: Position) -> None:
        self._sampler.position = position

    def position(self) -> dict[str, Any]:
        return asdict(self._sampler.position)

    def go_to(self, position: Mapping[str, Any]) -> None:
        cursors = [(turn, index) for turn, index in position["cursors"]]
        self._sampler.position = Position(position["pool"], position["batch"], cursors)


class EdgeLesson:
    """Relations between marked mentions, in captions and corpora."""

    def __init__(
        self,
        network: EdgeNetwork,
        sampler: EdgeSampler,
        device: torch.device,
        weight: float,
        weights: EdgeWeights | None = None,
    ) -> None:
        self.weight = weight
        self._network = network
        self._sampler = sampler
        self._device = device
        self._loss = EdgeLoss(sampler.objectives, weights or EdgeWeights()).to(device)

    def batches(self, workers: int) -> Iterator[tuple[EdgeBatch, EdgePosition]]:
        return _drawn(self._sampler, workers)

    def loss(self, model: JointModel, batch: EdgeBatch, *, bfloat16: bool) -> tuple[Tensor, int, Parts]:
        pieces = int(batch.mask.sum())
        batch = batch.to(self._device)
        with torch.autocast(self._device.type, torch.bfloat16, enabled=bfloat16):
            words = model.related_words(batch.ids, batch.shapes, batch.mask, batch.firsts)
            states = edge_states(self._network, words, batch)
            loss, parts = self._loss(self._network, states, batch)
        return loss, pieces, parts

    def went(self, position: EdgePosition) -> None:
        self._sampler.position = position

    def position(self) -> dict[str, Any]:
        return asdict(self._sampler.position)

    def go_to(self, position: Mapping[str, Any]) -> None:
        self._sampler.position = EdgePosition(position["pool"], position["batch"])


class _Dataset(IterableDataset[tuple[Any, Any]]):
    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        return iter(self._stream)


def _drawn(stream: Stream, workers: int) -> Iterator[tuple[Any, Any]]:
    if not workers:
        return iter(stream)
    # Without a generator of its own it would draw from that of the model's dropout.
    seeds = torch.Generator()
    return iter(DataLoader(_Dataset(stream), batch_size=None, num_workers=1, prefetch_factor=AHEAD, generator=seeds))
