"""What an edge network says of the pairs of a text, and which pairs it is asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from nlp.errors import Location, ModelError
from nlp.networks.edge_inputs import mention_words, sentence_numbers
from nlp.networks.graph import log_softmax, open_session
from nlp.networks.tags import LabelledSpan, TagSet

EDGES_FILE: Final = "edges.onnx"
REACH: Final = 1
"""How many sentences apart the ends of a pair may stand: in gold captions 95.4 % of relations stand in one sentence and
99.7 % in neighbouring ones at most."""
NEAR: Final = 8
"""How many mentions apart they may stand, which bounds the pairs of a text by its length."""
MOST_WORDS: Final = 512
"""Words that are read at once."""
OVERLAP: Final = 128
"""Words that two parts of a longer text share, and about how far apart the ends of a pair may stand in it."""
LONGEST: Final = 8
"""Words of a trigger."""
HARDLY: Final = 0.01
"""Probability of a relation below which nobody asks for its trigger."""
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
        return cls(
            marks=tags.encode(words, mentions).astype(np.int64),
            sentences=sentences,
            cues=cues,
            firsts=firsts,
            lasts=lasts,
            pairs=pairs,
            pair_cues=codes_of(there[pairs], ruled, len(mentions)),
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
    steps = np.concatenate([np.arange(-near, 0), np.arange(1, near + 1)])
    sources = np.repeat(np.arange(len(sentences)), len(steps))
    targets = sources + np.tile(steps, len(sentences))
    there = (targets >= 0) & (targets < len(sentences))
    pairs = np.stack([sources[there], targets[there]], axis=1).astype(np.int64)
    apart = np.abs(sentences[pairs[:, 0]] - sentences[pairs[:, 1]])
    near_enough: NDArray[np.int64] = pairs[apart <= reach]
    return near_enough


def codes_of(pairs: NDArray[np.int64], known: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """(pairs,) the codes of pairs that are known, 0 for others.

    Args:
        pairs: (pairs, 2) indices below ``size``.
        known: (known, 3) pairs, each once, and their codes.
        size: more than any index.
    """
    if not len(known):
        return np.zeros(len(pairs), np.int64)
    keys = known[:, 0] * size + known[:, 1]
    order = np.argsort(keys)
    asked = pairs[:, 0] * size + pairs[:, 1]
    places = order[np.searchsorted(keys[order], asked).clip(max=len(keys) - 1)]
    return np.where(keys[places] == asked, known[places, 2], 0)


@dataclass(frozen=True, slots=True, eq=False)
class EdgeScores:
    """What an edge network says of pairs.

    Attributes:
        pairs: (pairs, 2) indices of the mentions that were given, source and target.
        scores: (pairs, 1 + labels) log-probabilities, first that of no relation.
        modality: (pairs, 2) logits of negated and speculative.
        triggers: (pairs, 2) int64, the first and the last word of the likeliest trigger; 0 where a relation is less
            probable than ``HARDLY``.
    """

    pairs: NDArray[np.int64]
    scores: NDArray[np.float32]
    modality: NDArray[np.float32]
    triggers: NDArray[np.int64]


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

    Raises:
        ModelError: if the file is no graph, or is one of other inputs or labels.
    """

    def __init__(self, path: Path, labels: int) -> None:
        self._arguments = (path, labels)
        self._session = open_session(path)
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
        return (OnnxEdges, self._arguments)

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
    sure = log_softmax(scores)
    triggers = np.zeros((len(sure), 2), np.int64)
    chosen = np.flatnonzero(np.exp(sure[:, 0]) <= 1.0 - HARDLY)
    asked = replace(inputs, pairs=inputs.pairs[chosen])
    triggers[chosen] = likeliest_triggers(asked, starts[chosen], ends[chosen])
    return EdgeScores(inputs.mentions[inputs.pairs], sure, modality, triggers)


def likeliest_triggers(inputs: EdgeInputs, starts: NDArray[np.float32], ends: NDArray[np.float32]) -> NDArray[np.int64]:
    """The best span of at most ``LONGEST`` words for each pair, in the sentences of both ends.

    Args:
        inputs: of the text.
        starts: (pairs, words) scores of the first word.
        ends: (pairs, words) scores of the last word.

    Returns:
        (pairs, 2) first and last word.
    """
    words = np.arange(len(inputs.sentences))
    own = np.sort(inputs.sentences[inputs.firsts[inputs.pairs]], axis=1)
    low = np.searchsorted(inputs.sentences, own[:, :1], side="left")
    high = np.searchsorted(inputs.sentences, own[:, 1:], side="right")
    inside = (words >= low) & (words < high)
    starts, ends = np.where(inside, starts, -np.inf), np.where(inside, ends, -np.inf)
    best = np.full(len(starts), -np.inf)
    found = np.zeros((len(starts), 2), np.int64)
    for length in range(min(LONGEST, len(words))):
        sums = starts[:, : len(words) - length] + ends[:, length:]
        first = sums.argmax(1)
        score = sums[np.arange(len(sums)), first]
        better = score > best
        best[better] = score[better]
        found[better, 0], found[better, 1] = first[better], first[better] + length
    return found


def judge(graph: EdgeGraph, inputs: EdgeInputs, vectors: NDArray[np.float32]) -> EdgeScores | None:
    """What a network says of a text of any length.

    A text of more than ``MOST_WORDS`` is read in parts that overlap, so that cost grows with the text. A pair is judged
    in the first part that holds both its ends; one that none holds is left out.

    Args:
        graph: the network.
        inputs: the text, with at least one pair.
        vectors: (words, width) of its words.

    Returns:
        What it says; None if no part holds both ends of any pair.
    """
    words = len(inputs.sentences)
    if words <= MOST_WORDS:
        return graph(inputs, vectors)
    left = np.ones(len(inputs.pairs), np.bool_)
    found: list[EdgeScores] = []
    for start in range(0, max(words - OVERLAP, 1), MOST_WORDS - OVERLAP):
        end = min(start + MOST_WORDS, words)
        here = (inputs.firsts >= start) & (inputs.lasts < end)
        chosen = left & here[inputs.pairs].all(1)
        if not chosen.any():
            continue
        left &= ~chosen
        numbers = np.cumsum(here) - 1
        part = EdgeInputs(
            marks=inputs.marks[start:end],
            sentences=inputs.sentences[start:end],
            cues=inputs.cues[start:end],
            firsts=inputs.firsts[here] - start,
            lasts=inputs.lasts[here] - start,
            pairs=numbers[inputs.pairs[chosen]],
            pair_cues=inputs.pair_cues[chosen],
            mentions=inputs.mentions[here],
        )
        said = graph(part, vectors[start:end])
        found.append(replace(said, triggers=said.triggers + start))
    if not found:
        return None
    columns = zip(*((said.pairs, said.scores, said.modality, said.triggers) for said in found), strict=True)
    return EdgeScores(*map(np.concatenate, columns))
