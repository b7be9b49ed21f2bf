"""What a stage is: it declares what it requires and provides, predicts first and writes after."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from spacy.tokens import Doc

from nlp.errors import PipelineError
from nlp.networks.reader import Reading
from nlp.types import Abbreviation, Caption, Document, Keyword, Mention, Relation, Span


@dataclass(slots=True)
class Draft:
    """A caption under work, inside one batch; stages write their part of the answer into it.

    ``tokens`` is a spaCy ``Doc`` and must not leave the process that made it: a finished draft becomes a
    ``Document`` (``finish``), which is plain data. ``reading`` is what the tagger said of the text when it marked the
    mentions, for stages that read on.
    """

    caption: Caption
    tokens: Doc | None = None
    sentences: tuple[Span, ...] = ()
    abbreviations: tuple[Abbreviation, ...] = ()
    reading: Reading | None = None
    mentions: tuple[Mention, ...] = ()
    relations: tuple[Relation, ...] = ()
    keywords: tuple[Keyword, ...] = ()

    @property
    def text(self) -> str:
        return self.caption.text

    def finish(self) -> Document:
        """The document made of what the stages wrote.

        Raises:
            AnnotationError: if the parts contradict each other.
        """
        return Document(
            id=self.caption.id,
            text=self.caption.text,
            mentions=self.mentions,
            relations=self.relations,
            abbreviations=self.abbreviations,
            keywords=self.keywords,
        )


Prediction = TypeVar("Prediction")


class Stage(ABC, Generic[Prediction]):
    """One step of a pipeline.

    A stage first predicts for the whole batch without changing any draft, then writes. So a stage that fails leaves
    its batch as it was, and what a stage sees never depends on its neighbours' turn.

    Class attributes:
        name: as it stands in a model's configuration.
        requires: attributes of ``Draft`` that an earlier stage must have provided.
        provides: attributes of ``Draft`` that this one writes.
    """

    name: ClassVar[str]
    requires: ClassVar[frozenset[str]]
    provides: ClassVar[frozenset[str]]

    @abstractmethod
    def predict(self, drafts: Sequence[Draft]) -> Sequence[Prediction]:
        """One prediction for each draft, in order."""

    @abstractmethod
    def write(self, draft: Draft, prediction: Prediction) -> None:
        """Put a prediction into its draft."""

    def __call__(self, drafts: Sequence[Draft]) -> None:
        for draft, prediction in zip(drafts, self.predict(drafts), strict=True):
            self.write(draft, prediction)


def check_stages(stages: Iterable[Stage[Any]]) -> None:
    """Check that each stage finds what it requires.

    Raises:
        PipelineError: naming the first stage that does not.
    """
    provided: set[str] = set()
    for stage in stages:
        if lacking := stage.requires - provided:
            raise PipelineError(
                f"stage {stage.name!r} lacks what it works on",
                expected=f"an earlier stage that provides {', '.join(sorted(lacking))}",
                found=", ".join(sorted(provided)) or "nothing provided before it",
            )
        provided |= stage.provides
