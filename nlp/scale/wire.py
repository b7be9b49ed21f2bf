"""Captions, documents and errors as JSON, on their way to another process or to a file and back.

Scores keep all their digits, so that what arrives is what was sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final, cast

from nlp import errors
from nlp.errors import InputError, Location, PathcapError, ServerError
from nlp.formats.records import from_record
from nlp.scale.outcomes import Failed, Outcome
from nlp.types import Caption, Document


def _kinds(kind: type[PathcapError]) -> Iterator[tuple[str, type[PathcapError]]]:
    if kind.__module__ == errors.__name__:
        yield kind.__name__, kind
    for below in kind.__subclasses__():
        yield from _kinds(below)


# Those that the other side has too, whatever either has imported.
_KINDS: Final[Mapping[str, type[PathcapError]]] = dict(_kinds(errors.PathcapError))


def caption_to_json(caption: Caption) -> str:
    """A caption without its curated list and gold, which no stage reads."""
    return json.dumps([caption.id, caption.text, caption.title, caption.paper_title, _place(caption.where)])


def caption_from_json(text: str) -> Caption:
    id, caption, title, paper_title, place = json.loads(text)
    return Caption(id, caption, title, paper_title, where=Location(*place))


def error_to_json(error: PathcapError) -> str:
    """An error of ``nlp.errors``; one of any other kind becomes its nearest base there."""
    kind = next(kind.__name__ for kind in type(error).__mro__ if _KINDS.get(kind.__name__) is kind)
    own = [{"status": error.status}] if isinstance(error, ServerError) else []
    return json.dumps([kind, error.message, error.expected, error.found, _place(error.where), *own])


def error_from_json(text: str) -> PathcapError:
    kind, message, expected, found, place, *rest = json.loads(text)
    own = rest[0] if rest else {}
    return _KINDS[kind](message, expected=expected, found=found, where=Location(*place) if place else None, **own)


def as_sent(error: InputError) -> InputError:
    """An error as it arrives if it is sent: the same whether it was or not."""
    return error if type(error) in _KINDS.values() else input_error_from_json(error_to_json(error))


def input_error_from_json(text: str) -> InputError:
    """An error that was an ``InputError`` before."""
    return cast("InputError", error_from_json(text))


def outcome_to_json(outcome: Outcome) -> str:
    if isinstance(outcome, Document):
        return json.dumps({"document": asdict(outcome)})
    return json.dumps({"caption": caption_to_json(outcome.caption), "error": error_to_json(outcome.error)})


def outcome_from_json(text: str) -> Outcome:
    item: dict[str, Any] = json.loads(text)
    if "document" in item:
        return from_record(item["document"])
    return Failed(caption_from_json(item["caption"]), error_from_json(item["error"]))


def _place(where: Location | None) -> list[Any] | None:
    return None if where is None else [where.source, where.line, where.id]
