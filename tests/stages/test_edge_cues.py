"""What the relation rules tell a network."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from nlp.networks.pieces import PieceTokenizer
from nlp.stages.base import Draft
from nlp.stages.edge_cues import PAIR_CUES, WORD_CUES, pair_cues, word_cues
from nlp.stages.edge_decoding import LABELS
from nlp.stages.relations import rule_edges
from nlp.types import Caption, Mention, Span


def cues(tokenizer: PieceTokenizer, text: str) -> dict[str, int]:
    words = tokenizer([text])[0].spans
    codes = word_cues(text, words)
    assert codes.shape == (len(words),)
    assert codes.max(initial=0) < WORD_CUES
    return {text[start:end]: code for (start, end), code in zip(words.tolist(), codes.tolist(), strict=True)}


def test_words_of_one_meaning_and_form_share_a_code(tokenizer: PieceTokenizer) -> None:
    found = cues(tokenizer, "Fog inhibits or suppresses, activates, activated; the inhibition of expression → mist")
    assert found["inhibits"] == found["suppresses"] > 0
    assert len({found[word] for word in ("inhibits", "activates", "activated", "inhibition", "expression", "→")}) == 6
    assert found["Fog"] == found["mist"] == found["the"] == 0


@pytest.mark.parametrize(("text", "like"), [("down-regulates", "downregulates"), ("Up-regulation", "upregulation")])
def test_a_prefix_with_a_hyphen_belongs_to_its_word(tokenizer: PieceTokenizer, text: str, like: str) -> None:
    assert cues(tokenizer, text)[text.rpartition("-")[2]] == cues(tokenizer, like)[like] > 0


def draft(text: str, *names: str) -> Draft:
    mentions = [
        Mention(name, "GENE", text.index(name), text.index(name) + len(name), name)
        for name in sorted(names, key=text.index)
    ]
    return Draft(Caption("1", text), sentences=(Span(0, len(text)),), mentions=tuple(mentions))


def pairs(draft: Draft, index: list[str]) -> NDArray[np.int64]:
    return pair_cues((edge for edge, _ in rule_edges(draft)), index)


def test_pairs_have_the_label_of_their_rule_or_of_the_turned_one() -> None:
    found = pairs(draft("MEK1 inhibits ERK1 and TNF.", "MEK1", "ERK1", "TNF"), ["ERK1", "MEK1", "TNF"])
    label = 1 + LABELS.index(("activation", -1))
    turned = label + len(LABELS)
    assert found.tolist() == [[0, 1, turned], [1, 0, label], [1, 2, label], [2, 1, turned]]
    assert found.max() < PAIR_CUES


def test_denied_edges_have_codes_of_their_own() -> None:
    found = pairs(draft("MEK1 does not inhibit ERK1.", "MEK1", "ERK1"), ["MEK1", "ERK1"])
    assert found.tolist() == [[0, 1, PAIR_CUES - 2], [1, 0, PAIR_CUES - 1]]


def test_no_rule_says_nothing() -> None:
    found = pairs(draft("MEK1 and ERK1.", "MEK1", "ERK1"), ["MEK1", "ERK1"])
    assert found.shape == (0, 3)
    assert found.dtype == np.int64
