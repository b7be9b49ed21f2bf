"""What the lexicon answers with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from nlp.lexicon.spelling import INITIAL


class NameKind(IntEnum):
    """Where a name of an entry comes from; the smaller, the better it names the entry."""

    SYMBOL = 0  # approved gene symbol, identifier of a family, everyday form of the project's own tables
    NAME = 1  # preferred or approved full name
    TEXT_FORM = 2  # curated from text
    ALIAS = 3  # given by the naming authority
    PREVIOUS = 4  # withdrawn by the naming authority
    SYNONYM = 5  # of a thesaurus or ontology
    NCBI_ALIAS = 6  # of gene records only


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing that has names.

    Attributes:
        curie: identifier in Bioregistry's standard prefixes.
        name: preferred name.
        type: mention type, as in ``nlp.schema.MENTION_TYPES``.
        kind: gene, family, complex, protein_class, chemical, process, component, disease, cell_type, cell_line,
            anatomy or organism.
        xrefs: the same thing elsewhere, as CURIEs.
    """

    curie: str
    name: str
    type: str
    kind: str
    xrefs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that a surface may mean.

    Attributes:
        entry: the entry.
        how: the kind of the name that matched.
        edits: how far the surface is from that name: 0 if it is spelled the same (hyphens and spaces aside), more for
            another case, a plural, an affix taken off, a Latin letter read as Greek.
    """

    entry: Entry
    how: NameKind
    edits: float = 0.0

    @property
    def rank(self) -> tuple[float, int, float]:
        """Sort key, best first: a capital at the start decides only between names of the same kind."""
        return (self.edits if self.edits > INITIAL else 0.0, self.how, self.edits)


@dataclass(frozen=True, slots=True)
class Match:
    """A place in a text where names of the lexicon stand.

    Attributes:
        start, end: offsets into the text as it was given.
        candidates: best first; of a coordinated name such as ``ERK1/2``, those of all its names.
    """

    start: int
    end: int
    candidates: tuple[Candidate, ...]
