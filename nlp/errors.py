"""Every error that pathcap raises on purpose, under one base class.

    PathcapError
    ├── InputError            a record, page or table that cannot be read
    │   └── FormatError       the file's form itself is wrong (not this one record)
    ├── AnnotationError       a span, mention or relation that contradicts its caption
    ├── ConfigError           a configuration file or option
    ├── ModelError            a model folder that is incomplete, altered or incompatible
    │   └── LexiconError      its compiled lexicon
    ├── PipelineError         stages that do not fit together, or fail over a caption
    └── ServerError           a server that cannot be reached, or does not do what it is asked

Each says what was expected, what was found, and where. ``str(error)`` puts the three on one line, so it can be shown to
a person or written to an error file as it is.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Location:
    """Where something was read.

        >>> from nlp import Location
        >>> print(Location("captions.jsonl", 7, "PMC1__F2"))
        captions.jsonl:7 [PMC1__F2]

    Attributes:
        source: a file, or another name of where it came from.
        line: of the source, from 1.
        id: of the record.
    """

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

        >>> from nlp import PathcapError, Span
        >>> try:
        ...     Span(3, 1)
        ... except PathcapError as error:
        ...     print(error.expected, "but", error.found)
        0 <= start < end but [3, 1)

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
    """A record, page or table row that cannot be read. The rest of the batch goes on without it.

    >>> from nlp import Document
    >>> Document.from_dict({"id": "1"})
    Traceback (most recent call last):
        ...
    nlp.errors.InputError: [1]: a field is missing; expected a field 'text'
    """


class FormatError(InputError):
    """A file whose form is wrong as a whole: not the format it claims to be, or a format that is not known.

    >>> from nlp import FormatError, InputError
    >>> issubclass(FormatError, InputError)
    True
    """


class AnnotationError(PathcapError, ValueError):
    """A span, mention, relation or keyword that contradicts its caption.

    >>> from nlp import Document, Mention
    >>> Document("1", "AKT acts.", (Mention("T1", "GENE", 0, 3, "ERK"),))
    Traceback (most recent call last):
        ...
    nlp.errors.AnnotationError: [1 T1]: a span does not hold its surface; expected 'ERK'; found 'AKT'
    """


class ConfigError(PathcapError, ValueError):
    """A configuration file or option that is not understood.

    >>> from nlp import Options
    >>> Options(profile="best")
    Traceback (most recent call last):
        ...
    nlp.errors.ConfigError: unknown profile; expected precise | pfocr; found 'best'
    """


class ModelError(PathcapError):
    """A model folder that is incomplete, altered, or made for another version.

    >>> from nlp import Pipeline
    >>> Pipeline.load("no/such/folder")
    Traceback (most recent call last):
        ...
    nlp.errors.ModelError: not a model folder; expected no/such/folder/config.yaml
    """


class LexiconError(ModelError):
    """A compiled lexicon that is missing, altered, or made for another version.

    >>> from nlp import LexiconError, ModelError
    >>> issubclass(LexiconError, ModelError)
    True
    """


class PipelineError(PathcapError):
    """Stages that do not fit together: one requires what none before it provides. Or one that fails over a caption.

    >>> from nlp import Pipeline
    >>> pipeline = Pipeline.load()
    >>> Pipeline(pipeline.stages[1:], pipeline.lexicon)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    nlp.errors.PipelineError: stage 'abbreviations' lacks what it works on; expected an earlier stage that ...
    """


class ServerError(PathcapError):
    """A server of pathcap's that cannot be reached, or answers that it cannot or will not do what it is asked.

        >>> from nlp import ServerError
        >>> ServerError("the server does not do it", found="429 too many captions are waiting", status=429).status
        429

    Args:
        message: what went wrong, in a few words.
        expected: what would have been right.
        found: what was there instead.
        where: the server's address, and the id of the request.
        status: of HTTP, if there was an answer.
    """

    def __init__(
        self,
        message: str,
        *,
        expected: str | None = None,
        found: str | None = None,
        where: Location | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message, expected=expected, found=found, where=where)
        self.status = status

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild_server_error, (self.message, self.expected, self.found, self.where, self.status)


def _rebuild_server_error(
    message: str, expected: str | None, found: str | None, where: Location | None, status: int | None
) -> ServerError:
    return ServerError(message, expected=expected, found=found, where=where, status=status)
