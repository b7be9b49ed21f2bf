"""What every request passes: its id, its token, its log line, and answers sent in pieces to those who read slowly."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import re
import time
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nlp.server.bodies import LET_GO, Bodies
from nlp.server.logs import log
from nlp.server.problems import CLIENT_GONE, Problem

PASS: Final = "pathcap.pass"  # noqa: S105 - no password
"""Where in a request's scope its ``Pass`` is."""

_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_PIECE: Final = 1 << 16
# Seconds to read on after an answer that closes the connection.
_LINGER: Final = 2
_STATIC: Final = "/static"
_OTHER: Final = "other"
_METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"))
_ADDED: Final = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))

Answered = Callable[[str, int, float, str | None], None]


@dataclass(slots=True)
class Pass:
    """What is known of a request while it is under way.

    Attributes:
        id: of the request, as the client gave it or made here.
        captions: how many it holds.
        characters: of those in all.
        code: of the problem, if it cannot be done.
        releases: what to let go of when the answer is sent, or the request has ended in any other way.
    """

    id: str
    captions: int = 0
    characters: int = 0
    code: str | None = None
    releases: list[Callable[[], None]] = field(default_factory=list)


class Gate:
    """An ASGI application around another.

    Args:
        app: the other.
        routes: its own paths, by which requests are counted; all else is ``/static`` or ``other``.
        open: those of them that need no token, as ``/static`` does not either.
        token: what requests must bear for everything else; None if they need not.
        write_timeout: seconds for each piece of an answer to be taken.
        bodies: bounds what is read of requests.
        answered: told of each request: its route, status, seconds, and the code of its problem.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        routes: Collection[str],
        open: Collection[str],
        token: str | None,
        write_timeout: float,
        bodies: Bodies,
        answered: Answered,
    ) -> None:
        self._app = app
        self._routes = frozenset(routes)
        self._open = frozenset((*open, _STATIC))
        # Of equal length, so that a comparison does not even tell that of the token.
        self._token = None if token is None else _digest(token.encode("ascii"))
        self._write_timeout = write_timeout
        self._bodies = bodies
        self._answered = answered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        request = Pass(given if _ID.fullmatch(given) else uuid.uuid4().hex)
        scope[PASS] = request
        path = self._route(_route_path(scope))
        body = self._bodies.bounded(scope, receive, path)
        request.releases.append(scope[LET_GO])
        status = 0
        closes = False
        error: Exception | None = None

        async def answer(message: Message) -> None:
            nonlocal status, closes
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _with_own(message.get("headers", ()), request.id)
                closes = _closes(message["headers"])
                await self._send(send, message)
                return
            # Only at the end of the answer is the connection closed, and all of it is sent before.
            lingers = closes and body.arriving and not message.get("more_body", False)
            for piece in _pieces({**message, "more_body": True} if lingers else message):
                await self._send(send, piece)
            if lingers:
                await body.throw_away(_LINGER)
                await self._send(send, {"type": "http.response.body", "body": b"", "more_body": False})

        try:
            if self._refuses(path, headers):
                request.code = "unauthorized"
                problem = Problem(
                    HTTPStatus.UNAUTHORIZED,
                    request.code,
                    "expected a bearer token",
                    headers={"WWW-Authenticate": "Bearer"},
                )
                await problem.response(request.id)(scope, receive, answer)
            else:
                # A HEAD is answered as a GET, of which the server then sends no body (RFC 9110, 9.3.2).
                inner = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
                await self._app(inner, body, answer)
        except _SlowClient as slow:
            # Ended by the server, which closes the connection.
            request.code, error = "slow_client", slow
            raise
        except Exception as fault:  # noqa: BLE001 - told to the client without what it says
            request.code, error = "fault", fault
            if status == 0:
                problem = Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "fault", "the server has a fault")
                await problem.response(request.id)(scope, receive, answer)
        except asyncio.CancelledError:
            request.code = "client_gone"
            raise
        finally:
            for release in request.releases:
                release()
            seconds = time.perf_counter() - started
            self._answered(path, status or CLIENT_GONE, seconds, request.code)
            log(
                "request",
                logging.ERROR if request.code == "fault" else logging.INFO,
                error,
                request_id=request.id,
                method=scope["method"] if scope["method"] in _METHODS else "other",
                route=path,
                status=status or CLIENT_GONE,
                milliseconds=round(seconds * 1000, 1),
                captions=request.captions,
                characters=request.characters,
                **({"code": request.code} if request.code else {}),
            )

    def _route(self, path: str) -> str:
        """What a path is counted as: never as what a client makes up."""
        if path in self._routes:
            return path
        return _STATIC if path.startswith(f"{_STATIC}/") else _OTHER

    def _refuses(self, route: str, headers: dict[bytes, bytes]) -> bool:
        if self._token is None or route in self._open:
            return False
        scheme, _, token = headers.get(b"authorization", b"").partition(b" ")
        return not hmac.compare_digest(_digest(token.strip()), self._token) or scheme.lower() != b"bearer"

    async def _send(self, send: Send, message: Message) -> None:
        try:
            async with asyncio.timeout(self._write_timeout):
                await send(message)
        except TimeoutError:
            raise _SlowClient from None


class _SlowClient(Exception):  # noqa: N818
    """A client does not take its answer."""


def _route_path(scope: Scope) -> str:
    """The path that routes are found by: without that of the folder which the application lies in, if in any."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    inside = path.removeprefix(root)
    # As Starlette has it: a root that is not the beginning of the path in whole segments is no part of it.
    return inside if inside[:1] in ("/", "") else path


def _closes(headers: Collection[tuple[bytes, bytes]]) -> bool:
    return any(name.lower() == b"connection" and value.lower() == b"close" for name, value in headers)


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()


def _with_own(headers: Collection[tuple[bytes, bytes]], id: str) -> list[tuple[bytes, bytes]]:
    present = {name.lower() for name, _ in headers}
    added = [*_ADDED, (b"cache-control", b"no-store"), (b"x-request-id", id.encode("ascii"))]
    return [*headers, *(one for one in added if one[0] not in present)]


def _pieces(message: Message) -> list[Message]:
    """A message's body in pieces, before each of which the server waits until the client has taken the last."""
    body = message.get("body", b"")
    if message["type"] != "http.response.body" or len(body) <= _PIECE:
        return [message]
    view = memoryview(body)
    starts = range(0, len(body), _PIECE)
    return [
        {
            "type": message["type"],
            "body": bytes(view[start : start + _PIECE]),
            "more_body": start != starts[-1] or message.get("more_body", False),
        }
        for start in starts
    ]
