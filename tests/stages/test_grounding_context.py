"""What is told of a mention's panel, of the rest of the caption, and of titles."""

from __future__ import annotations

import pytest

from nlp import Pipeline
from nlp.stages.disambiguation.context import (
    IN_CAPTION,
    IN_PANEL,
    IN_TITLE,
    LongForms,
    Name,
    Surroundings,
    named_in,
    panel_of,
    panel_starts,
)
from nlp.types import Abbreviation, Span


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("(A) TNF acts. (B) IL-6 does not.", ["(A)", "(B)"]),
        ("Two ways. (a, b) TNF acts. (c) IL-6 does not.", ["(a, b)", "(c)"]),
        ("Ways of death: A, TNF acts; B, IL-6 does not. C: none.", ["A,", "B,", "C:"]),
        ("a) TNF acts.\nb) IL-6 does not.", ["a)", "b)"]),
        ("(A–C) TNF acts.(D) IL-6 does not.", ["(A–C)", "(D)"]),
        ("(A) TNF acts. C. elegans grows. (B) IL-6 does not.", ["(A)", "(B)"]),  # no label, but an initial
        ("(A) TNF acts as in (B). (D) IL-6 does not.", ["(A)", "(D)"]),  # one is only spoken of, and one left out
        ("(B) TNF acts. (C) IL-6 does not.", []),  # nothing begins with B
        ("(A) TNF acts alone.", []),
        ("TNF acts.", []),
        ("", []),
    ],
)
def test_panels_begin_at_their_labels(text: str, labels: list[str]) -> None:
    starts = panel_starts(text)
    assert len(starts) == len(labels)
    for start, label in zip(starts, labels, strict=True):
        assert text[start:].lstrip().startswith(label)


def test_what_stands_before_the_first_panel_is_of_none() -> None:
    text = "Two ways. (A) TNF acts. (B) IL-6 does not."
    starts = panel_starts(text)
    assert [panel_of(starts, text.index(word)) for word in ("ways", "TNF", "IL-6")] == [0, 1, 2]


def test_a_long_form_is_that_of_the_own_panel_first() -> None:
    text = "(A) cat dog (CD) runs. (B) cow duck (CD) sits. (C) CDs sleep."
    starts = panel_starts(text)
    forms = []
    for long in ("cat dog", "cow duck"):
        start = text.index(long)
        short = start + len(long) + 2
        forms.append(Abbreviation(Span(short, short + 2), Span(start, start + len(long))))
    long_forms = LongForms(text, forms, starts)
    assert [long_forms.of("CD", panel) for panel in (1, 2, 3)] == ["cat dog", "cow duck", "cow duck"]
    assert long_forms.of("CDs", 1) == "cat dog"
    assert long_forms.of("DC", 1) is None
    assert LongForms(text, (), starts).of("CD", 1) is None


def around(curie: str, panel: int, own: tuple[str, ...] = (), titles: tuple[str, ...] = ()) -> list[str]:
    named = [
        (Name("p21", "GENE", 1), ("X:1",)),
        (Name("Cip1", "GENE", 1), ("X:1",)),
        (Name("TNF", "GENE", 0), ("X:2",)),
        (Name("TNF", "GENE", 2), ("X:2",)),
    ]
    return [*Surroundings(named, titles).of(curie, panel, own)]


def test_other_names_of_an_entry_speak_for_it() -> None:
    assert around("X:1", 1) == around("X:1", 1, ("X:1",)) == [IN_CAPTION, IN_PANEL]
    assert around("X:1", 2) == [IN_CAPTION]
    assert around("X:2", 2) == [IN_CAPTION, IN_PANEL]
    assert around("X:2", 0) == [IN_CAPTION]  # what is in no panel
    assert around("X:3", 1) == []


def test_a_name_does_not_speak_for_itself() -> None:
    assert around("X:2", 2, ("X:2",)) == []  # the same name in two panels
    assert around("X:2", 1, ("X:2",), titles=("X:2",)) == []


def test_titles_speak_for_what_they_name(pipeline: Pipeline) -> None:
    assert around("X:4", 1, titles=("X:3", "X:4")) == [IN_TITLE]
    assert around("X:5", 1, titles=("X:3", "X:4")) == []
    assert "HGNC:2973" in named_in(pipeline.lexicon, "What DNM1L does")
    assert named_in(pipeline.lexicon, "") == frozenset()
