"""The entity and relation types, as tables of records: the one place where a type is added.

What each type means in a caption is defined by the project's annotation guidelines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from nlp.errors import AnnotationError, Location
from nlp.types import Document


@dataclass(frozen=True, slots=True)
class MentionType:
    """A type of mention.

    Attributes:
        name: as it stands in the output.
        meaning: what is marked with it.
        keyword: whether PFOCR's curated lists hold things of this type, so that keywords are predicted from it.
    """

    name: str
    meaning: str
    keyword: bool = False


@dataclass(frozen=True, slots=True)
class RelationType:
    """A type of relation, by what the source changes in the target.

    Attributes:
        name: as it stands in the output.
        meaning: what changes.
        directed: False if source and target may be swapped without a change of meaning.
    """

    name: str
    meaning: str
    directed: bool = True


Record = TypeVar("Record", MentionType, RelationType)


def _table(records: Iterable[Record]) -> Mapping[str, Record]:
    return MappingProxyType({record.name: record for record in records})


MENTION_TYPES: Mapping[str, MentionType] = _table(
    (
        MentionType("GENE", "genes, RNAs, proteins, protein families, complexes, receptors, channels", keyword=True),
        MentionType("CHEMICAL", "drugs, metabolites, ions, lipids, toxins and their classes", keyword=True),
        MentionType("PROCESS", "biological processes and functions that happen"),
        MentionType("DISEASE", "diseases, disorders, symptoms, injuries, tumours", keyword=True),
        MentionType("COMPONENT", "parts of a cell, extracellular space, cell membranes"),
        MentionType("CELL", "cell types and lines"),
        MentionType("ANATOMY", "tissues, organs, body fluids"),
        MentionType("ORGANISM", "species, strains, viruses, bacteria"),
    )
)

RELATION_TYPES: Mapping[str, RelationType] = _table(
    (
        RelationType("activation", "activity, signalling, function or occurrence of the target"),
        RelationType("expression", "amount of the target: transcription, translation, level, stability"),
        RelationType("modification", "a covalent mark on the target"),
        RelationType("binding", "the two bind or form a complex", directed=False),
        RelationType("transport", "the place of the target: release, uptake, translocation"),
    )
)


def check_types(document: Document) -> Document:
    """Return ``document`` if all its types are known.

    Raises:
        AnnotationError: naming the first type that is not in the tables.
    """
    for mention in document.mentions:
        _check(mention.type, MENTION_TYPES, f"{document.id} {mention.id}")
    for relation in document.relations:
        _check(relation.type, RELATION_TYPES, f"{document.id} {relation.id}")
    for keyword in document.keywords:
        _check(keyword.type, MENTION_TYPES, f"{document.id} {keyword.keyword}")
    return document


def _check(type: str, table: Mapping[str, object], id: str) -> None:
    if type not in table:
        raise AnnotationError("unknown type", expected=" | ".join(table), found=repr(type), where=Location(id=id))
