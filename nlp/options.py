"""What is wanted of a pipeline's documents: types, thresholds, and the profile of keywords."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace

from nlp.config import PROFILES
from nlp.errors import ConfigError
from nlp.schema import MENTION_TYPES, RELATION_TYPES
from nlp.types import Mention, Relation


@dataclass(frozen=True, slots=True)
class Options:
    """What is wanted of a pipeline's documents. By default all that it finds.

    What is left out takes with it what hangs on it: a mention its relations, and keywords are made of the mentions and
    references that are kept. What is kept is as it was, its id included.

        >>> from nlp import Options
        >>> genes = Options(types={"GENE"}, min_mention_score=0.8)
        >>> sorted(genes.types)
        ['GENE']
        >>> genes.changed(min_mention_score=0.5).min_mention_score
        0.5

    Attributes:
        profile: ``precise`` or ``pfocr``, how keywords are made of mentions; None for what the model says.
        types: of mentions, and so of keywords; names in ``nlp.schema.MENTION_TYPES``.
        relation_types: names in ``nlp.schema.RELATION_TYPES``. Without any, the pipeline does not look for relations.
        min_mention_score: the least score of a mention, from 0 to 1, as are all of these.
        min_relation_score: the least score of a relation.
        min_reference_score: the least score of a reference. A mention stays if it loses all of them.

    Raises:
        ConfigError: if there is no such profile or type, or a score is not a number from 0 to 1.
    """

    profile: str | None = None
    types: Collection[str] = frozenset(MENTION_TYPES)
    relation_types: Collection[str] = frozenset(RELATION_TYPES)
    min_mention_score: float = 0.0
    min_relation_score: float = 0.0
    min_reference_score: float = 0.0

    def __post_init__(self) -> None:
        if self.profile is not None and self.profile not in PROFILES:
            raise ConfigError("unknown profile", expected=" | ".join(PROFILES), found=repr(self.profile))
        for name, table in (("types", MENTION_TYPES), ("relation_types", RELATION_TYPES)):
            object.__setattr__(self, name, _known(name, getattr(self, name), table))
        for name in ("min_mention_score", "min_relation_score", "min_reference_score"):
            object.__setattr__(self, name, _score(name, getattr(self, name)))

    def changed(
        self,
        *,
        profile: str | None = None,
        types: Collection[str] | None = None,
        relation_types: Collection[str] | None = None,
        min_mention_score: float | None = None,
        min_relation_score: float | None = None,
        min_reference_score: float | None = None,
    ) -> Options:
        """These options with others in place of some; None leaves one as it is.

        Raises:
            ConfigError: as for the class.
        """
        given = {
            "profile": profile,
            "types": types,
            "relation_types": relation_types,
            "min_mention_score": min_mention_score,
            "min_relation_score": min_relation_score,
            "min_reference_score": min_reference_score,
        }
        return replace(self, **{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]

    @property
    def narrow(self) -> bool:
        """Whether they leave out anything."""
        return any(getattr(self, field.name) != field.default for field in fields(self) if field.name != "profile")

    def of_mentions(self, mentions: Iterable[Mention]) -> tuple[Mention, ...]:
        """The mentions that are wanted, with the references that are."""
        return tuple(
            self._of_references(mention)
            for mention in mentions
            if mention.type in self.types and mention.score >= self.min_mention_score
        )

    def of_relations(self, relations: Iterable[Relation], mentions: Iterable[Mention]) -> tuple[Relation, ...]:
        """The relations that are wanted, of those between ``mentions``."""
        kept = {mention.id for mention in mentions}
        return tuple(
            relation
            for relation in relations
            if relation.type in self.relation_types
            and relation.score >= self.min_relation_score
            and relation.source in kept
            and relation.target in kept
        )

    def _of_references(self, mention: Mention) -> Mention:
        wanted = tuple(one for one in mention.references if one.score >= self.min_reference_score)
        return mention if len(wanted) == len(mention.references) else replace(mention, references=wanted)


def _known(name: str, types: Collection[str], table: Mapping[str, object]) -> frozenset[str]:
    # A text is a collection too, but of letters.
    given = frozenset([types] if isinstance(types, str) else types)
    unknown = given if isinstance(types, str) else given - set(table)
    if unknown:
        found = ", ".join(sorted(map(repr, unknown)))
        raise ConfigError(f"unknown {name}", expected=f"some of {', '.join(table)}", found=found)
    return given


def _score(name: str, score: float) -> float:
    if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
        raise ConfigError(f"{name} is not a score", expected="a number from 0 to 1", found=repr(score))
    return float(score)
