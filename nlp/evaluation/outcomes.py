"""What became of the keywords of one figure, curated and predicted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from nlp.evaluation.counts import Counts
from nlp.evaluation.ranking import UNRANKED, Ranking
from nlp.evaluation.surfaces import SurfaceIndex, fold, surface_forms
from nlp.types import Caption, CuratedKeyword, CuratedList, Document, Keyword, Mention, Span

UNKNOWN: Final = "unknown"

Identifiers = Callable[[Keyword], Collection[str]]
Forms = Callable[[CuratedKeyword], Iterable[str]]


@dataclass(frozen=True, slots=True)
class CuratedOutcome:
    """A curated keyword, and what became of it.

    Attributes:
        keyword: the curated keyword.
        type: its type; where the page does not tell, that of the prediction that found it, else ``UNKNOWN``.
        surface: how the caption spells it; None if no surface form stands in the caption.
        span: where ``surface`` stands first.
        score: of the likeliest prediction that agrees with it; None if none does.
    """

    keyword: CuratedKeyword
    type: str
    surface: str | None
    span: Span | None
    score: float | None

    @property
    def found(self) -> bool:
        """Whether a prediction agrees with it."""
        return self.score is not None

    @property
    def reachable(self) -> bool:
        return self.surface is not None


@dataclass(frozen=True, slots=True)
class PredictedOutcome:
    """A predicted keyword: right or not, how likely by its ranking, and the caption's words behind it."""

    keyword: Keyword
    right: bool
    score: float
    surfaces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FigureScore:
    """What was found, missed and added in one figure.

    Attributes:
        id: figure id.
        types: the types for which the figure was annotated.
        typed: whether the type of each curated keyword is known, so that the figure counts in the figures by type.
        curated: every curated keyword, once.
        predicted: every predicted keyword of these types, once.
        text: the caption.
        mentions: the document's mentions in ``text``; none if the document was made from another text.
    """

    id: str
    types: frozenset[str]
    typed: bool
    curated: tuple[CuratedOutcome, ...]
    predicted: tuple[PredictedOutcome, ...]
    text: str
    mentions: tuple[Mention, ...]

    @property
    def misses(self) -> tuple[CuratedOutcome, ...]:
        return tuple(outcome for outcome in self.curated if not outcome.found)

    @property
    def extras(self) -> tuple[PredictedOutcome, ...]:
        return tuple(outcome for outcome in self.predicted if not outcome.right)

    def of_type(self, type: str) -> FigureScore:
        """The part of this figure that is of one type."""
        return replace(
            self,
            types=self.types & {type},
            curated=tuple(outcome for outcome in self.curated if outcome.type == type),
            predicted=tuple(outcome for outcome in self.predicted if outcome.keyword.type == type),
        )

    def counts(self) -> Counts:
        """Against the whole list."""
        return Counts(
            tp_predicted=sum(outcome.right for outcome in self.predicted),
            predicted=len(self.predicted),
            tp_gold=sum(outcome.found for outcome in self.curated),
            gold=len(self.curated),
        )

    def reachable(self) -> tuple[int, int]:
        """How many keywords within reach were found, and how many there are."""
        found = [outcome.found for outcome in self.curated if outcome.reachable]
        return sum(found), len(found)


def score_figure(
    caption: Caption,
    curated: CuratedList,
    document: Document,
    identifiers: Identifiers | None = None,
    forms: Forms = surface_forms,
    ranking: Ranking = UNRANKED,
) -> FigureScore:
    """Compare one document's keywords with one curated list; see ``nlp.evaluation.keywords.score_keywords``."""
    predictions = _merged_predictions(document, curated.types, identifiers, ranking)
    index = SurfaceIndex(caption.text)
    outcomes: list[CuratedOutcome] = []
    right: set[int] = set()
    for keyword in _merged_curated(curated.keywords):
        name, curies = _name(keyword.keyword), _curie_keys(keyword.identifiers)
        agreeing = [
            place
            for place, prediction in enumerate(predictions)
            if keyword.type in (None, prediction.keyword.type)
            and (prediction.name == name or not curies.isdisjoint(prediction.curies))
        ]
        right.update(agreeing)
        type = keyword.type or (predictions[agreeing[0]].keyword.type if agreeing else UNKNOWN)
        surface = index.reach(forms(keyword))
        span = index.find(surface) if surface is not None else None
        score = max((predictions[place].score for place in agreeing), default=None)
        outcomes.append(CuratedOutcome(keyword, type, surface, span, score))
    surfaces = {mention.id: mention.text for mention in document.mentions}
    return FigureScore(
        id=caption.id,
        types=curated.types,
        typed=all(keyword.type is not None for keyword in curated.keywords),
        curated=tuple(outcomes),
        predicted=tuple(
            PredictedOutcome(
                prediction.keyword,
                place in right,
                prediction.score,
                tuple(dict.fromkeys(surfaces[id] for id in prediction.keyword.mentions)),
            )
            for place, prediction in enumerate(predictions)
        ),
        text=caption.text,
        mentions=document.mentions if document.text == caption.text else (),
    )


@dataclass(frozen=True, slots=True)
class _Prediction:
    keyword: Keyword
    name: str
    curies: frozenset[str]
    score: float


def _merged_predictions(
    document: Document, types: Collection[str], identifiers: Identifiers | None, ranking: Ranking
) -> Sequence[_Prediction]:
    mentions_by_id = {mention.id: mention for mention in document.mentions}
    groups: dict[tuple[str, str], list[Keyword]] = {}
    for keyword in document.keywords:
        if keyword.type in types:
            groups.setdefault((keyword.type, _name(keyword.keyword)), []).append(keyword)
    merged = []
    for (type, name), group in groups.items():
        curies = [keyword.curie for keyword in group if keyword.curie is not None]
        mentions = dict.fromkeys(mention for keyword in group for mention in keyword.mentions)
        more = [curie for keyword in group for curie in identifiers(keyword)] if identifiers else []
        keyword = Keyword(group[0].keyword, type, curies[0] if curies else None, tuple(mentions))
        score = max(ranking.score(keyword, mentions_by_id) for keyword in group)
        merged.append(_Prediction(keyword, name, _curie_keys((*curies, *more)), score))
    return merged


def _merged_curated(keywords: Iterable[CuratedKeyword]) -> Iterator[CuratedKeyword]:
    groups: dict[tuple[str | None, str], list[CuratedKeyword]] = {}
    for keyword in keywords:
        groups.setdefault((keyword.type, _name(keyword.keyword)), []).append(keyword)
    for (type, _), group in groups.items():
        words = dict.fromkeys(word for keyword in group for word in keyword.words)
        curies = dict.fromkeys(curie for keyword in group for curie in keyword.identifiers)
        yield CuratedKeyword(group[0].keyword, type, tuple(words), tuple(curies))


def _name(keyword: str) -> str:
    return fold(keyword) or keyword  # a lone dash, as OCR may have read it, is no other keyword than itself


def _curie_keys(curies: Iterable[str]) -> frozenset[str]:
    # Prefixes are written in either case: HGNC:6871 and hgnc:6871 are one identifier.
    return frozenset(curie.casefold() for curie in curies)
