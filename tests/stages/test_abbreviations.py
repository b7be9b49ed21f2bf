"""Short and long forms, as captions give them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.stages.abbreviations import Abbreviations
from nlp.stages.base import Draft
from nlp.stages.sentences import Sentences
from nlp.tokens import Tokenizer
from nlp.types import Caption

TOKENIZER = Tokenizer()
STAGES = (Sentences(TOKENIZER), Abbreviations(TOKENIZER.language))


def pairs(text: str) -> dict[str, str]:
    draft = Draft(Caption("x", text))
    for stage in STAGES:
        stage([draft])
    return {found.short.of(text): found.long.of(text) for found in draft.abbreviations}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nuclear factor kappa B (NF-κB) moves in.", {"NF-κB": "Nuclear factor kappa B"}),
        ("ROS (reactive oxygen species formed there) rise.", {"ROS": "reactive oxygen species formed there"}),
        (
            (
                "It opens. Abbreviations: AMPAR: α-amino-3-hydroxy-5-methyl-4-isoxazolepropionic acid receptor; "
                "BDNF: brain-derived neurotrophic factor; ERK: extracellular signal-related kinase. GR: glucocorticoid "
                "receptor"
            ),
            {
                "AMPAR": "α-amino-3-hydroxy-5-methyl-4-isoxazolepropionic acid receptor",
                "BDNF": "brain-derived neurotrophic factor",
                "ERK": "extracellular signal-related kinase",
                "GR": "glucocorticoid receptor",
            },
        ),
        (
            "AMPK, AMP-activated protein kinase; ACC, acetyl-CoA carboxylase.",
            {"AMPK": "AMP-activated protein kinase", "ACC": "acetyl-CoA carboxylase"},
        ),
        (
            "ECM, extracellular matrix, FN, fibronectin, and TGF-β, transforming growth factor β.",
            {"ECM": "extracellular matrix", "FN": "fibronectin", "TGF-β": "transforming growth factor β"},
        ),
        ("PM = plasma membrane; ER = endoplasmic reticulum", {"PM": "plasma membrane", "ER": "endoplasmic reticulum"}),
        ("Glu indicates glutamate; Gln, glutamine.", {"Glu": "glutamate", "Gln": "glutamine"}),
        ("SA stands for salicylic acid.", {"SA": "salicylic acid"}),
    ],
)
def test_forms(text: str, expected: dict[str, str]) -> None:
    assert pairs(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Red: up-regulated genes; green, down-regulated.",
        "↑, increase; ↓, decrease.",
        "Insulin (left) and glucagon (right) oppose each other.",
        "In A, kinases are active. STAT3, which is latent, waits.",
        "MEK1, MEK2; ERK1, ERK2.",
        "p53 (see text for details) stops the cycle.",
    ],
)
def test_what_is_no_abbreviation(text: str) -> None:
    assert pairs(text) == {}


def test_outside_a_glossary_all_letters_must_be_found() -> None:
    assert pairs("Note GSK, glycogen kinase.") == {}
    assert pairs("Abbreviations: GSK, glycogen kinase.") == {"GSK": "glycogen kinase"}


@settings(deadline=None, max_examples=200)
@given(st.text(st.sampled_from("ABCabc αβ-(),;:=. 1"), max_size=100))
def test_spans_hold_whatever_text_comes_in(text: str) -> None:
    for short, long in pairs(text).items():
        assert short.strip() == short
        assert long.strip() == long
        assert short
        assert long
