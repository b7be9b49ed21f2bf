"""Leaves out what is not wanted of a pipeline's documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nlp.errors import PipelineError
from nlp.options import Options
from nlp.stages.base import Draft, Stage
from nlp.stages.keywords import Keywords
from nlp.types import Keyword, Mention, Relation

Kept = tuple[tuple[Mention, ...], tuple[Relation, ...]]


class Narrowing(Stage[Kept]):
    """Leaves out mentions, references and relations; to be run before keywords are made of them.

    Args:
        options: what is wanted.
    """

    name = "narrowing"
    requires = frozenset[str]()
    provides = frozenset[str]()

    def __init__(self, options: Options) -> None:
        self._options = options

    def predict(self, drafts: Sequence[Draft]) -> list[Kept]:
        kept = [self._options.of_mentions(draft.mentions) for draft in drafts]
        return [
            (mentions, self._options.of_relations(draft.relations, mentions))
            for draft, mentions in zip(drafts, kept, strict=True)
        ]

    def write(self, draft: Draft, prediction: Kept) -> None:
        draft.mentions, draft.relations = prediction


class NarrowedKeywords(Stage[tuple[Keyword, ...]]):
    """Leaves out keywords of other types: in ``pfocr`` a gene's name inside that of a chemical gives one.

    Args:
        options: what is wanted.
    """

    name = "narrowed-keywords"
    requires = frozenset({"keywords"})
    provides = frozenset[str]()

    def __init__(self, options: Options) -> None:
        self._types = options.types

    def predict(self, drafts: Sequence[Draft]) -> list[tuple[Keyword, ...]]:
        return [tuple(keyword for keyword in draft.keywords if keyword.type in self._types) for draft in drafts]

    def write(self, draft: Draft, prediction: tuple[Keyword, ...]) -> None:
        draft.keywords = prediction


def narrowed(stages: Sequence[Stage[Any]], options: Options) -> tuple[Stage[Any], ...]:
    """The stages that run for options: those given, and what leaves out, before keywords are made, what is not wanted.

    Raises:
        PipelineError: if the options name a profile of keywords, and none are made.
    """
    profile = options.profile
    if profile and not any(isinstance(stage, Keywords) for stage in stages):
        raise PipelineError("the pipeline makes no keywords", expected=f"a stage {Keywords.name!r}")
    planned = [stage.with_profile(profile) if profile and isinstance(stage, Keywords) else stage for stage in stages]
    if not options.narrow:
        return tuple(planned)
    if not options.relation_types:
        planned = [stage for stage in planned if stage.provides != {"relations"}]
    keywords = [stage for stage in planned if isinstance(stage, Keywords)]
    others = [stage for stage in planned if not isinstance(stage, Keywords)]
    return (*others, Narrowing(options), *keywords, *([NarrowedKeywords(options)] if keywords else ()))
