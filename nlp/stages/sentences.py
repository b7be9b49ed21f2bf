"""Tokens and sentences, the first stage of every pipeline."""

from __future__ import annotations

from collections.abc import Sequence

from spacy.tokens import Doc

from nlp.stages.base import Draft, Stage
from nlp.tokens import Tokenizer
from nlp.types import Span


class Sentences(Stage[tuple[Doc, tuple[Span, ...]]]):
    """Cuts captions into scispaCy's tokens and sentences."""

    name = "sentences"
    requires = frozenset[str]()
    provides = frozenset({"tokens", "sentences"})

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def predict(self, drafts: Sequence[Draft]) -> list[tuple[Doc, tuple[Span, ...]]]:
        return [self._tokenizer(draft.text) for draft in drafts]

    def write(self, draft: Draft, prediction: tuple[Doc, tuple[Span, ...]]) -> None:
        draft.tokens, draft.sentences = prediction
