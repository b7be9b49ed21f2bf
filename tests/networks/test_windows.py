from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlp.networks.windows import cut, merge


def test_a_short_text_is_one_window() -> None:
    assert cut([1, 2, 3], [1, 3], limit=6, overlap=2) == [(0, 3)]


def test_windows_end_at_sentence_ends() -> None:
    assert cut([1] * 20, [8, 16], limit=10, overlap=0) == [(0, 8), (8, 16), (16, 20)]


def test_windows_overlap() -> None:
    assert cut([1] * 12, [], limit=8, overlap=3) == [(0, 8), (5, 12)]


def test_a_word_longer_than_a_window_stands_alone() -> None:
    assert cut([1, 9, 1], [], limit=5, overlap=0) == [(0, 1), (1, 2), (2, 3)]


def test_no_words_no_windows() -> None:
    assert cut([], [], limit=5, overlap=1) == []


@given(
    st.lists(st.integers(1, 4), max_size=60),
    st.sets(st.integers(1, 60), max_size=8),
    st.integers(4, 20),
    st.integers(0, 3),
)
def test_every_word_is_read(lengths: list[int], ends: set[int], limit: int, overlap: int) -> None:
    windows = cut(lengths, sorted(end for end in ends if end <= len(lengths)), limit, overlap)
    covered = {word for start, end in windows for word in range(start, end)}
    assert covered == set(range(len(lengths)))
    assert all(sum(lengths[start:end]) <= limit for start, end in windows)
    assert all(first[0] < second[0] <= first[1] < second[1] for first, second in itertools.pairwise(windows))


def test_merging_takes_the_window_with_more_context() -> None:
    first, second = np.zeros((8, 1), np.float32), np.ones((7, 1), np.float32)
    assert merge([(0, 8), (5, 12)], [first, second])[:, 0].tolist() == [0] * 7 + [1] * 5


@given(st.lists(st.integers(1, 4), min_size=1, max_size=60), st.integers(4, 20), st.integers(0, 3))
def test_merging_equal_rows_changes_nothing(lengths: list[int], limit: int, overlap: int) -> None:
    rows = np.arange(len(lengths), dtype=np.float32)[:, None]
    windows = cut(lengths, [], limit, overlap)
    assert merge(windows, [rows[start:end] for start, end in windows]).tolist() == rows.tolist()
