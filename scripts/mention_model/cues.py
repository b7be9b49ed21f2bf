"""What the relation rules say of texts to learn from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nlp import Caption, Mention
from nlp.stages.base import Draft
from nlp.stages.edge_cues import pair_cues, word_cues
from nlp.stages.relations import rule_edges
from nlp.tokens import Tokenizer
from nlp.training.relation_examples import RelatedExample


class RuleCues:
    """As the relation stage sees a caption; of mentions that overlap, the rules are told the first and longest."""

    def __init__(self) -> None:
        self._tokenizer = Tokenizer()

    def __call__(
        self, example: RelatedExample, words: NDArray[np.int32]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """See ``nlp.training.related_texts.Cues``."""
        mentions = [
            Mention(f"T{number}", span.label, span.start, span.end, example.text[span.start : span.end])
            for number, span in enumerate(example.mentions)
        ]
        flat: list[Mention] = []
        for mention in sorted(mentions, key=lambda mention: (mention.start, -mention.end)):
            if not flat or mention.start >= flat[-1].end:
                flat.append(mention)
        _, sentences = self._tokenizer(example.text)
        draft = Draft(Caption(example.id, example.text), sentences=tuple(sentences), mentions=tuple(flat))
        return word_cues(example.text, words), pair_cues(
            (edge for edge, _ in rule_edges(draft)), [mention.id for mention in mentions]
        )
