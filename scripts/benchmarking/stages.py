"""Each stage's share of the time, and the share of what is worth telling apart inside of it.

Methods of the stages' classes, and of the few others in ``INNER``, are replaced by ones that take the time. Time that
is spent in one within another counts for the inner one alone.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Final

from nlp.lexicon import Lexicon  # noqa: F401 - before the stages, which need it
from nlp.networks.edge_scores import OnnxEdges
from nlp.networks.graph import OnnxGraph
from nlp.networks.pieces import PieceTokenizer
from nlp.pipeline import Pipeline
from nlp.stages.base import Draft
from nlp.stages.mentions import LexiconMentions
from nlp.tokens import Tokenizer

INNER: Final[tuple[tuple[str, type, str], ...]] = (
    ("encoder", OnnxGraph, "read"),
    ("word pieces", PieceTokenizer, "__call__"),
    ("lexicon", LexiconMentions, "predict"),
    ("network", OnnxEdges, "__call__"),
    ("pySBD", Tokenizer, "sentences"),
    ("documents", Draft, "finish"),
)
STAGE_METHODS: Final = ("__call__", "predict", "write")
REST: Final = "elsewhere"


class Clock:
    """Adds up processor time by name, on each thread by itself.

    Attributes:
        seconds: of each name so far.
    """

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._own = threading.local()
        self._lock = threading.Lock()

    def timed(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        """``method``, whose time counts for ``name``: within another, for it as a part of the outermost."""

        @wraps(method)
        def run(*arguments: Any, **options: Any) -> Any:
            stack = self._stack()
            label = name if not stack or stack[0][0] == name else f"{stack[0][0]}: {name}"
            stack.append([label, 0.0])
            start = time.thread_time()
            try:
                return method(*arguments, **options)
            finally:
                spent = time.thread_time() - start
                inner = stack.pop()[1]
                with self._lock:
                    self.seconds[label] += spent - inner
                if stack:
                    stack[-1][1] += spent

        return run

    def _stack(self) -> list[list[Any]]:
        if not hasattr(self._own, "stack"):
            self._own.stack = []
        stack: list[list[Any]] = self._own.stack
        return stack


@contextmanager
def timing(pipeline: Pipeline) -> Iterator[Clock]:
    """A clock that runs while the pipeline does; what it replaces is put back at the end."""
    clock = Clock()
    stages = {type(stage): stage.name for stage in pipeline.stages}
    own = [(name, kind, method) for kind, name in stages.items() for method in STAGE_METHODS]
    # A stage may be made of another, which is not one of the pipeline's own then.
    inner = [item for item in INNER if item[1] not in stages]
    replaced: list[tuple[type, str, Any]] = []
    try:
        for name, kind, method in (*own, *inner):
            replaced.append((kind, method, vars(kind).get(method)))
            setattr(kind, method, clock.timed(name, getattr(kind, method)))
        yield clock
    finally:
        for kind, method, before in replaced:
            if before is None:
                delattr(kind, method)
            else:
                setattr(kind, method, before)


def shares(pipeline: Pipeline, run: Callable[[], object]) -> dict[str, float]:
    """Processor seconds of each stage and part while ``run`` runs the pipeline, and of all else, as ``REST``."""
    with timing(pipeline) as clock:
        start = time.process_time()
        run()
        total = time.process_time() - start
    return {**clock.seconds, REST: total - sum(clock.seconds.values())}
