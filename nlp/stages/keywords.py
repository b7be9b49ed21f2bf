"""Keywords of a figure, as PFOCR's curated lists have them: gene symbols, chemicals, diseases.

Two profiles:

- ``precise``: what the caption means. The best reference of each mention, and the members of a family where the family
  itself is named.
- ``pfocr``: what PFOCR's own lexicon would make of the caption's words, in or out of a mention. Every gene that a name
  may mean, all members of each family, and the chemicals and diseases inside longer names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from nlp.config import PROFILES
from nlp.errors import ConfigError
from nlp.lexicon import Candidate, Entry, Lexicon, expand
from nlp.schema import MENTION_TYPES
from nlp.stages.base import Draft, Stage
from nlp.types import Keyword, Mention, Span

_GENE: Final = "GENE"


class Keywords(Stage[tuple[Keyword, ...]]):
    """Makes the keywords of a caption from its mentions.

    Args:
        lexicon: for the members of families, and in ``pfocr`` for all that a name may mean.
        profile: ``precise`` or ``pfocr``.
        max_members: a family with more members than this ("cytochrome P450") is a kind of thing rather than something
            that a figure shows, so ``precise`` leaves it out.

    Raises:
        ConfigError: if there is no such profile.
    """

    name = "keywords"
    requires = frozenset({"mentions"})
    provides = frozenset({"keywords"})

    def __init__(self, lexicon: Lexicon, profile: str = "precise", max_members: int = 25) -> None:
        if profile not in PROFILES:
            raise ConfigError("unknown profile", expected=" | ".join(PROFILES), found=repr(profile))
        self._lexicon = lexicon
        self.profile = profile
        self._max_members = max_members

    def with_profile(self, profile: str) -> Keywords:
        """The same stage in another profile.

        Raises:
            ConfigError: if there is no such profile.
        """
        return Keywords(self._lexicon, profile, self._max_members)

    def predict(self, drafts: Sequence[Draft]) -> list[tuple[Keyword, ...]]:
        return [self.of(draft.text, draft.mentions) for draft in drafts]

    def write(self, draft: Draft, prediction: tuple[Keyword, ...]) -> None:
        draft.keywords = prediction

    def of(self, text: str, mentions: Iterable[Mention]) -> tuple[Keyword, ...]:
        """The keywords of a caption with these mentions, by type and then by name."""
        named = self._meant(mentions) if self.profile == "precise" else self._possible(text, tuple(mentions))
        merged: dict[tuple[str, str], tuple[Keyword, list[str]]] = {}
        for keyword, ids in named:
            _, known = merged.setdefault((keyword.type, keyword.curie or keyword.keyword.casefold()), (keyword, []))
            known.extend(id for id in ids if id not in known)
        keywords = (Keyword(item.keyword, item.type, item.curie, tuple(ids)) for item, ids in merged.values())
        return tuple(sorted(keywords, key=lambda item: (_TYPE_ORDER[item.type], item.keyword)))

    def _meant(self, mentions: Iterable[Mention]) -> Iterator[tuple[Keyword, list[str]]]:
        for mention in mentions:
            if not MENTION_TYPES[mention.type].keyword or not mention.references:
                continue
            for entry in self._best(mention):
                for keyword in self._of_entry(entry, mention.text):
                    yield keyword, [mention.id]

    def _best(self, mention: Mention) -> Iterator[Entry]:
        """The entry a mention means; of a coordinated name (``ERK1/2``) one for each of its names."""
        parts = expand(mention.text) if mention.type == _GENE else ()
        for name in parts:
            candidates = [one for one in self._lexicon.lookup(name) if one.entry.type == mention.type]
            if candidates:
                yield candidates[0].entry
        if not parts:
            entry = self._lexicon.entry(mention.references[0].curie)
            if entry is not None:
                yield entry

    def _possible(self, text: str, mentions: Sequence[Mention]) -> Iterator[tuple[Keyword, list[str]]]:
        for match in self._lexicon.find_all(text):
            span = Span(match.start, match.end)
            ids = [mention.id for mention in mentions if mention.span.overlaps(span)]
            for entry in _wanted(match.candidates):
                for keyword in self._of_entry(entry, span.of(text)):
                    yield keyword, ids
        yield from self._meant(mentions)

    def _of_entry(self, entry: Entry, surface: str) -> Iterator[Keyword]:
        if entry.type != _GENE:
            yield Keyword(surface, entry.type, entry.curie)
        elif entry.kind == "gene":
            yield Keyword(entry.name, _GENE, entry.curie)
        else:
            members = self._lexicon.members(entry.curie)
            if self.profile == "precise" and len(members) > self._max_members:
                return
            for member in members:
                yield Keyword(member.name, _GENE, member.curie)


def _wanted(candidates: Iterable[Candidate]) -> Iterator[Entry]:
    """All genes that a name may mean; of chemicals and diseases the likeliest, since their names are not ambiguous."""
    seen: set[str] = set()
    for candidate in candidates:
        type = candidate.entry.type
        if MENTION_TYPES[type].keyword and (type == _GENE or type not in seen):
            seen.add(type)
            yield candidate.entry


_TYPE_ORDER: Final = {type: place for place, type in enumerate(MENTION_TYPES)}
