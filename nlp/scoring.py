"""Scoring a pipeline's documents: keywords in several profiles, how they were chosen, and what else they are called."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import partial
from typing import Final

from nlp.evaluation.keywords import KeywordScore, KeywordScorer
from nlp.evaluation.outcomes import FigureScore
from nlp.evaluation.ranking import Ranking
from nlp.lexicon import Lexicon
from nlp.pipeline import Pipeline
from nlp.stages.keywords import Keywords
from nlp.types import Caption, Document, Keyword

OWN: Final = ""
"""In place of a profile: the keywords that documents have."""


class ProfileScorer:
    """Scores documents in several profiles of keywords, one after the other, as ``KeywordScorer`` does in one.

    Args:
        pipeline: whose keywords, made of the documents' mentions.
        profiles: or ``OWN``.
        each: called with profile and outcomes of each figure.

    Raises:
        ConfigError: if there is no such profile.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        profiles: Iterable[str],
        each: Callable[[str, FigureScore], object] = lambda *_: None,
    ) -> None:
        self._parts: dict[str, tuple[Keywords | None, KeywordScorer]] = {}
        for profile in profiles:
            keywords = None if profile == OWN else pipeline.keywords(profile)
            scorer = KeywordScorer(
                identifiers=identifiers(pipeline.lexicon),
                ranking=Ranking(Keywords(pipeline.lexicon).score) if keywords is None else ranking(keywords),
                each=partial(each, profile),
            )
            self._parts[profile] = keywords, scorer

    def add(self, caption: Caption, document: Document | None) -> None:
        """Compare a document with the curated list of its caption; None if nothing is predicted."""
        for keywords, scorer in self._parts.values():
            if document is None or keywords is None:
                scorer.add(caption, document)
            else:
                scorer.add(caption, replace(document, keywords=keywords.of(document.text, document.mentions)))

    def results(self) -> dict[str, KeywordScore]:
        """The scores of all that was added, by profile."""
        return {profile: scorer.result() for profile, (_, scorer) in self._parts.items()}


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
