"""Whether mentions were given the identifiers that annotators gave them.

A reference is *right* if it leads to the same entry as one of the annotated identifiers, by an entry's own identifier
or by its cross references; two cross references of one entry are the same thing. It is the *family* if it is a family
or complex with one of the annotated genes among its members, or one that has them as names of its own: annotators who
had no identifiers for families wrote down a member, or all of them. Of several predicted references the first counts.

Gold are the annotated mentions in scope: those whose identifiers can be judged. What touches an annotated mention that
is out of scope, and none in scope, is neither right nor wrong; a predicted mention without a reference says nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

from nlp.lexicon.entries import Entry
from nlp.types import Mention

# Cross references that lead back to one entry alone: those of genes to classes of proteins, or to enzymes, do not.
_SAME: Final = frozenset({"NCBIGene", "UniProt", "MESH", "DRUGBANK", "DOID"})


class Entries(Protocol):
    """What a judge asks of a lexicon; ``nlp.lexicon.Lexicon`` has it."""

    def entries(self) -> Iterator[Entry]:
        """All entries."""

    def members(self, curie: str) -> tuple[Entry, ...]:
        """The genes of a family or complex; empty for anything else."""


class Outcome(Enum):
    """What became of a mention in scope, the best first."""

    RIGHT = "right"
    FAMILY = "its family"
    WRONG = "wrong"
    NONE = "no reference"


class ErrorKind(Enum):
    """Why a mention of gold, or one that was predicted, is no true positive end to end."""

    UNMARKED = "not marked"
    BOUNDS = "other bounds"
    UNGROUNDED = "marked, no reference"
    FAMILY = "its family"
    MISGROUNDED = "wrong reference"
    SPURIOUS = "nothing annotated there"


@dataclass(frozen=True, slots=True)
class JudgedMention:
    """A mention in scope, or a predicted one with a reference, and what was made of it.

    Attributes:
        mention: the mention that is judged.
        other: its counterpart on the other side: of the same type, at its place; of several the one whose reference
            is best. None if there is none.
        outcome: of the predicted reference.
        error: None if it is right; of a predicted mention only told where nothing annotated is near.
    """

    mention: Mention
    other: Mention | None
    outcome: Outcome
    error: ErrorKind | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """The mentions of a text as they were judged.

    Attributes:
        gold: those in scope.
        predicted: those with a reference, as far as they can be judged.
    """

    gold: tuple[JudgedMention, ...] = ()
    predicted: tuple[JudgedMention, ...] = ()


class Judge:
    """Knows which entries identifiers lead to.

    Args:
        lexicon: whose entries and families they are; None knows of none.
        beyond: whether an identifier that leads to no entry stands for itself, and so is in scope. Without it only
            what the lexicon holds is in scope: of genes, the human ones.
    """

    def __init__(self, lexicon: Entries | None = None, *, beyond: bool = False) -> None:
        self._lexicon = lexicon
        self._beyond = beyond
        self._entries: dict[str, frozenset[str]] = {}
        for entry in lexicon.entries() if lexicon else ():
            for curie in _names(entry):
                known = self._entries.get(curie)
                self._entries[curie] = frozenset((entry.curie,)) | known if known else frozenset((entry.curie,))

    def entries(self, curie: str) -> frozenset[str]:
        """CURIEs of the entries that an identifier leads to, whatever its case; empty if it can't be judged."""
        own = curie.casefold()
        return self._entries.get(own) or frozenset((own,) if self._beyond else ())

    def meant(self, mention: Mention) -> frozenset[str]:
        """The entries that the identifiers of an annotated mention lead to; empty if it is out of scope."""
        return frozenset(entry for one in mention.references for entry in self.entries(one.curie))

    def outcome(self, curie: str | None, meant: Collection[str]) -> Outcome:
        """What a predicted reference is, where the entries of ``meant`` are meant; None is no reference."""
        if curie is None:
            return Outcome.NONE
        said = self.entries(curie)
        if not said.isdisjoint(meant):
            return Outcome.RIGHT
        members = (member.curie for entry in said for member in (self._lexicon.members(entry) if self._lexicon else ()))
        return Outcome.FAMILY if any(member in meant for member in members) else Outcome.WRONG

    def judge(self, gold: Sequence[Mention], predicted: Sequence[Mention], *, overlap: bool = False) -> Judgement:
        """Compare the references of one text, type by type.

        Args:
            gold: the annotated mentions.
            predicted: the predicted mentions.
            overlap: whether spans need only overlap.
        """
        types = {mention.type: None for mention in (*gold, *predicted)}
        parts = [
            self._of_one_type(
                [mention for mention in gold if mention.type == type],
                [mention for mention in predicted if mention.type == type],
                overlap,
            )
            for type in types
        ]
        return Judgement(
            tuple(one for part in parts for one in part.gold), tuple(one for part in parts for one in part.predicted)
        )

    def _of_one_type(self, gold: Sequence[Mention], predicted: Sequence[Mention], overlap: bool) -> Judgement:
        meant = [self.meant(mention) for mention in gold]
        inside = [(mention, own) for mention, own in zip(gold, meant, strict=True) if own]
        outside = [mention for mention, own in zip(gold, meant, strict=True) if not own]
        found: list[list[JudgedMention]] = [[] for _ in inside]
        asserted = []
        for mention in predicted:
            met = []
            for place, (other, entries) in enumerate(inside):
                if _meet(mention, other, overlap):
                    outcome = self.outcome(first_curie(mention), entries)
                    met.append(JudgedMention(mention, other, outcome))
                    found[place].append(JudgedMention(other, mention, outcome))
            near = bool(met) or any(_touch(mention, other) for other, _ in inside)
            if mention.references and (near or not any(_touch(mention, other) for other in outside)):
                best = _best(met)
                asserted.append(
                    JudgedMention(
                        mention,
                        best.other if best else None,
                        best.outcome if best else Outcome.WRONG,
                        None if near else ErrorKind.SPURIOUS,
                    )
                )
        return Judgement(
            tuple(_gold(mention, own, predicted) for (mention, _), own in zip(inside, found, strict=True)),
            tuple(asserted),
        )


