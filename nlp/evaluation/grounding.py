"""How well mentions are grounded: counted, estimated with intervals, and held against their scores.

Of the gold mentions that were *found*, predicted with their span and type, *coverage* is the share that has a reference
at all, and *accuracy@1* the share whose first reference is right, a mention left without counting as wrong.
*End to end* a predicted mention with a reference counts as right if span, type and first reference are: mentions that
were missed, added or given another identifier are all errors. Each is also told *with families*: a family right for its
members.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from nlp.evaluation.bootstrap import Bootstrap
from nlp.evaluation.calibration import BINS, Judged, Reliability, reliability, shares_of_bins
from nlp.evaluation.counts import Counts, Estimate, Scores
from nlp.evaluation.references import ErrorKind, JudgedMention, Judgement, Outcome, first_curie
from nlp.types import Mention

_RIGHT: Final = frozenset({Outcome.RIGHT})
_RIGHT_OR_FAMILY: Final = frozenset({Outcome.RIGHT, Outcome.FAMILY})


@dataclass(frozen=True, slots=True)
class ReferenceCounts:
    """What ``ReferenceScores`` are made of, for one unit that is drawn, such as a caption.

    Attributes:
        end_to_end, end_to_end_with_families: of mentions with a reference.
        found: gold mentions that were predicted with their span and type.
        covered, right, with_families: how many of them have any reference, and the right one.
        scored, scored_with_families: scores of their references, each with whether it is right.
        errors: how many mentions there are of each kind of error.
    """

    end_to_end: Counts
    end_to_end_with_families: Counts
    found: int
    covered: int
    right: int
    with_families: int
    scored: tuple[Judged, ...]
    scored_with_families: tuple[Judged, ...]
    errors: Mapping[ErrorKind, int]

    @property
    def accuracy(self) -> Counts:
        """Accuracy@1 as counts whose F1 it is, for what compares F1."""
        return Counts(self.right, self.found, self.right, self.found)


@dataclass(frozen=True, slots=True)
class ReferenceScores:
    """How well mentions are grounded, of all types or of one.

    Attributes:
        found: gold mentions in scope that were predicted with the same span and type.
        coverage: share of the found that have any reference.
        accuracy: share of the found that have the right first reference.
        accuracy_with_families: the same, where a family is right for its members.
        end_to_end: span, type and first reference right, of all gold mentions in scope.
        end_to_end_with_families: the same, where a family is right for its members.
        reliability: of the scores of the first references of the found.
        reliability_with_families: the same, where a family is right for its members.
        errors: how many mentions there are of each kind: the last kind is of predictions, the rest of gold.
    """

    found: int
    coverage: Estimate
    accuracy: Estimate
    accuracy_with_families: Estimate
    end_to_end: Scores
    end_to_end_with_families: Scores
    reliability: Reliability
    reliability_with_families: Reliability
    errors: Mapping[ErrorKind, int]


@dataclass(frozen=True, slots=True)
class WrongReference:
    """What was taken for what, over all texts.

    Attributes:
        gold: the annotated identifiers, in their order.
        predicted: the identifier it was given.
        is_family: whether that is its family.
        type: mention type.
        texts: how the mentions read, the commonest first.
        count: how many mentions.
    """

    gold: tuple[str, ...]
    predicted: str
    is_family: bool
    type: str
    texts: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Grounding:
    """How well mentions are grounded, of all types and of each type that gold grounds.

    Attributes:
        overall, by_type: the scores.
        wrong: the wrong references, the most frequent first.
    """

    overall: ReferenceScores
    by_type: Mapping[str, ReferenceScores]
    wrong: tuple[WrongReference, ...]


def grounded_types(judgements: Iterable[Judgement]) -> list[str]:
    """The types of the gold mentions in scope."""
    return sorted({one.mention.type for judgement in judgements for one in judgement.gold})


def reference_counts(judgements: Iterable[Judgement], types: Iterable[str]) -> ReferenceCounts:
    """The counts of one unit: of a caption, or of all captions of an article.

    Args:
        judgements: of its texts.
        types: of the mentions to count; on a type of which gold grounds none a reference is neither right nor wrong.
    """
    counted = frozenset(types)
    gold: list[JudgedMention] = []
    predicted: list[JudgedMention] = []
    for judgement in judgements:
        gold += (one for one in judgement.gold if one.mention.type in counted)
        predicted += (one for one in judgement.predicted if one.mention.type in counted)
    found = [one for one in gold if one.other is not None]
    scored = [(one.other.references[0].score, one.outcome) for one in found if one.other and one.other.references]
    sides = _many(predicted, _RIGHT), len(predicted), _many(gold, _RIGHT), len(gold)
    with_families = _many(predicted, _RIGHT_OR_FAMILY), len(predicted), _many(gold, _RIGHT_OR_FAMILY), len(gold)
    return ReferenceCounts(
        end_to_end=Counts(*sides),
        end_to_end_with_families=Counts(*with_families),
        found=len(found),
        covered=len(scored),
        right=sides[2],
        with_families=with_families[2],
        scored=tuple((score, outcome in _RIGHT) for score, outcome in scored),
        scored_with_families=tuple((score, outcome in _RIGHT_OR_FAMILY) for score, outcome in scored),
        errors=Counter(one.error for one in (*gold, *predicted) if one.error is not None),
    )


def reference_scores(units: Sequence[ReferenceCounts], bootstrap: Bootstrap) -> ReferenceScores:
    """Scores of summed counts.

    Args:
        units: what is drawn for the intervals: captions, or articles.
        bootstrap: how to draw.
    """
    strict, lenient = [one.scored for one in units], [one.scored_with_families for one in units]
    counts: dict[str, list[Counts]] = {
        "strict": [one.end_to_end for one in units],
        "lenient": [one.end_to_end_with_families for one in units],
    }
    shares: dict[Hashable, list[tuple[float, float]]] = {
        "coverage": [(one.covered, one.found) for one in units],
        "accuracy": [(one.right, one.found) for one in units],
        "with families": [(one.with_families, one.found) for one in units],
        **{("strict", place): unit for place, unit in enumerate(shares_of_bins(strict))},
        **{("lenient", place): unit for place, unit in enumerate(shares_of_bins(lenient))},
    }
    scores, ratios = bootstrap.estimates(counts, shares)
    return ReferenceScores(
        found=sum(one.found for one in units),
        coverage=ratios["coverage"],
        accuracy=ratios["accuracy"],
        accuracy_with_families=ratios["with families"],
        end_to_end=scores["strict"],
        end_to_end_with_families=scores["lenient"],
        reliability=reliability(strict, [ratios["strict", place] for place in range(BINS)]),
        reliability_with_families=reliability(lenient, [ratios["lenient", place] for place in range(BINS)]),
        errors=MappingProxyType({kind: sum(one.errors.get(kind, 0) for one in units) for kind in ErrorKind}),
    )


def scores_by_type(groups: Iterable[Iterable[Judgement]], bootstrap: Bootstrap) -> dict[str, ReferenceScores]:
    """The scores of each type, over the groups that have mentions of it in scope.

    Args:
        groups: what is drawn for the intervals, such as articles: the judgements of its texts.
        bootstrap: how to draw.
    """
    kept = [[*judgements] for judgements in groups]
    units = {
        type: [reference_counts(judgements, (type,)) for judgements in kept]
        for type in grounded_types(one for judgements in kept for one in judgements)
    }
    return {
        type: reference_scores([one for one in counts if one.end_to_end.gold], bootstrap)
        for type, counts in units.items()
    }


def score_grounding(judgements: Sequence[Judgement], bootstrap: Bootstrap) -> Grounding | None:
    """The scores of all types and of each, over captions.

    Args:
        judgements: one for each caption.
        bootstrap: how to draw.

    Returns:
        The scores; None where no mention of gold is in scope.
    """
    types = grounded_types(judgements)
    if not types:
        return None
    return Grounding(
        overall=reference_scores([reference_counts((one,), types) for one in judgements], bootstrap),
        by_type=MappingProxyType(
            {
                type: reference_scores([reference_counts((one,), (type,)) for one in judgements], bootstrap)
                for type in types
            }
        ),
        wrong=tuple(_counted(one for judgement in judgements for one in judgement.gold)),
    )


def wrong_references(judgement: Judgement) -> list[tuple[Mention, Mention, Outcome]]:
    """The gold mentions of one text that were given a wrong reference, each beside what was predicted."""
    wrong = (Outcome.FAMILY, Outcome.WRONG)
    return [(one.mention, one.other, one.outcome) for one in judgement.gold if one.other and one.outcome in wrong]


def _counted(gold: Iterable[JudgedMention]) -> Iterator[WrongReference]:
    texts: dict[tuple[tuple[str, ...], str, bool, str], Counter[str]] = {}
    for mention, other, outcome in wrong_references(Judgement(tuple(gold))):
        curies = tuple(dict.fromkeys(reference.curie for reference in mention.references))
        key = (curies, first_curie(other) or "", outcome is Outcome.FAMILY, mention.type)
        texts.setdefault(key, Counter())[mention.text] += 1
    for key, names in sorted(texts.items(), key=lambda item: (-item[1].total(), item[0][0], item[0][1], item[0][3])):
        yield WrongReference(*key, tuple(sorted(names, key=lambda name: (-names[name], name))), names.total())


def _many(judged: Iterable[JudgedMention], right: frozenset[Outcome]) -> int:
    return sum(one.outcome in right for one in judged)
