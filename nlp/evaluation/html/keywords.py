"""The report of ``pathcap score``: keywords against curated lists, in one or more profiles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush
from typing import Final

from nlp.evaluation.bootstrap import CONFIDENCE
from nlp.evaluation.counts import Counts, ratio
from nlp.evaluation.curves import OperatingPoint
from nlp.evaluation.html.charts import Drawing, curve_drawing
from nlp.evaluation.html.page import (
    MAX_ITEMS,
    ErrorCounts,
    Frequent,
    Item,
    ItemList,
    Measured,
    Page,
    Section,
    Word,
    Words,
    first,
    render,
    teaser,
)
from nlp.evaluation.keywords import KeywordScore, KeywordScores
from nlp.evaluation.outcomes import CuratedOutcome, FigureScore, PredictedOutcome
from nlp.evaluation.ranking import UNRANKED, Ranking
from nlp.evaluation.tables import Table, decimal, number
from nlp.evaluation.tallies import REACHABLE_RECALL, RECALL
from nlp.types import Mention
from nlp.views.marks import Mark, marked

_ALL: Final = "all types"

_PROFILES: Final = {
    "precise": "What the caption means: the best reference of each mention, and the members of a family where the "
    "family itself is named, if it is sure enough.",
    "pfocr": "What PFOCR's own lexicon would make of the caption: every gene that a name in a mention may mean, and "
    "all members of a family that is not too large.",
}

_FROM_FILE: Final = (
    "These keywords are those of a file. What was left out of it for a low score is not known, so curves begin at the "
    "file's operating point; with --profile keywords are made anew from its mentions, and the curve is whole."
)

_TERMS: Final = {
    "curated": "keywords of the figure's curated list, which was read from its image",
    "hit": "curated, and predicted",
    "in the caption": "a surface form of the curated keyword stands in the caption, so a reader can find it",
    "extra": "predicted, but not curated",
    "precision": "share right of the predicted keywords",
    "recall": "share found of the whole curated list",
    "reachable recall": "share found of the curated keywords that stand in the caption",
    "score of a keyword": "how likely the caption means it: the score of its likeliest mention times those of "
    "the references that give the keyword, itself or a family with it as a member",
    "operating point": "what was predicted; curves show what another least score would give",
}

_LEGEND: Final = (("missed", "–", "in the caption and curated, but not predicted"),)


def keyword_page(
    results: Mapping[str, KeywordScore], figures: Mapping[str, FigureList], tables: Mapping[str, Sequence[Table]]
) -> str:
    """The report as HTML.

    Args:
        results: the score of each profile; of a file's own keywords under the empty name.
        figures: of each, all that was scored.
        tables: what ``summary.md`` has of each.
    """
    (some, *_) = results.values()
    resamples = number(some.bootstrap.resamples)
    return render(
        Page(
            heading="Keywords against curated lists",
            about=f"{number(some.overall.figures)} figures with a curated list. Ranges are {CONFIDENCE:.0%} bootstrap "
            f"intervals over figures, of {resamples} resamples.",
            counts=("figures", "curated", "predicted"),
            measures=("precision", "recall", "F1", "reachable recall"),
            overview=[row for name, result in results.items() for row in _overview(name, result)],
            terms=_TERMS,
            sections=[_section(name, result, figures[name], tables[name]) for name, result in results.items()],
        )
    )


def _groups(result: KeywordScore) -> list[str]:
    """Types of which something was curated or predicted."""
    return [type for type, scores in result.by_type.items() if scores.micro.counts.gold + scores.micro.counts.predicted]


def _overview(name: str, result: KeywordScore) -> list[Measured]:
    groups = {_ALL: result.overall} | {type: result.by_type[type] for type in _groups(result)}
    return [
        Measured(
            name,
            group,
            (scores.figures, scores.micro.counts.gold, scores.micro.counts.predicted),
            (scores.micro.precision, scores.micro.recall, scores.micro.f1, scores.reachable_recall),
        )
        for group, scores in groups.items()
    ]


def _section(name: str, result: KeywordScore, figures: FigureList, tables: Sequence[Table]) -> Section:
    drawings = [drawing for group in (_ALL, *_groups(result)) if (drawing := _curves(group, result)) is not None]
    return Section(
        name=name or "predictions",
        title=f"Profile {name}" if name else "Predicted keywords",
        about=" ".join(filter(None, (_PROFILES.get(name, ""), _line(result.ranking)))),
        tables=tables,
        drawings=drawings,
        no_drawings="The predictions have no scores to choose by, so there is no curve.",
        frequent=figures.frequent(),
        list=figures.items(f"{name}/figures.tsv" if name else "figures.tsv"),
    )


def _line(ranking: Ranking) -> str:
    """Where the line between what is a keyword and what is not was drawn, and why there."""
    if ranking is UNRANKED:
        return ""
    if ranking.candidates is None:
        return _FROM_FILE
    chosen = f" It was chosen {ranking.chosen}." if ranking.chosen else ""
    return f"Its operating point: {_choice(_ALL, ranking.min_scores)}.{chosen}"


def _choice(group: str, min_scores: Mapping[str, float]) -> str:
    """What of a group is predicted, in words."""
    if group != _ALL:
        return f"scored at least {decimal(min_scores[group])}" if group in min_scores else "everything is kept"
    cuts = [f"{type} scored at least {decimal(least)}" for type, least in min_scores.items()]
    return ", ".join([*cuts, "everything else is kept"]) if cuts else "everything is kept"


def _curves(group: str, result: KeywordScore) -> Drawing | None:
    """The curves of a type, or of all, with what was predicted marked on them."""
    type = None if group == _ALL else group
    scores, least = result.overall, None
    if type is not None:
        scores, least = result.by_type[type], result.ranking.min_scores.get(type)
    curves = result.curves[type]
    return curve_drawing(group, curves, _point(group, result.ranking, scores, least)) if curves else None


def _point(group: str, ranking: Ranking, scores: KeywordScores, least: float | None) -> OperatingPoint:
    choice, note = _choice(group, ranking.min_scores), ""
    if ranking.candidates is None:
        choice, note = "everything in the file", "What the file leaves out is not known, so the lines begin there."
    elif group == _ALL and ranking.min_scores:
        note = "It may lie beside the lines, along which all types have one threshold."
    recalls = {RECALL: scores.micro.recall.value, REACHABLE_RECALL: scores.reachable_recall.value}
    return OperatingPoint(choice, least, scores.micro.precision.value, recalls, scores.micro.f1.value, note)


# --- figures


class FigureList:
    """What a page shows of figures, taken one by one: errors that are frequent, and those with most errors whole."""

    def __init__(self) -> None:
        self._total = 0
        self._within = ErrorCounts("Missed, in the caption")
        self._beyond = ErrorCounts("Missed, not in the caption")
        self._extra = ErrorCounts("Extra")
        self._worst: list[tuple[int, int, FigureScore]] = []
        """A heap: errors, place from the end, and figure; first is the one to leave out."""

    def add(self, figure: FigureScore) -> None:
        """Take the next figure."""
        for miss in figure.misses:
            behind = (miss.surface,) if miss.surface else miss.keyword.words
            (self._within if miss.reachable else self._beyond).add(miss.keyword.keyword, miss.type, behind)
        for extra in figure.extras:
            self._extra.add(extra.keyword.keyword, extra.keyword.type, extra.surfaces)
        heappush(self._worst, (_errors(figure), -self._total, figure))
        self._total += 1
        if len(self._worst) > MAX_ITEMS:
            heappop(self._worst)

    def frequent(self) -> list[Frequent]:
        """The most frequent errors."""
        return [counts.frequent() for counts in (self._within, self._beyond, self._extra)]

    def items(self, elsewhere: str) -> ItemList:
        """The figures that are listed, in the order in which they came.

        Args:
            elsewhere: the file that lists all of them.
        """
        listed = [figure for _, _, figure in sorted(self._worst, key=lambda entry: -entry[1])]
        return ItemList(
            unit="figures",
            columns=(
                "curated", "hit", "missed, in the caption", "missed, not in the caption", "predicted", "extra",
                "precision", "recall", "F1", "reachable recall",
            ),
            items=[_figure(figure) for figure in listed],
            total=self._total,
            choice="those with most missed keywords in the caption and extras",
            legend=_LEGEND,
            elsewhere=elsewhere,
        )  # fmt: skip


def _errors(figure: FigureScore) -> int:
    """Errors that a reader of the caption could have avoided."""
    return sum(miss.reachable for miss in figure.misses) + len(figure.extras)


def _figure(figure: FigureScore) -> Item:
    counts, (found, within) = figure.counts(), figure.reachable()
    return Item(
        id=figure.id,
        cells=(
            number(counts.gold),
            number(counts.tp_gold),
            number(within - found),
            number(counts.gold - counts.tp_gold - (within - found)),
            number(counts.predicted),
            number(counts.predicted - counts.tp_predicted),
            *_shares(counts),
            _share(found, within),
        ),
        teaser=teaser(figure.text),
        caption=marked(figure.text, [*_mentions(figure.mentions), *_missed(figure.misses)]),
        words=_words(figure),
    )


def _shares(counts: Counts) -> tuple[str, str, str]:
    f1 = decimal(counts.f1) if counts.gold + counts.predicted else "–"
    return _share(counts.tp_predicted, counts.predicted), _share(counts.tp_gold, counts.gold), f1


def _share(part: int, whole: int) -> str:
    return decimal(ratio(part, whole)) if whole else "–"


def _mentions(mentions: Iterable[Mention]) -> list[Mark]:
    return [
        Mark(mention.start, mention.end, mention.type, title=f"{_meant(mention)} ({decimal(mention.score)})")
        for mention in mentions
    ]


def _meant(mention: Mention) -> str:
    if not mention.references:
        return "no reference"
    return f"{mention.references[0].name}, {mention.references[0].curie}"


def _missed(misses: Iterable[CuratedOutcome]) -> list[Mark]:
    return [
        Mark(miss.span.start, miss.span.end, flag="missed", sign="–", title=f"missed: {miss.keyword.keyword}")
        for miss in misses
        if miss.span is not None
    ]


def _words(figure: FigureScore) -> list[Words]:
    hits = [outcome for outcome in figure.curated if outcome.found]
    within = [miss for miss in figure.misses if miss.reachable]
    beyond = [miss for miss in figure.misses if not miss.reachable]
    return [
        first([_curated(hit) for hit in hits], "Hit", "hit"),
        first([_curated(miss) for miss in within], "Missed, in the caption", "missed"),
        first([_curated(miss) for miss in beyond], "Missed, not in the caption", "beyond"),
        first([_extra(extra) for extra in figure.extras], "Extra", "extra"),
    ]


def _curated(outcome: CuratedOutcome) -> Word:
    keyword = outcome.keyword.keyword
    return Word(keyword, outcome.type, outcome.surface if outcome.surface and outcome.surface != keyword else "")


def _extra(outcome: PredictedOutcome) -> Word:
    note = ", ".join(surface for surface in outcome.surfaces[:3] if surface != outcome.keyword.keyword)
    return Word(outcome.keyword.keyword, outcome.keyword.type, note)
