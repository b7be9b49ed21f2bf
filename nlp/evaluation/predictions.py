"""Taking the prediction for each caption, and keeping account of those that are not what they should be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nlp.types import Document


@dataclass(slots=True)
class Predictions:
    """Predicted documents, asked for, or given, one caption after the other.

    Attributes:
        documents: by id; none where they are given.
        missing: ids asked for so far that have no document.
        text_changed: ids asked for so far whose document was made from another text.
    """

    documents: Mapping[str, Document] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    text_changed: list[str] = field(default_factory=list)

    def of(self, id: str, text: str) -> Document:
        """The prediction for a caption; where there is none, one that predicts nothing."""
        return self.given(id, text, self.documents.get(id))

    def given(self, id: str, text: str, document: Document | None) -> Document:
        """The same, of the document that is given for the caption, if one is."""
        if document is None:
            self.missing.append(id)
            return Document(id, text)
        if document.text != text:
            self.text_changed.append(id)
        return document
