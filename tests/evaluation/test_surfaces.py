"""What stands in a caption, and what does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.evaluation.surfaces import SurfaceIndex, fold, surface_forms
from nlp.types import CuratedKeyword


@pytest.mark.parametrize(
    ("form", "caption", "surface"),
    [
        ("ERK", "Then ERK is active.", "ERK"),
        ("ERK", "Then p-ERK is active.", "ERK"),
        ("ERK", "(ERK)", "ERK"),
        ("erk", "Then ERK is active.", "ERK"),
        ("IL6", "IL-6 rises", "IL-6"),
        ("IL-6", "IL6 rises", "IL6"),
        ("IL 6", "IL–6 rises", "IL–6"),
        ("TNF alpha", "more TNF-Alpha here", "TNF-Alpha"),
        ("NFκB", "NF-κB moves in", "NF-κB"),
        ("CD4", "CD4+ T cells", "CD4"),
        ("Ca2", "free Ca2+", "Ca2"),
        ("strasse", "Straße", "Straße"),
    ],
)
def test_found(form: str, caption: str, surface: str) -> None:
    span = SurfaceIndex(caption).find(form)
    assert span is not None
    assert span.of(caption) == surface


@pytest.mark.parametrize(
    ("form", "caption"),
    [
        ("ERK", "PERK is active"),  # a letter goes on before
        ("ERK", "ERK1 is active"),  # a digit goes on after
        ("ERK", "ERKs are active"),
        ("IL1", "IL-18 rises"),
        ("Met", "when the two met"),  # an ordinary word in another case
        ("STEP", "the next step"),
        ("ST-EP", "the next step"),
        ("PC", "pc is not what is meant"),  # two letters in another case
        ("ERK", ""),
        ("", "ERK"),
        ("-", "a - b"),
        ("s", "ß"),
    ],
)
def test_not_found(form: str, caption: str) -> None:
    assert SurfaceIndex(caption).find(form) is None


@pytest.mark.parametrize(("form", "caption"), [("Met", "Met binds HGF"), ("PC", "PC is a lipid"), ("step", "a step")])
def test_ordinary_words_and_two_letters_are_found_in_their_own_case(form: str, caption: str) -> None:
    assert SurfaceIndex(caption).find(form) is not None


def test_a_later_place_is_found_when_an_earlier_one_is_inside_a_word() -> None:
    span = SurfaceIndex("PERK and ERK").find("ERK")
    assert span is not None
    assert span.start == 9


@pytest.mark.parametrize(
    ("words", "forms"),
    [
        (("MEK/ERK",), ("MEK/ERK", "MEK", "ERK")),
        (("ERK1/2",), ("ERK1/2", "ERK1")),  # "2" names nothing
        (("AKT,", "(AKT"), ("AKT",)),
        (("Raf, Ras",), ("Raf, Ras", "Raf", "Ras")),
        (("2,3-BPG",), ("2,3-BPG",)),  # a comma of a chemical name
        (("IL-1/18",), ("IL-1/18", "IL-1")),
        (("14-3-3",), ("14-3-3",)),
        (("A", "+", "B-"), ()),
    ],
)
def test_forms_of_a_keyword(words: tuple[str, ...], forms: tuple[str, ...]) -> None:
    assert surface_forms(CuratedKeyword("JAK", words=words)) == ("JAK", *forms)


def test_one_letter_is_never_a_form() -> None:
    assert surface_forms(CuratedKeyword("K", "CHEMICAL", words=("K+", "k"))) == ()


def test_a_keyword_is_reached_by_the_first_of_its_forms_that_stands_there() -> None:
    caption = SurfaceIndex("Active Akt and mapk-1.")
    assert caption.reach(surface_forms(CuratedKeyword("MAPK1", "GENE", words=("ERK2",)))) == "mapk-1"
    assert caption.reach(surface_forms(CuratedKeyword("AKT1", "GENE", words=("PI3K/AKT",)))) == "Akt"
    assert caption.reach(surface_forms(CuratedKeyword("AKT1", "GENE", words=("PKB",)))) is None
    assert caption.reach(()) is None


TEXTS = st.text(alphabet="aAbB1 -–ßİκ/(),.", max_size=30)


@given(TEXTS, TEXTS)
def test_what_is_found_is_the_form_at_word_boundaries(text: str, form: str) -> None:
    span = SurfaceIndex(text).find(form)
    if span is not None:
        assert fold(span.of(text)) == fold(form)
        assert not text[: span.start][-1:].isalnum()
        assert not text[span.end :][:1].isalnum()


@given(st.from_regex(r"[A-Za-z]{3,6}[0-9]{0,2}", fullmatch=True), TEXTS, TEXTS)
def test_a_form_that_stands_by_itself_is_found_in_its_own_spelling(form: str, before: str, after: str) -> None:
    assert SurfaceIndex(f"{before} {form} {after}").find(form) is not None
