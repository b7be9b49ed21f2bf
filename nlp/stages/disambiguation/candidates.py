"""Which entries a mention may mean, and how each was come by."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from types import MappingProxyType
from typing import Final

from nlp.lexicon import Candidate, Lexicon, NameKind, expand
from nlp.stages.disambiguation.variants import alternatives, variants
from nlp.text import key

# Where the lexicon has nothing of a mention's type: what else the thing may have been filed under.
KINDRED: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "GENE": frozenset({"CHEMICAL", "COMPONENT"}),
        "CHEMICAL": frozenset({"GENE"}),
        "COMPONENT": frozenset({"GENE", "ANATOMY"}),
        "PROCESS": frozenset({"DISEASE", "COMPONENT"}),
        "DISEASE": frozenset({"PROCESS"}),
        "CELL": frozenset({"ANATOMY"}),
        "ANATOMY": frozenset({"CELL", "COMPONENT"}),
        "ORGANISM": frozenset(),
    }
)
_CHANCE: Final = 2
_SHORTEST_STEM: Final = 3
_KIN_OF_NUMBERS: Final = ("A", "B", "C", "D", "L1", "L2")
_KIN_OF_LETTERS: Final = ("1", "2", "3", "A", "B", "C")
_JOINED: Final = re.compile(r"[/,–—]|\s(?:and|or|&|to)\s")
# To the lexicon, which passes over dots and dashes, it is the molecule: O2•−, O2·-, O2−.
_SUPEROXIDE: Final = (re.compile(r"O2\s?(?:[•·∙⋅.*]\s?[-−–⁻]?|[-−–⁻]\s?[•·∙.*]?)"), "superoxide")


class Origin(IntEnum):
    """How an entry came to be a candidate."""

    NAME = 0  # the surface is a name of it
    BOTH = 1  # so is the long form that the caption gives
    LONG = 2  # the long form only
    VARIANT = 3  # the surface in another spelling
    KIN = 4  # the surface with an ending: Rab11 for RAB11A
    USAGE = 5  # annotated texts mean it by this name
    HEADING = 6  # the surface is a name of a thesaurus heading, which is called as this entry is


@dataclass(frozen=True, slots=True)
class Option:
    """An entry that a mention may mean.

    Attributes:
        candidate: the entry, and the name by which it was found.
        origin: how it was found.
        place: how many of its type come before it by their names.
        articles: how many annotated articles mean it by this name.
        share: of the articles that annotate this name at all, how many mean it.
        unexplained: whether the caption gives a long form that is no name of it.
        beside: whether an entry of ChEBI is another option.
    """

    candidate: Candidate
    origin: Origin
    place: int = 0
    articles: int = 0
    share: float = 0.0
    unexplained: bool = False
    beside: bool = False


class Finder:
    """Finds the options of a mention.

    Args:
        lexicon: whose entries they are.
        usage: in how many annotated articles a name of a type means each entry; by default as the lexicon knows.
    """

    def __init__(self, lexicon: Lexicon, usage: Callable[[str, str], Mapping[str, int]] | None = None) -> None:
        self._lexicon = lexicon
        self._usage = usage or lexicon.usage

    def options(self, surface: str, type: str, long_form: str | None) -> tuple[Option, ...]:
        """What a mention of this surface and type may mean; those of one origin in the lexicon's order.

        Args:
            surface: of the mention.
            type: of the mention. Entries of other types are options only where none of this type is.
            long_form: what the caption explains the surface by, if it does.
        """
        found = self._named(surface, type, long_form, frozenset({type}))
        if found:
            return found
        # What is no gene may be a complex or class of proteins, but shares no more than letters with a gene.
        kindred = self._named(surface, type, long_form, KINDRED[type])
        return tuple(option for option in kindred if option.candidate.entry.kind != "gene")

    def parts(self, surface: str, type: str) -> tuple[str, ...]:
        """The names that a gene mention coordinates, if each names something; empty if it is one name.

        A family that is written so (``ERK1/2``) is split as well: its members are what is named.
        """
        if type != "GENE" or not _JOINED.search(surface):
            return ()
        own = frozenset({type})
        whole = self._lexicon.lookup(surface)
        for names in (expand(surface), () if whole else alternatives(surface)):
            if names and all(self._named(name, type, None, own) for name in names):
                return names
        return ()

    def explained_classes(self, surface: str, type: str, long_form: str | None) -> tuple[Option, ...]:
        """Classes of proteins that are no options but what the caption explains the surface by: PYK by pyruvate kinase.

        Where it explains it by anything else there are none. Arguments as of ``options``.
        """
        if long_form is None or type != "GENE":
            return ()
        known = self._known(surface, type, long_form, frozenset({type}))
        explained = [option for option in known if option.origin in (Origin.BOTH, Origin.LONG)]
        return tuple(explained) if all(is_class(option.candidate) for option in explained) else ()

    def _named(self, surface: str, type: str, long_form: str | None, types: frozenset[str]) -> tuple[Option, ...]:
        # A class of proteins in a thesaurus has neither members nor genes: anything else of the name is better.
        known = self._known(surface, type, long_form, types)
        return tuple(option for option in known if not is_class(option.candidate)) or known

    def _known(self, surface: str, type: str, long_form: str | None, types: frozenset[str]) -> tuple[Option, ...]:
        options: dict[str, Option] = {}
        for option in self._by_form(surface, long_form, types):
            options.setdefault(option.candidate.entry.curie, option)
        usage = self._usage(surface, type)
        total = max(1, sum(usage.values()))
        for curie, articles in usage.items():
            entry = self._lexicon.entry(curie)
            if entry is None or entry.type not in types:
                continue
            option = options.get(curie) or Option(Candidate(entry, NameKind.TEXT_FORM), Origin.USAGE)
            options[curie] = replace(option, articles=articles, share=articles / total)
        if type == "CHEMICAL" and type in types:
            for option in self._by_heading(surface, type, types, [*options.values()]):
                options.setdefault(option.candidate.entry.curie, option)
            if any(map(is_chebi, options)):
                options = {curie: replace(option, beside=True) for curie, option in options.items()}
        if not options:
            for option in self._by_guess(surface, type, types):
                options.setdefault(option.candidate.entry.curie, option)
        return tuple(options.values())

    def _by_form(self, surface: str, long_form: str | None, types: frozenset[str]) -> Iterator[Option]:
        short = self._of(surface, types)
        if long_form is None:
            yield from _options(short, Origin.NAME)
            return
        long = {one.entry.curie: one for one in self._of(long_form, types)}
        names = {one.entry.curie for one in short}
        for one in short:
            place = _place(one, short)
            if one.entry.curie not in long:
                # "LT (lipid trafficking)" is not lymphotoxin. Names that are longer, or have digits, are hardly chance.
                if not (one.entry.kind == "gene" and len(surface) <= _CHANCE and surface.isalpha()):
                    yield Option(one, Origin.NAME, place, unexplained=True)
            else:
                yield Option(one, Origin.BOTH, place)
        yield from _options([one for curie, one in long.items() if curie not in names], Origin.LONG)

    def _by_heading(
        self, surface: str, type: str, types: frozenset[str], options: Sequence[Option]
    ) -> Iterator[Option]:
        """Entries of ChEBI where only thesauri have the name: by its variants, or by what a heading is called."""
        if any(is_chebi(option.candidate.entry.curie) for option in options):
            return
        for variant in variants(surface, type):
            found = [one for one in self._of(variant, types) if is_chebi(one.entry.curie)]
            if found:
                yield from _options(found, Origin.VARIANT)
                return
        for option in options:
            found = [one for one in self._of(option.candidate.entry.name, types) if is_chebi(one.entry.curie)]
            yield from _options(found, Origin.HEADING)

    def _by_guess(self, surface: str, type: str, types: frozenset[str]) -> Iterator[Option]:
        others = [*variants(surface, type)]
        for variant in others:
            found = self._of(variant, types)
            if found:
                yield from _options(found, Origin.VARIANT)
                return
        for name in (surface, *others) if type == "GENE" and type in types else ():
            kin = self._kin(name)
            if kin:
                yield from _options(kin, Origin.KIN)
                return

    def _kin(self, name: str) -> list[Candidate]:
        """Genes whose approved symbol is ``name`` with a letter or number at its end."""
        if len(key(name)) < _SHORTEST_STEM:
            return []
        longer = [name + ending for ending in (_KIN_OF_NUMBERS if name[-1].isdigit() else _KIN_OF_LETTERS)]
        return [
            one
            for symbol in longer
            for one in self._lexicon.lookup(symbol)
            if one.entry.kind == "gene" and key(one.entry.name) == key(symbol)
        ]

    def _of(self, name: str, types: frozenset[str]) -> list[Candidate]:
        name = _SUPEROXIDE[1] if _SUPEROXIDE[0].fullmatch(name) else name
        return [one for one in self._lexicon.lookup(name) if one.entry.type in types]


def _options(candidates: Sequence[Candidate], origin: Origin) -> Iterator[Option]:
    return (Option(one, origin, _place(one, candidates)) for one in candidates)


def _place(one: Candidate, among: Sequence[Candidate]) -> int:
    """Of genes with as good a name each, the lexicon puts the lower number first, which says nothing."""
    if one.entry.type != "GENE":
        return among.index(one)
    return sum(other.rank < one.rank or _is_approved_beside(other, one) for other in among)


def _is_approved_beside(gene: Candidate, family: Candidate) -> bool:
    """Whether one is a gene by its approved symbol, the other a family around it: TNF, INSR."""
    is_symbol = gene.entry.kind == "gene" and gene.how is NameKind.SYMBOL
    return is_symbol and family.entry.kind != "gene" and gene.rank == family.rank


def is_chebi(curie: str) -> bool:
    """Whether this is an entry of ChEBI, the vocabulary of chemicals before thesauri and lists of substances."""
    return curie.startswith("CHEBI:")


def is_class(candidate: Candidate) -> bool:
    """Whether this is a class of proteins in a thesaurus, which has neither members nor genes."""
    return candidate.entry.kind == "protein_class"


def sole(options: Iterable[Option]) -> str | None:
    """The entry that a mention means if it can mean only one."""
    curies = {option.candidate.entry.curie for option in options}
    return curies.pop() if len(curies) == 1 else None
