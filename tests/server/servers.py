"""Toy pipelines, and servers that run in a thread."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from uvicorn import Server

from nlp.errors import AnnotationError
from nlp.pipeline import Pipeline
from nlp.server import Settings, create_app
from nlp.server.process import uvicorn_config
from nlp.stages.base import Draft, Stage
from nlp.types import Mention
from tests.timing import until

FAULT = "fault"
CONTRADICTION = "contradiction"


class Marks(Stage[tuple[Mention, ...]]):
    """Marks the first word of each caption as a gene. Takes its time, and keeps the sizes of its batches.

    Args:
        seconds: for each batch.
        gate: that must be open before a batch is done.
    """

    name = "marks"
    requires = frozenset[str]()
    provides = frozenset({"mentions"})

    def __init__(self, seconds: float = 0.0, gate: threading.Event | None = None) -> None:
        self.seconds = seconds
        self.gate = gate
        self.batches: list[list[str]] = []
        self.at_once = 0
        self.most_at_once = 0
        self._lock = threading.Lock()

    def predict(self, drafts: Sequence[Draft]) -> list[tuple[Mention, ...]]:
        with self._lock:
            self.batches.append([draft.text for draft in drafts])
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        time.sleep(self.seconds)
        if self.gate is not None:
            assert self.gate.wait(20)
        with self._lock:
            self.at_once -= 1
        return [self._marks(draft.text) for draft in drafts]

    def write(self, draft: Draft, prediction: tuple[Mention, ...]) -> None:
        draft.mentions = prediction

    def _marks(self, text: str) -> tuple[Mention, ...]:
        if text == FAULT:
            raise RuntimeError(f"a fault that quotes the caption: {text}")
        if text == CONTRADICTION:
            raise AnnotationError("stages contradict each other", found="something in the text")
        word = text.split()[0]
        start = text.index(word)
        return (Mention("T1", "GENE", start, start + len(word), word, 0.75),)


def toy(stage: Stage[Any], threads: int = 1) -> Pipeline:
    """A pipeline of one stage that needs no lexicon."""
    return Pipeline([stage], None, threads=threads)  # type: ignore[arg-type]


@contextmanager
def running(pipeline: Pipeline, settings: Settings = Settings()) -> Iterator[tuple[str, Any]]:  # noqa: B008
    """A server on loopback for the length of a block: its url, and its application."""
    app = create_app(pipeline, settings)
    listening = socket.create_server(("127.0.0.1", 0), backlog=512)
    server = Server(uvicorn_config(app, settings))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])), daemon=True)
    thread.start()
    until(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", app
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()
