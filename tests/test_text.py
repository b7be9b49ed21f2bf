"""Folding: which spellings are the same name, and the way back to the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.text import DASHES, GREEK, case_code, fold, has_separator, key

TEXTS = st.text(alphabet=st.sampled_from("abIVXLé12α βΔκ-–‐−'’()/+,.²⁺µßﬁﷺ\u00ad\u200b\n"), max_size=40) | st.text(
    max_size=30
)


@pytest.mark.parametrize(
    "spellings",
    [
        ("TNF-α", "TNFα", "TNF alpha", "tnf-alpha", "TNF‑α", "TNF–α", "TNF_α"),
        ("IL-1β", "IL 1 beta", "IL1β", "IL-1ß", "IL−1β"),
        ("Ca2+", "Ca²⁺", "CA2+"),
        ("collagen type II", "collagen type 2", "Collagen Type-II"),
        ("complex I", "complex 1"),
        ("Sjögren’s syndrome", "Sjogren's syndrome", "sjogrens syndrome"),
        ("μ-opioid receptor", "µ-opioid receptor", "mu opioid receptor"),
        ("ﬁbrosis", "fibrosis"),
        ("NF-κB", "NFκB", "NF kappa B", "NF-kappaB"),
    ],
)
def test_spellings_of_one_name_fold_to_one_key(spellings: tuple[str, ...]) -> None:
    assert len({key(spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("IL-1", "IL-11"),
        ("Ca2+", "Ca2"),
        ("1,2-diol", "12-diol"),
        ("vitamin K I", "vitamin K2"),
        ("VI", "6"),  # a numeral that nothing goes before is no numeral
        ("type IIA", "type 2A"),
        ("chromosome X", "chromosome 10"),
    ],
)
def test_other_names_keep_other_keys(one: str, other: str) -> None:
    assert key(one) != key(other)


def test_offsets_lead_back_to_what_a_key_came_from() -> None:
    text = "a TGF–β1 (type II) rise"
    folded = fold(text)
    at = folded.key.index("beta")
    assert {(folded.starts[i], folded.ends[i]) for i in range(at, at + 4)} == {(6, 7)}
    two = folded.key.index("2")
    assert text[folded.starts[two] : folded.ends[two]] == "II"


@given(TEXTS)
def test_key_is_the_key_of_fold(text: str) -> None:
    assert fold(text).key == key(text)


@given(TEXTS)
def test_offsets_are_ordered_and_inside_the_text(text: str) -> None:
    folded = fold(text)
    assert len(folded.starts) == len(folded.ends) == len(folded.key)
    assert folded.starts == sorted(folded.starts)
    assert folded.ends == sorted(folded.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(folded.starts, folded.ends, strict=True))


@given(TEXTS, st.sampled_from(sorted(DASHES)), st.integers(0, 40))
def test_a_dash_between_letters_never_changes_a_key(text: str, dash: str, place: int) -> None:
    letters = [character for character in text if character.isalpha()]
    place = min(place, len(letters))
    plain = "".join(letters)
    # A Roman numeral is one only behind a separator, so a dash may make one; these letters cannot spell any.
    plain = "".join(character for character in plain if character not in "IVX")
    assert key(plain[:place] + dash + plain[place:]) == key(plain)


@given(TEXTS)
def test_folding_a_key_changes_nothing(text: str) -> None:
    assert key(key(text)) == key(text)


@pytest.mark.parametrize(("letter", "name"), sorted(GREEK.items()))
def test_greek_letters_are_their_names(letter: str, name: str) -> None:
    assert key(f"X{letter}") == key(f"X{letter.upper()}") == key(f"X-{name}")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("IL-6", "IL6", True),
        ("TNF-α", "TNFα", True),
        ("Ca²⁺", "Ca2+", True),
        ("cAMP", "CAMP", False),
        ("Met", "MET", False),
        ("Erk", "Akt", True),
        ("type II", "type 2", False),
        ("mTORC1", "MTORC1", False),
    ],
)
def test_case_codes(one: str, other: str, same: bool) -> None:
    assert (case_code(one) == case_code(other)) is same


@given(TEXTS)
def test_a_case_code_is_one_byte(text: str) -> None:
    assert 0 <= case_code(text) < 256


@pytest.mark.parametrize(("name", "expected"), [("IL-6", True), ("T cell", True), ("IL6", False), (" IL6 ", False)])
def test_separators_are_seen_inside_names_only(name: str, expected: bool) -> None:
    assert has_separator(name) is expected
