"""Scores of keywords, what else could have been predicted, and the curves over that."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterable, Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.evaluation.bootstrap import Bootstrap
from nlp.evaluation.curves import CurvePoint
from nlp.evaluation.keywords import KeywordScore, KeywordScorer, score_keywords
from nlp.evaluation.outcomes import FigureScore
from nlp.evaluation.ranking import Ranking
from nlp.evaluation.surfaces import surface_forms
from nlp.evaluation.tallies import CurveTally
from nlp.types import Caption, CuratedKeyword, CuratedList, Document, Keyword, Mention

GENE = "GENE"
TEXT = "ERK2 and AKT act on BAD."
MENTIONS = (
    Mention("T1", GENE, 0, 4, "ERK2", 0.9),
    Mention("T2", GENE, 9, 12, "AKT", 0.4),
    Mention("T3", GENE, 20, 23, "BAD", 0.7),
)


def surest(keyword: Keyword, mentions: Mapping[str, Mention]) -> float:
    return max((mentions[id].score for id in keyword.mentions), default=0.0)


SUREST = Ranking(surest)


def result_of(curated: list[str], keywords: list[Keyword], text: str = TEXT, ranking: Ranking = SUREST) -> KeywordScore:
    caption = Caption(
        "F1", TEXT, curated=CuratedList(tuple(CuratedKeyword(k, GENE) for k in curated), frozenset({GENE}))
    )
    document = Document("F1", text, MENTIONS, keywords=tuple(keywords))
    return score_keywords([caption], {"F1": document}, ranking=ranking, bootstrap=Bootstrap(5))


def scored(curated: list[str], keywords: list[Keyword], text: str = TEXT) -> FigureScore:
    return result_of(curated, keywords, text).figures[0]


def curves_of(figure: FigureScore, also: Sequence[float] = ()) -> dict[str, tuple[CurvePoint, ...]]:
    tally = CurveTally()
    tally.add(figure)
    return tally.curves(also)


def test_a_curated_keyword_is_found_as_likely_as_its_likeliest_prediction() -> None:
    figure = scored(
        ["AKT", "TP53", "ERK2"],
        [Keyword("AKT", GENE, mentions=("T2",)), Keyword("akt", GENE, mentions=("T3",)), Keyword("ERK2", GENE)],
    )
    assert [outcome.score for outcome in figure.curated] == [0.7, None, 0.0]
    assert [outcome.found for outcome in figure.curated] == [True, False, True]
    assert [outcome.score for outcome in figure.predicted] == [0.7, 0.0]


def test_a_curated_keyword_tells_where_it_stands() -> None:
    figure = scored(["akt", "TP53"], [])
    assert [outcome.span and outcome.span.of(TEXT) for outcome in figure.curated] == ["AKT", None]
    assert [outcome.surface for outcome in figure.curated] == ["AKT", None]


def test_mentions_of_another_text_are_not_the_figure_s() -> None:
    assert scored([], []).mentions == MENTIONS
    assert scored([], [], text=f"{TEXT} More.").mentions == ()


def test_curves_by_hand() -> None:
    figure = scored(
        ["AKT", "BAD", "TP53"],
        [
            Keyword("ERK2", GENE, mentions=("T1",)),  # .9, extra
            Keyword("BAD", GENE, mentions=("T3",)),  # .7, right
            Keyword("AKT", GENE, mentions=("T2",)),  # .4, right
        ],
    )
    curves = curves_of(figure)
    assert [*curves] == ["recall", "reachable recall"]
    assert [(point.threshold, point.predicted) for point in curves["recall"]] == [(0.4, 3), (0.7, 2), (0.9, 1)]
    assert [point.precision for point in curves["recall"]] == pytest.approx([2 / 3, 1 / 2, 0])
    assert [point.recall for point in curves["recall"]] == pytest.approx([2 / 3, 1 / 3, 0])
    assert [point.recall for point in curves["reachable recall"]] == pytest.approx([1, 1 / 2, 0])


ERK2 = Keyword("ERK2", GENE, mentions=("T1",))
AKT = Keyword("AKT", GENE, mentions=("T2",))
BAD = Keyword("BAD", GENE, mentions=("T3",))


def test_candidates_that_were_left_out_are_in_the_curve_and_in_nothing_else() -> None:
    ranking = Ranking(surest, lambda _: (ERK2, BAD, AKT), {GENE: 0.7})
    result = result_of(["AKT", "BAD"], [ERK2, BAD], ranking=ranking)
    assert (result.overall.micro.precision.value, result.overall.micro.recall.value) == (0.5, 0.5)
    assert [one.keyword.keyword for one in result.figures[0].predicted] == ["ERK2", "BAD"]
    assert [miss.keyword.keyword for miss in result.figures[0].misses] == ["AKT"]
    points = result.curves[None]["recall"]
    assert [(point.threshold, point.predicted, point.recall) for point in points] == [
        (0.4, 3, 1), (0.7, 2, 0.5), (0.9, 1, 0)
    ]  # fmt: skip


def test_where_nothing_was_left_out_figures_are_scored_once() -> None:
    asked: list[str] = []

    def forms(keyword: CuratedKeyword) -> Iterable[str]:
        asked.append(keyword.keyword)
        return surface_forms(keyword)

    caption = Caption("F1", TEXT, curated=CuratedList((CuratedKeyword("AKT", GENE),), frozenset({GENE})))
    document = Document("F1", TEXT, MENTIONS, keywords=(ERK2,))
    for candidates, times in ((lambda _: (ERK2,), 1), (lambda _: (ERK2, AKT), 2)):
        asked.clear()
        score_keywords([caption], {"F1": document}, forms=forms, ranking=Ranking(surest, candidates))
        assert asked == ["AKT"] * times


def test_documents_without_a_ranking_have_nothing_to_choose_by() -> None:
    caption = Caption("F1", TEXT, curated=CuratedList((CuratedKeyword("AKT", GENE),), frozenset({GENE})))
    document = Document("F1", TEXT, MENTIONS, keywords=(ERK2, AKT))
    result = score_keywords([caption], {"F1": document}, bootstrap=Bootstrap(5))
    assert len(result.curves[None]["recall"]) == 1


def test_a_threshold_gets_a_point_of_its_own_if_it_keeps_anything() -> None:
    figure = scored(["AKT", "BAD"], [ERK2, BAD, AKT])
    points = curves_of(figure, (0.5, 0.7, 0.95))["recall"]
    assert [(point.threshold, point.predicted) for point in points] == [(0.4, 3), (0.5, 2), (0.7, 2), (0.9, 1)]


def test_nothing_predicted_has_no_curve() -> None:
    assert curves_of(scored(["AKT"], [])) == {}


NAMES = st.lists(st.sampled_from(["ERK2", "AKT", "BAD", "TP53"]), unique=True)
KEYWORDS = st.lists(
    st.builds(
        Keyword,
        st.sampled_from(["ERK2", "AKT", "BAD", "EGFR"]),
        st.just(GENE),
        mentions=st.lists(st.sampled_from(["T1", "T2", "T3"]), unique=True).map(tuple),
    ),
    min_size=1,
)


@given(NAMES, KEYWORDS)
@settings(deadline=None)  # which a busy machine does not keep
def test_a_curve_begins_with_what_is_reported_and_recall_only_falls(
    curated: list[str], keywords: list[Keyword]
) -> None:
    figure = scored(curated, keywords)
    whole, within = curves_of(figure).values()
    counts, (found, reachable) = figure.counts(), figure.reachable()
    assert (whole[0].predicted, whole[0].precision, whole[0].recall) == (
        counts.predicted, counts.precision, counts.recall
    )  # fmt: skip
    assert within[0].recall == (found / reachable if reachable else 0)
    for points in (whole, within):
        recalls = [point.recall for point in points]
        assert recalls == sorted(recalls, reverse=True)


def figure_of(number: int, types: Iterable[str | None]) -> Caption:
    curated = tuple(CuratedKeyword(name, type) for name, type in zip(("AKT", "BAD"), types, strict=False))
    return Caption(
        f"F{number}", TEXT, curated=CuratedList(curated, frozenset(filter(None, types)) or frozenset({GENE}))
    )


def test_a_type_that_only_some_figures_are_annotated_for_is_drawn_with_all() -> None:
    few = [figure_of(0, [None]), figure_of(1, [GENE]), figure_of(2, ["CHEMICAL", GENE]), figure_of(3, [GENE])]
    documents = {one.id: Document(one.id, TEXT, MENTIONS, keywords=(AKT, BAD)) for one in few}
    result = score_keywords(few, documents, bootstrap=Bootstrap(50))
    assert {type: scores.figures for type, scores in result.by_type.items()} == {"CHEMICAL": 1, GENE: 3}
    assert (result.overall.figures, result.typed_figures) == (4, 3)
    chemical, gene = result.by_type["CHEMICAL"], result.by_type[GENE]
    assert (chemical.micro.counts.gold, chemical.micro.counts.tp_gold, chemical.micro.counts.predicted) == (1, 0, 0)
    assert (gene.micro.counts.gold, gene.micro.counts.tp_gold, gene.micro.counts.predicted) == (3, 3, 6)
    # In one figure of three only the other keyword is curated.
    assert gene.macro_precision.value == pytest.approx(1 / 2)
    assert gene.macro_recall.value == gene.micro.recall.low == 1
    # Every drawing has its share of the figures of each type, and some have none of the one with a chemical.
    alone = score_keywords(few[2:3], documents, bootstrap=Bootstrap(50))
    assert alone.by_type["CHEMICAL"].micro == chemical.micro


def test_figures_that_are_not_kept_take_a_few_numbers_each() -> None:
    text = "AKT acts. " * 1000
    scorer = KeywordScorer(ranking=SUREST)

    def add(numbers: range) -> None:
        for number in numbers:
            curated = CuratedList(tuple(CuratedKeyword(f"G{i}", GENE) for i in range(20)), frozenset({GENE}))
            document = Document(f"F{number}", text, keywords=(Keyword("AKT", GENE),))
            scorer.add(Caption(f"F{number}", text, curated=curated), document)

    add(range(50))
    tracemalloc.start()
    add(range(50, 550))
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert grown < 500 * 500
    assert scorer.result().overall.micro.counts.gold == 550 * 20
