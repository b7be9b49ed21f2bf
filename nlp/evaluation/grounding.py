"""Scoring references against texts whose mentions carry identifiers.

A reference is *right* if its entry is one of those that the annotators named, through cross references; it is the
*family* if it is a family or complex with one of these among its members, or one that has the annotated genes as
names of its own: annotators who had no identifiers for families wrote down a member, or all of them. Only what the
lexicon holds can be found, so mentions are in scope whose identifiers lead to an entry of it. Of genes these are the
human ones.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from nlp.evaluation.bootstrap import Bootstrap
from nlp.evaluation.counts import Counts, Estimate, Scores, ratio
from nlp.lexicon import Lexicon
from nlp.types import Document, Mention

BINS: Final = 10
# Cross references that lead back to one entry alone: those of genes to classes of proteins, or to enzymes, do not.
_SAME: Final = frozenset({"NCBIGene", "UniProt", "MESH", "DRUGBANK", "DOID"})


class Outcome(Enum):
    """What became of a mention in scope."""

    RIGHT = "right"
    FAMILY = "its family"
    WRONG = "wrong"
    NONE = "no reference"


@dataclass(frozen=True, slots=True)
class Judged:
    """A mention in scope and what was made of it.

    Attributes:
        document: id of its document.
        mention: as it was annotated.
        meant: CURIEs of the entries that its identifiers lead to.
        found: CURIE of the best reference; None if there is none.
        score: of the best reference; 0 if there is none.
        outcome: of the best reference.
    """

    document: str
    mention: Mention
    meant: frozenset[str]
    found: str | None
    score: float
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How mentions of one type, given their spans, were grounded.

    Attributes:
        mentions: how many are in scope.
        coverage: share of them that have any reference.
        at_one: share of which the best reference is right.
        with_families: the same, where a family is right for its members.
    """

    mentions: int
    coverage: Estimate
    at_one: Estimate
    with_families: Estimate


