"""Where names stand in captions. In the marked-up sentences brackets stand around each gene or chemical found."""

from __future__ import annotations

import re
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


def marked(lexicon: Lexicon, sentence: str) -> tuple[list[str], list[str]]:
    """Surfaces between ⟦ and ⟧ in ``sentence``, and surfaces of genes and chemicals found in it without the marks."""
    expected = re.findall(r"⟦(.*?)⟧", sentence)
    text = sentence.replace("⟦", "").replace("⟧", "")
    found = [match for match in lexicon.find(text) if match.candidates[0].entry.type in ("GENE", "CHEMICAL")]
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
    assert never not in {text[match.start : match.end] for match in lexicon.find_all(text)}


def test_the_longest_match_wins(lexicon: Lexicon) -> None:
    text = "tumor necrosis factor receptor 1"
    (match,) = lexicon.find(text)
    assert (match.start, match.end) == (0, len(text))
    inner = {text[match.start : match.end] for match in lexicon.find_all(text)}
    assert "tumor necrosis factor" in inner


def test_a_coordinated_name_gives_its_parts(lexicon: Lexicon) -> None:
    (match,) = lexicon.find("SMAD2/4")
    assert [part[0].entry.name for part in match.parts] == ["SMAD2", "SMAD4"]
    (match,) = lexicon.find("caspases 8 and 9")
    assert [part[0].entry.name for part in match.parts] == ["CASP8", "CASP9"]
    (plain,) = lexicon.find("SMAD2")
    assert plain.parts == ()


def test_adjectives_are_known_but_not_searched_for(lexicon: Lexicon) -> None:
    assert lexicon.lookup("mitochondrial")[0].entry.curie == "GO:0005739"
    assert lexicon.find("mitochondrial") == []


def check(text: str, matches: list[Match]) -> None:
    for match in matches:
        assert 0 <= match.start < match.end <= len(text)
        assert match.candidates
        surface = text[match.start : match.end]
        assert surface == surface.strip()
        assert len(key(surface)) > 1
        for offset in (match.start, match.end):
            if 0 < offset < len(text):
                assert not (text[offset - 1].isalnum() and text[offset].isalnum())


@settings(max_examples=200, deadline=None)
@given(text=CAPTIONS)
def test_matches_hold_their_text(lexicon: Lexicon, text: str) -> None:
    found = lexicon.find(text)
    check(text, found)
    check(text, lexicon.find_all(text))
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert {(match.start, match.end) for match in found} <= {(m.start, m.end) for m in lexicon.find_all(text)}


@settings(max_examples=50, deadline=None)
@given(name=st.sampled_from(NAMES), before=st.sampled_from(FILLER), after=st.sampled_from((" ", ".", ",", ")", ";")))
def test_a_name_is_found_wherever_it_stands(lexicon: Lexicon, name: str, before: str, after: str) -> None:
    text = f"{before} {name}{after}"
    start = len(before) + 1
    assert (start, start + len(name)) in {(match.start, match.end) for match in lexicon.find(text)}


@pytest.mark.parametrize("dash", ["-", "‐", "‑", "–", "—", "−"])
def test_any_dash_will_do(lexicon: Lexicon, dash: str) -> None:
    for name in ("IL-6", "NF-κB", "p-AKT", "TNF-α"):
        assert lexicon.lookup(name.replace("-", dash))[0].entry == lexicon.lookup(name)[0].entry


def test_the_empty_text(lexicon: Lexicon) -> None:
    assert lexicon.find("") == lexicon.find_all("") == []
