"""Mentions to identifiers: the entries of the lexicon that a mention may mean, the likeliest first.

What decides, in this order: the mention's type; the long form, where the caption gives one; how near the surface is
spelled to the entry's name; what kind of name that is (approved symbols before aliases); whether the caption names the
same entry otherwise too; and how well the entry is known, by its cross references.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from nlp.lexicon import Candidate, Lexicon
from nlp.stages.base import Draft, Stage
from nlp.types import Abbreviation, Mention, Reference

MAX_REFERENCES: Final = 5
# Bonuses: of an entry that the long form names as well as the short one, and of one that only the long form names.
_BOTH_FORMS: Final = 1.0
_LONG_FORM: Final = 0.6
# A class of proteins in a thesaurus has neither members nor genes: anything else of the name is better.
_CLASS_ONLY: Final = -0.3
_CHANCE: Final = 2
_NAMED_ELSEWHERE: Final = 0.15


class Grounding(Stage[tuple[Mention, ...]]):
    """Gives each mention its references. A mention whose name no entry of its type has stays without.

    Args:
        lexicon: where entries come from.
        max_references: how many to keep of each mention.
    """

    name = "grounding"
    requires = frozenset({"mentions", "abbreviations"})
    provides = frozenset({"mentions"})

    def __init__(self, lexicon: Lexicon, max_references: int = MAX_REFERENCES) -> None:
        self._lexicon = lexicon
        self._max_references = max_references

    def predict(self, drafts: Sequence[Draft]) -> list[tuple[Mention, ...]]:
        return [self._ground(draft.text, draft.mentions, draft.abbreviations) for draft in drafts]

    def write(self, draft: Draft, prediction: tuple[Mention, ...]) -> None:
        draft.mentions = prediction

    def _ground(
        self, text: str, mentions: Iterable[Mention], abbreviations: Iterable[Abbreviation]
    ) -> tuple[Mention, ...]:
        mentions = tuple(mentions)
        long_forms = {item.short.of(text): item.long.of(text) for item in abbreviations}
        candidates = {
            (mention.text, mention.type): self._candidates(mention, long_forms.get(mention.text.removesuffix("s")))
            for mention in mentions
        }
        named = Counter(curie for found in candidates.values() for curie in _certain(found))
        references = {name: self._rank(found, named) for name, found in candidates.items()}
        return tuple(replace(mention, references=references[mention.text, mention.type]) for mention in mentions)

    def _candidates(self, mention: Mention, long_form: str | None) -> dict[str, tuple[Candidate, float]]:
        """Candidates of the mention's type by CURIE, each with what speaks for it or against it beyond its name."""
        short = self._of_type(mention.text, mention.type)
        found = {curie: (one, _class_cost(one)) for curie, one in short.items()}
        if long_form is None:
            return found
        # A class of proteins is what the long form of a family or gene means as well: "AMPK" is not "EC 2.7.11.31".
        specific = any(not _class_cost(one) for one in short.values())
        long = self._of_type(long_form, mention.type)
        for curie, one in long.items():
            cost = _class_cost(one)
            if curie not in short:
                found[curie] = (one, cost or _LONG_FORM)
            elif not (cost and specific):
                found[curie] = (short[curie], _BOTH_FORMS)
        return {curie: one for curie, one in found.items() if curie in long or not _is_vetoed(one[0], mention.text)}

    def _of_type(self, name: str, type: str) -> dict[str, Candidate]:
        return {one.entry.curie: one for one in self._lexicon.lookup(name) if one.entry.type == type}

    def _rank(self, found: Mapping[str, tuple[Candidate, float]], named: Mapping[str, int]) -> tuple[Reference, ...]:
        weights = {
            curie: plausibility(candidate) + bonus + (_NAMED_ELSEWHERE if named[curie] > 1 else 0.0)
            for curie, (candidate, bonus) in found.items()
        }
        best = sorted(weights, key=lambda curie: (-weights[curie], -len(found[curie][0].entry.xrefs), _order(curie)))
        # Odds fall by half for each twentieth of plausibility: an alias beside an approved symbol is hardly meant.
        odds = {curie: 2.0 ** (20 * (weights[curie] - weights[best[0]])) for curie in best}
        total = sum(odds.values())
        return tuple(
            Reference(curie, found[curie][0].entry.name, min(1.0, weights[curie]) * odds[curie] / total)
            for curie in best[: self._max_references]
        )


def plausibility(candidate: Candidate) -> float:
    """How plausible a candidate is by its name alone, in (0, 1)."""
    return max(0.05, 0.98 - 0.04 * candidate.how - 0.25 * candidate.edits)


def _class_cost(candidate: Candidate) -> float:
    return _CLASS_ONLY if candidate.entry.kind == "protein_class" else 0.0


def _is_vetoed(candidate: Candidate, surface: str) -> bool:
    """Whether a caption's own explanation of a short form speaks against a gene that only shares its letters.

    "LT (lipid trafficking)" is not lymphotoxin. Long short forms, and those with digits, are hardly chance.
    """
    return candidate.entry.kind == "gene" and len(surface) <= _CHANCE and surface.isalpha()


def _certain(found: Mapping[str, tuple[Candidate, float]]) -> list[str]:
    """The entry that a name means if it can mean only one."""
    return [*found] if len(found) == 1 else []


def _order(curie: str) -> tuple[str, int, str]:
    """Older identifiers first: entries that have been there longest are those that are meant most."""
    prefix, _, local = curie.partition(":")
    return (prefix, int(local) if local.isdigit() else 0, local)
