"""Where names stand in captions. In the marked-up sentences brackets stand around each gene or chemical found."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.lexicon import Lexicon, Match
from nlp.text import key

# Words that a caption of no particular names is made of.
FILLER = ("the", "and", "of", "→", "(", ")", "-", "/", ", ", " ", "to", "A–C", "Fig. 2", "was", "+", "s", "⊣", "not")
NAMES = ("IL-6", "TNF-α", "ERK1/2", "p-AKT", "Ca2+", "NF-κB", "CD4+ T cells", "Smad3", "β-catenin", "H₂O₂", "caspase 3")
CAPTIONS = st.lists(st.sampled_from(FILLER + NAMES) | st.text(max_size=6), max_size=20).map("".join)


def longest(lexicon: Lexicon, text: str) -> list[Match]:
    """The longest matches, in order, none overlapping another: all that a sentence is expected to name."""
    chosen: list[Match] = []
    for match in sorted(lexicon.find_all(text), key=lambda match: (match.start - match.end, match.start)):
        if all(match.end <= other.start or other.end <= match.start for other in chosen):
            chosen.append(match)
    return sorted(chosen, key=lambda match: match.start)


def surfaces(lexicon: Lexicon, text: str) -> set[str]:
    return {text[match.start : match.end] for match in lexicon.find_all(text)}


def marked(lexicon: Lexicon, sentence: str) -> tuple[list[str], list[str]]:
    """Surfaces between ⟦ and ⟧ in ``sentence``, and surfaces of genes and chemicals found in it without the marks."""
    expected = re.findall(r"⟦(.*?)⟧", sentence)
    text = sentence.replace("⟦", "").replace("⟧", "")
    found = [match for match in longest(lexicon, text) if match.candidates[0].entry.type in ("GENE", "CHEMICAL")]
    return expected, [text[match.start : match.end] for match in found]


@pytest.mark.parametrize(
    "sentence",
    [
        "⟦IL-6⟧-induced ⟦STAT3⟧ and then ⟦SOCS3⟧.",
        "⟦PI3K⟧/⟦AKT⟧/⟦mTOR⟧ and ⟦MEK⟧–⟦ERK⟧–⟦CREB⟧",
        "⟦TGF-β1⟧→⟦Smad3⟧; ⟦IκBα⟧⊣⟦NF-κB⟧",
        "(⟦p-AKT⟧) but ⟦pSTAT3⟧, and ⟦phospho-JNK⟧",
        "⟦ERK1/2⟧, ⟦MMP-2/-9⟧ with ⟦IL-1α/β⟧",
        "⟦caspases 3 and 9⟧ and also ⟦HDAC1–3⟧",
        "⟦TNF-α⟧ or ⟦TNF alpha⟧ or ⟦TNF-a⟧",
        "⟦IL-1β⟧ is not ⟦IL-11⟧",
        "the cat was not large, but ⟦CAT⟧ can, and ⟦REST⟧ was",
        "A and B; (A) an all (B–C) to be, as in a",
        "of ⟦Ca²⁺⟧ and ⟦Ca2+⟧ by ⟦NO⟧, but no",
        "⟦mTORC1⟧ and many ⟦caspases⟧",
    ],
)
def test_marked_sentences(lexicon: Lexicon, sentence: str) -> None:
    expected, found = marked(lexicon, sentence)
    assert found == expected


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("ERK12", "ERK1"),
        ("xAKT", "AKT"),
        ("AKTx", "AKT"),
        ("IL-1βx", "IL-1"),
        ("CD4+ things", "CD4"),
        ("This", "Thi"),
        ("cases", "case"),
    ],
)
def test_never_inside_a_longer_word(lexicon: Lexicon, text: str, never: str) -> None:
    assert never not in surfaces(lexicon, text)


def test_inner_names_are_found_too(lexicon: Lexicon) -> None:
    text = "tumor necrosis factor receptor 1"
    assert {text, "tumor necrosis factor"} <= surfaces(lexicon, text)


@pytest.mark.parametrize(
    ("text", "genes"),
    [("SMAD2/4", ["SMAD2", "SMAD4"]), ("caspases 8 and 9", ["CASP8", "CASP9"]), ("SMAD2", ["SMAD2"])],
)
def test_a_coordinated_name_has_the_candidates_of_its_parts(lexicon: Lexicon, text: str, genes: list[str]) -> None:
    (match,) = longest(lexicon, text)
    assert [candidate.entry.name for candidate in match.candidates if candidate.entry.kind == "gene"] == genes


def test_adjectives_are_known_but_not_searched_for(lexicon: Lexicon) -> None:
    assert lexicon.lookup("mitochondrial")[0].entry.curie == "GO:0005739"
    assert lexicon.find_all("mitochondrial") == []


@pytest.mark.parametrize("text", ["by 2,3 to", "1,2,3,4", "panels 2, 3 of 20-438", "6.3 and 14.1", "225 (616)"])
def test_numbers_are_no_names(lexicon: Lexicon, text: str) -> None:
    assert surfaces(lexicon, text) == set()


def test_but_the_family_that_is_called_by_numbers_is(lexicon: Lexicon) -> None:
    assert surfaces(lexicon, "by 14-3-3.") == {"14-3-3"}
    assert surfaces(lexicon, "of 1433 cases") == set()


@pytest.mark.parametrize(
    ("text", "cut"),
    [("embryos at E15.5", "E15"), ("see C3.2", "C3"), ("ERK1/2.5 ratio", "ERK1/2"), ("phospho-SMAD3.1", "SMAD3")],
)
def test_decimals_are_not_cut(lexicon: Lexicon, text: str, cut: str) -> None:
    assert cut in surfaces(lexicon, cut)
    assert cut not in surfaces(lexicon, text)


def test_a_full_stop_ends_a_name(lexicon: Lexicon) -> None:
    assert "C3" in surfaces(lexicon, "cleavage of C3.")
    assert "C3" in surfaces(lexicon, "cleavage of C3.Then")


@pytest.mark.parametrize("text", ["TNF\u0301", "IL-6\u0302 rises", "ERK1/2\u0303", "caspases\u0301"])
def test_no_match_ends_before_a_combining_mark(lexicon: Lexicon, text: str) -> None:
    assert all(unicodedata.category(text[match.end : match.end + 1] or " ") != "Mn" for match in lexicon.find_all(text))


@pytest.mark.parametrize("text", ["trans and cis", "Trans signals", "an alpha helix", "Helix 3"])
def test_ordinary_words_of_structures_are_no_names(lexicon: Lexicon, text: str) -> None:
    assert not surfaces(lexicon, text) & {"trans", "Trans", "cis", "helix", "Helix"}


def check(text: str, matches: list[Match]) -> None:
    for match in matches:
        assert 0 <= match.start < match.end <= len(text)
        assert match.candidates
        surface = text[match.start : match.end]
        assert surface == surface.strip()
        assert len(key(surface)) > 1
        assert any(character.isalpha() for character in surface) or key(surface) in ("1433", "911")
        for offset in (match.start, match.end):
            if 0 < offset < len(text):
                assert not (text[offset - 1].isalnum() and text[offset].isalnum())


@settings(max_examples=200, deadline=None)
@given(text=CAPTIONS)
def test_matches_hold_their_text(lexicon: Lexicon, text: str) -> None:
    found = lexicon.find_all(text)
    check(text, found)
    places = [(match.start, -match.end) for match in found]
    assert all(one < other for one, other in pairwise(places))


@settings(max_examples=50, deadline=None)
@given(name=st.sampled_from(NAMES), before=st.sampled_from(FILLER), after=st.sampled_from((" ", ".", ",", ")", ";")))
def test_a_name_is_found_wherever_it_stands(lexicon: Lexicon, name: str, before: str, after: str) -> None:
    text = f"{before} {name}{after}"
    start = len(before) + 1
    assert (start, start + len(name)) in {(match.start, match.end) for match in lexicon.find_all(text)}


@pytest.mark.parametrize("dash", ["-", "‐", "‑", "–", "—", "−"])
def test_any_dash_will_do(lexicon: Lexicon, dash: str) -> None:
    for name in ("IL-6", "NF-κB", "p-AKT", "TNF-α"):
        assert lexicon.lookup(name.replace("-", dash))[0].entry == lexicon.lookup(name)[0].entry


def test_the_empty_text(lexicon: Lexicon) -> None:
    assert lexicon.find_all("") == []
