"""What the formats of statements and of networks share: which things a mention means, which words state a relation,
which covalent mark a modification sets, and where a transport goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

from nlp.types import Document, Mention, Reference, Relation, Span

# Scores are rounded to four digits when documents are written.
_SUM_OF_ONE: Final = 1.001


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that a mention means.

    Attributes:
        mention: where it is named.
        reference: what it is; None where the mention has no reference.
    """

    mention: Mention
    reference: Reference | None

    @property
    def name(self) -> str:
        """The preferred name, on one line; the surface where there is no reference."""
        return one_line(self.reference.name if self.reference else "") or one_line(self.mention.text) or "?"


@dataclass(frozen=True, slots=True)
class Statement:
    """A relation between two things, with the words around it.

    Attributes:
        document: the caption that states it.
        relation: as it was predicted.
        source, target: the things that it holds between.
        evidence: the sentences, mostly one, that hold both mentions and the trigger.
    """

    document: Document
    relation: Relation
    source: Thing
    target: Thing
    evidence: Span


def statements(document: Document) -> Iterator[Statement]:
    """The relations of a document, one for each pair of things that they hold between (``things``)."""
    mentions = {mention.id: mention for mention in document.mentions}
    ends = _sentence_ends(document) if document.relations else []
    for relation in document.relations:
        source, target = mentions[relation.source], mentions[relation.target]
        evidence = _evidence(document.text, relation, source, target, ends)
        for pair in product(things(source), things(target)):
            yield Statement(document, relation, *pair, evidence)


def things(mention: Mention) -> tuple[Thing, ...]:
    """What a mention means: its best reference, or all of a coordinated name (``ERK1/2``, ``SMAD2/3``).

    The references of a coordinated name are all meant, each with a probability of its own, so that the scores sum to
    more than 1; of any other name one is meant, and they sum to 1 at most.
    """
    references = mention.references
    if sum(reference.score for reference in references) <= _SUM_OF_ONE:
        references = references[:1]
    return tuple(Thing(mention, reference) for reference in references) or (Thing(mention, None),)


# What neither XML nor a line of a table can hold: control characters, halves of surrogate pairs, and two code points
# that are no characters.
_UNPRINTABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def one_line(text: str) -> str:
    """``text`` with each run of white space and control characters as one space."""
    return " ".join(_UNPRINTABLE.sub(" ", text).split())


_STOP: Final = re.compile(r"[.!?;][\"'”’)\]]*\s+|\n+")
# No letter but a small Latin one: with that a sentence begins only if a name does.
_BEGINNING: Final = re.compile(r"[^a-z]")
_NO_STOP: Final = re.compile(r"\b(?:[A-Za-z]|[Ff]igs?|e\.g|i\.e|vs|al|cf|ca|approx|[Rr]efs?|[Nn]os?)\.\s*$")


def _sentence_ends(document: Document) -> list[int]:
    """Offsets behind the sentences of a caption, by a plain rule; none lies inside a mention."""
    text = document.text
    starts = {mention.start for mention in document.mentions}
    inside = {offset for mention in document.mentions for offset in range(mention.start + 1, mention.end)}
    ends = [
        match.end()
        for match in _STOP.finditer(text)
        if match.end() not in inside
        and (match.end() in starts or _BEGINNING.match(text, match.end()))
        and not _NO_STOP.search(text, max(0, match.start() - 8), match.end())
    ]
    return [*ends, len(text)]


def _evidence(text: str, relation: Relation, source: Mention, target: Mention, ends: list[int]) -> Span:
    spans = [source.span, target.span, *([relation.trigger.span] if relation.trigger else [])]
    first, last = min(span.start for span in spans), max(span.end for span in spans)
    start = max((end for end in ends if end <= first), default=0)
    end = min(end for end in ends if end >= last)
    piece = text[start:end]
    return Span(start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip()))


@dataclass(frozen=True, slots=True)
class Mark:
    """A covalent mark of proteins.

    Attributes:
        stem: a regular expression of what the words for it hold, in lower case.
        added, removed: INDRA's classes of statements that it is set and taken off; None where there are none.
        bel: its name in BEL's ``pmod()``.
    """

    stem: str
    added: str | None
    removed: str | None
    bel: str


MARKS: Final = (
    Mark("phosphorylat", "Phosphorylation", "Dephosphorylation", "Ph"),
    Mark("ubiquit[iy]", "Ubiquitination", "Deubiquitination", "Ub"),
    Mark("sumoylat", "Sumoylation", "Desumoylation", "Sumo"),
    Mark("acetylat", "Acetylation", "Deacetylation", "Ac"),
    Mark("methylat", "Methylation", "Demethylation", "Me"),
    Mark("hydroxylat", "Hydroxylation", "Dehydroxylation", "Hy"),
    Mark("glycosylat|glcnacylat", "Glycosylation", "Deglycosylation", "Glyco"),
    Mark("ribosylat|parylat", "Ribosylation", "Deribosylation", "ADPRib"),
    Mark("(?<!geranyl)farnesylat", "Farnesylation", "Defarnesylation", "Farn"),
    Mark("geranylat", "Geranylgeranylation", "Degeranylgeranylation", "Gerger"),
    Mark("palmitoylat", "Palmitoylation", "Depalmitoylation", "Palm"),
    Mark("myristoylat", "Myristoylation", "Demyristoylation", "Myr"),
    Mark("nitrosylat", None, None, "NO"),
    Mark("neddylat", None, None, "Nedd"),
    Mark("isgylat", None, None, "ISG"),
)
"""The marks that triggers name; cleavage is none of them."""


def marks(statement: Statement) -> tuple[Mark, ...]:
    """The marks that a modification sets or takes off.

    They are those that its trigger names, or else the only one that the evidence names; none if that names several or
    none. Whether a mark is set is told by the relation's sign, not by the word: what dephosphorylates has sign -1.
    """
    relation = statement.relation
    named = _named(relation.trigger.text) if relation.trigger else ()
    if named:
        return named
    named = _named(statement.evidence.of(statement.document.text))
    return named if len(named) == 1 else ()


def _named(words: str) -> tuple[Mark, ...]:
    folded = words.lower().replace("-", "")
    return tuple(mark for mark in MARKS if re.search(mark.stem, folded))


@dataclass(frozen=True, slots=True)
class Movement:
    """A kind of transport that tells the places.

    Attributes:
        stem: a regular expression of what the words for it hold, in lower case.
        origin, goal: cellular components of GO, as CURIEs.
        bel: BEL's function for it; None where it is told by the places.
    """

    stem: str
    origin: str
    goal: str
    bel: str | None


MOVEMENTS: Final = (
    Movement("secret|excret|exocyt", "GO:0005622", "GO:0005576", "sec"),
    Movement("surface", "GO:0005622", "GO:0009986", "surf"),
    Movement("uptake|take[ns]? up|taking up|internali|endocyt|phagocyt|influx", "GO:0005576", "GO:0005622", None),
)
"""Out of the cell, to its surface, and into it. A release may be one from an organelle, and tells no place."""


def movement(statement: Statement) -> Movement | None:
    """How the target of a transport moves, as far as the trigger tells it."""
    trigger = statement.relation.trigger
    words = trigger.text.lower() if trigger else ""
    return next((kind for kind in MOVEMENTS if re.search(kind.stem, words)), None)
