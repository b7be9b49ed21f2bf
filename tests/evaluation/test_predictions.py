"""Taking predictions by caption."""

from __future__ import annotations

from nlp.evaluation.predictions import Predictions
from nlp.types import Document, Mention

ERK = (Mention("T1", "GENE", 0, 3, "ERK"),)


def test_only_captions_asked_for_are_told() -> None:
    same, other = Document("same", "ERK acts.", ERK), Document("other", "ERK", ERK)
    predictions = Predictions({"same": same, "other": other, "unasked": other})
    assert predictions.of("same", "ERK acts.") is same
    assert predictions.of("other", "ERK acts.") is other
    assert predictions.of("none", "ERK acts.") == Document("none", "ERK acts.")
    assert (predictions.missing, predictions.text_changed) == (["none"], ["other"])