class Judge:
    """Knows which entries identifiers lead to.

    Args:
        lexicon: whose entries and families they are.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._entries: dict[str, set[str]] = {}
        for entry in lexicon.entries():
            xrefs = (xref for xref in entry.xrefs if xref.partition(":")[0] in _SAME)
            for curie in (entry.curie, *xrefs):
                if curie == entry.curie or entry.kind != "gene" or not curie.startswith("MESH:"):
                    self._entries.setdefault(curie, set()).add(entry.curie)

    def meant(self, mention: Mention) -> frozenset[str]:
        """The entries that the identifiers of an annotated mention lead to; empty if it is out of scope."""
        return frozenset(entry for one in mention.references for entry in self._entries.get(one.curie, ()))

    def outcome(self, curie: str | None, meant: Collection[str]) -> Outcome:
        """What a best reference is, where the entries of ``meant`` are meant."""
        if curie is None:
            return Outcome.NONE
        if curie in meant:
            return Outcome.RIGHT
        members = (member.curie for member in self._lexicon.members(curie))
        return Outcome.FAMILY if any(member in meant for member in members) else Outcome.WRONG

    def judge(self, gold: Document, predicted: Sequence[Mention]) -> Iterator[Judged]:
        """The mentions of a document that are in scope, beside the same mentions as they were grounded."""
        for mention, other in zip(gold.mentions, predicted, strict=True):
            meant = self.meant(mention)
            if meant:
                best = other.references[0] if other.references else None
                found, score = (best.curie, best.score) if best else (None, 0.0)
                yield Judged(gold.id, mention, meant, found, score, self.outcome(found, meant))


def accuracy(
    judged: Iterable[Judged],
    group: Callable[[str], str] = str,
    bootstrap: Bootstrap = Bootstrap(),  # noqa: B008 — frozen
) -> dict[str, Accuracy]:
    """Accuracy by mention type.

    Args:
        judged: mentions in scope.
        group: the article of a document's id: what is drawn for the intervals.
        bootstrap: how to draw.
    """
    counts: dict[str, dict[str, dict[Outcome, int]]] = {}
    for one in judged:
        outcomes = counts.setdefault(one.mention.type, {}).setdefault(group(one.document), dict.fromkeys(Outcome, 0))
        outcomes[one.outcome] += 1
    result = {}
    for type, articles in sorted(counts.items()):
        shares = bootstrap.ratios(
            {
                name: [(sum(found[kind] for kind in kinds), sum(found.values())) for found in articles.values()]
                for name, kinds in _SHARES.items()
            }
        )
        total = sum(sum(found.values()) for found in articles.values())
        result[type] = Accuracy(total, shares["coverage"], shares["at one"], shares["with families"])
    return result


_SHARES: Final[Mapping[str, tuple[Outcome, ...]]] = {
    "coverage": (Outcome.RIGHT, Outcome.FAMILY, Outcome.WRONG),
    "at one": (Outcome.RIGHT,),
    "with families": (Outcome.RIGHT, Outcome.FAMILY),
}


@dataclass(frozen=True, slots=True)
class Bin:
    """References with scores of one range: how many, their mean score, and the share of them that is right."""

    count: int
    score: float
    right: float


def reliability(pairs: Iterable[tuple[float, bool]], bins: int = BINS) -> tuple[Bin, ...]:
    """Scores against how often they are right, in bins of equal width; empty bins are left out.

    Args:
        pairs: of each reference its score, in [0, 1], and whether it is right.
        bins: how many to make.
    """
    groups: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for score, right in pairs:
        groups[min(int(score * bins), bins - 1)].append((score, right))
    return tuple(
        Bin(len(group), sum(score for score, _ in group) / len(group), sum(right for _, right in group) / len(group))
        for group in groups
        if group
    )


def calibration_error(bins: Iterable[Bin]) -> float:
    """The expected calibration error (Naeini et al. 2015): mean distance of score and share right, by count."""
    bins = list(bins)
    return ratio(sum(one.count * abs(one.score - one.right) for one in bins), sum(one.count for one in bins))


class ErrorKind(Enum):
    """Why a mention of gold, or one that was predicted, is no true positive end to end."""

    UNMARKED = "not marked"
    BOUNDS = "other bounds"
    UNGROUNDED = "marked, no reference"
    FAMILY = "its family"
    MISGROUNDED = "wrong reference"
    SPURIOUS = "nothing annotated there"


@dataclass(frozen=True, slots=True)
class EndToEnd:
    """Mentions and their identifiers together, of one type.

    Attributes:
        scores: a predicted mention is right if its span is annotated and its best reference is right.
        with_families: the same, where a family is right for its members.
        errors: how many mentions there are of each kind of error: the last kind is of predictions, the rest of gold.
    """

    scores: Scores
    with_families: Scores
    errors: Mapping[ErrorKind, int]


def end_to_end(
    pairs: Iterable[tuple[Document, Document]],
    judge: Judge,
    type: str,
    *,
    overlap: bool = False,
    group: Callable[[str], str] = str,
    bootstrap: Bootstrap = Bootstrap(),  # noqa: B008 — frozen
) -> EndToEnd:
    """Score predicted mentions with their best references.

    Gold are the mentions in scope. A prediction that touches an annotated mention out of scope, and none in scope, is
    neither right nor wrong: what it should have been grounded to is in no lexicon. Predictions without a reference
    say nothing and count for nothing.

    Args:
        pairs: annotated and predicted documents.
        judge: which entries identifiers lead to.
        type: of the mentions to score.
        overlap: whether spans need only overlap.
        group: the article of a document's id: what is drawn for the intervals.
        bootstrap: how to draw.
    """
    strict: dict[str, Counts] = {}
    lenient: dict[str, Counts] = {}
    errors = dict.fromkeys(ErrorKind, 0)
    for gold, predicted in pairs:
        counts = _compare(gold, predicted, judge, type, overlap, errors)
        for table, one in zip((strict, lenient), counts, strict=True):
            table[group(gold.id)] = table.get(group(gold.id), Counts()) + one
    scores = bootstrap.scores({"strict": [*strict.values()], "lenient": [*lenient.values()]})
    return EndToEnd(scores["strict"], scores["lenient"], errors)


def _compare(
    gold: Document, predicted: Document, judge: Judge, type: str, overlap: bool, errors: dict[ErrorKind, int]
) -> tuple[Counts, Counts]:
    theirs = [(mention, judge.meant(mention)) for mention in gold.mentions if mention.type == type]
    inside = [(mention, meant) for mention, meant in theirs if meant]
    outside = [mention for mention, meant in theirs if not meant]
    ours = [mention for mention in predicted.mentions if mention.type == type]
    found = dict.fromkeys(range(len(inside)), Outcome.NONE)
    right = family = asserted = 0
    for mention in ours:
        meetings = [place for place, (other, _) in enumerate(inside) if _meet(mention, other, overlap)]
        touching = any(mention.span.overlaps(other.span) for other, _ in inside)
        if not mention.references or (not touching and any(mention.span.overlaps(other.span) for other in outside)):
            continue
        asserted += 1
        outcomes = [judge.outcome(mention.references[0].curie, inside[place][1]) for place in meetings]
        best = min(outcomes, key=_ORDER.index, default=Outcome.NONE)
        right += best is Outcome.RIGHT
        family += best is Outcome.FAMILY
        errors[ErrorKind.SPURIOUS] += not touching
        for place, outcome in zip(meetings, outcomes, strict=True):
            found[place] = min(found[place], outcome, key=_ORDER.index)
    for place, (mention, _) in enumerate(inside):
        kind = _kind(mention, found[place], ours, overlap)
        if kind is not None:
            errors[kind] += 1
    hits = sum(outcome is Outcome.RIGHT for outcome in found.values())
    families = sum(outcome is Outcome.FAMILY for outcome in found.values())
    return (
        Counts(right, asserted, hits, len(inside)),
        Counts(right + family, asserted, hits + families, len(inside)),
    )


_ORDER: Final = (Outcome.RIGHT, Outcome.FAMILY, Outcome.WRONG, Outcome.NONE)


def _meet(one: Mention, other: Mention, overlap: bool) -> bool:
    return one.span.overlaps(other.span) if overlap else one.span == other.span


def _kind(mention: Mention, outcome: Outcome, ours: Iterable[Mention], overlap: bool) -> ErrorKind | None:
    if outcome is not Outcome.NONE:
        return {Outcome.FAMILY: ErrorKind.FAMILY, Outcome.WRONG: ErrorKind.MISGROUNDED}.get(outcome)
    near = [other for other in ours if other.span.overlaps(mention.span)]
    if any(_meet(other, mention, overlap) for other in near):
        return ErrorKind.UNGROUNDED
    return ErrorKind.BOUNDS if near else ErrorKind.UNMARKED
