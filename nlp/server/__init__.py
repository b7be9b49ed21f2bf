"""Predictions over HTTP: ``create_app`` for those who have a server of their own, ``serve`` for ``pathcap serve``.

FastAPI, uvicorn and prometheus-client come with the extra ``server``, and are imported when a server is made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from nlp.errors import ConfigError
from nlp.pipeline import Pipeline
from nlp.server.settings import Settings, is_loopback, read_token

if TYPE_CHECKING:
    from fastapi import FastAPI

__all__ = ["Settings", "create_app", "is_loopback", "read_token", "serve"]

# What comes with the extra.
_EXTRA = ("fastapi", "starlette", "pydantic", "uvicorn", "prometheus_client")


def create_app(pipeline: Pipeline, settings: Settings = Settings()) -> FastAPI:  # noqa: B008 - frozen
    """An ASGI application that annotates captions with ``pipeline``.

    Its threads are started by its lifespan, so a server must run that, as uvicorn does.

    Args:
        pipeline: what annotates, in as many batches at the same time as it has ``threads``.
        settings: who may ask, and how much is taken at a time. Where to listen does not matter here.

    Raises:
        ConfigError: if the packages of the extra ``server`` are not installed.
        PipelineError: if the settings name a profile of keywords, and the pipeline makes none.
    """
    try:
        from nlp.server.app import make_app
    except ModuleNotFoundError as error:
        raise _not_installed(error) from error
    return make_app(pipeline, settings)


def serve(load: Callable[[], Pipeline], settings: Settings) -> bool:
    """Serve until the process is told to end (SIGTERM, SIGINT), and finish what was taken.

    Prints where it listens when it takes requests, and logs a line of JSON for each on standard error.

    Args:
        load: makes the pipeline, after the port is known to be free.
        settings: where to listen, who may ask, and how much is taken at a time.

    Returns:
        Whether all that was taken was finished.

    Raises:
        ConfigError: if another process has the port, there is no such host, or the packages of the extra ``server``
            are not installed.
    """
    try:
        from nlp.server.process import run
    except ModuleNotFoundError as error:
        raise _not_installed(error) from error
    return run(load, settings)


def _not_installed(error: ModuleNotFoundError) -> ConfigError:
    if (error.name or "").split(".")[0] not in _EXTRA:
        raise error
    return ConfigError(
        "the packages of the server are not installed",
        expected="pip install 'pathcap[server]'",
        found=f"no module {error.name}",
    )
