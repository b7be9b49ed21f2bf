"""Batches of related texts for the edge network, and its loss."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from nlp.networks.edges import EdgeNetwork, EdgeStates, Pairs, take
from nlp.networks.inputs import pad
from nlp.networks.reader import CAPTION_HEAD
from nlp.training.losses import partial_label_loss
from nlp.training.related_texts import UNKNOWN, EdgeObjective, RelatedText

GROUP: Final = 64
"""Pairs in a group."""
SEEN: Final = 10.0
"""Pairs that a code of the rules is taken to have been seen at beside those it was."""


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
        tasks: (groups,) int64
        chosen: for each task that occurs the (groups of it,) int64 indices of groups, always on the CPU.
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
    tasks: Tensor
    chosen: Mapping[int, Tensor]

    def to(self, device: torch.device) -> EdgeBatch:
        """The batch on another device."""
        moved: dict[str, Any] = {
            name: getattr(self, name).to(device, non_blocking=True) for name in self.__slots__ if name != "chosen"
        }
        return EdgeBatch(**moved, chosen=self.chosen)

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
        "tasks": kinds.astype(np.int64),
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
    trigger: float = 0.3


def edge_states(network: EdgeNetwork, vectors: Tensor, batch: EdgeBatch) -> EdgeStates:
    """Read a batch, given ``vectors`` (window words, width) of its words."""
    words = take(vectors, batch.places)
    return network(words, batch.words, batch.marks, batch.sentences, batch.pairs, batch.cues)  # type: ignore[no-any-return]


class EdgeLoss(nn.Module):
    """The loss of a batch, for each mention in it.

    The caption head's scores are computed at once for all pairs, those of every other head for the pairs of its tasks,
    and tables say what each task leaves possible: how long a step takes hardly depends on how many tasks there are.

    Args:
        objectives: of each task, in the order of the batches' task numbers.
        weights: of parts of the loss.
    """

    def __init__(self, objectives: Sequence[EdgeObjective], weights: EdgeWeights = EdgeWeights()) -> None:
        super().__init__()
        self._sources = [objective.source or objective.name for objective in objectives]
        self._weights = weights
        names = [objective.name for objective in objectives]
        self._tasks = {name: [task for task, own in enumerate(names) if own == name] for name in sorted({*names})}
        most = max(len(objective.own) for objective in objectives)
        self.caption: Tensor
        """(tasks, codes, 1 + caption labels)"""
        self.register_buffer("caption", torch.stack([_padded(objective.caption, most) for objective in objectives]))
        self.caption_weight: Tensor
        """(tasks,)"""
        factors = [1.0 if own.name == CAPTION_HEAD else own.caption_weight for own in objectives]
        self.register_buffer("caption_weight", torch.tensor(factors))
        for name, tasks in self._tasks.items():
            own = torch.zeros(len(objectives), most, objectives[tasks[0]].own.shape[1], dtype=torch.bool)
            for task in tasks:
                own[task] = _padded(objectives[task].own, most)
            self.register_buffer(f"own_{name}", own)

    def forward(
        self, network: EdgeNetwork, states: EdgeStates, batch: EdgeBatch
    ) -> tuple[Tensor, dict[str, tuple[Tensor, Tensor]]]:
        """Loss of a batch.

        Args:
            network: whose heads read.
            states: what the network read in the batch.
            batch: what is right.

        Returns:
            The loss, and for each part its sum and the number (weight) of pairs that it is summed over, for the log:
            ``edges/caption/SOURCE``, ``edges/SOURCE`` (its own head), ``edges/modality`` and ``edges/trigger``. Nothing
            waits for the device.
        """
        vectors, weights = states.vectors, self._weights
        parts: dict[str, tuple[Tensor, Tensor]] = {}
        scores = network.labels(CAPTION_HEAD, vectors, batch.pair_cues).float()
        loss = partial_label_loss(scores, self.caption[batch.tasks[:, None], batch.codes]) * batch.weights
        self._log(parts, f"edges/{CAPTION_HEAD}", loss, batch, batch.chosen)
        total = (loss.sum(1) * self.caption_weight[batch.tasks]).sum()
        for name, tasks in self._tasks.items():
            here = [task for task in tasks if task in batch.chosen]
            if name == CAPTION_HEAD or not here:
                continue
            groups = torch.cat([batch.chosen[task] for task in here]).to(vectors.device, non_blocking=True)
            scores = network.labels(name, vectors.index_select(0, groups), batch.pair_cues[groups]).float()
            allowed = getattr(self, f"own_{name}")[batch.tasks[groups][:, None], batch.codes[groups]]
            own = partial_label_loss(scores, allowed) * batch.weights[groups]
            self._log(parts, "edges", loss.new_zeros(loss.shape).index_copy(0, groups, own), batch, here)
            total = total + own.sum()
        said = (batch.modality >= 0).float() * batch.weights[..., None]
        flags = functional.binary_cross_entropy_with_logits(
            network.modality(vectors).float(), batch.modality.clamp(min=0), reduction="none"
        )
        modality = (flags * said).sum()
        total = total + weights.modality * modality
        parts["edges/modality"] = (modality.detach(), said.sum())
        if len(batch.triggers):
            group, place, first, last = batch.triggers.unbind(1)
            start, end = states.triggers[group, :, place].unbind(1)
            trigger = functional.cross_entropy(start, first, reduction="sum")
            trigger = trigger + functional.cross_entropy(end, last, reduction="sum")
            total = total + weights.trigger * trigger
            parts["edges/trigger"] = (trigger.detach(), torch.full_like(trigger, len(first)).detach())
        return total / len(batch.mention_firsts), parts

    def _log(
        self,
        parts: dict[str, tuple[Tensor, Tensor]],
        prefix: str,
        loss: Tensor,
        batch: EdgeBatch,
        tasks: Iterable[int],
    ) -> None:
        """Sums of ``loss`` (groups, pairs) and of weights by task."""
        both = torch.stack([loss.sum(1), batch.weights.sum(1)], dim=1).detach()
        sums = both.new_zeros(len(self._sources), 2).index_add_(0, batch.tasks, both).unbind()
        parts |= {f"{prefix}/{self._sources[task]}": (sums[task][0], sums[task][1]) for task in tasks}


def _padded(table: Tensor, codes: int) -> Tensor:
    """(codes, labels) of a table with fewer codes, all labels of the others being possible."""
    return functional.pad(table, (0, 0, 0, codes - len(table)), value=True)


@torch.no_grad()
def set_priors(network: EdgeNetwork, related: Iterable[tuple[Sequence[RelatedText], EdgeObjective]]) -> None:
    """Let heads begin with what each code of the rules has meant in texts: the log of how much likelier each label is.

    Args:
        network: whose heads to set; nothing is done if it is told no codes.
        related: texts of each source, with their cues, and its objective.
    """
    counts: dict[str, Tensor] = {}
    for texts, objective in related:
        if objective.name not in network.priors:
            continue
        own = objective.own.float().cpu()
        table = cast("nn.Embedding", network.priors[objective.name]).weight
        count = counts.setdefault(objective.name, torch.zeros_like(table, device="cpu"))
        for text in texts:
            labels = own[torch.from_numpy(text.codes.astype(np.int64))]
            weights = torch.from_numpy(text.weights)[:, None] * labels / labels.sum(1, keepdim=True)
            count.index_add_(0, torch.from_numpy(text.pair_cues()), weights)
    for name, count in counts.items():
        cast("nn.Embedding", network.priors[name]).weight.copy_(_log_odds(count))


def _log_odds(counts: Tensor) -> Tensor:
    """(codes, labels) of how often they stood together."""
    overall = counts.sum(0) / counts.sum()
    # As if each code had been seen a few times more, with the labels of all pairs.
    given = (counts + SEEN * overall) / (counts.sum(1, keepdim=True) + SEEN)
    return (given.clamp(min=1e-6) / overall.clamp(min=1e-6)).log().clamp(-4, 8)
