"""Counts and bootstrap intervals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.evaluation import bootstrap as module
from nlp.evaluation.bootstrap import Bootstrap
from nlp.evaluation.counts import Counts


@st.composite
def counts(draw: st.DrawFn) -> Counts:
    predicted, gold = draw(st.integers(0, 9)), draw(st.integers(0, 9))
    return Counts(draw(st.integers(0, predicted)), predicted, draw(st.integers(0, gold)), gold)


def test_counts_give_precision_recall_and_f1() -> None:
    total = Counts(3, 4, 2, 5) + Counts(0, 2, 1, 1)
    assert total == Counts(3, 6, 3, 6)
    assert (total.precision, total.recall, total.f1) == (0.5, 0.5, 0.5)
    assert Counts(1, 4, 1, 1).f1 == pytest.approx(0.4)


def test_nothing_predicted_and_nothing_gold_score_zero() -> None:
    assert (Counts().precision, Counts().recall, Counts().f1) == (0, 0, 0)


def test_sums_are_of_whole_captions_drawn_with_replacement() -> None:
    columns = np.array([[1.0, 10.0], [100.0, 1000.0]])
    sums = Bootstrap(resamples=200).sums(columns)
    assert sums.shape == (200, 2)
    assert np.array_equal(sums[:, 1], 10 * sums[:, 0])
    assert set(sums[:, 0]) == {2.0, 101.0, 200.0}


def test_equal_seeds_draw_equally_and_others_otherwise() -> None:
    columns = np.arange(40.0).reshape(20, 2)
    assert np.array_equal(Bootstrap(50, 7).sums(columns), Bootstrap(50, 7).sums(columns))
    assert not np.array_equal(Bootstrap(50, 7).sums(columns), Bootstrap(50, 8).sums(columns))


def test_draws_do_not_depend_on_how_they_are_cut_into_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = np.arange(33.0).reshape(11, 3)
    whole = Bootstrap(resamples=100).sums(columns)
    monkeypatch.setattr(module, "_DRAWS_AT_A_TIME", 35)
    assert np.array_equal(Bootstrap(resamples=100).sums(columns), whole)


def test_interval_is_close_to_that_of_a_binomial() -> None:
    right = [Counts(int(i % 4 == 0), 1, int(i % 4 == 0), 1) for i in range(400)]
    scores = Bootstrap(resamples=2000).scores({"x": right})["x"]
    half = 1.96 * (0.25 * 0.75 / 400) ** 0.5
    assert scores.precision.value == 0.25
    assert scores.precision.low == pytest.approx(0.25 - half, abs=0.006)
    assert scores.precision.high == pytest.approx(0.25 + half, abs=0.006)


def test_captions_that_are_all_alike_leave_no_doubt() -> None:
    f1 = Bootstrap().scores({"x": [Counts(1, 2, 1, 2)] * 5})["x"].f1
    assert (f1.low, f1.value, f1.high) == (0.5, 0.5, 0.5)


def test_wider_for_fewer_captions() -> None:
    pattern = [Counts(1, 1, 1, 1), Counts(0, 1, 0, 1)]
    few, many = (Bootstrap().scores({"x": pattern * n})["x"].f1 for n in (5, 100))
    assert few.high - few.low > 2 * (many.high - many.low)


def test_mean_over_captions_that_have_a_value() -> None:
    estimate = Bootstrap().ratios({"x": [(0.2, 1), (0.6, 1), (0, 0)]})["x"]
    assert estimate.value == pytest.approx(0.4)
    assert estimate.low == pytest.approx(0.2)  # not 0: a drawing that holds none with a value has no mean
    assert estimate.high == pytest.approx(0.6)


def test_drawings_without_an_item_of_a_rare_kind_do_not_count() -> None:
    # One caption of ten holds the only item: a third of the drawings do without it.
    scores = Bootstrap().scores({"x": [Counts(1, 1, 1, 1), *[Counts()] * 9]})["x"]
    for estimate in (scores.precision, scores.recall, scores.f1):
        assert (estimate.low, estimate.value, estimate.high) == (1, 1, 1)


def test_f1_of_drawings_with_items_on_one_side_alone_is_zero() -> None:
    scores = Bootstrap().scores({"x": [Counts(0, 2, 0, 0), Counts(1, 1, 1, 1), Counts()]})["x"]
    assert scores.recall.low == 1  # no drawing of the first or the last alone has a recall
    assert scores.f1.low == 0  # but the first alone has an F1
    missed = Bootstrap().scores({"x": [Counts(0, 0, 0, 2), Counts()]})["x"]
    assert (missed.f1.low, missed.f1.high, missed.recall.high) == (0, 0, 0)


def test_where_nothing_is_ever_defined_the_interval_is_the_value() -> None:
    scores = Bootstrap().scores({"x": [Counts(0, 3, 0, 0), Counts(0, 1, 0, 0)]})["x"]
    assert (scores.recall.low, scores.recall.value, scores.recall.high) == (0, 0, 0)
    mean = Bootstrap().ratios({"x": [(0, 0), (0, 0)]})["x"]
    assert (mean.low, mean.value, mean.high) == (0, 0, 0)


def test_no_captions_at_all() -> None:
    assert Bootstrap().scores({}) == {}
    empty = Bootstrap().scores({"x": []})["x"]
    assert empty.counts == Counts()
    assert (empty.f1.low, empty.f1.value, empty.f1.high) == (0, 0, 0)


def test_scores_and_shares_of_one_drawing_are_those_of_two() -> None:
    units, shares = [Counts(1, 2, 1, 1), Counts(0, 1, 0, 3), Counts(2, 2, 2, 4)], [(1.0, 2.0), (0, 0), (3, 3)]
    drawing = Bootstrap(200)
    assert drawing.estimates({"x": units}, {"y": shares}) == (
        drawing.scores({"x": units}),
        drawing.ratios({"y": shares}),
    )


def hits(right: list[bool]) -> list[Counts]:
    """Captions with one item, which is predicted and right or wrong: F1 is the share right."""
    return [Counts(int(is_right), 1, int(is_right), 1) for is_right in right]


def test_p_of_a_difference_is_that_of_the_sign_test_for_many_captions() -> None:
    # Of 400 captions 30 are right in the first alone and 14 in the second alone: z = 16 / sqrt(44) = 2.41.
    first = hits([True] * 30 + [False] * 14 + [True] * 356)
    second = hits([False] * 30 + [True] * 14 + [True] * 356)
    one = Bootstrap(resamples=4000).differences({"x": first}, {"x": second})["x"]
    assert (one.first, one.second) == pytest.approx((386 / 400, 370 / 400))
    assert one.difference.value == pytest.approx(0.04)
    half = 1.96 * (44 / 400 - 0.04**2) ** 0.5 / 400**0.5
    assert one.difference.low == pytest.approx(0.04 - half, abs=0.004)
    assert one.difference.high == pytest.approx(0.04 + half, abs=0.004)
    assert one.p == pytest.approx(0.016, abs=0.008)


def test_a_difference_is_paired_so_that_what_both_miss_does_not_blur_it() -> None:
    both = [Counts(0, 1, 0, 9), Counts(9, 9, 9, 9)] * 30
    better = [replace(one, tp_gold=one.tp_gold, gold=one.gold, predicted=one.predicted + 1) for one in both]
    one = Bootstrap().differences({"x": both}, {"x": better})["x"]
    alone = Bootstrap().scores({"x": both})["x"].f1
    assert one.difference.high - one.difference.low < (alone.high - alone.low) / 5
    assert one.p == pytest.approx(1 / 1001)


def test_p_does_not_depend_on_which_prediction_is_first() -> None:
    first, second = hits([True, False, True, True] * 5), hits([True, True, False, False] * 5)
    there = Bootstrap(300).differences({"x": first}, {"x": second})["x"]
    back = Bootstrap(300).differences({"x": second}, {"x": first})["x"]
    assert there.p == back.p
    assert (there.difference.low, there.difference.high) == pytest.approx((-back.difference.high, -back.difference.low))


def test_a_prediction_does_not_differ_from_itself() -> None:
    units = hits([True, False, True])
    one = Bootstrap(100).differences({"x": units}, {"x": units})["x"]
    assert (one.difference.low, one.difference.value, one.difference.high, one.p) == (0, 0, 0, 1)


def test_a_difference_of_nothing() -> None:
    for units in ([], [Counts()]):
        one = Bootstrap(100).differences({"x": units}, {"x": units})["x"]
        assert (one.difference.value, one.p) == (0, 1)
    assert Bootstrap().differences({}, {}) == {}


def test_the_draws_of_a_difference_are_those_of_the_intervals() -> None:
    units, nothing = hits([True, False, True, True]), hits([False] * 4)
    one = Bootstrap(100).differences({"x": units}, {"x": nothing})["x"]
    f1 = Bootstrap(100).scores({"x": units})["x"].f1
    assert (one.difference.low, one.difference.high) == (f1.low, f1.high)


@given(st.lists(counts(), max_size=12))
def test_intervals_are_ordered_shares(units: list[Counts]) -> None:
    scores = Bootstrap(resamples=50).scores({"x": units})["x"]
    assert scores.counts == sum(units, Counts())
    for estimate in (scores.precision, scores.recall, scores.f1):
        assert 0 <= estimate.low <= estimate.high <= 1
        assert 0 <= estimate.value <= 1


@given(st.lists(counts(), min_size=1, max_size=8), st.integers(0, 3))
def test_a_score_does_not_depend_on_what_is_scored_beside_it(units: list[Counts], seed: int) -> None:
    drawing = Bootstrap(resamples=30, seed=seed)
    alone = drawing.scores({"x": units})["x"]
    assert drawing.scores({"y": units[::-1], "x": units})["x"] == alone
