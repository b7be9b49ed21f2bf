"""Scoring predicted keywords against the curated lists of figures.

A curated list was read from the figure's image, and most of it is not named in the caption. So two things are measured
side by side: precision and recall against the whole list, and *reachable recall*, against the keywords of which a
surface form stands in the caption (``nlp.evaluation.surfaces``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from nlp.evaluation.bootstrap import Bootstrap
from nlp.evaluation.counts import Estimate, Scores
from nlp.evaluation.curves import CurvePoint
from nlp.evaluation.outcomes import UNKNOWN, FigureScore, Forms, Identifiers, score_figure
from nlp.evaluation.predictions import Predictions
from nlp.evaluation.ranking import UNRANKED, Ranking
from nlp.evaluation.surfaces import surface_forms
from nlp.evaluation.tallies import CurveTally, Tally
from nlp.types import Caption, Document


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
    """The scores of keywords.

    Attributes:
        overall: over all figures with a curated list.
        by_type: over the figures annotated for the type in which all types are known.
        curves: precision and recall over the score of keywords, by type, of all types together under None: by the name
            of the recall (``nlp.evaluation.tallies``). Drawn over all candidates of the ranking; empty where there are
            none.
        ranking: by what keywords were chosen.
        bootstrap: how the intervals were drawn.
        typed_figures: figures in which all types are known.
        without_list: captions that have no curated list.
        repeated: ids of figures that came again; only their first list was used.
        missing: ids of figures without a prediction; all their keywords count as missed.
        text_changed: ids of figures whose prediction was made from another text.
        unknown_misses: missed keywords whose type nobody told.
        wordless: curated keywords without the figure's words for them, so that reach is judged by the keyword alone.
        figures: each figure's outcomes, in the order of the captions, if they were kept.
    """

    overall: KeywordScores
    by_type: Mapping[str, KeywordScores]
    curves: Mapping[str | None, Mapping[str, tuple[CurvePoint, ...]]]
    ranking: Ranking
    bootstrap: Bootstrap
    typed_figures: int = 0
    without_list: int = 0
    repeated: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    text_changed: tuple[str, ...] = ()
    unknown_misses: int = 0
    wordless: int = 0
    figures: tuple[FigureScore, ...] = ()


class KeywordScorer:
    """Compares the keywords of documents with the curated lists of captions, one after the other.

    A prediction and a curated keyword agree when they are of one type (or the curated type is unknown) and either
    their strings are the same without regard to case, hyphens and spaces, or an identifier is the same. Keywords of
    one type that are the same string in this sense count once, on both sides. Predictions of a type for which the
    figure was not annotated are neither right nor wrong.

    Of each figure a few numbers are kept, and its id.

    Args:
        identifiers: further CURIEs of a predicted keyword (cross references), besides its own.
        forms: what would name a curated keyword in a caption; this decides what is within reach.
        ranking: by what keywords were chosen, for curves; by default all are as likely, so that there are none.
        bootstrap: how to draw for the intervals, over figures.
        each: called with the outcomes of each figure.
    """

    def __init__(
        self,
        *,
        identifiers: Identifiers | None = None,
        forms: Forms = surface_forms,
        ranking: Ranking = UNRANKED,
        bootstrap: Bootstrap = Bootstrap(),  # noqa: B008 — frozen
        each: Callable[[FigureScore], object] = lambda _: None,
    ) -> None:
        self._identifiers = identifiers
        self._forms = forms
        self._ranking = ranking
        self._bootstrap = bootstrap
        self._each = each
        self._seen: set[str] = set()
        self._tallies: dict[str | None, Tally] = {None: Tally()}
        self._curves: dict[str | None, CurveTally] = {None: CurveTally()}
        self._typed = self._without_list = self._unknown = self._wordless = 0
        self._repeated: dict[str, None] = {}
        self._predictions = Predictions()

    def add(self, caption: Caption, document: Document | None) -> None:
        """Compare a document with the list of its caption.

        Args:
            caption: one without a list is counted and left out, as is one whose id came before.
            document: what is predicted; None if nothing is.
        """
        if caption.curated is None:
            self._without_list += 1
            return
        if caption.id in self._seen:
            self._repeated[caption.id] = None
            return
        document = self._predictions.given(caption.id, caption.text, document)
        figure = candidates = score_figure(
            caption, caption.curated, document, self._identifiers, self._forms, self._ranking
        )
        if self._ranking.candidates is not None:
            whole = replace(document, keywords=tuple(self._ranking.candidates(document)))
            if whole.keywords != document.keywords:
                candidates = score_figure(
                    caption, caption.curated, whole, self._identifiers, self._forms, self._ranking
                )
        self._count(figure, candidates)
        self._each(figure)

    def _count(self, figure: FigureScore, candidates: FigureScore) -> None:
        place = len(self._seen)
        self._seen.add(figure.id)
        self._typed += figure.typed
        self._unknown += sum(outcome.type == UNKNOWN for outcome in figure.curated)
        self._wordless += sum(not outcome.keyword.words for outcome in figure.curated)
        self._tallies[None].add(place, figure)
        self._curves[None].add(candidates)
        for type in figure.types if figure.typed else ():
            self._tallies.setdefault(type, Tally()).add(place, figure.of_type(type))
            self._curves.setdefault(type, CurveTally()).add(candidates.of_type(type))

    def result(self) -> KeywordScore:
        """The scores of all that was added."""
        types = sorted(type for type in self._tallies if type is not None)
        scores = self._scores()
        cuts = {type: (least,) for type, least in self._ranking.min_scores.items()}
        return KeywordScore(
            overall=scores[None],
            by_type=MappingProxyType({type: scores[type] for type in types}),
            curves=MappingProxyType(
                {type: self._curves[type].curves(cuts.get(type, ()) if type else ()) for type in (None, *types)}
            ),
            ranking=self._ranking,
            bootstrap=self._bootstrap,
            typed_figures=self._typed,
            without_list=self._without_list,
            repeated=tuple(self._repeated),
            missing=tuple(self._predictions.missing),
            text_changed=tuple(self._predictions.text_changed),
            unknown_misses=self._unknown,
            wordless=self._wordless,
        )

    def _scores(self) -> dict[str | None, KeywordScores]:
        rows = {type: tally.rows(len(self._seen)) for type, tally in self._tallies.items()}
        micro, ratios = self._bootstrap.estimates(
            {type: own[:, :4] for type, own in rows.items()},
            {(type, name): pairs for type, own in rows.items() for name, pairs in _ratios(own).items()},
        )
        return {
            type: KeywordScores(
                figures=self._tallies[type].figures,
                micro=micro[type],
                reachable=int(own[:, 5].sum()),
                reachable_found=int(own[:, 4].sum()),
                **{name: ratios[type, name] for name in _ratios(own[:0])},
            )
            for type, own in rows.items()
        }


def score_keywords(
    captions: Iterable[Caption],
    predicted: Mapping[str, Document],
    *,
    identifiers: Identifiers | None = None,
    forms: Forms = surface_forms,
    ranking: Ranking = UNRANKED,
    bootstrap: Bootstrap = Bootstrap(),  # noqa: B008 — frozen
) -> KeywordScore:
    """Compare the keywords of documents with the curated lists of captions, as ``KeywordScorer`` does.

    Args:
        captions: captions with and without lists, read once.
        predicted: documents by figure id.
        identifiers: as in ``KeywordScorer``.
        forms: as in ``KeywordScorer``.
        ranking: as in ``KeywordScorer``.
        bootstrap: as in ``KeywordScorer``.

    Returns:
        The scores, with all figures.
    """
    figures: list[FigureScore] = []
    scorer = KeywordScorer(
        identifiers=identifiers, forms=forms, ranking=ranking, bootstrap=bootstrap, each=figures.append
    )
    for caption in captions:
        scorer.add(caption, predicted.get(caption.id))
    return replace(scorer.result(), figures=tuple(figures))


def _ratios(rows: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    """(figures, 2) parts and wholes, by the field of ``KeywordScores`` that is their ratio.

    Args:
        rows: of a ``Tally``.
    """
    right, predicted, tp_gold, gold, found, within = rows.astype(np.float64).T
    precision, recall = _divided(right, predicted), _divided(tp_gold, gold)
    pairs = {
        "reachable_share": (within, gold),
        "reachable_recall": (found, within),
        "macro_precision": (precision, predicted > 0),
        "macro_recall": (recall, gold > 0),
        "macro_f1": (_divided(2 * precision * recall, precision + recall), gold + predicted > 0),
        "macro_reachable_recall": (_divided(found, within), within > 0),
    }
    return {name: np.stack(pair, axis=1).astype(np.float64) for name, pair in pairs.items()}


def _divided(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """``part / whole``, and 0 where there is no whole, as ``ratio`` gives for one."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
