"""By what predicted keywords are chosen, so that it can be shown what another choice would give."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from nlp.types import Document, Keyword, Mention


@dataclass(frozen=True, slots=True)
class Ranking:
    """By what keywords were chosen, and where the line was drawn.

    Attributes:
        score: how likely a keyword is, from 0 to 1, given the mentions of its document by id.
        candidates: all keywords that a document could have had, whatever their score; None if only those are known
            that it has.
        min_scores: by type, the least score of a keyword that a document has; a type that is not there was not cut.
        chosen: where the line was chosen, as the end of a sentence that begins with "It was chosen"; empty if nobody
            says.
    """

    score: Callable[[Keyword, Mapping[str, Mention]], float]
    candidates: Callable[[Document], Iterable[Keyword]] | None = None
    min_scores: Mapping[str, float] = field(default_factory=dict)
    chosen: str = ""


UNRANKED: Final = Ranking(lambda *_: 1.0)
"""All keywords are as likely, and none was left out."""
