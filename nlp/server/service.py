"""What a server does for its requests, without the words of HTTP frameworks' routes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from io import BytesIO
from pathlib import PurePath
from typing import Any, Final, TypeVar

from starlette.requests import Request

from nlp.config import PROFILES
from nlp.errors import AnnotationError, ConfigError, InputError, PathcapError, PipelineError
from nlp.formats.records import from_record, to_record
from nlp.formats.writers import WRITERS
from nlp.options import Options
from nlp.pipeline import Pipeline
from nlp.server.aside import Aside
from nlp.server.batching import Closed, Dispatcher, Full, Limits, annotate_with, held_weight, weight
from nlp.server.bodies import Bodies, json_body
from nlp.server.gate import PASS, Pass
from nlp.server.metrics import Metrics
from nlp.server.problems import CLIENT_GONE, Problem, Wrong, busy, invalid, too_large, unavailable
from nlp.server.schemas import (
    ANNOTATE,
    CONVERT,
    SCORE,
    AnnotateOptions,
    ConvertRequest,
    CuratedCaption,
    OneCaption,
    read,
)
from nlp.server.scoring import score_profiles
from nlp.server.settings import Settings
from nlp.types import Caption, Document

Answer = TypeVar("Answer")

# Works of other kinds than annotating that wait for their one thread.
_ASIDE: Final = 8


class Service:
    """Annotates, scores and converts for many clients at the same time.

    Args:
        pipeline: what annotates.
        settings: how much is taken at a time.

    Attributes:
        state: ``starting``, ``ready``, or ``draining`` when no more is taken.
        active: requests that were taken and are not answered.
        metrics: what happened so far.
        bodies: bounds what is read of requests.
    """

    def __init__(self, pipeline: Pipeline, settings: Settings) -> None:
        self.state = "starting"
        self.active = 0
        self.settings = settings
        self.metrics = Metrics()
        self._pipeline = pipeline
        self._options = pipeline.with_options(profile=settings.profile).options
        limits = Limits(
            settings.queue_captions,
            settings.queue_characters,
            settings.batch_captions,
            settings.batch_characters,
            settings.workers or pipeline.threads,
        )
        self._dispatcher = Dispatcher(annotate_with(pipeline), limits, self.metrics.batch_done)
        self.bodies = Bodies(
            settings.max_body,
            settings.all_bodies,
            settings.read_timeout,
            self.metrics.bodies,
            {"/convert": settings.max_documents},
        )
        self._aside = Aside(_ASIDE)
        self.metrics.watch(self._dispatcher)

    def start(self) -> None:
        self._dispatcher.start()
        self._aside.start()
        # It may have been told to end already.
        if self.state == "starting":
            self.state = "ready"

    def drain(self) -> None:
        """Take no more. What was taken is finished."""
        self.state = "draining"

    async def stop(self) -> None:
        """End the threads, when what was taken is finished or ``drain_timeout`` is over."""
        self.drain()
        self._dispatcher.close()
        self._aside.close()
        await asyncio.to_thread(self._dispatcher.join, self.settings.drain_timeout)

    @property
    def ready(self) -> bool:
        return self.state == "ready" and self._dispatcher.alive and self._aside.alive

    async def annotate(self, request: Request) -> bytes:
        """The answer to ``POST /annotate``.

        Raises:
            Problem: if there is none.
        """
        self._check_open(request)
        async with json_body(request) as body:
            wanted = read(ANNOTATE, body)
        captions = wanted.captions()
        one = isinstance(wanted, OneCaption)
        self._check_size(captions, one=one)
        answers = await self._answers(request, captions, self._over(wanted.options), _encode, self._end())
        errors = []
        for place, (caption, answer) in enumerate(zip(captions, answers, strict=True)):
            if isinstance(answer, Exception):
                if one or not isinstance(answer, PathcapError):
                    raise answer
                errors.append({"index": place, "id": caption.id, "message": answer.message})
        done = [answer for answer in answers if not isinstance(answer, Exception)]
        if one:
            return done[0]
        return b'{"documents":[' + b",".join(done) + b'],"errors":' + json.dumps(errors).encode() + b"}"

    async def score(self, request: Request) -> bytes:
        """The answer to ``POST /score``.

        Raises:
            Problem: if there is none.
        """
        self._check_open(request)
        async with json_body(request) as body:
            wanted = read(SCORE, body)
        end = self._end()
        profile = wanted.options.profile
        captions = await self._do_aside(partial(_curated, wanted.captions), end)
        # What it holds in other words is counted as captions from now on.
        del wanted
        self._check_size(captions, one=False)
        self._over(AnnotateOptions(profile=profile or PROFILES[0]))
        answers = await self._answers(request, captions, self._pipeline.options, lambda document: document, end)
        documents = {}
        for answer in answers:
            if isinstance(answer, Document):
                documents[answer.id] = answer
            elif not isinstance(answer, PathcapError):
                raise answer
        return await self._do_aside(lambda: _json(score_profiles(self._pipeline, captions, documents, profile)), end)

    async def convert(self, request: Request) -> tuple[bytes, str]:
        """The answer to ``POST /convert``: a file, and what its name ends in.

        Raises:
            Problem: if there is none.
        """
        self._check_open(request)
        async with json_body(request) as body:
            # All of it aside: it may be large, and what is made of it is bounded with it.
            return await self._do_aside(lambda: _convert(read(CONVERT, body)), self._end())

    def _over(self, options: AnnotateOptions) -> Options:
        try:
            changed = options.over(self._options)
            if options.profile is not None:
                self._pipeline.with_options(profile=options.profile)
        except (ConfigError, PipelineError) as error:
            raise invalid([Wrong("options", str(error))]) from error
        return changed

    def _check_open(self, request: Request) -> None:
        if self.state == "draining":
            raise unavailable("draining", "the server is about to end")
        if self.state != "ready":
            raise unavailable("starting", "the server is not ready yet")
        self.active += 1
        _pass(request).releases.append(self._ended)

    def _ended(self) -> None:
        self.active -= 1

    def _check_size(self, captions: Sequence[Caption], *, one: bool) -> None:
        limits = self.settings
        if len(captions) > limits.max_captions:
            raise too_large(f"{len(captions):,} captions, {limits.max_captions:,} are taken at a time", "captions")
        total = 0
        for place, caption in enumerate(captions):
            total += held_weight(caption)
            if (size := weight(caption)) > limits.max_characters:
                raise too_large(
                    f"a caption of {size:,} characters with its titles, {limits.max_characters:,} are taken",
                    "text" if one else f"captions.{place}.text",
                )
        if total > limits.queue_characters:
            raise too_large(f"{total:,} characters, {limits.queue_characters:,} are taken at a time", "captions")

    async def _answers(
        self,
        request: Request,
        captions: Sequence[Caption],
        options: Options,
        finish: Callable[[Document], Answer],
        end: float,
    ) -> Sequence[Answer | Exception]:
        """Annotate captions together with those of other requests.

        Raises:
            Problem: if there is no room, or no time.
        """
        known = _pass(request)
        known.captions, known.characters = len(captions), sum(map(weight, captions))
        try:
            ticket = self._dispatcher.submit(captions, options, finish)
        except Full as full:
            raise busy("too many captions are waiting", full.retry_after) from full
        except Closed:
            raise unavailable("draining", "the server is about to end") from None
        known.releases.append(lambda: self._dispatcher.release(ticket))
        answers = asyncio.wrap_future(ticket.answers)
        gone = asyncio.ensure_future(_gone(request))
        either: set[asyncio.Future[Any]] = {answers, gone}
        try:
            left = max(0.0, end - asyncio.get_running_loop().time())
            await asyncio.wait(either, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
        if answers.done():
            return answers.result()
        if gone.done():
            raise Problem(CLIENT_GONE, "client_gone", "the client has gone")
        raise self._too_slow()

    async def _do_aside(self, work: Callable[[], Answer], end: float) -> Answer:
        """Do what takes its time, but no network, in a thread of its own.

        Raises:
            Problem: if there is no room, or no time; and what the work raises.
        """
        try:
            return await self._aside.do(work, end)
        except Full as full:
            raise busy("too many requests are waiting", full.retry_after) from full
        except Closed:
            raise unavailable("draining", "the server is about to end") from None
        except TimeoutError:
            raise self._too_slow() from None

    def _end(self) -> float:
        """When a request that is taken now must be done, by the clock of the event loop."""
        return asyncio.get_running_loop().time() + self.settings.timeout

    def _too_slow(self) -> Problem:
        return Problem(
            HTTPStatus.GATEWAY_TIMEOUT, "timeout", f"the request was not done in {self.settings.timeout:g} s"
        )


def _pass(request: Request) -> Pass:
    found: Pass = request.scope[PASS]
    return found


async def _gone(request: Request) -> None:
    """Return when the client has closed the connection."""
    with suppress(RuntimeError):
        while (await request.receive())["type"] != "http.disconnect":
            pass


def _curated(given: Collection[CuratedCaption]) -> list[Caption]:
    captions: list[Caption] = []
    seen: set[str] = set()
    for place, one in enumerate(given):
        plain = one.caption(str(place + 1))
        if plain.id in seen:
            raise invalid([Wrong(f"captions.{place}.id", "expected an id of its own")])
        seen.add(plain.id)
        try:
            curated = one.curated()
        except InputError as error:
            raise invalid([Wrong(f"captions.{place}.keywords", str(error))]) from error
        captions.append(
            Caption(plain.id, plain.text, title=plain.title, paper_title=plain.paper_title, curated=curated)
        )
    return captions


def _convert(wanted: ConvertRequest) -> tuple[bytes, str]:
    documents = []
    for place, record in enumerate(wanted.documents):
        try:
            documents.append(from_record(record))
        except (InputError, AnnotationError) as error:
            raise invalid([Wrong(f"documents.{place}", str(error))]) from error
    row = WRITERS[wanted.format]
    suffix = row.suffixes[0]
    stream = BytesIO()
    try:
        with row.open(stream, PurePath(f"out{suffix}").suffix) as writer:
            for document in documents:
                writer.write(document)
    except PathcapError as error:
        raise invalid([Wrong("documents", str(error))]) from error
    return stream.getvalue(), suffix


def _encode(document: Document) -> bytes:
    return _json(to_record(document))


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")
