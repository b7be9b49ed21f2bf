from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import pytest

from nlp.networks.reader import Reader, Reading, ScoredSpan, scored_spans
from nlp.networks.tags import TagSet
from nlp.stages.base import Draft
from nlp.stages.mentions import LexiconMentions
from nlp.stages.merging import MergedMentions, one_type_a_name, weigh
from nlp.stages.model_mentions import ModelMentions
from nlp.types import Abbreviation, Caption, Mention, Span

TAGS = TagSet(["GENE", "CHEMICAL"])
WORDS = np.asarray([(0, 3), (4, 8), (9, 13)], np.int32)  # "TNF acts here"


def reading(*rows: list[float]) -> Reading:
    return Reading(WORDS, np.log(np.asarray(rows, np.float32)))


def found(*, gene: float, name: Mention | None, silence: float = 0.0) -> list[str]:
    """What is found where the tagger gives ``gene`` for the first word, and O the rest."""
    rows = [[1 - gene - 0.03, gene, 0.01, 0.01, 0.01], *[[0.96, 0.01, 0.01, 0.01, 0.01]] * 2]
    weighed = weigh(reading(*rows), TAGS, [name] if name else [], 3.0, silence)
    return [item.label for item in scored_spans(weighed, TAGS)]


GENE = Mention("T1", "GENE", 0, 3, "TNF", 0.9)
CHEMICAL = Mention("T1", "CHEMICAL", 0, 3, "TNF", 0.9)


@pytest.mark.parametrize(
    ("gene", "name", "expected"),
    [
        (0.2, None, []),
        (0.2, GENE, ["GENE"]),  # the lexicon decides where the tagger wavers
        (0.01, GENE, []),  # and is not asked where it does not
        (0.5, CHEMICAL, ["GENE"]),
        (0.7, None, ["GENE"]),
    ],
)
def test_the_lexicon_speaks_for_its_tags(gene: float, name: Mention | None, expected: list[str]) -> None:
    assert found(gene=gene, name=name) == expected


def test_its_score_weighs() -> None:
    weak = Mention("T1", "GENE", 0, 3, "TNF", 0.1)
    assert found(gene=0.2, name=weak) == []


def test_its_silence_speaks_for_no_mention() -> None:
    assert found(gene=0.6, name=None) == ["GENE"]
    assert found(gene=0.6, name=None, silence=1.0) == []


def test_weighing_leaves_the_reading_as_it_was() -> None:
    before = reading([0.6, 0.1, 0.1, 0.1, 0.1])
    scores = before.scores.copy()
    weigh(Reading(WORDS[:1], before.scores), TAGS, [GENE], 3.0, 1.0)
    assert np.array_equal(before.scores, scores)


class Told:
    """A reader that keeps what it was told, and finds each name that it was told as a gene."""

    tags = TAGS

    def __init__(self) -> None:
        self.names: list[Sequence[Mention] | None] = []

    def __call__(self, _texts: object, _spans: object, names: Sequence[Sequence[Mention] | None]) -> list[Reading]:
        self.names += names
        return [reading([0.1 if own else 0.9, *[0.025] * 4], *[[0.9, *[0.025] * 4]] * 2) for own in names]


class Lexicon:
    """Knows TNF, and counts how often it is asked."""

    asked = 0
    never: frozenset[str] = frozenset()

    def predict(self, drafts: Sequence[Draft]) -> list[tuple[Mention, ...]]:
        self.asked += 1
        return [(GENE,) if draft.text.startswith("TNF") else () for draft in drafts]


def test_the_tagger_is_told_the_lexicons_names() -> None:
    reader, lexicon = Told(), Lexicon()
    drafts = [Draft(Caption("1", "TNF acts here")), Draft(Caption("2", "Fog lies here"))]
    merged = MergedMentions(cast("Reader", reader), cast("LexiconMentions", lexicon), agreement=3.0)
    first, second = merged.predict(drafts)
    assert [item.text for item in first[0]] == ["TNF"]
    assert second[0] == ()
    assert reader.names == [(GENE,), ()]
    assert lexicon.asked == 1
    ((alone, said),) = ModelMentions(cast("Reader", reader)).predict(drafts[:1])
    assert alone == ()
    assert said.scores.shape == (3, 5)
    assert reader.names[2:] == [None]


def spans(text: str, *items: tuple[str, int, str, float]) -> list[ScoredSpan]:
    """Scored spans by their surface, which of its occurrences, label and score."""
    result = []
    for surface, occurrence, label, score in items:
        start = -1
        for _ in range(occurrence):
            start = text.index(surface, start + 1)
        result.append(ScoredSpan(Span(start, start + len(surface)), label, score))
    return result


def test_a_name_has_one_type() -> None:
    text = "PIP rises. PIP falls. PIP, and PTEN."
    items = spans(
        text, ("PIP", 1, "CHEMICAL", 0.6), ("PIP", 2, "GENE", 0.9), ("PIP", 3, "CHEMICAL", 0.5), ("PTEN", 1, "GENE", 1)
    )
    assert [item.label for item in one_type_a_name(text, items, [])] == ["CHEMICAL"] * 3 + ["GENE"]
    assert [item.score for item in one_type_a_name(text, items, [])] == [0.6, 0.9, 0.5, 1]


def test_a_short_form_goes_with_its_long_form() -> None:
    text = "SA acts. Abbreviations: SA, salicylic acid."
    items = spans(text, ("SA", 1, "GENE", 0.5), ("SA", 2, "GENE", 0.3), ("salicylic acid", 1, "CHEMICAL", 0.95))
    explained = Abbreviation(items[1].span, items[2].span)
    assert [item.label for item in one_type_a_name(text, items, [explained])] == ["CHEMICAL"] * 3
    assert [item.label for item in one_type_a_name(text, items, [])] == ["GENE", "GENE", "CHEMICAL"]
