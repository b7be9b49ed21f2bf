"""Folders of parts: documents in many files, and a ``manifest.json`` that says which belong to it and what they hold.

The manifest depends on what was annotated and how, and on nothing else: no times, rates or machines.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from nlp.errors import FormatError, InputError, Location
from nlp.types import Document

MANIFEST_FILE: Final = "manifest.json"
ERRORS_FILE: Final = "errors.jsonl"
"""Where a folder's errors are listed, unless another place is asked for."""

_VERSION: Final = 1


@dataclass(slots=True)
class Tally:
    """What was annotated, and what was set aside.

    Attributes:
        captions: with a document.
        characters: of their texts, in code points.
        mentions: in their documents.
        relations: in their documents.
        errors: how many inputs were set aside for each reason.
    """

    captions: int = 0
    characters: int = 0
    mentions: int = 0
    relations: int = 0
    errors: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Document | InputError) -> None:
        """Count one more input."""
        if isinstance(outcome, InputError):
            self.errors[outcome.message] += 1
            return
        self.captions += 1
        self.characters += len(outcome.text)
        self.mentions += len(outcome.mentions)
        self.relations += len(outcome.relations)

    @property
    def set_aside(self) -> int:
        """Inputs without a document."""
        return self.errors.total()

    @classmethod
    def total(cls, tallies: Iterable[Tally]) -> Tally:
        """The sum of tallies."""
        whole = cls()
        for tally in tallies:
            whole.captions += tally.captions
            whole.characters += tally.characters
            whole.mentions += tally.mentions
            whole.relations += tally.relations
            whole.errors.update(tally.errors)
        return whole

    def without(self, other: Tally) -> Tally:
        """What is left of this if ``other``, which is part of it, is taken away."""
        return Tally(
            self.captions - other.captions,
            self.characters - other.characters,
            self.mentions - other.mentions,
            self.relations - other.relations,
            self.errors - other.errors,
        )

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "errors": dict(sorted(self.errors.items()))}


@dataclass(frozen=True, slots=True)
class Position:
    """How far a run has come.

    Attributes:
        inputs: captions and errors read so far, from the start of the run.
        inputs_sha256: of all of them, in order.
        errors_bytes: length of the list of errors.
        errors_sha256: of the list.
    """

    inputs: int
    inputs_sha256: str
    errors_bytes: int
    errors_sha256: str

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Self:
        """The position of an entry in a manifest.

        Raises:
            KeyError, TypeError: if it has none.
        """
        return cls(
            int(record["inputs"]),
            str(record["inputs_sha256"]),
            int(record["errors_bytes"]),
            str(record["errors_sha256"]),
        )


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a folder of parts.

    Attributes:
        name: of the file.
        bytes: its size.
        sha256: of the file.
        first: id of its first caption.
        last: id of its last caption.
        tally: of the captions in it, and of the errors since the part before.
        position: of the whole run when it was finished.
    """

    name: str
    bytes: int
    sha256: str
    first: str
    last: str
    tally: Tally
    position: Position

    def to_dict(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in ("name", "bytes", "sha256", "first", "last")}
        return {**own, **self.tally.to_dict(), **asdict(self.position)}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Self:
        """The part of an entry in a manifest.

        Raises:
            KeyError, TypeError: if it is no such entry.
        """
        tally = Tally(
            int(record["captions"]),
            int(record["characters"]),
            int(record["mentions"]),
            int(record["relations"]),
            Counter({str(message): int(count) for message, count in dict(record["errors"]).items()}),
        )
        return cls(
            name=str(record["name"]),
            bytes=int(record["bytes"]),
            sha256=str(record["sha256"]),
            first=str(record["first"]),
            last=str(record["last"]),
            tally=tally,
            position=Position.from_dict(record),
        )


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a folder of parts says of itself.

    Attributes:
        run: what the output depends on: model, options, sources.
        parts: in order.
        complete: whether all inputs are done.
        rest: errors after the last part, once it is complete.
        position: of the whole run, once it is complete.
    """

    run: Mapping[str, Any]
    parts: tuple[Part, ...] = ()
    complete: bool = False
    rest: Tally = field(default_factory=Tally)
    position: Position | None = None

    @property
    def tally(self) -> Tally:
        """Of all parts."""
        return Tally.total((*(part.tally for part in self.parts), self.rest))

    def to_bytes(self) -> bytes:
        record = {
            "manifest": _VERSION,
            "complete": self.complete,
            "run": self.run,
            "total": {**self.tally.to_dict(), **(asdict(self.position) if self.position else {})},
            "parts": [part.to_dict() for part in self.parts],
        }
        return json.dumps(record, ensure_ascii=True, indent=1).encode("ascii") + b"\n"


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a folder of parts; None if it has none.

    Raises:
        FormatError: if it cannot be understood.
        OSError: if it cannot be opened.
    """
    path = folder / MANIFEST_FILE
    if not path.is_file():
        return None
    try:
        record = json.loads(path.read_bytes())
        if record["manifest"] != _VERSION:
            raise FormatError(
                "a manifest of another version",
                expected=str(_VERSION),
                found=repr(record["manifest"]),
                where=Location(str(path)),
            )
        parts = tuple(Part.from_dict(part) for part in record["parts"])
        if not record["complete"]:
            return Manifest(dict(record["run"]), parts)
        total = record["total"]
        errors = Counter({str(message): int(count) for message, count in total["errors"].items()})
        rest = Tally(errors=errors - Tally.total(part.tally for part in parts).errors)
        return Manifest(dict(record["run"]), parts, complete=True, rest=rest, position=Position.from_dict(total))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FormatError(
            "not a manifest", found=f"{type(error).__name__}: {error}", where=Location(str(path))
        ) from error