def first_curie(mention: Mention) -> str | None:
    """The identifier that a mention was given; of several the first."""
    return mention.references[0].curie if mention.references else None


def once(mentions: Iterable[Mention]) -> list[Mention]:
    """The first mention of each span and type."""
    places: dict[tuple[int, int, str], Mention] = {}
    for mention in mentions:
        places.setdefault((mention.start, mention.end, mention.type), mention)
    return [*places.values()]


def _names(entry: Entry) -> Iterator[str]:
    """All that leads to an entry, without regard to case: of the same prefix there are several spellings about."""
    yield entry.curie.casefold()
    for xref in entry.xrefs:
        prefix = xref.partition(":")[0]
        if prefix in _SAME and not (prefix == "MESH" and entry.kind == "gene"):
            yield xref.casefold()


_ORDER: Final = tuple(Outcome)


def _best(judged: Iterable[JudgedMention]) -> JudgedMention | None:
    return min(judged, key=lambda one: _ORDER.index(one.outcome), default=None)


def _gold(mention: Mention, found: Iterable[JudgedMention], predicted: Iterable[Mention]) -> JudgedMention:
    best = _best(found)
    if best is None:
        near = any(_touch(mention, other) for other in predicted)
        return JudgedMention(mention, None, Outcome.NONE, ErrorKind.BOUNDS if near else ErrorKind.UNMARKED)
    return JudgedMention(mention, best.other, best.outcome, _ERRORS.get(best.outcome))


_ERRORS: Final[Mapping[Outcome, ErrorKind]] = {
    Outcome.FAMILY: ErrorKind.FAMILY,
    Outcome.WRONG: ErrorKind.MISGROUNDED,
    Outcome.NONE: ErrorKind.UNGROUNDED,
}


def _meet(one: Mention, other: Mention, overlap: bool) -> bool:
    return _touch(one, other) if overlap else (one.start, one.end) == (other.start, other.end)


def _touch(one: Mention, other: Mention) -> bool:
    return one.start < other.end and other.start < one.end
