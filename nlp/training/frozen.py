"""Learning of relations on the words of a tagger that stays as it is.

The tagger reads each text once, so that an epoch costs no more than the edge network itself. What it says of a text is
kept in half precision: 768 bytes a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from nlp.networks.edges import EdgeNetwork
from nlp.networks.encoder import Encoder
from nlp.networks.inputs import Window, batches, pad
from nlp.networks.joint import JointModel
from nlp.training.edge_sampling import EdgePosition, EdgeSampler
from nlp.training.edges import EdgeBatch, collate, edge_loss, edge_states
from nlp.training.lessons import EdgeLesson, Parts
from nlp.training.related_texts import EdgeObjective, RelatedText

READ: Final = 512
"""Windows that are read between two looks at the progress."""

RIDGE: Final = 10.0
"""Of the regression between two taggers' words."""
SEEN: Final = 10.0
"""Pairs that a code of the rules is taken to have been seen at beside those it was."""

Vectors = Callable[[Sequence[Window]], list[NDArray[np.float32]]]
"""A tagger: for each window the (words, width) vectors of its words."""


def encoder_vectors(encoder: Encoder, layers: Sequence[int], device: torch.device, *, budget: int = 4096) -> Vectors:
    """An encoder in float32, and the layers whose vectors of a word are joined.

    Args:
        encoder: as it was trained.
        layers: numbered from 1; 0 stands for the embeddings.
        device: where it computes.
        budget: pieces in a batch, padding included.
    """
    encoder = encoder.eval().to(device)

    @torch.inference_mode()
    def read(windows: Sequence[Window]) -> list[NDArray[np.float32]]:
        rows: dict[int, NDArray[np.float32]] = {}
        for batch in batches(list(map(len, windows)), budget):
            padded = pad([windows[index] for index in batch])
            given = (torch.from_numpy(value).to(device) for value in (padded.ids, padded.shapes, padded.mask))
            states = encoder.states(*given)
            firsts = torch.from_numpy(padded.firsts).to(device)
            vectors = torch.cat([states[layer].flatten(0, 1)[firsts] for layer in layers], dim=-1).cpu().numpy()
            ends = np.cumsum([len(windows[index].firsts) for index in batch])[:-1]
            rows.update(zip(batch, np.split(vectors, ends), strict=True))
        return [rows[index] for index in range(len(windows))]

    return read


@dataclass(frozen=True, slots=True, eq=False)
class ReadText(RelatedText):
    """A text as a tagger has read it.

    Attributes:
        vectors: (words of all windows, width) float16
    """

    vectors: NDArray[np.float16] = field(kw_only=True)


def read_texts(texts: Sequence[RelatedText], vectors: Vectors) -> list[ReadText]:
    """Texts with what a tagger says of their words."""
    windows = [window for text in texts for window in text.windows]
    rows: list[NDArray[np.float16]] = []
    for start in range(0, len(windows), READ):
        rows += [found.astype(np.float16) for found in vectors(windows[start : start + READ])]
    found = iter(rows)
    return [with_vectors(text, np.concatenate([next(found) for _ in text.windows])) for text in texts]


def with_vectors(text: RelatedText, vectors: NDArray[np.float16]) -> ReadText:
    """``text`` with the vectors of the words of its windows."""
    return ReadText(**{own.name: getattr(text, own.name) for own in fields(RelatedText)}, vectors=vectors)


@torch.no_grad()
def match_words(network: EdgeNetwork, texts: Sequence[ReadText], others: Sequence[ReadText]) -> float:
    """Let a network that has learned to read one tagger's words begin with another's, by ridge regression.

    Args:
        network: with ``taken``, which is set.
        texts: with the vectors that the network will be given.
        others: the same texts with those that it knows.

    Returns:
        The share of the variance of what it knows that it is given so.
    """
    if network.taken is None:
        raise ValueError("the network takes vectors as they are")
    ours = np.concatenate([text.vectors for text in texts]).astype(np.float64)
    theirs = np.concatenate([text.vectors for text in others]).astype(np.float64)
    ours = np.concatenate([ours, np.ones((len(ours), 1))], axis=1)
    found = np.linalg.solve(ours.T @ ours + RIDGE * np.eye(ours.shape[1]), ours.T @ theirs)
    network.taken.weight.copy_(torch.from_numpy(found[:-1].T.copy()))
    network.taken.bias.copy_(torch.from_numpy(found[-1]))
    return float(1 - (theirs - ours @ found).var(0).sum() / theirs.var(0).sum())


class ReadSampler(EdgeSampler):
    """As ``EdgeSampler``, of texts that were read; batches come with their words' vectors."""

    def __iter__(self) -> Iterator[tuple[tuple[EdgeBatch, Tensor], EdgePosition]]:  # type: ignore[override]
        for chosen, position in self.drawn():
            vectors = np.concatenate([text.vectors for text in chosen if isinstance(text, ReadText)])
            yield (collate(chosen), torch.from_numpy(vectors)), position


class FrozenEdgeLesson(EdgeLesson):
    """Relations between marked mentions, on words that were read before; the tagger learns nothing.

    Args:
        network: that learns.
        sampler: of texts.
        device: of the model.
        dropout: of the vectors of words.
    """

    def __init__(self, network: EdgeNetwork, sampler: ReadSampler, device: torch.device, dropout: float) -> None:
        super().__init__(network, sampler, device, weight=1.0)
        self._dropout = dropout

    def batches(self, workers: int) -> Iterator[tuple[Any, Any]]:  # noqa: ARG002 — drawn here: nothing is cut
        return iter(self._sampler)

    def loss(  # type: ignore[override]  # its batches come with vectors
        self,
        model: JointModel,  # noqa: ARG002 — its network is known, its tagger has read
        batch: tuple[EdgeBatch, Tensor],
        *,
        bfloat16: bool,
    ) -> tuple[Tensor, int, Parts]:
        related, vectors = batch[0].to(self._device), batch[1].to(self._device).float()
        with torch.autocast(self._device.type, torch.bfloat16, enabled=bfloat16):
            words = functional.dropout(vectors, self._dropout)
            states = edge_states(self._network, words, related)
            loss, parts = edge_loss(self._network, states, related, self._objectives)
        return loss, len(vectors), parts


@torch.no_grad()
def set_priors(network: EdgeNetwork, texts: Sequence[RelatedText], objective: EdgeObjective) -> None:
    """Let a head begin with what each code of the rules has meant in texts: the log of how much likelier each label is.

    Args:
        network: whose head to set.
        texts: of one corpus, with their cues.
        objective: of the corpus.
    """
    table = cast("nn.Embedding", network.priors[objective.name]).weight
    own = objective.own.float().cpu()
    counts = torch.zeros_like(table, device="cpu")
    for text in texts:
        labels = own[torch.from_numpy(text.codes.astype(np.int64))]
        weights = torch.from_numpy(text.weights)[:, None] * labels / labels.sum(1, keepdim=True)
        counts.index_add_(0, torch.from_numpy(text.pair_cues()), weights)
    overall = counts.sum(0) / counts.sum()
    # As if each code had been seen a few times more, with the labels of all pairs.
    given = (counts + SEEN * overall) / (counts.sum(1, keepdim=True) + SEEN)
    table.copy_((given.clamp(min=1e-6) / overall.clamp(min=1e-6)).log().clamp(-4, 8))
