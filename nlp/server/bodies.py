"""Bodies of requests, read with a bound on each and on all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive, Scope

from nlp.server.problems import CLIENT_GONE, Problem, busy, too_large

LET_GO: Final = "pathcap.let_go"
"""Where in a request's scope the function is that says that its body is not needed any more."""

_AS_IT_IS: Final = "identity"


class Bodies:
    """Bounds what is read of requests.

    Args:
        limit: bytes of one.
        together: bytes of all that are being read.
        seconds: for one to arrive.
        changed: told of the bytes of all whenever they change.
        limits: bytes of one, of routes that have a limit of their own.
    """

    def __init__(
        self,
        limit: int,
        together: int,
        seconds: float,
        changed: Callable[[int], None],
        limits: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self._limit = limit
        self._limits = limits
        self._together = together
        self._seconds = seconds
        self._changed = changed
        self._held = 0

    def bounded(self, scope: Scope, receive: Receive, route: str) -> Body:
        """The body of a request to a route. The scope's ``LET_GO`` is its own."""
        body = Body(self, scope, receive, self._limits.get(route, self._limit), self._seconds)
        scope[LET_GO] = body.let_go
        return body

    def take(self, size: int) -> None:
        """Make room for more bytes.

        Raises:
            Problem: 429 if there is none.
        """
        if self._held + size > self._together:
            raise _closing(busy("too many requests are being read", 1))
        self.give(-size)

    def give(self, size: int) -> None:
        """Give the room of bytes back."""
        self._held -= size
        self._changed(self._held)


class Body:
    """A request's ``receive`` that counts what comes, until it is let go.

    Attributes:
        arriving: whether there is more of it to come.
    """

    def __init__(self, bodies: Bodies, scope: Scope, receive: Receive, limit: int, seconds: float) -> None:
        self.arriving = True
        self._bodies = bodies
        self._receive = receive
        self._limit = limit
        self._seconds = seconds
        self._declared = dict(scope["headers"]).get(b"content-length", b"0")
        self._held = 0
        self._end: float | None = None

    async def __call__(self) -> Message:
        """The next piece.

        Raises:
            Problem: 408 if the body is too slow, 413 if it is too large, 429 if there are too many bodies at a time.
        """
        if not self.arriving:
            # Waits for the client to go, for as long as it stays.
            return await self._receive()
        if self._declared.isdigit() and int(self._declared) > self._limit:
            raise self._too_large()
        if self._end is None:
            self._end = asyncio.get_running_loop().time() + self._seconds
        try:
            async with asyncio.timeout_at(self._end):
                message = await self._receive()
        except TimeoutError:
            raise _closing(Problem(HTTPStatus.REQUEST_TIMEOUT, "slow_body", "the request came too slowly")) from None
        size = len(message.get("body", b""))
        self.arriving = message["type"] == "http.request" and message.get("more_body", False)
        # Counted as they come: a length may be wrong, or not be told.
        if self._held + size > self._limit:
            raise self._too_large()
        self._bodies.take(size)
        self._held += size
        return message

    async def throw_away(self, seconds: float) -> None:
        """Read what is left for some seconds at most, and keep none of it.

        A connection that is closed with something unread is reset, and the client may lose an answer that it was sent.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.arriving:
                    message = await self._receive()
                    self.arriving = message["type"] == "http.request" and message.get("more_body", False)

    def let_go(self) -> None:
        """Count it no more."""
        self._bodies.give(self._held)
        self._held = 0

    def _too_large(self) -> Problem:
        return _closing(too_large(f"the request has more than {self._limit:,} bytes"))


@asynccontextmanager
async def json_body(request: Request) -> AsyncIterator[bytearray]:
    """The body of a request of JSON, for the length of a block; what is made of it must not hold on to it.

    Raises:
        Problem: 415 if it is not JSON; and what a bounded ``receive`` raises.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    coding = request.headers.get("content-encoding", _AS_IT_IS).strip().lower()
    # Not lenient: a page elsewhere may send plain text here without asking first, but not JSON.
    if kind != "application/json" or coding != _AS_IT_IS:
        raise _closing(
            Problem(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                "not_json",
                "expected a body of Content-Type application/json, as it is",
            )
        )
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
    except ClientDisconnect:
        raise Problem(CLIENT_GONE, "client_gone", "the client has gone") from None
    except Problem:
        # While it is told, what is left may take its time to come.
        body.clear()
        request.scope[LET_GO]()
        raise
    yield body
    request.scope[LET_GO]()


def _closing(problem: Problem) -> Problem:
    """A problem after which the connection is closed, since the body is not read to its end."""
    problem.headers = {**problem.headers, "Connection": "close"}
    return problem
