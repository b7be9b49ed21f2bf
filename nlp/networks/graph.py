"""An exported tagger, run by ONNX Runtime.

One window a run, on one core. Products in int8 choose the scale of their left side from all of it at once, so a
window's result would depend on what stands beside it in a batch, and on its padding; alone, it depends on its own text
only. On a CPU a batch gains nothing: a window is large enough for one core, and nothing is padded. Two windows on two
cores are done sooner than each on both, so it is callers that run side by side; a session may be shared by them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from nlp.errors import Location, ModelError
from nlp.networks.inputs import Window, pad
from nlp.networks.tags import TagSet

INPUTS: Final = ("ids", "shapes", "firsts")
OUTPUT: Final = "scores"
VECTORS: Final = "vectors"
_SLOWER: Final = ("SkipLayerNormFusion",)
"""What ONNX Runtime makes slower by: its operator for a normalised sum takes three times as long as its parts."""


class Graph(Protocol):
    """A tagger that can be run, whatever runs it."""

    def __call__(self, windows: Sequence[Window], head: str) -> list[NDArray[np.float32]]:
        """Log-probabilities of a head's tags.

        Args:
            windows: what to read; each must hold a word.
            head: which head.

        Returns:
            For each window (its words, tags).
        """


class WordReading(NamedTuple):
    """What a tagger says of the words of a window.

    Attributes:
        scores: (words, tags) log-probabilities of a head's tags.
        vectors: (words, width); of no width from a graph that gives none.
    """

    scores: NDArray[np.float32]
    vectors: NDArray[np.float32]


class WordGraph(Graph, Protocol):
    """A tagger that gives the vectors of words as well."""

    def read(self, windows: Sequence[Window], head: str) -> list[WordReading]:
        """Scores and vectors of each window; arguments as in a call."""


class OnnxGraph:
    """A session over a graph, which gives the scores of all its heads side by side.

    Args:
        path: the graph; the file of its weights stands beside it.
        heads: tags of each head, in the order of the output.

    Raises:
        ModelError: if the file is no graph, or is one of other inputs or heads.
    """

    def __init__(self, path: Path, heads: Mapping[str, TagSet]) -> None:
        self._path = path
        self._heads = heads
        self._session = open_session(path)
        self._columns = columns(heads)
        inputs = tuple(item.name for item in self._session.get_inputs())
        self._gives_vectors = VECTORS in (item.name for item in self._session.get_outputs())
        width, expected = self._session.get_outputs()[0].shape[-1], sum(map(len, heads.values()))
        if inputs != INPUTS or width != expected:
            raise ModelError(
                "a graph does not fit its description",
                expected=f"inputs {INPUTS}, {expected} tags",
                found=f"inputs {inputs}, {width} tags",
                where=Location(str(path)),
            )

    def __reduce__(self) -> tuple[object, ...]:
        return (OnnxGraph, (self._path, dict(self._heads)))

    def __call__(self, windows: Sequence[Window], head: str) -> list[NDArray[np.float32]]:
        """See ``Graph``."""
        return [log_softmax(scores[:, self._columns[head]]) for (scores,) in self._run(windows, OUTPUT)]

    def read(self, windows: Sequence[Window], head: str) -> list[WordReading]:
        """See ``WordGraph``."""
        if not self._gives_vectors:
            return [WordReading(scores, np.zeros((len(scores), 0), np.float32)) for scores in self(windows, head)]
        found = self._run(windows, OUTPUT, VECTORS)
        return [WordReading(log_softmax(scores[:, self._columns[head]]), vectors) for scores, vectors in found]

    def _run(self, windows: Sequence[Window], *outputs: str) -> Iterable[list[NDArray[np.float32]]]:
        """The outputs for each window."""

        def one(window: Window) -> list[NDArray[np.float32]]:
            padded = pad([window])
            return self._session.run(list(outputs), {name: getattr(padded, name) for name in INPUTS})  # type: ignore[no-any-return]

        return map(one, windows)


def open_session(path: Path) -> Any:
    """A session over a graph, on one core of a CPU a run.

    Args:
        path: the graph; the file of its weights stands beside it.

    Raises:
        ModelError: if the file is no graph that can be run.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"], disabled_optimizers=_SLOWER
        )
    except Exception as error:  # ONNX Runtime's errors have no common base of their own
        raise ModelError("not a graph that can be run", found=str(error), where=Location(str(path))) from error


def columns(heads: Mapping[str, TagSet]) -> dict[str, slice]:
    """Where the tags of each head stand among those of all heads side by side."""
    ends = np.cumsum([len(tags) for tags in heads.values()]).tolist()
    return {name: slice(start, end) for name, start, end in zip(heads, [0, *ends], ends, strict=False)}


def log_softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """(words, tags) log-probabilities of ``scores`` (words, tags)."""
    shifted = scores.astype(np.float64)
    shifted -= shifted.max(axis=1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return shifted.astype(np.float32)
