from __future__ import annotations

import itertools

import numpy as np
import pytest

from nlp.networks.inputs import mark
from nlp.networks.names import NO_NAME, SURE, TAGS, name_codes, with_names, without_names
from nlp.networks.pieces import NAME_CODES, PieceTokenizer
from nlp.schema import MENTION_TYPES
from nlp.types import Mention

TEXT = "The TNF alpha kinase binds ERK12/2."


def name(part: str, type: str = "GENE", score: float = 1.0, text: str = TEXT) -> Mention:
    start = text.index(part)
    return Mention("T1", type, start, start + len(part), part, score)


def words(tokenizer: PieceTokenizer, *names: Mention) -> dict[str, int]:
    """The code of each word, once with the codes of its pieces compared."""
    (pieces,) = tokenizer([TEXT])
    named = with_names(pieces, names)
    bounds = [*named.firsts.tolist(), len(named)]
    codes = [set(named.shapes[first:last, -1].tolist()) for first, last in itertools.pairwise(bounds)]
    assert all(len(own) == 1 for own in codes)
    return {TEXT[start:end]: own.pop() for (start, end), own in zip(named.spans.tolist(), codes, strict=True)}


def test_a_word_without_a_name_is_not_one_that_nobody_looked_up(tokenizer: PieceTokenizer) -> None:
    (pieces,) = tokenizer([TEXT])
    assert not pieces.shapes[:, -1].any()
    assert set(words(tokenizer).values()) == {NO_NAME} == {1}


def test_codes_tell_type_place_and_certainty(tokenizer: PieceTokenizer) -> None:
    begin = TAGS.begin("GENE")
    sure = words(tokenizer, name("TNF alpha", score=SURE), name("ERK12", score=0.79))
    assert sure == {
        "The": 1, "TNF": 2 * begin, "alpha": 2 * begin + 2, "kinase": 1, "binds": 1,
        "ERK12": 2 * begin + 1, "/": 1, "2": 1, ".": 1,
    }  # fmt: skip
    unsure = words(tokenizer, name("TNF alpha", score=0.5))
    assert (unsure["TNF"], unsure["alpha"]) == (sure["TNF"] + 1, sure["alpha"] + 1)


def test_every_case_has_its_own_code_within_the_table(tokenizer: PieceTokenizer) -> None:
    found = [
        words(tokenizer, name("TNF alpha", type, score))[word]
        for type in MENTION_TYPES
        for score in (0.5, 0.9)
        for word in ("TNF", "alpha")
    ]
    assert sorted(found) == list(range(2, NAME_CODES))


def test_a_name_that_ends_within_a_word_has_all_of_it(tokenizer: PieceTokenizer) -> None:
    cut = words(tokenizer, name("lpha kin", score=0.9))
    assert (cut["alpha"], cut["kinase"]) == (2 * TAGS.begin("GENE"), 2 * TAGS.begin("GENE") + 2)
    assert cut["TNF"] == cut["binds"] == NO_NAME


@pytest.mark.parametrize(("first", "second"), [("TNF", "alpha"), ("ERK12", "/")])
@pytest.mark.parametrize("reverse", [False, True])
def test_neighbours_do_not_share_their_certainty(
    tokenizer: PieceTokenizer, first: str, second: str, reverse: bool
) -> None:
    begin = TAGS.begin("GENE")
    for sure in (0, 1):
        names = [name(first, score=0.9 if sure else 0.1), name(second, score=0.1 if sure else 0.9)]
        found = words(tokenizer, *(names[::-1] if reverse else names))
        assert (found[first], found[second]) == (2 * begin + 1 - sure, 2 * begin + sure)


def test_other_shapes_and_the_text_itself_stay(tokenizer: PieceTokenizer) -> None:
    (pieces,) = tokenizer([TEXT])
    before = pieces.shapes.copy()
    named = with_names(pieces, [name("TNF")])
    assert np.array_equal(pieces.shapes, before)
    assert np.array_equal(named.shapes[:, :-1], before[:, :-1])
    assert named.ids is pieces.ids


def test_marks_have_no_code_and_names_can_be_taken_away(tokenizer: PieceTokenizer) -> None:
    (pieces,) = tokenizer([TEXT])
    window = mark(with_names(pieces, [name("TNF")]), tokenizer)
    assert window.shapes[[0, -1], -1].tolist() == [0, 0]
    assert window.shapes[1:-1, -1].all()
    hidden = without_names(window)
    assert not hidden.shapes[:, -1].any()
    assert np.array_equal(hidden.shapes[:, :-1], window.shapes[:, :-1])
    assert window.shapes[1:-1, -1].all()


@pytest.mark.parametrize("text", ["", " "])
def test_no_words_have_no_codes(tokenizer: PieceTokenizer, text: str) -> None:
    (pieces,) = tokenizer([text])
    assert with_names(pieces, []).shapes.shape == (0, 3)
    assert name_codes(pieces.spans, []).tolist() == []
