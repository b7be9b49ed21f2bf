"""What Prometheus is told of a server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from nlp.server.batching import Dispatcher
from nlp.types import Document

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_CAPTIONS: Final = (1, 2, 4, 8, 16, 32, 64, 128)


class Metrics:
    """The metrics of one server, in a registry of their own.

    Names begin with ``pathcap_``, besides those of the process (``process_resident_memory_bytes`` and the like).
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        own = self.registry
        self._requests = Counter("pathcap_requests", "Requests answered.", ("route", "status"), registry=own)
        self._seconds = Histogram(
            "pathcap_request_seconds", "Time to answer a request.", ("route",), buckets=_SECONDS, registry=own
        )
        self._problems = Counter("pathcap_problems", "Requests not done, by reason.", ("code",), registry=own)
        self._captions = Counter("pathcap_captions", "Captions annotated, or not.", ("outcome",), registry=own)
        self._characters = Counter("pathcap_characters", "Characters of captions worked on.", registry=own)
        self._batches = Histogram(
            "pathcap_batch_captions", "Captions annotated together.", buckets=_CAPTIONS, registry=own
        )
        self._batch_seconds = Histogram(
            "pathcap_batch_seconds", "Time to annotate a batch.", buckets=_SECONDS, registry=own
        )
        self._bodies = Gauge("pathcap_body_bytes", "Bytes of requests that are being read.", registry=own)
        # There from the first scrape on, so that a rate can be taken.
        for outcome in ("done", "failed"):
            self._captions.labels(outcome)

    def watch(self, dispatcher: Dispatcher) -> None:
        """Tell how full a dispatcher is."""
        own = self.registry
        for name, about, read in (
            ("held_captions", "Captions taken and not answered.", lambda: dispatcher.held[0]),
            ("held_characters", "Characters of those.", lambda: dispatcher.held[1]),
            ("held_captions_limit", "Captions that are held at most.", lambda: dispatcher.limits.captions),
            ("held_characters_limit", "Characters that are held at most.", lambda: dispatcher.limits.characters),
            ("waiting_captions", "Captions that no worker has begun.", lambda: dispatcher.waiting),
            ("working_captions", "Captions that are being annotated.", lambda: dispatcher.in_work),
            ("captions_per_second", "What all workers do together, by the last batches.", lambda: dispatcher.rate),
        ):
            Gauge(f"pathcap_{name}", about, registry=own).set_function(read)

    def answered(self, route: str, status: int, seconds: float, code: str | None) -> None:
        """Count a request.

        Args:
            route: one of the server's own, or ``other``.
            status: of HTTP.
            seconds: from its first byte to the last of the answer.
            code: of the problem, if it could not be done.
        """
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)
        if code is not None:
            self._problems.labels(code).inc()

    def batch_done(self, outcomes: Sequence[Document | Exception], characters: int, seconds: float) -> None:
        """Count a batch."""
        failed = sum(isinstance(outcome, Exception) for outcome in outcomes)
        self._captions.labels("done").inc(len(outcomes) - failed)
        self._captions.labels("failed").inc(failed)
        self._characters.inc(characters)
        self._batches.observe(len(outcomes))
        self._batch_seconds.observe(seconds)

    def bodies(self, held: int) -> None:
        """Set how many bytes of requests are being read."""
        self._bodies.set(held)

    def text(self) -> bytes:
        """All of it, in Prometheus' own format."""
        return generate_latest(self.registry)
