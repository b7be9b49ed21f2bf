"""Scoring predicted keywords against the curated lists of figures.

A curated list was read from the figure's image, and most of it is not named in the caption. So two things are measured
side by side: precision and recall against the whole list, and *reachable recall*, against the keywords of which a
surface form stands in the caption (``nlp.evaluation.surfaces``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from nlp.evaluation.bootstrap import Bootstrap
from nlp.evaluation.counts import Counts, Estimate, Scores
from nlp.evaluation.predictions import Predictions
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


@dataclass(frozen=True, slots=True)
class KeywordScores:
    """Scores over a set of figures, for all types or for one.

    The averages over figures leave out a figure where a measure means nothing: precision where nothing is predicted,
    recall where the list is empty, reachable recall where nothing is within reach, F1 where both sides are empty.

    Attributes:
        figures: how many figures were annotated for this.
        micro: over all keywords of all figures together.
        reachable: curated keywords within reach.
        reachable_found: those of them that were found.
        reachable_share: share of the curated keywords that is within reach: the ceiling of recall for a reader of
            captions.
        reachable_recall: over all reachable keywords together.
        macro_precision, macro_recall, macro_f1, macro_reachable_recall: averages over figures.
    """

    figures: int
    micro: Scores
    reachable: int
    reachable_found: int
    reachable_share: Estimate
    reachable_recall: Estimate
    macro_precision: Estimate
    macro_recall: Estimate
    macro_f1: Estimate
    macro_reachable_recall: Estimate


@dataclass(frozen=True, slots=True)
class KeywordScore:
    """The result of ``score_keywords``.

    Attributes:
        overall: over all figures with a curated list.
        by_type: over the figures annotated for the type in which all types are known.
        figures: each figure's outcomes, in the order of the captions.
        candidates: the same figures with all candidates of the ranking as predictions: what curves are drawn over. The
            very ``figures`` where there are no more candidates than predictions.
        ranking: by what keywords were chosen.
        without_list: captions that have no curated list.
        repeated: ids of figures that came again; only their first list was used.
        missing: ids of figures without a prediction; all their keywords count as missed.
        text_changed: ids of figures whose prediction was made from another text.
        bootstrap: how the intervals were drawn.
    """

    overall: KeywordScores
    by_type: Mapping[str, KeywordScores]
    figures: tuple[FigureScore, ...]
    candidates: tuple[FigureScore, ...]
    ranking: Ranking
    without_list: int
    repeated: tuple[str, ...]
    missing: tuple[str, ...]
    text_changed: tuple[str, ...]
    bootstrap: Bootstrap

    @property
    def typed_figures(self) -> int:
        return sum(figure.typed for figure in self.figures)

    @property
    def unknown_misses(self) -> int:
        """Missed keywords whose type nobody told."""
        return sum(outcome.type == UNKNOWN for figure in self.figures for outcome in figure.curated)

    @property
    def wordless(self) -> int:
        """Curated keywords without the figure's words for them, so that reach is judged by the keyword alone."""
        return sum(not outcome.keyword.words for figure in self.figures for outcome in figure.curated)


