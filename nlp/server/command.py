"""``pathcap serve``: its arguments, and what they say as settings."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Final

from nlp.config import PROFILES
from nlp.errors import ConfigError
from nlp.pipeline import Pipeline
from nlp.server import serve
from nlp.server.settings import TOKEN_VARIABLE, Settings, read_token

_DEFAULTS: Final = Settings()
_LIMITS: Final = {
    "max_body": "bytes of a request; eight times as many of one to /convert",
    "max_captions": "captions of a request",
    "max_characters": "characters of a caption",
    "queue_captions": "captions held at a time, until they are answered",
    "queue_characters": "characters of those in all, with curated keywords",
    "all_bodies": "bytes of requests that are being read at a time",
    "batch_captions": "captions annotated together",
    "batch_characters": "characters of those in all, unless one alone has more",
    "workers": "batches annotated at the same time (default: one a core)",
    "connections": "connections open at a time",
    "timeout": "seconds until a request is answered or given up",
    "read_timeout": "seconds for a request's head to arrive, and again for its body",
    "write_timeout": "seconds for each 64 kB of an answer to be taken",
    "drain_timeout": "seconds to finish what was taken, when told to end",
}


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments of ``pathcap serve``, but for those of the model."""
    command.add_argument(
        "--host", default=_DEFAULTS.host, help="address to listen on (default: %(default)s, for this machine alone)"
    )
    command.add_argument(
        "--port", type=int, default=_DEFAULTS.port, help="to listen on; 0 for any that is free (default: %(default)s)"
    )
    command.add_argument("--profile", choices=PROFILES, help="how keywords are made, where a request does not say")
    command.add_argument(
        "--token-file",
        type=Path,
        metavar="FILE",
        help=f"holds the token that requests must bear (default: that in ${TOKEN_VARIABLE}, if any)",
    )
    command.add_argument(
        "--without-token", action="store_true", help="let everybody ask who can reach the host, without a token"
    )
    command.add_argument(
        "--origin",
        action="append",
        default=[],
        dest="origins",
        metavar="URL",
        help="of web pages elsewhere that may ask (CORS); may be given several times (default: none)",
    )
    limits = command.add_argument_group("limits")
    for name, about in _LIMITS.items():
        default = getattr(_DEFAULTS, name)
        shown = about if default is None else f"{about} (default: {default:,.15g})"
        kind = float if isinstance(default, float) else int
        limits.add_argument(f"--{name.replace('_', '-')}", type=kind, default=default, metavar="N", help=shown)


def run(options: argparse.Namespace, load: Callable[[], Pipeline]) -> bool:
    """Serve as the arguments say; see ``nlp.server.serve``.

    Raises:
        ConfigError: if they contradict each other, or the server cannot listen where they say.
        OSError: if the file with the token cannot be read.
    """
    if options.without_token and options.token_file is not None:
        raise ConfigError("a token is given, and is not to be asked for", found="--token-file and --without-token")
    given = {field.name: getattr(options, field.name) for field in fields(Settings) if hasattr(options, field.name)}
    token = None if options.without_token else read_token(options.token_file)
    return serve(load, Settings(**{**given, "token": token, "origins": tuple(options.origins)}))
