from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.networks.tags import LabelledSpan, TagSet

TAGS = TagSet(["GENE", "CHEMICAL"])
WORDS = np.asarray([(0, 3), (3, 4), (4, 7), (8, 12), (13, 20)], np.int32)  # "MEK-ERK bind calcium"


def test_tags_of_spans() -> None:
    spans = [LabelledSpan(0, 3, "GENE"), LabelledSpan(4, 7, "GENE"), LabelledSpan(8, 20, "CHEMICAL")]
    assert [TAGS.tags[tag] for tag in TAGS.encode(WORDS, spans)] == [
        "B-GENE",
        "O",
        "B-GENE",
        "B-CHEMICAL",
        "I-CHEMICAL",
    ]


def test_a_cut_word_belongs_to_the_span() -> None:
    assert TAGS.encode(WORDS, [LabelledSpan(14, 16, "GENE")]).tolist() == [0, 0, 0, 0, 1]


def test_of_two_spans_on_a_word_the_longer_counts() -> None:
    spans = [LabelledSpan(4, 7, "GENE"), LabelledSpan(0, 7, "CHEMICAL")]
    assert TAGS.encode(WORDS, spans).tolist() == [3, 4, 4, 0, 0]


def test_a_span_outside_all_words_is_left_out() -> None:
    assert not TAGS.encode(WORDS, [LabelledSpan(7, 8, "GENE")]).any()


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(1, 3), st.sampled_from(TAGS.labels)), max_size=3).filter(
        lambda items: all(first[0] + first[1] <= second[0] for first, second in itertools.pairwise(sorted(items)))
    )
)
def test_spans_of_whole_words_come_back(items: list[tuple[int, int, str]]) -> None:
    spans = {
        LabelledSpan(int(WORDS[first, 0]), int(WORDS[min(first + count, 5) - 1, 1]), label)
        for first, count, label in items
    }
    assert set(TAGS.spans(WORDS, TAGS.encode(WORDS, spans).tolist())) == spans


def test_an_inside_tag_alone_begins_a_span() -> None:
    assert TAGS.spans(WORDS, [2, 4, 4, 0, 1]) == [
        LabelledSpan(0, 3, "GENE"),
        LabelledSpan(3, 7, "CHEMICAL"),
        LabelledSpan(13, 20, "GENE"),
    ]


def allowed(path: tuple[int, ...]) -> bool:
    return all(tag == 0 or tag % 2 or before in (tag - 1, tag) for before, tag in itertools.pairwise((0, *path)))


@given(st.integers(0, 2**32 - 1), st.integers(0, 4))
def test_best_is_the_best_allowed_sequence(seed: int, length: int) -> None:
    scores = np.random.default_rng(seed).normal(size=(length, len(TAGS))).astype(np.float32)
    every = [path for path in itertools.product(range(len(TAGS)), repeat=length) if allowed(path)]
    best = max(every, key=lambda path: sum(scores[index, tag] for index, tag in enumerate(path)))
    found = tuple(TAGS.best(scores).tolist())
    assert allowed(found)
    assert sum(scores[i, t] for i, t in enumerate(found)) == pytest.approx(
        sum(scores[i, t] for i, t in enumerate(best)), abs=1e-5
    )
