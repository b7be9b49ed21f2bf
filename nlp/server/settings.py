"""What a server is told when it is started: where it listens, who may ask, and how much it takes at a time."""

from __future__ import annotations

import ipaddress
import math
import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

from nlp.config import PROFILES
from nlp.errors import ConfigError, Location

TOKEN_VARIABLE: Final = "PATHCAP_TOKEN"  # noqa: S105 - the variable's name
"""The environment variable that a token is read from."""

_SHORTEST_TOKEN: Final = 16
# An answer holds some times as many bytes as the captions that it is for.
_DOCUMENTS: Final = 8


@dataclass(frozen=True, slots=True)
class Settings:
    """Where a server listens, who may ask, and how much it takes at a time.

    What it holds at any time is bounded by these: ``queue_captions`` captions of ``queue_characters`` characters in
    all with their answers, counted from when they are taken until their answer is sent; bodies of ``all_bodies`` bytes
    that are being read; and ``connections`` connections, each with at most 130 kB of what is on its way.

    Attributes:
        host: address or name to listen on.
        port: to listen on; 0 for any that is free.
        token: what a request must bear to be annotated; None if it need not.
        without_token: whether a host that others can reach may be listened on without a token.
        origins: of web pages elsewhere that may ask (CORS); ``*`` for any.
        profile: of keywords, where a request names none; by default the model's.
        max_body: bytes of a request; of one to ``/convert`` see ``max_documents``.
        max_captions: captions of a request.
        max_characters: characters of a caption with its titles.
        queue_captions: captions that are held at a time.
        queue_characters: characters of those in all, with their titles and curated keywords.
        all_bodies: bytes of requests that are being read at a time.
        batch_captions: captions annotated together by one worker. On a CPU more than a few bring nothing.
        batch_characters: characters of those in all, unless one alone has more.
        workers: threads that annotate; by default as many as the pipeline has.
        connections: open at a time; the next one is answered 503 at once, without a look at what it asks.
        timeout: seconds until a request that was taken is answered, or given up.
        read_timeout: seconds for a request's body to arrive; with ``serve`` before that as many for its head.
        write_timeout: seconds for each 64 kB of an answer to be taken.
        drain_timeout: seconds to finish what was taken when the server is told to end.

    Raises:
        ConfigError: naming the setting that is out of range or contradicts another.
    """

    host: str = "127.0.0.1"
    port: int = 8765
    token: str | None = None
    without_token: bool = False
    origins: tuple[str, ...] = ()
    profile: str | None = None
    max_body: int = 1 << 20
    max_captions: int = 100
    max_characters: int = 20_000
    queue_captions: int = 256
    queue_characters: int = 1_000_000
    all_bodies: int = 16 << 20
    batch_captions: int = 4
    batch_characters: int = 8_000
    workers: int | None = None
    connections: int = 1024
    timeout: float = 30.0
    read_timeout: float = 10.0
    write_timeout: float = 10.0
    drain_timeout: float = 60.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, int | float) and field.name != "port" and field.type != "bool":
                _check_positive(field.name, value)
        if not 0 <= self.port < 1 << 16:
            raise ConfigError("port is out of range", expected="0 to 65535", found=str(self.port))
        if self.profile is not None and self.profile not in PROFILES:
            raise ConfigError("unknown profile", expected=" | ".join(PROFILES), found=repr(self.profile))
        for small, large in (
            ("max_captions", "queue_captions"),
            ("max_characters", "queue_characters"),
            ("max_body", "all_bodies"),
        ):
            if getattr(self, small) > getattr(self, large):
                raise ConfigError(
                    f"{small} is more than can ever be taken",
                    expected=f"at most {large}, {getattr(self, large):,}",
                    found=f"{getattr(self, small):,}",
                )
        if self.token is not None:
            _check_token(self.token)
        elif not self.without_token and not is_loopback(self.host):
            raise ConfigError(
                "others could reach the server, and it has no token",
                expected="a loopback address, a token, or --without-token",
                found=f"host {self.host!r}",
            )

    @property
    def max_documents(self) -> int:
        """Bytes of a request to ``/convert``, which holds what ``/annotate`` answered: more than it was asked."""
        return min(_DOCUMENTS * self.max_body, self.all_bodies)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach ``host``. A name other than ``localhost`` is not trusted to be such."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def read_token(path: Path | None) -> str | None:
    """The token in a file, or else in the environment; None if neither is there.

    Not an argument of the command, which everybody on the machine could read.

    Raises:
        ConfigError: if the file or variable holds no token.
        OSError: if the file cannot be read.
    """
    if path is not None:
        try:
            token = path.read_text(encoding="ascii").strip()
        except UnicodeDecodeError as error:
            raise ConfigError("not a token", expected="printable ASCII", where=Location(str(path))) from error
        _check_token(token, Location(str(path)))
        return token
    if TOKEN_VARIABLE not in os.environ:
        return None
    token = os.environ[TOKEN_VARIABLE].strip()
    _check_token(token, Location(TOKEN_VARIABLE))
    return token


def _check_positive(name: str, value: float) -> None:
    if not (math.isfinite(value) and value > 0):
        raise ConfigError(f"{name} is out of range", expected="a number above 0", found=str(value))


def _check_token(token: str, where: Location | None = None) -> None:
    # What is wrong is told without the token itself.
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigError("not a token", expected="printable ASCII without spaces", where=where)
    if len(token) < _SHORTEST_TOKEN:
        raise ConfigError(
            "the token is too short", expected=f"{_SHORTEST_TOKEN} characters", found=str(len(token)), where=where
        )
