"""Marked-up texts as records of the event and relation corpora.

Entities and triggers stand in the text as ``⟦T1:Protein|ERK⟧``; then one line an annotation, as in the shared tasks'
own files: ``E1 Positive_regulation:T3 Theme:E2 Cause:T1`` (T3 is then a trigger), ``M Negation E1``, ``* T1 T2`` for
equivalents, ``R Coreference Subject:T4 Object:T1``. A relation of another kind is ``R INHIBITOR T1 T2``.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

from nlp.training.relation_examples import RelatedExample

_MARK = re.compile(r"⟦(\w+):([\w-]+)\|([^⟦⟧]+)⟧")
_LINE = re.compile(r"(?:E\d+ \w+:T\d+|M \w+ E\d+|\* T\d+|R [\w-]+ )")


def parse(block: str, id: str = "text") -> dict[str, Any]:
    """The record of one marked-up text."""
    lines = dedent(block).strip().split("\n")
    text, spans = _spans("\n".join(line for line in lines if not _LINE.match(line)))
    record: dict[str, Any] = {"id": id, "text": text, "gold_events": True}
    record |= {name: [] for name in ("entities", "triggers", "events", "relations", "modifications", "equivs")}
    triggers = set()
    for line in filter(_LINE.match, lines):
        head, *rest = line.split()
        if head[0] == "E":
            type, trigger = rest[0].split(":")
            triggers.add(trigger)
            record["events"].append({"id": head, "type": type, "trigger": trigger, "args": _arguments(rest[1:])})
        elif head == "M":
            record["modifications"].append({"id": "M", "type": rest[0], "event": rest[1]})
        elif head == "*":
            record["equivs"].append(rest)
        else:
            named = [part for part in rest[1:] if ":" in part]
            ends = {"args": _arguments(named)} if named else {"head": rest[1], "tail": rest[2]}
            record["relations"].append({"id": "R", "type": rest[0]} | ends)
    for span in spans:
        record["triggers" if span["id"] in triggers else "entities"].append(span)
    return record


def write(path: Path, records: Iterable[Mapping[str, Any]]) -> Path:
    """A file of records, compressed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(record) + "\n" for record in records)
    return path


def stated(example: RelatedExample) -> set[str]:
    """What the relations say: ``ERK > FOS expression+ neg [induces]``."""
    return {
        " ".join(
            filter(
                None,
                (
                    f"{surface(example, relation.source)} > {surface(example, relation.target)} {relation.label}",
                    "neg" if relation.negated else "",
                    "spec" if relation.speculative else "",
                    "" if relation.trigger is None else f"[{relation.trigger.of(example.text)}]",
                ),
            )
        )
        for relation in example.relations
    }


def negative(example: RelatedExample) -> set[str]:
    """The pairs that are known to be unrelated: ``FOS > ERK``."""
    related = {(relation.source, relation.target) for relation in example.relations}
    return {
        f"{surface(example, source)} > {surface(example, target)}"
        for source, target in example.judged
        if (source, target) not in related
    }


def surface(example: RelatedExample, mention: int) -> str:
    span = example.mentions[mention]
    return example.text[span.start : span.end]


def _spans(marked: str) -> tuple[str, list[dict[str, Any]]]:
    text, end, spans = "", 0, []
    for match in _MARK.finditer(marked):
        text += marked[end : match.start()]
        id, type, words = match.groups()
        spans.append({"id": id, "type": type, "start": len(text), "end": len(text) + len(words), "text": words})
        text += words
        end = match.end()
    return text + marked[end:], spans


def _arguments(parts: Iterable[str]) -> list[dict[str, str]]:
    return [{"role": role, "ref": ref} for role, ref in (part.split(":") for part in parts)]
