"""Mentions to identifiers: the entries of the lexicon that a mention may mean, the likeliest first.

A log-linear model ranks them, beside the chance that none of them is meant: the probability of an option is the
exponential of its weighed evidence over the sum of all options' and 1 (McFadden 1974, with an outside option). Evidence
is how the entry was found and spelled, what kind of name that is (approved symbols before aliases), the long form that
the caption gives, what annotated articles mean by the name, how well the entry is known, and whether the mention's own
panel, the rest of the caption, or the title of the figure or paper names the same entry otherwise too. The weights were
learned from texts with identifiers (``nlp.stages.disambiguation.weights``), so that scores are probabilities.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from math import exp
from typing import Final

from nlp.lexicon import Lexicon
from nlp.stages.base import Draft, Stage
from nlp.stages.disambiguation.candidates import Finder, Option, sole
from nlp.stages.disambiguation.context import LongForms, Name, Surroundings, named_in, panel_of, panel_starts
from nlp.stages.disambiguation.evidence import evidence
from nlp.stages.disambiguation.weights import WEIGHTS
from nlp.types import Abbreviation, Caption, Mention, Reference

MAX_REFERENCES: Final = 5
THRESHOLD: Final = 0.3
# What is less likely than this beside a better reference is not worth telling.
_NEGLIGIBLE: Final = 0.01
# A class of proteins has no genes, so that a gene which is at least as likely as this is better, whatever is explained.
_SURE: Final = 0.8
# How often a reference that is sure of a short form is right of its long form too, by sixty of PFOCR's captions.
_BY_SHORT_FORM: Final = 0.87
_CACHE: Final = 1 << 16
_TITLES: Final = 1 << 10


_Weighed = tuple[str, str, float]


@dataclass(frozen=True, slots=True)
class _Choice:
    """What a name may mean.

    Attributes:
        options: CURIE, preferred name and weight of each.
        sole: the entry if it can be only one.
        classes: likewise, of classes of proteins that the caption explains the name by; options where none is likely.
    """

    options: tuple[_Weighed, ...]
    sole: str | None
    classes: tuple[_Weighed, ...] = ()


class Grounding(Stage[tuple[Mention, ...]]):
    """Gives each mention its references. One that probably means no entry of the lexicon stays without.

    The scores of a mention's references sum to 1 at most: one of them is meant. Of a coordinated name (``SMAD2/3``,
    ``caspases 3 and 9``) all are meant, so each name has its best reference, with a probability of its own, in the
    order of the text.

    Args:
        lexicon: where entries come from.
        max_references: how many to keep of each mention.
        threshold: the least probability of a mention's best reference; below it the mention stays ungrounded.
        weights: of the evidence, by its name; what is not there weighs nothing.
        usage: in how many annotated articles a name of a type means each entry; by default as the lexicon knows.
    """

    name = "grounding"
    requires = frozenset({"mentions", "abbreviations"})
    provides = frozenset({"mentions"})

    def __init__(
        self,
        lexicon: Lexicon,
        max_references: int = MAX_REFERENCES,
        threshold: float = THRESHOLD,
        weights: Mapping[str, float] = WEIGHTS,
        usage: Callable[[str, str], Mapping[str, int]] | None = None,
    ) -> None:
        self._lexicon = lexicon
        self._max_references = max_references
        self._threshold = threshold
        self._weights = weights
        self._usage = usage
        self._finder = Finder(lexicon, usage)
        self._choice: Callable[[str, str, str | None], _Choice] = lru_cache(maxsize=_CACHE)(self._choose)
        self._parts: Callable[[str, str], tuple[str, ...]] = lru_cache(maxsize=_CACHE)(self._finder.parts)
        self._title: Callable[[str], frozenset[str]] = lru_cache(maxsize=_TITLES)(partial(named_in, lexicon))

    def __reduce__(self) -> tuple[object, ...]:
        """A pickled stage opens its lexicon again where it arrives, with nothing remembered."""
        return (Grounding, (self._lexicon, self._max_references, self._threshold, dict(self._weights), self._usage))

    def predict(self, drafts: Sequence[Draft]) -> list[tuple[Mention, ...]]:
        return [self._ground(draft.caption, draft.mentions, draft.abbreviations) for draft in drafts]

    def write(self, draft: Draft, prediction: tuple[Mention, ...]) -> None:
        draft.mentions = prediction

    def _ground(
        self, caption: Caption, mentions: Sequence[Mention], abbreviations: Sequence[Abbreviation]
    ) -> tuple[Mention, ...]:
        starts = panel_starts(caption.text)
        long_forms = LongForms(caption.text, abbreviations, starts)
        names = [Name(one.text, one.type, panel_of(starts, one.start) if starts else 0) for one in mentions]
        choices: dict[Name, list[_Choice]] = {}
        for name in names:
            if name not in choices:
                surface, type, panel = name
                parts = self._parts(surface, type)
                long_form = None if parts else long_forms.of(surface, panel)
                choices[name] = [self._choice(part, type, long_form) for part in parts or (surface,)]
        around = Surroundings(
            ((name, [one.sole for one in parts if one.sole is not None]) for name, parts in choices.items()),
            self._title(caption.title) | self._title(caption.paper_title),
        )
        references = {name: self._references(parts, around, name.panel) for name, parts in choices.items()}
        short_forms = {one.long.of(caption.text): one.short.of(caption.text) for one in abbreviations}
        references |= _by_short_forms(references, short_forms)
        return tuple(
            replace(mention, references=references[name]) for mention, name in zip(mentions, names, strict=True)
        )

    def _references(self, parts: Sequence[_Choice], around: Surroundings, panel: int) -> tuple[Reference, ...]:
        own = [choice.sole for choice in parts if choice.sole is not None]
        ranked = [self._rank(choice, around, panel, own) for choice in parts]
        if len(ranked) == 1:
            return tuple(ranked[0][: self._max_references])
        best: dict[str, Reference] = {}
        for references in filter(None, ranked):
            best.setdefault(references[0].curie, references[0])
        return tuple(best.values())

    def _rank(self, choice: _Choice, around: Surroundings, panel: int, own: Collection[str]) -> list[Reference]:
        found = self._likely(choice.options, around, panel, own)
        if choice.classes and (not found or found[0].score < _SURE):
            return self._likely((*choice.options, *choice.classes), around, panel, own)
        return found

    def _likely(
        self, options: Sequence[_Weighed], around: Surroundings, panel: int, own: Collection[str]
    ) -> list[Reference]:
        odds = []
        for curie, _, weight in options:
            odds.append(exp(weight + sum(self._weights.get(kind, 0.0) for kind in around.of(curie, panel, own))))
        total = 1.0 + sum(odds)
        ranked = sorted(zip(odds, options, strict=True), key=lambda pair: (-pair[0], _order(pair[1][0])))
        if not ranked or ranked[0][0] / total < self._threshold:
            return []
        likely = [(odd / total, option) for odd, option in ranked if odd / total >= _NEGLIGIBLE]
        return [Reference(curie, name, score) for score, (curie, name, _) in likely]

    def _choose(self, surface: str, type: str, long_form: str | None) -> _Choice:
        options = self._finder.options(surface, type, long_form)
        weighed = self._weighed(options, surface, type)
        known = {curie for curie, _, _ in weighed}
        classes = self._weighed(self._finder.explained_classes(surface, type, long_form), surface, type)
        return _Choice(weighed, sole(options), tuple(one for one in classes if one[0] not in known))

    def _weighed(self, options: Iterable[Option], surface: str, type: str) -> tuple[_Weighed, ...]:
        return tuple(
            (
                option.candidate.entry.curie,
                option.candidate.entry.name,
                self._weigh(evidence(option, surface, type)),
            )
            for option in options
        )

    def _weigh(self, found: Mapping[str, float]) -> float:
        return sum(self._weights.get(name, 0.0) * value for name, value in found.items())


def _by_short_forms(
    references: Mapping[Name, tuple[Reference, ...]], short_forms: Mapping[str, str]
) -> dict[Name, tuple[Reference, ...]]:
    """References of genes' long forms that nothing is known of: those of their short forms, if these are sure.

    Args:
        references: of the caption's names.
        short_forms: by the long forms that the caption explains them by.
    """
    genes = [(name, found) for name, found in references.items() if name.type == "GENE"]
    sure = {name.surface: found[0] for name, found in genes if found and found[0].score >= _SURE}
    taken = {name: sure.get(short_forms.get(name.surface, "")) for name, found in genes if not found}
    return {name: (replace(one, score=one.score * _BY_SHORT_FORM),) for name, one in taken.items() if one is not None}


def _order(curie: str) -> tuple[str, int, str]:
    """Older identifiers first: entries that have been there longest are those that are meant most."""
    prefix, _, local = curie.partition(":")
    return (prefix, int(local) if local.isdigit() else 0, local)
