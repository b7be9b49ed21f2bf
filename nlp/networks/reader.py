"""A tagger as a model folder holds it: its graph, its tokenizer, and a description of its heads.

tagger.yaml:

    limit: 512
    heads:
      caption: [GENE, CHEMICAL, …]
      BC5CDR: [Chemical, Disease]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nlp.config import ModelConfig, read_yaml
from nlp.errors import ConfigError, Location
from nlp.networks.graph import Graph, log_softmax
from nlp.networks.inputs import windows
from nlp.networks.pieces import PieceTokenizer
from nlp.networks.tags import TagSet
from nlp.networks.windows import merge
from nlp.types import Span

GRAPH_FILE: Final = "tagger.onnx"
DESCRIPTION_FILE: Final = "tagger.yaml"
TOKENIZER_FILE: Final = "tokenizer.json"
CAPTION_HEAD: Final = "caption"
"""The head for the types of ``nlp.schema.MENTION_TYPES``."""


@dataclass(frozen=True, slots=True)
class Description:
    """What ``tagger.yaml`` says.

    Attributes:
        limit: most pieces that the encoder reads.
        heads: tags of each head, in the order in which the graph gives them.
    """

    limit: int
    heads: Mapping[str, TagSet]


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What a head says of a text.

    Attributes:
        words: (words, 2) where each word starts and ends, in code points
        scores: (words, tags) log-probabilities
    """

    words: NDArray[np.int32]
    scores: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ScoredSpan:
    """A labelled span, and how probable it is that both are right."""

    span: Span
    label: str
    score: float


class Reader:
    """Reads texts with one head of a tagger. A text's result depends on nothing but the text.

    Args:
        graph: the tagger.
        tokenizer: how texts are cut into pieces.
        description: of the tagger.
        head: which head.
    """

    def __init__(
        self, graph: Graph, tokenizer: PieceTokenizer, description: Description, head: str = CAPTION_HEAD
    ) -> None:
        self.tags = description.heads[head]
        self._graph = graph
        self._tokenizer = tokenizer
        self._limit = description.limit
        self._head = head

    @classmethod
    def open(cls, config: ModelConfig, *, head: str = CAPTION_HEAD, threads: int = 1) -> Reader:
        """The tagger of a model folder.

        Raises:
            ModelError: if a file is missing or does not fit the others.
            ConfigError: if its description is not understood or lacks the head.
        """
        description = read_description(config.file(DESCRIPTION_FILE))
        if head not in description.heads:
            raise ConfigError(
                "the tagger has no such head",
                expected=" | ".join(description.heads),
                found=repr(head),
                where=Location(str(config.path)),
            )
        graph = Graph(config.file(GRAPH_FILE), description.heads, threads=threads)
        return cls(graph, PieceTokenizer(config.file(TOKENIZER_FILE)), description, head)

    def __call__(self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]) -> list[Reading]:
        """Read each text, given its sentences: at their ends it is cut if it is longer than the encoder reads."""
        readings = []
        for pieces, spans in zip(self._tokenizer(texts), sentences, strict=True):
            ends = np.searchsorted(pieces.spans[:, 0], [span.end for span in spans], side="left").tolist()
            parts = windows(pieces, self._tokenizer, ends=ends, limit=self._limit)
            rows = self._graph([window for _, window in parts], self._head)
            scores = merge([words for words, _ in parts], rows)
            readings.append(Reading(pieces.spans, scores.reshape(len(pieces.spans), len(self.tags))))
        return readings


def scored_spans(reading: Reading, tags: TagSet, *, temperature: float = 1.0) -> list[ScoredSpan]:
    """The spans of the best tag sequence, with the products of their words' probabilities.

    The word after a span counts by the probability that it does not go on.

    Args:
        reading: of the text.
        tags: of the head that read it.
        temperature: that scores are divided by (Guo et al. 2017): above 1 it makes spans less sure. It changes no span.
    """
    path = tags.best(reading.scores)
    sure = log_softmax(reading.scores / temperature)
    found = []
    for first, last, label in tags.runs(path):
        score = float(sure[np.arange(first, last), path[first:last]].sum())
        if last < len(path):
            score += float(np.log1p(-np.exp(min(sure[last, tags.begin(label) + 1], -1e-6))))
        start, end = int(reading.words[first, 0]), int(reading.words[last - 1, 1])
        found.append(ScoredSpan(Span(start, end), label, float(np.exp(score))))
    return found


def read_description(path: Path) -> Description:
    """Read ``tagger.yaml``.

    Raises:
        ConfigError: if it is not understood.
    """
    document: Any = read_yaml(path)
    try:
        heads = {str(name): TagSet(map(str, labels)) for name, labels in document["heads"].items()}
        found = Description(int(document["limit"]), heads)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(
            "not the description of a tagger",
            expected="limit, heads",
            found=repr(error),
            where=Location(str(path)),
        ) from error
    return found
