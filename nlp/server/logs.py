"""Logs a line of JSON for each thing that happens. No line holds text of a caption."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, TextIO

LOGGER: Final = logging.getLogger("nlp.server")

_UVICORN: Final = logging.getLogger("uvicorn")


def log(event: str, level: int = logging.INFO, error: BaseException | None = None, **facts: object) -> None:
    """Log that something happened, with the facts as fields of their own."""
    LOGGER.log(level, event, exc_info=error, extra={"facts": facts})


class JsonFormatter(logging.Formatter):
    """A record as one line: ``time`` (UTC), ``level``, ``event``, and the facts.

    Of an error it tells the kind and the places it went through, but not its message: that may quote the caption it
    came of.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage().strip(),
        }
        facts = getattr(record, "facts", None)
        if isinstance(facts, Mapping):
            line |= facts
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["at"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return json.dumps(line, ensure_ascii=False, default=str)


def log_to(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Have the server's and uvicorn's loggers write JSON to ``stream``, by default standard error."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter())
    for logger, least in ((LOGGER, level), (_UVICORN, logging.WARNING)):
        logger.handlers[:] = [handler]
        logger.propagate = False
        logger.setLevel(least)
