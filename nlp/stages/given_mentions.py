"""The mentions that captions come with, in place of a stage's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nlp.networks.reader import Reading
from nlp.stages.base import Draft, Stage
from nlp.stages.model_mentions import ModelMentions
from nlp.types import Mention


class GivenMentions(Stage[tuple[tuple[Mention, ...], Reading | None]]):
    """Takes the mentions that the caption came with.

    Args:
        stage: whose place it takes.
        needed: what any stage requires; if a tagger's reading is among it, the stage's tagger reads.
    """

    name = "given-mentions"

    def __init__(self, stage: Stage[Any], needed: frozenset[str]) -> None:
        self._stage = stage if isinstance(stage, ModelMentions) and "reading" in needed else None
        # Those of a class are of all its objects; these depend on whose place is taken.
        self.requires = stage.requires if self._stage else frozenset()  # type: ignore[misc]
        self.provides = stage.provides if self._stage else frozenset({"mentions"})  # type: ignore[misc]

    def predict(self, drafts: Sequence[Draft]) -> list[tuple[tuple[Mention, ...], Reading | None]]:
        golds = (draft.caption.gold for draft in drafts)
        mentions = [gold.mentions if gold is not None else () for gold in golds]
        readings = self._stage.readings(drafts) if self._stage else [None] * len(drafts)
        return list(zip(mentions, readings, strict=True))

    def write(self, draft: Draft, prediction: tuple[tuple[Mention, ...], Reading | None]) -> None:
        draft.mentions, draft.reading = prediction
