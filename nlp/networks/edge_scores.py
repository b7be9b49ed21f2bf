"""What an edge network says of the pairs of a text, and which pairs it is asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from nlp.errors import Location, ModelError
from nlp.networks.edge_inputs import mention_words, sentence_numbers
from nlp.networks.graph import log_softmax, open_session
from nlp.networks.tags import LabelledSpan, TagSet

EDGES_FILE: Final = "edges.onnx"
REACH: Final = 0
"""How many sentences apart the ends of a pair may stand. In gold captions 95.4 % of relations stand in one sentence and
99.7 % in neighbouring ones at most; but F1 is no better with these, and they take a third of the time."""
NEAR: Final = 10
"""How many mentions apart they may stand, which bounds the pairs of a text by its length: so near stand 99.7 % of the
relations in one sentence, and four fifths of its pairs."""
INPUTS: Final = ("words", "marks", "sentences", "cues", "firsts", "lasts", "sources", "targets", "pair_cues")
OUTPUTS: Final = ("scores", "modality", "starts", "ends")


@dataclass(frozen=True, slots=True, eq=False)
class EdgeInputs:
    """A text as an edge network is given it.

    Attributes:
        marks: (words,) int64 tag of each word.
        sentences: (words,) int64
        cues: (words,) int64, codes of what a list says of words.
        firsts: (mentions,) int64, first words.
        lasts: (mentions,) int64, last words.
        pairs: (pairs, 2) int64, source and target among these mentions.
        pair_cues: (pairs,) int64, codes of what rules say of pairs.
        mentions: (mentions,) int64 indices of the mentions that were given: one that touches no word is left out.
    """

    marks: NDArray[np.int64]
    sentences: NDArray[np.int64]
    cues: NDArray[np.int64]
    firsts: NDArray[np.int64]
    lasts: NDArray[np.int64]
    pairs: NDArray[np.int64]
    pair_cues: NDArray[np.int64]
    mentions: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        text: str,
        words: NDArray[np.int32],
        mentions: Sequence[LabelledSpan],
        tags: TagSet,
        cues: NDArray[np.int64],
        ruled: NDArray[np.int64],
    ) -> EdgeInputs:
        """The inputs for a text.

        Args:
            text: as it was given.
            words: (words, 2) offsets, in order.
            mentions: in any order.
            tags: of the marks.
            cues: (words,) codes of what a list says of words.
            ruled: (ruled, 3) mentions of pairs of which rules say something, and its code.
        """
        bounds = mention_words(words, [(mention.start, mention.end) for mention in mentions])
        order = np.lexsort((-bounds[:, 1], bounds[:, 0])) if len(mentions) else np.zeros(0, np.int64)
        there = order[bounds[order, 0] <= bounds[order, 1]]
        firsts, lasts = bounds[there].T
        sentences = sentence_numbers(text, words)
        pairs = candidate_pairs(sentences[firsts])
        said = np.zeros((len(mentions), len(mentions)), np.int64)
        said[ruled[:, 0], ruled[:, 1]] = ruled[:, 2]
        return cls(
            marks=tags.encode(words, mentions).astype(np.int64),
            sentences=sentences,
            cues=cues,
            firsts=firsts,
            lasts=lasts,
            pairs=pairs,
            pair_cues=said[there[pairs[:, 0]], there[pairs[:, 1]]],
            mentions=there,
        )


def candidate_pairs(sentences: NDArray[np.int64], *, reach: int = REACH, near: int = NEAR) -> NDArray[np.int64]:
    """Ordered pairs of mentions that stand near enough to each other to be related.

    Args:
        sentences: (mentions,) the sentence of each, in order.
        reach: most sentences between them, next ones being 1 apart.
        near: most mentions between them, likewise.

    Returns:
        (pairs, 2) indices, by source, then target.
    """
    places = np.arange(len(sentences))
    apart = np.abs(places[:, None] - places)
    fits = (apart > 0) & (apart <= near) & (np.abs(sentences[:, None] - sentences) <= reach)
    return np.stack(np.nonzero(fits), axis=1).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class EdgeScores:
    """What an edge network says of pairs.

    Attributes:
        pairs: (pairs, 2) indices of the mentions that were given, source and target.
        scores: (pairs, 1 + labels) log-probabilities, first that of no relation.
        modality: (pairs, 2) logits of negated and speculative.
        starts, ends: (pairs, words) scores of the trigger's first and last word.
        sentences: (words,) the sentence of each word.
    """

    pairs: NDArray[np.int64]
    scores: NDArray[np.float32]
    modality: NDArray[np.float32]
    starts: NDArray[np.float32]
    ends: NDArray[np.float32]
    sentences: NDArray[np.int64]


class EdgeGraph(Protocol):
    """An edge network that can be run, whatever runs it."""

    def __call__(self, inputs: EdgeInputs, vectors: NDArray[np.float32]) -> EdgeScores:
        """Read the pairs of a text.

        Args:
            inputs: the text, with at least one pair.
            vectors: (words, width) of its words.
        """


class OnnxEdges:
    """A session over an exported edge network, which reads one text a run.

    Args:
        path: the graph; the file of its weights stands beside it.
        labels: that it tells apart.
        threads: that share the work of one text.

    Raises:
        ModelError: if the file is no graph, or is one of other inputs or labels.
    """

    def __init__(self, path: Path, labels: int, *, threads: int = 1) -> None:
        self._arguments = (path, labels, threads)
        self._session = open_session(path, threads)
        inputs = tuple(item.name for item in self._session.get_inputs())
        width = self._session.get_outputs()[0].shape[-1]
        if inputs != INPUTS or width != 1 + labels:
            raise ModelError(
                "a graph of relations does not fit",
                expected=f"inputs {INPUTS}, {1 + labels} scores",
                found=f"inputs {inputs}, {width} scores",
                where=Location(str(path)),
            )

    def __reduce__(self) -> tuple[object, ...]:
        return (_reopen, self._arguments)

    def __call__(self, inputs: EdgeInputs, vectors: NDArray[np.float32]) -> EdgeScores:
        """See ``EdgeGraph``."""
        return edge_scores(inputs, *self._session.run(list(OUTPUTS), edge_feed(inputs, vectors)))


def edge_feed(inputs: EdgeInputs, vectors: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
    """What a graph is given, by ``INPUTS``."""
    sources, targets = inputs.pairs.T
    return {
        "words": np.ascontiguousarray(vectors),
        "marks": inputs.marks,
        "sentences": inputs.sentences,
        "cues": inputs.cues,
        "firsts": inputs.firsts,
        "lasts": inputs.lasts,
        "sources": np.ascontiguousarray(sources),
        "targets": np.ascontiguousarray(targets),
        "pair_cues": inputs.pair_cues,
    }


def edge_scores(
    inputs: EdgeInputs,
    scores: NDArray[np.float32],
    modality: NDArray[np.float32],
    starts: NDArray[np.float32],
    ends: NDArray[np.float32],
) -> EdgeScores:
    """What a graph says, of ``OUTPUTS``."""
    return EdgeScores(inputs.mentions[inputs.pairs], log_softmax(scores), modality, starts, ends, inputs.sentences)


def _reopen(path: Path, labels: int, threads: int) -> OnnxEdges:
    return OnnxEdges(path, labels, threads=threads)
