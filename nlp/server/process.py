"""The server as a process: its socket, its signals, and its end."""

from __future__ import annotations

import asyncio
import math
import socket
import sys
from collections.abc import Callable
from types import FrameType
from typing import Final

from starlette.types import ASGIApp
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

from nlp.errors import ConfigError
from nlp.pipeline import Pipeline
from nlp.server.app import make_app
from nlp.server.logs import log, log_to
from nlp.server.service import Service
from nlp.server.settings import Settings

# Seconds for connections to close when all is answered.
_CLOSING: Final = 5
# Seconds that a connection may be open without a request.
_IDLE: Final = 75


def run(load: Callable[[], Pipeline], settings: Settings) -> bool:
    """See ``nlp.server.serve``."""
    with _bind(settings.host, settings.port) as listening:
        pipeline = load()
        log_to()
        # So that the first request need not wait for what is made when it is first needed.
        pipeline("Esketamine activates ERK.")
        app = make_app(pipeline, settings)
        server = _Server(uvicorn_config(app, settings), app.state.service, f"http://{_place(listening)}")
        server.run(sockets=[listening])
    return server.finished


def uvicorn_config(app: ASGIApp, settings: Settings) -> Config:
    """What uvicorn is told of the application and its connections."""

    class WithTimeout(_Protocol):
        head_timeout = settings.read_timeout

    return Config(
        app,
        http=WithTimeout,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        # It counts the connection that it is about to refuse.
        limit_concurrency=settings.connections + 1,
        # Longer than clients keep one, so that none is closed just as it is used again.
        timeout_keep_alive=_IDLE,
        timeout_graceful_shutdown=_CLOSING,
    )


class _Protocol(H11Protocol):
    """Closes a connection on which the head of a request does not come in time.

    uvicorn waits for the first one without end, and for the next as soon as its first byte is there.

    Attributes:
        head_timeout: seconds for it.
    """

    head_timeout: float
    _head: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        if self.cycle is not None and self.cycle.response_complete and self._head is None:
            self._await_head()
        super().data_received(data)

    def handle_events(self) -> None:
        before = self.scope
        super().handle_events()
        if self.scope is not before:
            self._forget_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_head()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        self._head = self.loop.call_later(self.head_timeout, self.transport.close)

    def _forget_head(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None


class _Server(Server):
    """Takes no more when it is told to end, finishes what it took, and only then stops listening."""

    def __init__(self, config: Config, service: Service, url: str) -> None:
        super().__init__(config)
        self.finished = True
        self._service = service
        self._url = url
        self._end = math.inf

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            log("started", url=self._url)
            print(f"pathcap: serving on {self._url}", flush=True)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        # Not handed on to uvicorn, which would stop listening at once and raise the signal again at the end.
        # A second signal ends at once.
        if self._service.state == "draining":
            self.should_exit = self.force_exit = True
        self._service.drain()

    async def on_tick(self, counter: int) -> bool:
        if self._service.state == "draining":
            now = asyncio.get_running_loop().time()
            if self._end == math.inf:
                self._end = now + self._service.settings.drain_timeout
                log("draining", active=self._service.active)
            if self._service.active == 0:
                self.should_exit = True
            elif now > self._end:
                self.should_exit = self.force_exit = True
            if self.should_exit:
                self.finished = self._service.active == 0
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        log("stopped", finished=self.finished)


def _bind(host: str, port: int) -> socket.socket:
    """A socket that is bound, so that it is known at once if it cannot be.

    Raises:
        ConfigError: if the host has no such address here, or another process has the port.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
        try:
            # Not on Windows, where it would let another process take the port.
            if sys.platform != "win32":
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
        except OSError:
            listening.close()
            raise
    except OSError as error:
        raise ConfigError(
            "the server cannot listen there",
            expected="an address of this machine and a port that is free",
            found=f"{host}:{port}: {error.strerror or error}",
        ) from error
    return listening


def _place(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
