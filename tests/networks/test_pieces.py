from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.networks.pieces import SHAPE_TABLES, PieceTokenizer, piece_shape, plain, word_shape


def words(tokenizer: PieceTokenizer, text: str) -> list[str]:
    (pieces,) = tokenizer([text])
    return [text[start:end] for start, end in pieces.spans]


def test_words_end_at_symbols(tokenizer: PieceTokenizer) -> None:
    assert words(tokenizer, "MEK→ERK1/2 (Ca²⁺)") == ["MEK", "→", "ERK1", "/", "2", "(", "Ca²", "⁺", ")"]


def test_offsets_survive_normalisation(tokenizer: PieceTokenizer) -> None:
    text = "The TNF–α kinase"
    (pieces,) = tokenizer([text])
    assert [text[start:end] for start, end in pieces.spans] == ["The", "TNF", "–", "α", "kinase"]
    assert tokenizer([text.replace("–", "-")])[0].ids.tolist() == pieces.ids.tolist()


def test_nothing_is_cut_off(tokenizer: PieceTokenizer) -> None:
    (pieces,) = tokenizer(["kinase " * 700])
    assert len(pieces) == len(pieces.firsts) == 700


def test_firsts_point_at_first_pieces(tokenizer: PieceTokenizer) -> None:
    (pieces,) = tokenizer(["ERK12 binds"])
    assert pieces.firsts.tolist() == [0, 3]
    assert len(pieces.shapes) == 5


def test_the_vocabulary_is_that_of_the_file(tokenizer: PieceTokenizer) -> None:
    vocabulary = tokenizer.vocabulary()
    assert len(tokenizer) == len(vocabulary)
    assert sorted(vocabulary.values()) == list(range(len(tokenizer)))
    (pieces,) = tokenizer(["the ERK12"])
    names = {id: piece for piece, id in vocabulary.items()}
    assert [names[id] for id in pieces.ids.tolist()] == ["the", "erk", "##1", "##2"]


def test_every_piece_has_a_code_of_each_table_but_no_name(tokenizer: PieceTokenizer) -> None:
    (pieces,) = tokenizer(["ERK12 binds α"])
    assert pieces.shapes.tolist() == [[7, 3, 0], [7, 5, 0], [7, 5, 0], [1, 1, 0], [1, 1, 0], [10, 9, 0]]
    assert tokenizer([""])[0].shapes.shape == (0, len(SHAPE_TABLES))


@given(st.text(max_size=60))
def test_plain_keeps_every_character_in_place(text: str) -> None:
    assert len(plain(text)) == len(text)


@given(text=st.text(alphabet="Aa1α-–→ ²\u0301éﬁ\u200b.", max_size=40))
def test_words_are_in_order_and_not_empty(tokenizer: PieceTokenizer, text: str) -> None:
    (pieces,) = tokenizer([text])
    ends = 0
    for start, end in pieces.spans.tolist():
        assert ends <= start < end <= len(text)
        ends = end


def test_shapes_tell_a_gene_from_a_word() -> None:
    patterns = ["impact", "Impact", "IMPACT", "McCoy", "p53", "Erk2", "ERK2", "CoQ10", "42", "α", "→", "A", "pERK"]
    assert [word_shape(word) for word in patterns] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]


@pytest.mark.parametrize(("piece", "code"), [("erk", 1), ("ERK", 3), ("1", 5), ("/", 6), ("é", 9), ("→", 14)])
def test_piece_shapes(piece: str, code: int) -> None:
    assert piece_shape(piece) == code


@given(st.text(min_size=1, max_size=8))
def test_codes_fit_their_tables(word: str) -> None:
    assert 0 < word_shape(word) < 16
    assert 0 < piece_shape(word) < 16
