"""Relations that a caption denies."""

import pytest

from nlp import Pipeline
from nlp.stages.denials import is_denied
from nlp.types import Trigger


@pytest.mark.parametrize(
    ("text", "trigger", "denied"),
    [
        ("AKT activates mTOR.", "activates", False),
        ("AKT does not directly activate mTOR.", "activate", True),
        ("AKT fails to activate mTOR.", "activate", True),
        ("AKT is unable to bind mTOR.", "bind", True),
        ("AKT did not activate mTOR.", "did not activate", True),
        ("AKT acts independently of mTOR.", "acts independently of", True),
        ("AKT had no effect on mTOR.", "had no effect on", True),
        ("AKT inhibits mTOR without affecting ERK.", "without affecting", True),
        ("AKT not only activates mTOR but also ERK.", "activates", False),
        ("AKT does not necessarily activate mTOR.", "activate", False),
        ("AKT may or may not activate mTOR.", "activate", False),
        # What is denied is said of another name, or before.
        ("AKT but not ERK activates mTOR.", "activates", False),
        ("ERK does not act; AKT activates mTOR.", "activates", False),
        ("ERK does not act. AKT activates mTOR.", "activates", False),
    ],
)
def test_what_denies_a_relation(text: str, trigger: str, denied: bool) -> None:
    start = text.index(trigger)
    assert is_denied(text, Trigger(start, start + len(trigger), trigger)) is denied


def test_a_denied_relation_is_told_as_one(pipeline: Pipeline) -> None:
    document = pipeline("EGF activates ERK independently of PKC.")
    names = {mention.id: mention.text for mention in document.mentions}
    assert {names[one.source]: one.negated for one in document.relations} == {"EGF": False, "PKC": True}
