"""What a network says of pairs becomes relations."""

from __future__ import annotations

import re

import numpy as np
import pytest

from nlp.networks.edge_scores import EdgeScores
from nlp.stages.edge_decoding import LABELS, Decoding, as_relations, name_keys
from nlp.types import Abbreviation, Mention, Span

TEXT = "MEK raises ERK1. Extracellular kinase 1 (EK1) binds TNF, and MEK blocks ERK1."
WORDS = np.asarray(
    [match.span() for match in re.finditer(r"\w+ kinase|\w+|[().,]", TEXT)],
    np.int32,
)


def mention(surface: str, after: int = 0) -> Mention:
    start = TEXT.index(surface, after)
    return Mention(f"T{start}", "GENE", start, start + len(surface), surface)


MENTIONS = [
    mention("MEK"),
    mention("ERK1"),
    mention("Extracellular kinase 1"),
    mention("EK1"),
    mention("TNF"),
    mention("MEK", 50),
    mention("ERK1", 50),
]
NAMES = ["mek", "erk1", "ek", "ek", "tnf", "mek", "erk1"]


def said(**pairs: tuple[str, int, float]) -> EdgeScores:
    """Scores of pairs such as ``p01``: type, sign and probability of a label; the rest goes to no relation."""
    indices = [(int(name[1]), int(name[2])) for name in pairs]
    probabilities = np.full((len(pairs), 1 + len(LABELS)), 1e-6)
    for row, (type, sign, probability) in enumerate(pairs.values()):
        probabilities[row, 1 + LABELS.index((type, sign))] = probability
        probabilities[row, 0] = 1 - probability
    triggers = np.asarray([(1, 1), (14, 14)])[np.asarray([index[0] > 1 for index in indices], np.int64)]
    modality = np.full((len(pairs), 2), -1.0)
    modality[-1] = 1.0
    scores = np.log(probabilities).astype(np.float32)
    return EdgeScores(np.asarray(indices), scores, modality, triggers)


def test_of_pairs_of_the_same_names_the_likeliest_counts() -> None:
    scores = said(p01=("expression", 1, 0.7), p56=("activation", -1, 0.9), p10=("activation", 1, 0.6))
    found = Decoding(0.5)(scores, NAMES)
    assert [(item.source, item.target, LABELS[item.label]) for item in found] == [
        (1, 0, ("activation", 1)),
        (5, 6, ("activation", -1)),
    ]
    assert found[1].score == pytest.approx(0.9, abs=1e-3)


def test_what_is_less_likely_than_the_threshold_is_not_stated() -> None:
    scores = said(p01=("expression", 1, 0.7))
    assert len(Decoding(0.69)(scores, NAMES)) == 1
    assert Decoding(0.71)(scores, NAMES) == []
    (unsure,) = Decoding(0.69, temperature=2.0)(scores, NAMES)
    assert unsure.score < 0.69


def test_binding_is_weighed_both_ways_and_stated_once() -> None:
    scores = said(p24=("binding", 0, 0.3), p42=("binding", 0, 0.35))
    (found,) = Decoding(0.6)(scores, NAMES)
    assert (found.source, found.target) in {(2, 4), (4, 2)}
    assert found.sure == pytest.approx(0.65, abs=1e-3)
    one_way = said(p24=("activation", 1, 0.3), p42=("activation", 1, 0.35))
    assert Decoding(0.6)(one_way, NAMES) == []


def test_a_name_is_not_related_to_itself() -> None:
    assert Decoding(0.5)(said(p23=("binding", 0, 0.9)), NAMES) == []


def test_a_short_form_is_its_long_form() -> None:
    start = TEXT.index("EK1")
    explained = Abbreviation(short=Span(start, start + 3), long=MENTIONS[2].span)
    keys = name_keys(TEXT, MENTIONS, [explained])
    assert keys[2] == keys[3] == "extracellularkinase1"
    assert keys[0] == keys[5] == "mek"
    assert len({*keys}) == 4


def test_relations_have_triggers_in_their_sentences() -> None:
    scores = said(p01=("expression", 1, 0.7), p56=("activation", -1, 0.9))
    first, second = as_relations(TEXT, WORDS, MENTIONS, scores, Decoding(0.5, 1.0)(scores, [*NAMES[:5], "a", "b"]))
    assert first.trigger is not None
    assert first.trigger.text == "raises"
    assert second.trigger is not None
    assert second.trigger.text == "blocks"
    assert (first.negated, first.speculative) == (False, False)
    assert (second.negated, second.speculative) == (True, True)
    assert (first.type, first.sign, second.type, second.sign) == ("expression", 1, "activation", -1)
    assert (first.id, second.id) == ("R1", "R2")


def test_nothing_comes_of_no_pairs() -> None:
    empty = np.zeros((0, 2))
    scores = EdgeScores(
        np.zeros((0, 2), np.int64), np.zeros((0, 1 + len(LABELS)), np.float32), empty, np.zeros((0, 2), np.int64)
    )
    assert Decoding(0.0)(scores, NAMES) == []
