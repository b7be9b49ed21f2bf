"""A tagger as a model folder holds it: its graph and weights, its tokenizer, and a description.

tagger.yaml:

    limit: 512
    layers: [3, 6]
    encoder: {vocabulary: 22000, width: 384, …}
    heads:
      caption: [GENE, CHEMICAL, …]
      BC5CDR: [Chemical, Disease]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nlp.config import ModelConfig, read_yaml
from nlp.errors import ConfigError, Location
from nlp.networks.graph import OnnxGraph, WordGraph, log_softmax
from nlp.networks.inputs import windows
from nlp.networks.names import with_names
from nlp.networks.pieces import PieceTokenizer
from nlp.networks.tags import TagSet
from nlp.networks.windows import merge
from nlp.types import Mention, Span

GRAPH_FILE: Final = "tagger.onnx"
WEIGHTS_FILE: Final = "tagger.safetensors"
DESCRIPTION_FILE: Final = "tagger.yaml"
TOKENIZER_FILE: Final = "tokenizer.json"
CAPTION_HEAD: Final = "caption"
"""The head for the types of ``nlp.schema.MENTION_TYPES``."""
DEVICES: Final = ("cpu", "cuda", "auto")


@dataclass(frozen=True, slots=True)
class Description:
    """What ``tagger.yaml`` says.

    Attributes:
        limit: most pieces that the encoder reads.
        encoder: its sizes.
        heads: tags of each head, in the order in which the graph gives them.
        layers: whose vectors of a word, joined, the graph gives; none for the last.
    """

    limit: int
    encoder: Mapping[str, Any]
    heads: Mapping[str, TagSet]
    layers: Sequence[int] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What a head says of a text.

    Attributes:
        words: (words, 2) where each word starts and ends, in code points
        scores: (words, tags) log-probabilities
        vectors: (words, width)
    """

    words: NDArray[np.int32]
    scores: NDArray[np.float32]
    vectors: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), np.float32))


@dataclass(frozen=True, slots=True)
class ScoredSpan:
    """A labelled span, and how probable it is that both are right."""

    span: Span
    label: str
    score: float


class Reader:
    """Reads texts with one head of a tagger. A text's result depends on the text alone; on a GPU, but for rounding.

    Args:
        graph: the tagger.
        tokenizer: how texts are cut into pieces.
        description: of the tagger.
        head: which head.
    """

    def __init__(
        self, graph: WordGraph, tokenizer: PieceTokenizer, description: Description, head: str = CAPTION_HEAD
    ) -> None:
        self.tags = description.heads[head]
        self._graph = graph
        self._tokenizer = tokenizer
        self._limit = description.limit
        self._head = head

    @classmethod
    def open(cls, config: ModelConfig, *, head: str = CAPTION_HEAD, device: str = "cpu") -> Reader:
        """The tagger of a model folder.

        Args:
            config: of the folder.
            head: which head.
            device: as ``open_graph`` takes it.

        Raises:
            ModelError: if a file is missing or does not fit the others.
            ConfigError: if its description is not understood or lacks the head, or the device is not there.
        """
        description = read_description(config.file(DESCRIPTION_FILE))
        if head not in description.heads:
            raise ConfigError(
                "the tagger has no such head",
                expected=" | ".join(description.heads),
                found=repr(head),
                where=Location(str(config.path)),
            )
        graph = open_graph(config, description, device=device)
        return cls(graph, PieceTokenizer(config.file(TOKENIZER_FILE)), description, head)

    def __call__(
        self,
        texts: Sequence[str],
        sentences: Sequence[Sequence[Span]],
        names: Sequence[Sequence[Mention] | None],
    ) -> list[Reading]:
        """Read texts.

        Args:
            texts: what to read.
            sentences: of each text; at their ends it is cut if it is longer than the encoder reads.
            names: what the lexicon marks in each text, without overlaps; None if nothing was looked up.
        """
        cut = self._tokenizer(texts)
        marked = [item if own is None else with_names(item, own) for item, own in zip(cut, names, strict=True)]
        parts = []
        for pieces, spans in zip(marked, sentences, strict=True):
            ends = np.searchsorted(pieces.spans[:, 0], [span.end for span in spans], side="left").tolist()
            parts.append(windows(pieces, self._tokenizer, ends=ends, limit=self._limit))
        rows = iter(self._graph.read([window for own in parts for _, window in own], self._head))
        readings = []
        for pieces, own in zip(marked, parts, strict=True):
            ranges, read = [words for words, _ in own], [next(rows) for _ in own]
            scores = merge(ranges, [row.scores for row in read])
            vectors = merge(ranges, [row.vectors for row in read])
            readings.append(Reading(pieces.spans, scores.reshape(len(pieces.spans), len(self.tags)), vectors))
        return readings


def open_graph(config: ModelConfig, description: Description, *, device: str = "cpu") -> WordGraph:
    """The tagger of a model folder, by ONNX Runtime in int8 on a CPU, by torch on a GPU.

    Args:
        config: of the folder.
        description: of the tagger.
        device: ``cpu``, ``cuda``, or ``auto`` for a GPU where there is one.

    Raises:
        ModelError: if a file is missing or does not fit the description.
        ConfigError: if the device is unknown or not there.
    """
    if device not in DEVICES:
        raise ConfigError("unknown device", expected=" | ".join(DEVICES), found=repr(device))
    weights = config.file(WEIGHTS_FILE)
    if device != "cpu":
        import torch

        if torch.cuda.is_available():
            from nlp.networks.torch_graph import TorchGraph

            return TorchGraph(weights, description.encoder, description.heads, description.layers, device="cuda")
        if device == "cuda":
            raise ConfigError("there is no GPU that torch can use", expected="device cpu", found=repr(device))
    return OnnxGraph(config.file(GRAPH_FILE), description.heads)


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
        layers = tuple(map(int, document.get("layers", ())))
        found = Description(int(document["limit"]), dict(document["encoder"]), heads, layers)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(
            "not the description of a tagger",
            expected="limit, encoder, heads",
            found=repr(error),
            where=Location(str(path)),
        ) from error
    return found
