"""Leaves out mentions that nothing speaks for."""

from __future__ import annotations

from collections.abc import Sequence

from nlp.stages.base import Draft, Stage
from nlp.types import Mention


class SureMentions(Stage[tuple[Mention, ...]]):
    """Leaves out mentions of a low score, but for those that relations join: what something is said of is likely there.

    To be run after relations are looked for, to which all mentions are given: an unsure one may well be an end. F1 is
    highest where what is more likely right than half of F1 is kept (Lipton, Elkan & Naryanaswamy 2014, "Optimal
    thresholding of classifiers to maximize F1 measure").

    Args:
        threshold: least score of a mention that no relation joins.
    """

    name = "sure-mentions"
    requires = frozenset({"mentions"})
    provides = frozenset({"mentions"})

    def __init__(self, threshold: float = 0.0) -> None:
        self._threshold = threshold

    def predict(self, drafts: Sequence[Draft]) -> list[tuple[Mention, ...]]:
        return [self._kept(draft) for draft in drafts]

    def write(self, draft: Draft, prediction: tuple[Mention, ...]) -> None:
        draft.mentions = prediction

    def _kept(self, draft: Draft) -> tuple[Mention, ...]:
        joined = {end for relation in draft.relations for end in (relation.source, relation.target)}
        return tuple(one for one in draft.mentions if one.score >= self._threshold or one.id in joined)
