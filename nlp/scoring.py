"""A pipeline's keywords as those who score them need them: how they were chosen, and what else they are called."""

from __future__ import annotations

from collections.abc import Callable, Collection

from nlp.evaluation.ranking import Ranking
from nlp.lexicon import Lexicon
from nlp.stages.keywords import Keywords
from nlp.types import Document, Keyword


def ranking(keywords: Keywords) -> Ranking:
    """How the stage that made keywords chose them, and from which."""

    def candidates(document: Document) -> tuple[Keyword, ...]:
        # Where nothing was left out these need not be made again.
        return keywords.candidates(document.text, document.mentions) if keywords.min_scores else document.keywords

    return Ranking(keywords.score, candidates, keywords.min_scores, keywords.chosen)


def identifiers(lexicon: Lexicon) -> Callable[[Keyword], Collection[str]]:
    """What else a keyword's identifier is called: a gene's NCBI Gene id, a chemical's MeSH descriptor."""

    def of_keyword(keyword: Keyword) -> Collection[str]:
        entry = None if keyword.curie is None else lexicon.entry(keyword.curie)
        return () if keyword.curie is None else (keyword.curie, *(entry.xrefs if entry else ()))

    return of_keyword
