"""Which mentions are left out for their score."""

import pytest

from nlp import Pipeline
from nlp.stages.base import Draft
from nlp.stages.sure_mentions import SureMentions
from nlp.types import Caption, Mention, Relation

MENTIONS = tuple(
    Mention(f"T{number}", "GENE", 4 * number, 4 * number + 3, "AKT", score)
    for number, score in enumerate((0.9, 0.4, 0.39, 0.1, 0.1))
)


@pytest.mark.parametrize(
    ("relations", "expected"),
    [
        ((), ["T0", "T1"]),
        ((Relation("R1", "T4", "T0", "activation", 1),), ["T0", "T1", "T4"]),
        (
            (Relation("R1", "T0", "T3", "binding", 0), Relation("R2", "T2", "T1", "binding", 0)),
            ["T0", "T1", "T2", "T3"],
        ),
    ],
)
def test_unsure_mentions_stay_where_a_relation_joins_them(relations: tuple[Relation, ...], expected: list[str]) -> None:
    draft = Draft(Caption("1", "AKT " * 5), mentions=MENTIONS, relations=relations)
    SureMentions(0.4)([draft])
    assert [mention.id for mention in draft.mentions] == expected
    assert draft.relations == relations


def test_the_pipeline_tells_no_other(pipeline: Pipeline) -> None:
    texts = ["Abscisic acid closes stomata of the plant.", "Zorkin may be a kinase of Borkian growth.", "AKT acts."]
    for document in pipeline.stream(texts):
        ends = {end for relation in document.relations for end in (relation.source, relation.target)}
        assert all(mention.score >= 0.4 or mention.id in ends for mention in document.mentions)
