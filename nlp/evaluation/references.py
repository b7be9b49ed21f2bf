"""Whether mentions were given the identifiers that gold gives them.

Looked at are the gold mentions that have references. Of those that were predicted with their very span and type,
*accuracy@1* is the share whose first predicted reference is right, a mention left without counting as wrong, and
*coverage* the share that has a reference at all. *End to end* a predicted mention with a reference counts as right if
span, type and first reference are: mentions that were missed, added or given another identifier are all errors.

What gold leaves without a reference cannot be judged: a predicted reference on such a mention is neither right nor
wrong, and so is one on a mention of a type of which gold grounds none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nlp.evaluation.counts import Counts, Estimate, Scores
from nlp.types import Mention

#: All that the thing with this CURIE is called, as CURIEs.
Identifiers = Callable[[str], Collection[str]]


@dataclass(frozen=True, slots=True)
class ReferenceOutcome:
    """One mention that gold or the prediction grounds.

    Attributes:
        gold: gold's mention with its references; None if there is no such mention.
        predicted: the mention predicted with this span and type; None if there is none.
        right: whether the first predicted reference is one of gold's.
    """

    gold: Mention | None
    predicted: Mention | None
    right: bool

    @property
    def type(self) -> str | None:
        mention = self.gold or self.predicted
        return mention.type if mention else None

    @property
    def has_reference(self) -> bool:
        return self.predicted is not None and bool(self.predicted.references)


@dataclass(frozen=True, slots=True)
class ReferenceCounts:
    """What ``ReferenceScores`` are made of, for one caption: counts, and pairs of part and whole."""

    end_to_end: Counts
    accuracy: tuple[int, int]
    coverage: tuple[int, int]


@dataclass(frozen=True, slots=True)
class ReferenceScores:
    """How well mentions are grounded, of all types or of one.

    Attributes:
        found: gold mentions with references that were predicted with the same span and type.
        accuracy: share of the found that have the right first reference.
        coverage: share of the found that have any reference.
        end_to_end: span, type and first reference right, of all gold mentions with references.
    """

    found: int
    accuracy: Estimate
    coverage: Estimate
    end_to_end: Scores


@dataclass(frozen=True, slots=True)
class Grounding:
    """How well mentions are grounded, of all types and of each type that gold grounds."""

    overall: ReferenceScores
    by_type: Mapping[str, ReferenceScores]


def only_itself(curie: str) -> Collection[str]:
    """The ``Identifiers`` of one who knows no cross references."""
    return (curie,)


def grounded_types(mentions: Iterable[Mention]) -> set[str]:
    """The types of the mentions that have references."""
    return {mention.type for mention in mentions if mention.references}


def judge_references(
    gold: Sequence[Mention], predicted: Sequence[Mention], types: Collection[str], identifiers: Identifiers
) -> tuple[ReferenceOutcome, ...]:
    """Compare the references of one caption.

    Args:
        gold: gold's mentions; of several with one span and type the first counts, here as among the predicted.
        predicted: the predicted mentions.
        types: the mention types that gold grounds, in any caption.
        identifiers: cross references of what gold or the prediction names.
    """
    return tuple(_outcomes(_by_place(gold), _by_place(predicted), types, identifiers))


def reference_counts(outcomes: Iterable[ReferenceOutcome], type: str | None) -> ReferenceCounts:
    """The counts of one caption, of all types or of one."""
    own = [outcome for outcome in outcomes if type is None or outcome.type == type]
    found = [outcome for outcome in own if outcome.gold is not None and outcome.predicted is not None]
    right = sum(outcome.right for outcome in found)
    predicted = sum(outcome.has_reference for outcome in own)
    return ReferenceCounts(
        end_to_end=Counts(right, predicted, right, sum(outcome.gold is not None for outcome in own)),
        accuracy=(right, len(found)),
        coverage=(sum(outcome.has_reference for outcome in found), len(found)),
    )


def _outcomes(
    gold: Mapping[tuple[int, int, str], Mention],
    predicted: Mapping[tuple[int, int, str], Mention],
    types: Collection[str],
    identifiers: Identifiers,
) -> Iterator[ReferenceOutcome]:
    for place, mention in gold.items():
        if mention.references:
            other = predicted.get(place)
            yield ReferenceOutcome(mention, other, other is not None and _is_right(mention, other, identifiers))
    for place, mention in predicted.items():
        if mention.references and mention.type in types and place not in gold:
            yield ReferenceOutcome(None, mention, right=False)


def _is_right(gold: Mention, predicted: Mention, identifiers: Identifiers) -> bool:
    """Whether the first predicted reference is one of gold's, or either is a cross reference of the other."""
    if not predicted.references:
        return False
    said = predicted.references[0].curie
    wanted = [reference.curie for reference in gold.references]
    if _folded((said, *identifiers(said))) & _folded(wanted):
        return True
    return any(said.casefold() in _folded(identifiers(curie)) for curie in wanted)


def _folded(curies: Iterable[str]) -> set[str]:
    """CURIEs without regard to case: of the same prefix there are several spellings about."""
    return {curie.casefold() for curie in curies}


def _by_place(mentions: Iterable[Mention]) -> dict[tuple[int, int, str], Mention]:
    places: dict[tuple[int, int, str], Mention] = {}
    for mention in mentions:
        places.setdefault((mention.start, mention.end, mention.type), mention)
    return places
