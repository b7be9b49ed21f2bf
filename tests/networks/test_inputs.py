from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlp.networks.inputs import batches, join, mark, pad, windows
from nlp.networks.names import with_names
from nlp.networks.pieces import PieceTokenizer
from nlp.types import Mention


def test_texts_that_follow_each_other_become_one(tokenizer: PieceTokenizer) -> None:
    first, second = tokenizer(["ERK12 binds", "the drug"])
    both = join([first, second])
    assert both.ids.tolist() == [*first.ids, *second.ids]
    assert both.firsts.tolist() == [0, 3, 5, 6]
    assert both.spans.tolist() == [[0, 5], [6, 11], [0, 3], [4, 8]]


def test_a_window_is_opened_and_closed(tokenizer: PieceTokenizer) -> None:
    (pieces,) = tokenizer(["ERK12 binds"])
    window = mark(pieces, tokenizer)
    assert window.ids.tolist() == [tokenizer.open, *pieces.ids, tokenizer.close]
    assert window.firsts.tolist() == [1, 4]
    assert len(window.shapes) == len(window) == 7


def test_padding_stands_behind_and_is_masked(tokenizer: PieceTokenizer) -> None:
    parts = [mark(pieces, tokenizer) for pieces in tokenizer(["the drug", "ERK12 binds"])]
    padded = pad(parts)
    assert padded.ids.shape == padded.mask.shape == (2, 7)
    assert padded.mask.sum(axis=1).tolist() == [4, 7]
    assert not padded.ids[0, 4:].any()
    assert padded.ids.ravel()[padded.firsts].tolist() == [id for part in parts for id in part.ids[part.firsts].tolist()]


def test_shapes_and_names_stay_with_their_pieces(tokenizer: PieceTokenizer) -> None:
    first, second = tokenizer(["ERK12 binds", "the drug"])
    first = with_names(first, [Mention("T1", "GENE", 0, 5, "ERK12", 0.9)])
    both = pad([mark(join([first, second]), tokenizer), mark(first, tokenizer)])
    assert both.shapes.shape == (2, 9, 3)
    assert both.shapes[0, 1:8].tolist() == [*first.shapes.tolist(), *second.shapes.tolist()]
    assert not both.shapes[:, [0, 8]].any()
    assert not both.shapes[1, 6:].any()
    parts = windows(join([first, second]), tokenizer, limit=8)
    named = [window.shapes[window.firsts, -1].tolist() for _, window in parts]
    assert named[0][0] == first.shapes[0, -1] > 1


def test_long_texts_are_cut_at_sentence_ends(tokenizer: PieceTokenizer) -> None:
    (pieces,) = tokenizer(["the drug . " * 10])
    ranges = [words for words, _ in windows(pieces, tokenizer, ends=range(3, 31, 3), limit=13)]
    assert ranges[0] == (0, 9)
    assert all(end % 3 == 0 for _, end in ranges)
    assert ranges[-1][1] == 30


def test_a_word_longer_than_a_window_is_read_by_its_beginning(tokenizer: PieceTokenizer) -> None:
    (pieces,) = tokenizer([f"the ERK{'1' * 30} drug"])
    parts = windows(pieces, tokenizer, limit=12)
    assert [words for words, _ in parts] == [(0, 1), (1, 2), (2, 3)]
    assert [len(window) for _, window in parts] == [3, 12, 3]


@given(st.lists(st.integers(1, 30), max_size=40))
def test_batches_hold_each_window_once_within_the_budget(lengths: list[int]) -> None:
    found = batches(lengths, 40)
    assert sorted(index for batch in found for index in batch) == list(range(len(lengths)))
    for batch in found:
        assert len(batch) == 1 or max(lengths[index] for index in batch) * len(batch) <= 40
    assert [lengths[index] for batch in found for index in batch] == sorted(lengths)


def test_no_text_no_window(tokenizer: PieceTokenizer) -> None:
    (pieces,) = tokenizer([" \n"])
    assert windows(pieces, tokenizer, limit=12) == []
    assert np.asarray(pieces.spans).shape == (0, 2)
