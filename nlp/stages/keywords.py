"""Keywords of a figure, as PFOCR's curated lists have them: gene symbols, chemicals, diseases.

Two profiles:

- ``precise``: what the caption means. The best reference of each mention that is likely enough, and the members of a
  family where the family itself is named.
- ``pfocr``: what PFOCR's own lexicon would make of the words of mentions. Every gene that a name may mean, the members
  of each family, and the chemicals and diseases inside longer names.

Neither lists the members of a family that is a kind of thing ("cytochrome P450") rather than something a figure shows.

A keyword has one score (``Keywords.score``): by it ``precise`` is cut, and keywords are ranked. It is no part of a
document, since it follows from the scores of mentions and references, which are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from nlp.config import PROFILES
from nlp.errors import ConfigError
from nlp.lexicon import Candidate, Entry, Lexicon
from nlp.schema import MENTION_TYPES
from nlp.stages.base import Draft, Stage
from nlp.stages.disambiguation.candidates import Finder
from nlp.types import Keyword, Mention, Span

_GENE: Final = "GENE"
# What a mention may mean but less likely than this is not among its references (``nlp.stages.grounding``).
_UNLISTED: Final = 0.01


class Keywords(Stage[tuple[Keyword, ...]]):
    """Makes the keywords of a caption from its mentions.

    Args:
        lexicon: for the members of families, and in ``pfocr`` for all that a name may mean.
        profile: ``precise`` or ``pfocr``.
        max_members: a family with more members than this is left out.
        min_scores: by type, the least score of a keyword in ``precise``; by default all are good enough.
        chosen: where ``min_scores`` and ``max_members`` were chosen, as the end of a sentence on the operating point
            that begins with "It was chosen"; reports say it.

    Raises:
        ConfigError: if there is no such profile.
    """

    name = "keywords"
    requires = frozenset({"mentions"})
    provides = frozenset({"keywords"})

    def __init__(
        self,
        lexicon: Lexicon,
        profile: str = "precise",
        max_members: int = 25,
        min_scores: Mapping[str, float] = MappingProxyType({}),
        chosen: str = "",
    ) -> None:
        if profile not in PROFILES:
            raise ConfigError("unknown profile", expected=" | ".join(PROFILES), found=repr(profile))
        self._lexicon = lexicon
        self.profile = profile
        self._max_members = max_members
        self._min_scores = dict(min_scores)
        self.chosen = chosen
        self._finder = Finder(lexicon)

    def with_profile(self, profile: str) -> Keywords:
        """The same stage in another profile.

        Raises:
            ConfigError: if there is no such profile.
        """
        return Keywords(self._lexicon, profile, self._max_members, self._min_scores, self.chosen)

    @property
    def min_scores(self) -> Mapping[str, float]:
        """By type, the least score of a keyword in this profile; a type that is not there is not cut."""
        return MappingProxyType(self._min_scores if self.profile == "precise" else {})

    def predict(self, drafts: Sequence[Draft]) -> list[tuple[Keyword, ...]]:
        return [self.of(draft.text, draft.mentions) for draft in drafts]

    def write(self, draft: Draft, prediction: tuple[Keyword, ...]) -> None:
        draft.keywords = prediction

    def of(self, text: str, mentions: Iterable[Mention]) -> tuple[Keyword, ...]:
        """The keywords of a caption with these mentions, by type and then by name."""
        return self._merged(text, mentions, self.min_scores)

    def candidates(self, text: str, mentions: Iterable[Mention]) -> tuple[Keyword, ...]:
        """What ``of`` chooses from: its keywords, and those that it leaves out for their score."""
        return self._merged(text, mentions, {})

    def score(self, keyword: Keyword, mentions: Mapping[str, Mention]) -> float:
        """How likely a caption means a keyword, from 0 to 1: by the likeliest of the mentions behind it.

        For a mention that is its score times that of the references that give the keyword: the keyword's own, and that
        of a family with the keyword as a member. A keyword that no reference gives, as ``pfocr`` has them, is less
        likely than the least that references tell: it has a hundredth of the score of its mention. One without a CURIE
        has its mention's score, and one without a mention 0.

        Of several ways that were tried on PFOCR's 556 lists this ranks genes best: average precision .210 in
        ``precise`` and .231 in ``pfocr``. The best of the references gives .209 and .230, the first one .209 and .208,
        the scores of mentions alone .198 and .180. Chemicals, of which most are right by chance, are ranked as well by
        mentions alone.

        Args:
            keyword: of a document, however it was made.
            mentions: the document's mentions by id.
        """
        return max((self._likelihood(keyword, mentions[id]) for id in keyword.mentions), default=0.0)

    def _likelihood(self, keyword: Keyword, mention: Mention) -> float:
        if keyword.curie is None:
            return mention.score
        giving = [one.score for one in mention.references if self._gives(one.curie, keyword.curie)]
        likelihood = max(giving, default=_UNLISTED)
        # One reference excludes the others, so that a gene and its family both speak for the gene; not so where a
        # coordinated name has several.
        if len(giving) > 1 and not self._finder.parts(mention.text, mention.type):
            likelihood = min(1.0, sum(giving))
        return mention.score * likelihood

    def _gives(self, reference: str, keyword: str) -> bool:
        """Whether a reference is to a keyword, or to a family with it as a member, both by their CURIEs."""
        return reference == keyword or any(member.curie == keyword for member in self._lexicon.members(reference))

    def _merged(self, text: str, mentions: Iterable[Mention], min_scores: Mapping[str, float]) -> tuple[Keyword, ...]:
        if self.profile == "precise":
            named = self._meant(mentions, min_scores)
        else:
            named = self._possible(text, tuple(mentions))
        merged: dict[tuple[str, str], tuple[Keyword, list[str]]] = {}
        for keyword, ids in named:
            _, known = merged.setdefault((keyword.type, keyword.curie or keyword.keyword.casefold()), (keyword, []))
            known.extend(id for id in ids if id not in known)
        keywords = (Keyword(item.keyword, item.type, item.curie, tuple(ids)) for item, ids in merged.values())
        return tuple(sorted(keywords, key=lambda item: (_TYPE_ORDER[item.type], item.keyword)))

    def _meant(
        self, mentions: Iterable[Mention], min_scores: Mapping[str, float]
    ) -> Iterator[tuple[Keyword, list[str]]]:
        for mention in mentions:
            if not MENTION_TYPES[mention.type].keyword:
                continue
            least = min_scores.get(mention.type, 0.0)
            # Of a coordinated name (``SMAD2/3``) each reference is meant, of any other the first.
            several = self._finder.parts(mention.text, mention.type)
            for reference in mention.references if several else mention.references[:1]:
                entry = self._lexicon.entry(reference.curie)
                if entry is None or entry.type != mention.type:
                    continue
                for keyword in self._of_entry(entry, mention.text):
                    if not least or self._likelihood(keyword, mention) >= least:
                        yield keyword, [mention.id]

    def _possible(self, text: str, mentions: Sequence[Mention]) -> Iterator[tuple[Keyword, list[str]]]:
        for match in self._lexicon.find_all(text):
            span = Span(match.start, match.end)
            ids = [mention.id for mention in mentions if mention.span.overlaps(span)]
            for entry in _wanted(match.candidates) if ids else ():
                for keyword in self._of_entry(entry, span.of(text)):
                    yield keyword, ids
        yield from self._meant(mentions, {})

    def _of_entry(self, entry: Entry, surface: str) -> Iterator[Keyword]:
        if entry.type != _GENE:
            yield Keyword(surface, entry.type, entry.curie)
        elif entry.kind == "gene":
            yield Keyword(entry.name, _GENE, entry.curie)
        else:
            members = self._lexicon.members(entry.curie)
            for member in members if len(members) <= self._max_members else ():
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
