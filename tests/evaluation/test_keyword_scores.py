"""Scores of keywords, what else could have been predicted, and the curves over that."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.evaluation.bootstrap import Bootstrap
from nlp.evaluation.html.keywords import keyword_curves
from nlp.evaluation.keywords import FigureScore, KeywordScore, score_keywords
from nlp.evaluation.ranking import Ranking
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
    curves = keyword_curves([figure])
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
    points = keyword_curves(result.candidates)["recall"]
    assert [(point.threshold, point.predicted, point.recall) for point in points] == [
        (0.4, 3, 1), (0.7, 2, 0.5), (0.9, 1, 0)
    ]  # fmt: skip


def test_where_nothing_was_left_out_figures_are_scored_once() -> None:
    for ranking in (SUREST, Ranking(surest, lambda document: document.keywords)):
        result = result_of(["AKT"], [ERK2, AKT], ranking=ranking)
        assert result.candidates[0] is result.figures[0]


def test_documents_without_a_ranking_have_nothing_to_choose_by() -> None:
    caption = Caption("F1", TEXT, curated=CuratedList((CuratedKeyword("AKT", GENE),), frozenset({GENE})))
    document = Document("F1", TEXT, MENTIONS, keywords=(ERK2, AKT))
    result = score_keywords([caption], {"F1": document}, bootstrap=Bootstrap(5))
    assert len(keyword_curves(result.candidates)["recall"]) == 1


def test_a_threshold_gets_a_point_of_its_own_if_it_keeps_anything() -> None:
    figure = scored(["AKT", "BAD"], [ERK2, BAD, AKT])
    points = keyword_curves([figure], (0.5, 0.7, 0.95))["recall"]
    assert [(point.threshold, point.predicted) for point in points] == [(0.4, 3), (0.5, 2), (0.7, 2), (0.9, 1)]


def test_nothing_predicted_has_no_curve() -> None:
    assert keyword_curves([scored(["AKT"], [])]) == {}


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
    whole, within = keyword_curves([figure]).values()
    counts, (found, reachable) = figure.counts(), figure.reachable()
    assert (whole[0].predicted, whole[0].precision, whole[0].recall) == (
        counts.predicted, counts.precision, counts.recall
    )  # fmt: skip
    assert within[0].recall == (found / reachable if reachable else 0)
    for points in (whole, within):
        recalls = [point.recall for point in points]
        assert recalls == sorted(recalls, reverse=True)
