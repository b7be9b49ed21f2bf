"""Texts that were annotated for pathcap, as stand-off files beside this module: offsets and labels, no text.

``annotated/captions.jsonl`` holds PFOCR captions of ``captions/captions.jsonl.gz`` that are in no gold file, and
``annotated/evidence.jsonl`` evidence texts of BEL statements; ``annotated/README.md`` says how they were annotated. A
line is an object:

- ``id``: of the caption, or the source and the beginning of the SHA-256 of the evidence;
- ``sha256``: the beginning of that of the text, which a text must have to be taken for the annotated one;
- ``mentions``: type, start and end of each, by start;
- ``relations``: source and target (indices of mentions), type, sign, start and end of the trigger or null, and what of
  ``negated`` and ``speculative`` holds.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from corpora.records import convert
from nlp.errors import FormatError, Location

LOG: Final = logging.getLogger(__name__)
CAPTIONS: Final = Path(__file__).with_name("annotated") / "captions.jsonl"
EVIDENCE: Final = Path(__file__).with_name("annotated") / "evidence.jsonl"

_DIGITS: Final = 16
_FLAGS: Final = ("negated", "speculative")


def digest(text: str) -> str:
    """The beginning of the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def caption_text(record: Mapping[str, Any]) -> tuple[str, str]:
    """Id and text of a record of ``captions.jsonl.gz``."""
    return str(record["figid"]), str(record["caption"])


def evidence_text(record: Mapping[str, Any]) -> tuple[str, str]:
    """Id and text of a BEL statement's evidence, without the name of its source; both empty where there is none."""
    text = str(record.get("evidence") or "")
    return (digest(text), text) if text else ("", "")


def records(
    annotation: Path, texts: Path, of: Callable[[Mapping[str, Any]], tuple[str, str]], prefix: str = ""
) -> Iterator[dict[str, Any]]:
    """The annotated texts of a file, each once, as records in the form of gold captions.

    Args:
        annotation: stand-off file.
        texts: file of records with texts.
        of: id and text of such a record.
        prefix: what ids of the annotation begin with beside those of ``texts``; lines that begin otherwise belong to
            other files.

    Raises:
        FormatError: at a line that is not understood, or whose text is another than the one that was annotated.
    """
    lines = {}
    for number, line in enumerate(annotation.read_text(encoding="utf-8").splitlines(), 1):
        where = Location(str(annotation), number)
        try:
            own = json.loads(line)
            id = str(own["id"])
        except (ValueError, KeyError, TypeError) as error:
            raise FormatError("not an annotation", found=repr(error), where=where) from error
        if id.startswith(prefix):
            lines[id] = own, where
    for id, text in convert(texts, of, "a record with a text"):
        if prefix + id not in lines:
            continue
        own, where = lines.pop(prefix + id)
        if digest(text) != own["sha256"]:
            raise FormatError("an annotated text has changed", expected=own["sha256"], found=digest(text), where=where)
        try:
            yield _record(own, text)
        except (ValueError, KeyError, TypeError) as error:
            raise FormatError("not an annotation", found=repr(error), where=where) from error
    if lines:
        LOG.warning("%s: %d annotated texts are not there, such as %s", texts, len(lines), min(lines))


def _record(own: Mapping[str, Any], text: str) -> dict[str, Any]:
    mentions = [
        {"id": f"T{number}", "type": type, "start": start, "end": end, "text": text[start:end]}
        for number, (type, start, end) in enumerate(own["mentions"])
    ]
    relations = [
        {
            "source": f"T{source}",
            "target": f"T{target}",
            "type": type,
            "sign": sign,
            "trigger": trigger and {"start": trigger[0], "end": trigger[1]},
            **{flag: flag in flags for flag in _FLAGS},
        }
        for source, target, type, sign, trigger, flags in own["relations"]
    ]
    return {"id": own["id"], "text": text, "mentions": mentions, "relations": relations}
