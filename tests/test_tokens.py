"""scispaCy's tokens and sentences, and the habits of captions."""

import time
from itertools import pairwise
from pathlib import Path

import pysbd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.formats.base import raise_error
from nlp.formats.sources import read_sources
from nlp.tokens import CaptionSegmenter, Tokenizer

TOKENIZER = Tokenizer()
EXAMPLES = Path(__file__).parent.parent / "corpora" / "examples"


def tokens(text: str) -> list[str]:
    return [token.text for token in TOKENIZER(text)[0]]


def sentences(text: str) -> list[str]:
    return [span.of(text) for span in TOKENIZER.sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PI3K/AKT/mTOR axis", ["PI3K", "/", "AKT", "/", "mTOR", "axis"]),
        ("Bax-dependent release", ["Bax", "-", "dependent", "release"]),
        ("IL-6 and TNF-α", ["IL-6", "and", "TNF-α"]),
        ("TGF-β1-induced EMT", ["TGF-β1", "-", "induced", "EMT"]),
        ("RAS→RAF→MEK", ["RAS", "→", "RAF", "→", "MEK"]),
        ("SOCS3 ⊣ JAK2", ["SOCS3", "⊣", "JAK2"]),
        ("Nrf2–Keap1 binding", ["Nrf2", "–", "Keap1", "binding"]),
        ("A->B", ["A", "->", "B"]),
        ("CD4+ T cells take up Ca2+", ["CD4", "+", "T", "cells", "take", "up", "Ca2", "+"]),
        ("(R)-ketamine acts.", ["(R)-ketamine", "acts", "."]),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    "expected",
    [
        ["Insulin binds its receptor (Fig. 2a).", "Glucose enters."],
        ["Leptin signals through LepRb (e.g. in neurons, cf. Fig. 3).", "Feeding stops."],
        ["(A) Wnt is absent.", "(B) Wnt is present."],
        ["A, resting cells.", "B, cells that E. coli LPS woke."],
        ["Signalling by insulin.", "(A–C) The receptor dimerises.", "(D) It recruits IRS1."],
        ["IL-2 vs. IL-15 in T cells, modified from Smith et al. 2001."],
        ["Levels rose 2.5-fold.", "p53 fell."],
    ],
)
def test_sentences(expected: list[str]) -> None:
    assert sentences(" ".join(expected)) == expected


def test_a_lost_line_break_before_a_panel_label() -> None:
    assert sentences("FAS recruits caspases.B, TNF does not.") == ["FAS recruits caspases.", "B, TNF does not."]
    assert sentences("It opens the channel.(B) It closes.") == ["It opens the channel.", "(B) It closes."]


def test_no_text_no_sentences() -> None:
    assert TOKENIZER.sentences("") == ()
    assert TOKENIZER.sentences(" \n ") == ()
    assert len(TOKENIZER("")[0]) == 0


CAPTION = st.text(st.sampled_from("ABab αβ→⊣-–/()[].,;:+²\u00a0\u2009\n'\"1 2"), max_size=80) | st.text(max_size=60)


@settings(deadline=None, max_examples=300)
@given(CAPTION)
def test_whatever_text_comes_in_nothing_of_it_is_lost(text: str) -> None:
    doc, spans = TOKENIZER(text)
    assert doc.text == text
    for token in doc:
        assert text[token.idx : token.idx + len(token)] == token.text
    assert list(spans) == sorted(spans)
    assert all(not before.overlaps(after) for before, after in pairwise(spans))
    covered = {position for span in spans for position in range(span.start, span.end)}
    assert all(position in covered for position, character in enumerate(text) if not character.isspace())
    assert all(span.of(text) == span.of(text).strip() for span in spans)


@settings(deadline=None)
@given(CAPTION)
def test_the_docs_sentences_follow_the_spans(text: str) -> None:
    doc, spans = TOKENIZER(text)
    starts = {sentence.start_char for sentence in doc.sents}
    for span in spans:
        opening = [token.idx for token in doc if token.idx <= span.start < token.idx + len(token)]
        assert set(opening) <= starts


ODD = [
    "See Fig. 2 in Smith et al. (2019), e.g. the no. 5 of vs. 7. It is, i.e., near St. John. Dr. A vs. B, approx. 3.",
    "p. 3 and pp. 4 co. Al. is. No. It is no. That is al. The fig. (A) shows. ref. 3, Sep. and max. 5 min. later.",
    "A. B. A. B. A. B.",
    "Ph.D. and U.S. and u.s.a. vs. d.phil. Jan. 2020",
    "1. first 2. second (a) this (b) that. 3) x",
    "  spaces  before. And  behind.  \n\n New line. ",
    "(",
    "?! !? ... …",
]


def test_sentences_are_those_of_pysbd() -> None:
    theirs = pysbd.Segmenter(language="en", clean=False, char_span=True)
    captions = [caption.text for caption in read_sources([EXAMPLES], raise_error)]
    assert len(captions) > 20
    for text in (*captions, *ODD):
        expected = [(span.sent, span.start, span.end) for span in theirs.segment(text)]
        assert [(span.sent, span.start, span.end) for span in CaptionSegmenter().segment(text)] == expected, text


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(["fig", "No", "al", ".", ". ", " ", "A", "(b)", "et al.", "\n", "5", "e.g.", "Is", "vs"]))
)
def test_sentences_are_those_of_pysbd_whatever_the_text(parts: list[str]) -> None:
    text = "".join(parts)
    theirs = pysbd.Segmenter(language="en", clean=False, char_span=True).segment(text)
    ours = CaptionSegmenter().segment(text)
    assert [(span.start, span.end) for span in ours] == [(span.start, span.end) for span in theirs]


def test_a_sentence_said_again_and_again_takes_no_longer_each_time() -> None:
    text = "Up. " * 4_000
    started = time.process_time()
    assert len(CaptionSegmenter().segment(text)) == 4_000
    assert time.process_time() - started < 10  # where each looks through all before it, it is 30