def score_keywords(
    captions: Iterable[Caption],
    predicted: Mapping[str, Document],
    *,
    identifiers: Identifiers | None = None,
    forms: Forms = surface_forms,
    ranking: Ranking = UNRANKED,
    bootstrap: Bootstrap = Bootstrap(),  # noqa: B008 — frozen
) -> KeywordScore:
    """Compare the keywords of documents with the curated lists of captions.

    A prediction and a curated keyword agree when they are of one type (or the curated type is unknown) and either
    their strings are the same without regard to case, hyphens and spaces, or an identifier is the same. Keywords of
    one type that are the same string in this sense count once, on both sides. Predictions of a type for which the
    figure was not annotated are neither right nor wrong.

    Args:
        captions: captions with and without lists, read once; those without are counted and left out.
        predicted: documents by figure id.
        identifiers: further CURIEs of a predicted keyword (cross references), besides its own.
        forms: what would name a curated keyword in a caption; this decides what is within reach.
        ranking: by what keywords were chosen, for curves; by default all are as likely, so that there are none.
        bootstrap: how to draw for the intervals, over figures.
    """
    figures: dict[str, FigureScore] = {}
    candidates: list[FigureScore] = []
    repeated: dict[str, None] = {}
    predictions = Predictions(predicted)
    without_list = 0
    for caption in captions:
        if caption.curated is None:
            without_list += 1
            continue
        if caption.id in figures:
            repeated[caption.id] = None
            continue
        document = predictions.of(caption.id, caption.text)
        figure = score_figure(caption, caption.curated, document, identifiers, forms, ranking)
        figures[caption.id] = figure
        if ranking.candidates is not None:
            whole = replace(document, keywords=tuple(ranking.candidates(document)))
            if whole.keywords != document.keywords:
                figure = score_figure(caption, caption.curated, whole, identifiers, forms, ranking)
        candidates.append(figure)
    scored = tuple(figures.values())
    overall, by_type = _summarise(scored, bootstrap)
    return KeywordScore(
        overall=overall,
        by_type=by_type,
        figures=scored,
        candidates=tuple(candidates),
        ranking=ranking,
        without_list=without_list,
        repeated=tuple(repeated),
        missing=tuple(predictions.missing),
        text_changed=tuple(predictions.text_changed),
        bootstrap=bootstrap,
    )


def score_figure(
    caption: Caption,
    curated: CuratedList,
    document: Document,
    identifiers: Identifiers | None = None,
    forms: Forms = surface_forms,
    ranking: Ranking = UNRANKED,
) -> FigureScore:
    """Compare one document's keywords with one curated list; see ``score_keywords``."""
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


def _summarise(
    figures: Sequence[FigureScore], bootstrap: Bootstrap
) -> tuple[KeywordScores, Mapping[str, KeywordScores]]:
    types = sorted({type for figure in figures if figure.typed for type in figure.types})
    parts: dict[str | None, list[FigureScore | None]] = {None: list(figures)}
    for type in types:
        parts[type] = [figure.of_type(type) if figure.typed and type in figure.types else None for figure in figures]
    counts = {key: [figure.counts() if figure else Counts() for figure in part] for key, part in parts.items()}
    micro = bootstrap.scores(counts)
    ratios = bootstrap.ratios(
        {(key, name): pairs for key, part in parts.items() for name, pairs in _ratios(part).items()}
    )
    scores = {}
    for key, part in parts.items():
        reached = [figure.reachable() for figure in part if figure]
        scores[key] = KeywordScores(
            figures=sum(figure is not None for figure in part),
            micro=micro[key],
            reachable=sum(within for _, within in reached),
            reachable_found=sum(found for found, _ in reached),
            **{name: ratios[key, name] for name in _ratios(())},
        )
    return scores[None], MappingProxyType({type: scores[type] for type in types})


def _ratios(figures: Iterable[FigureScore | None]) -> dict[str, list[tuple[float, float]]]:
    """Parts and wholes for every figure, by the field of ``KeywordScores`` that is their ratio."""
    pairs: dict[str, list[tuple[float, float]]] = {
        "reachable_share": [],
        "reachable_recall": [],
        "macro_precision": [],
        "macro_recall": [],
        "macro_f1": [],
        "macro_reachable_recall": [],
    }
    for figure in figures:
        counts = figure.counts() if figure else Counts()
        found, within = figure.reachable() if figure else (0, 0)
        pairs["reachable_share"].append((within, counts.gold))
        pairs["reachable_recall"].append((found, within))
        pairs["macro_precision"].append((counts.precision, counts.predicted > 0))
        pairs["macro_recall"].append((counts.recall, counts.gold > 0))
        pairs["macro_f1"].append((counts.f1, counts.gold + counts.predicted > 0))
        pairs["macro_reachable_recall"].append((found / within, 1) if within else (0, 0))
    return pairs
