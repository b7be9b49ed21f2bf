"""Every error that pathcap raises on purpose, under one base class.

    PathcapError
    ├── InputError            a record, page or table that cannot be read
    │   └── FormatError       the file's form itself is wrong (not this one record)
    ├── AnnotationError       a span, mention or relation that contradicts its caption
    ├── ConfigError           a configuration file or option
    ├── ModelError            a model folder that is incomplete, altered or incompatible
    │   └── LexiconError      its compiled lexicon
    └── PipelineError         stages that do not fit together

Each says what was expected, what was found, and where. ``str(error)`` puts the three on one line, so it can be shown to
a person or written to an error file as it is.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Location:
    """Where something was read: a file or other source, a line in it (from 1), and a record id."""

    source: str | None = None
    line: int | None = None
    id: str | None = None

    def __str__(self) -> str:
        place = self.source or ""
        if self.line is not None:
            place = f"{place or 'line'}:{self.line}"
        if self.id is not None:
            place = f"{place} [{self.id}]" if place else f"[{self.id}]"
        return place


class PathcapError(Exception):
    """Base of all errors raised on purpose.

    Args:
        message: what went wrong, in a few words.
        expected: what would have been right.
        found: what was there instead.
        where: the place, as far as it is known.
    """

    def __init__(
        self,
        message: str,
        *,
        expected: str | None = None,
        found: str | None = None,
        where: Location | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.expected = expected
        self.found = found
        self.where = where

    def __str__(self) -> str:
        parts = [f"{self.where}: {self.message}" if self.where and str(self.where) else self.message]
        if self.expected is not None:
            parts.append(f"expected {self.expected}")
        if self.found is not None:
            parts.append(f"found {self.found}")
        return "; ".join(parts)

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions are rebuilt from ``args`` alone by default, which would lose the keyword-only facts when an error
        # crosses from a worker process.
        return _rebuild, (type(self), self.message, self.expected, self.found, self.where)


def _rebuild(
    kind: type[PathcapError], message: str, expected: str | None, found: str | None, where: Location | None
) -> PathcapError:
    return kind(message, expected=expected, found=found, where=where)


class InputError(PathcapError):
    """A record, page or table row that cannot be read. The rest of the batch goes on without it."""


class FormatError(InputError):
    """A file whose form is wrong as a whole: not the format it claims to be, or a format that is not known."""


class AnnotationError(PathcapError, ValueError):
    """A span, mention, relation or keyword that contradicts its caption."""


class ConfigError(PathcapError, ValueError):
    """A configuration file or option that is not understood."""


class ModelError(PathcapError):
    """A model folder that is incomplete, altered, or made for another version."""


class LexiconError(ModelError):
    """A compiled lexicon that is missing, altered, or made for another version."""


class PipelineError(PathcapError):
    """Stages that do not fit together: one requires what none before it provides."""
