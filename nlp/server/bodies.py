"""Bodies of requests, read with a bound on each and on all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
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
    """

    def __init__(self, limit: int, together: int, seconds: float, changed: Callable[[int], None]) -> None:
        self._limit = limit
        self._together = together
        self._seconds = seconds
        self._changed = changed
        self._held = 0

    def bounded(self, scope: Scope, receive: Receive) -> Receive:
        """A request's ``receive`` that counts what comes, until the scope's ``LET_GO`` is called.

        It raises ``Problem``: 408 if the body is too slow, 413 if it is too large, 429 if there are too many bodies at
        a time.
        """
        held = 0
        arriving = True
        end: float | None = None
        declared = dict(scope["headers"]).get(b"content-length", b"0")

        def let_go() -> None:
            nonlocal held
            self._hold(-held)
            held = 0

        async def counted() -> Message:
            nonlocal held, arriving, end
            if not arriving:
                # Waits for the client to go, for as long as it stays.
                return await receive()
            if declared.isdigit() and int(declared) > self._limit:
                raise self._too_large()
            if end is None:
                end = asyncio.get_running_loop().time() + self._seconds
            try:
                async with asyncio.timeout_at(end):
                    message = await receive()
            except TimeoutError:
                raise Problem(
                    HTTPStatus.REQUEST_TIMEOUT,
                    "slow_body",
                    "the request came too slowly",
                    headers={"Connection": "close"},
                ) from None
            size = len(message.get("body", b""))
            arriving = message["type"] == "http.request" and message.get("more_body", False)
            # Counted as they come: a length may be wrong, or not be told.
            if held + size > self._limit:
                raise self._too_large()
            if self._held + size > self._together:
                raise busy("too many requests are being read", 1)
            held += size
            self._hold(size)
            return message

        scope[LET_GO] = let_go
        return counted

    def _hold(self, size: int) -> None:
        self._held += size
        self._changed(self._held)

    def _too_large(self) -> Problem:
        return too_large(f"the request has more than {self._limit:,} bytes")


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
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not_json", "expected a body of Content-Type application/json, as it is"
        )
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
    except ClientDisconnect:
        raise Problem(CLIENT_GONE, "client_gone", "the client has gone") from None
    yield body
    request.scope[LET_GO]()
