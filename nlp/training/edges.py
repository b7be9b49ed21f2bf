"""Batches of related texts for the edge network, and its loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from nlp.networks.edges import EdgeNetwork, EdgeStates, Pairs, take
from nlp.networks.inputs import pad
from nlp.networks.reader import CAPTION_HEAD
from nlp.training.losses import partial_label_loss
from nlp.training.related_texts import UNKNOWN, EdgeObjective, RelatedText

GROUP: Final = 64
"""Pairs in a group."""


@dataclass(frozen=True, slots=True, eq=False)
class EdgeBatch:
    """Texts side by side. Pairs stand in groups of one text; places in them without a pair weigh nothing.

    Attributes:
        ids: (windows, length) int64, 0 where padded.
        shapes: (windows, length, tables) int64
        mask: (windows, length) bool, True for pieces.
        firsts: (window words,) int64 into the flattened ids.
        places: (texts, words) int64 into the window words, 0 where padded.
        words: (texts, words) bool, True for words.
        tags: (texts, words) int64, true tags.
        marks: (texts, words) int64, tags as the network is told them.
        sentences: (texts, words) int64
        mention_firsts: (mentions,) int64 into the flattened words of texts.
        mention_lasts: (mentions,) int64, likewise.
        sources: (groups, size) int64, mentions.
        targets: (groups, size) int64, mentions.
        rows: (groups,) int64, texts.
        codes: (groups, size) int64, rows of the objective's tables.
        weights: (groups, size) float32, how many pairs each stands for; 0 where there is none.
        cues: (texts, words) int64, codes of what a list says of words.
        pair_cues: (groups, size) int64, codes of what rules say of pairs.
        modality: (groups, size, 2) float32, 1 or 0; -1 where unknown.
        triggers: (pointed, 4) int64, for pairs with a known trigger: group, place in it, first and last word.
        chosen: for each task that occurs the (groups of it,) int64 indices of groups.
    """

    ids: Tensor
    shapes: Tensor
    mask: Tensor
    firsts: Tensor
    places: Tensor
    words: Tensor
    tags: Tensor
    marks: Tensor
    sentences: Tensor
    mention_firsts: Tensor
    mention_lasts: Tensor
    sources: Tensor
    targets: Tensor
    rows: Tensor
    codes: Tensor
    weights: Tensor
    cues: Tensor
    pair_cues: Tensor
    modality: Tensor
    triggers: Tensor
    chosen: Mapping[int, Tensor]

    def to(self, device: torch.device) -> EdgeBatch:
        """The batch on another device."""
        moved: dict[str, Any] = {
            name: getattr(self, name).to(device, non_blocking=True) for name in self.__slots__ if name != "chosen"
        }
        return EdgeBatch(**moved, chosen={task: groups.to(device) for task, groups in self.chosen.items()})

    @property
    def pairs(self) -> Pairs:
        return Pairs(self.mention_firsts, self.mention_lasts, self.sources, self.targets, self.rows, self.pair_cues)


def collate(texts: Sequence[RelatedText], *, size: int = GROUP) -> EdgeBatch:
    """Put texts side by side, with ``size`` pairs in a group."""
    padded = pad([window for text in texts for window in text.windows])
    longest = max(len(text.places) for text in texts)
    window_words = _starts([sum(len(window.firsts) for window in text.windows) for text in texts])
    mentions = np.concatenate([text.mentions + row * longest for row, text in enumerate(texts)]).astype(np.int64)
    numbers = _starts([len(text.mentions) for text in texts])
    pairs = [_grouped(text.pairs + start, size, start) for text, start in zip(texts, numbers, strict=True)]
    rows = np.repeat(np.arange(len(texts)), list(map(len, pairs)))
    kinds = np.asarray([text.task for text in texts])[rows]
    triggers = np.concatenate([_grouped(text.triggers, size, UNKNOWN) for text in texts]).astype(np.int64)
    pointed = np.nonzero(triggers[:, :, 0] != UNKNOWN)
    sources, targets = np.moveaxis(np.concatenate(pairs).astype(np.int64), -1, 0)
    arrays: dict[str, NDArray[Any]] = {
        **{name: getattr(padded, name) for name in ("ids", "shapes", "mask", "firsts")},
        "places": _rows(
            [text.places + start for text, start in zip(texts, window_words, strict=True)], longest, np.int64
        ),
        "words": _rows([np.ones(len(text.places), np.bool_) for text in texts], longest, np.bool_),
        **{
            name: _rows([getattr(text, name) for text in texts], longest, np.int64)
            for name in ("tags", "marks", "sentences", "cues")
        },
        "mention_firsts": mentions[:, 0],
        "mention_lasts": mentions[:, 1],
        "sources": sources,
        "targets": targets,
        "rows": rows,
        "codes": np.concatenate([_grouped(text.codes, size, 0) for text in texts]).astype(np.int64),
        "weights": np.concatenate([_grouped(text.weights, size, 0) for text in texts]),
        "pair_cues": np.concatenate([_grouped(text.pair_cues(), size, 0) for text in texts]),
        "modality": np.concatenate([_grouped(text.modality, size, UNKNOWN) for text in texts]).astype(np.float32),
        "triggers": np.concatenate([np.stack(pointed, axis=1), triggers[pointed]], axis=1),
    }
    chosen = {int(task): torch.from_numpy(np.flatnonzero(kinds == task)) for task in np.unique(kinds)}
    tensors = {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in arrays.items()}
    return EdgeBatch(**tensors, chosen=chosen)


def _starts(counts: Sequence[int]) -> list[int]:
    return [0, *np.cumsum(counts[:-1]).tolist()]


def _rows(arrays: Sequence[NDArray[Any]], length: int, kind: type[np.generic]) -> NDArray[Any]:
    padded = np.zeros((len(arrays), length), kind)
    for row, array in enumerate(arrays):
        padded[row, : len(array)] = array
    return padded


def _grouped(values: NDArray[Any], size: int, fill: int) -> NDArray[Any]:
    """(groups, size, …) of (pairs, …), the last group filled up."""
    missing = -len(values) % size
    rest = np.full((missing, *values.shape[1:]), fill, values.dtype)
    grouped: NDArray[Any] = np.concatenate([values, rest]).reshape(-1, size, *values.shape[1:])
    return grouped


@dataclass(frozen=True, slots=True)
class EdgeWeights:
    """What the parts of the loss weigh beside 1 for labels."""

    modality: float = 0.2
    trigger: float = 0.1


def edge_states(network: EdgeNetwork, vectors: Tensor, batch: EdgeBatch) -> EdgeStates:
    """Read a batch, given ``vectors`` (window words, width) of its words."""
    words = take(vectors, batch.places)
    return network(words, batch.words, batch.marks, batch.sentences, batch.pairs, batch.cues)  # type: ignore[no-any-return]


def edge_loss(
    network: EdgeNetwork,
    states: EdgeStates,
    batch: EdgeBatch,
    objectives: Sequence[EdgeObjective],
    weights: EdgeWeights = EdgeWeights(),
) -> tuple[Tensor, dict[str, tuple[Tensor, Tensor]]]:
    """Loss of a batch, for each mention in it.

    Args:
        network: whose heads read.
        states: what the network read in the batch.
        batch: what is right.
        objectives: of all tasks, on the batch's device.
        weights: of parts of the loss.

    Returns:
        The loss, and for each part its sum and the number (weight) of pairs that it is summed over, for the log:
        ``edges/TASK`` (its own head), ``edges/caption/TASK``, ``edges/modality`` and ``edges/trigger``. Nothing waits
        for the device.
    """
    vectors = states.vectors
    parts: dict[str, tuple[Tensor, Tensor]] = {}
    total = vectors.new_zeros((), dtype=torch.float32)
    for task, groups in batch.chosen.items():
        objective, part, share = objectives[task], vectors.index_select(0, groups), batch.weights[groups]
        codes = batch.codes[groups]
        heads = [(objective.name, objective.own, 1.0)]
        if objective.name != CAPTION_HEAD and objective.caption_weight:
            heads.append((CAPTION_HEAD, objective.caption, objective.caption_weight))
        for head, allowed, factor in heads:
            scores = network.labels(head, part, batch.pair_cues[groups]).float()
            loss = (partial_label_loss(scores, allowed[codes]) * share).sum()
            total = total + factor * loss
            name = f"edges/{objective.name}" if head == objective.name else f"edges/{head}/{objective.name}"
            parts[name] = (loss.detach(), share.sum())
    said = (batch.modality >= 0).float() * batch.weights[..., None]
    flags = functional.binary_cross_entropy_with_logits(
        network.modality(vectors).float(), batch.modality.clamp(min=0), reduction="none"
    )
    modality = (flags * said).sum()
    total = total + weights.modality * modality
    parts["edges/modality"] = (modality.detach(), said.sum())
    if len(batch.triggers):
        group, place, first, last = batch.triggers.unbind(1)
        start, end = network.triggers(vectors[group, place][:, None], batch.rows[group], states)
        trigger = functional.cross_entropy(start[:, 0], first, reduction="sum")
        trigger = trigger + functional.cross_entropy(end[:, 0], last, reduction="sum")
        total = total + weights.trigger * trigger
        parts["edges/trigger"] = (trigger.detach(), torch.full_like(trigger, len(first)).detach())
    return total / len(batch.mention_firsts), parts
