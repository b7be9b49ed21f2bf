"""Which mention "it" stands for."""

from __future__ import annotations

import itertools
import re

import pytest

from nlp.stages.pronouns import subjects
from nlp.types import Span
from tests.markup import parse


def meant(*block: str) -> list[tuple[str, str]]:
    """Pronouns and what they stand for, in sentences that are given one by one."""
    numbers = itertools.count(1)
    sentences = [re.sub("⟦", lambda _: f"⟦T{next(numbers)}:", sentence) for sentence in block]
    document = parse(" ".join(sentences))
    lengths = [len(parse(sentence).text) + 1 for sentence in sentences]
    ends = list(itertools.accumulate(lengths))
    spans = [Span(end - length, min(end, len(document.text))) for end, length in zip(ends, lengths, strict=True)]
    found = subjects(document.text, spans, document.mentions)
    return [(span.of(document.text), mention.text) for span, mention in found]


FIRST = "⟦GENE|BDNF⟧ binds ⟦GENE|TrkB⟧ in ⟦CELL|neurons⟧."


@pytest.mark.parametrize(
    "second",
    [
        "It activates ⟦GENE|ERK⟧.",
        "Additionally, it activates ⟦GENE|ERK⟧.",
        "At the same time, it can activate ⟦GENE|ERK⟧.",
        "Through the ⟦GENE|MEK⟧-⟦GENE|ERK⟧ pathway, it promotes ⟦PROCESS|synaptogenesis⟧.",
    ],
)
def test_a_subject_is_carried_on(second: str) -> None:
    ((pronoun, name),) = meant(FIRST, second)
    assert (pronoun.lower(), name) == ("it", "BDNF")


@pytest.mark.parametrize(
    "second",
    [
        "It is thought that ⟦GENE|ERK⟧ is active.",
        "It should be noted that ⟦GENE|ERK⟧ is active.",
        "If ⟦GENE|ERK⟧ is active, it moves to the ⟦COMPONENT|nucleus⟧.",
        "⟦GENE|ERK⟧ is active because it is phosphorylated.",
        "Its receptor is ⟦GENE|TrkB⟧.",
        "IT inhibits ⟦GENE|ERK⟧.",
        "⟦GENE|BDNF⟧ activates ⟦GENE|TrkB⟧, it also inhibits ⟦GENE|ERK⟧.",
        "⟦CHEMICAL|It⟧ activates ⟦GENE|ERK⟧.",
    ],
)
def test_other_pronouns_are_left_alone(second: str) -> None:
    assert meant(FIRST, second) == []


def test_it_may_go_on_for_sentences_but_not_past_one_without_names() -> None:
    assert meant(FIRST, "It activates ⟦GENE|ERK⟧.", "Then it moves.") == [("It", "BDNF"), ("it", "BDNF")]
    assert meant(FIRST, "Arrows mean activation.", "It activates ⟦GENE|ERK⟧.") == []
    assert meant("In ⟦CELL|neurons⟧, little happens.", "It activates ⟦GENE|ERK⟧.") == []
