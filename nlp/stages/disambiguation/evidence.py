"""What speaks for an option and against it, as named numbers that are weighed and summed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import product
from math import log1p
from typing import Final

from nlp.lexicon.entries import NameKind
from nlp.lexicon.store import KINDS as ENTRY_KINDS
from nlp.schema import MENTION_TYPES
from nlp.stages.disambiguation.candidates import KINDRED, Option, Origin
from nlp.stages.disambiguation.context import AROUND
from nlp.text import key

# Types that are weighed alike; what is told of one type has a weight of its own in each.
_GROUPS: Final[Mapping[str, str]] = {"GENE": "gene", "CHEMICAL": "chemical", "COMPONENT": "component"}
_OTHER: Final = "other"
_SHORTEST: Final = 2
_LONGEST_CHANCE: Final = 4
# Genes that were named before the genome was read have numbers up to this; they are meant more often.
_EARLY: Final = 14_000
_CHARGED: Final = re.compile(r"\(\d*[+-]\)$")
_DERIVED: Final = re.compile(
    r"\b(?:hydrate|hydrochloride|sulfate|sodium|anhydrous|salt|zwitterion|\w+hydrate)\b|\([RSDLEZ+-]\)"
)
# Vocabularies of headings and substances, which an ontology's entry of the same name is better than.
_THESAURI: Final = ("MESH", "DRUGBANK", "pubchem.compound")
# Where what is no gene, but a complex or class of proteins, may come from.
_OF_PROTEINS: Final = ("FPLX", "EC", "GO")
_GENE_SOURCES: Final = ("UniProt", "MESH")


def evidence(option: Option, surface: str, type: str) -> dict[str, float]:
    """What speaks for an option by itself: how it was found, what name that is, what kind of entry.

    What the caption says beyond the mention is added by whoever knows it (``nlp.stages.disambiguation.context``).
    """
    candidate, entry = option.candidate, option.candidate.entry
    group = _GROUPS.get(type, _OTHER)
    folded = key(surface)
    prefix = entry.curie.partition(":")[0]
    found = {group: 1.0, f"{group} place": log1p(option.place), f"{group} edits": min(candidate.edits, 2.0)}
    if option.origin in (Origin.NAME, Origin.BOTH):
        found[_named(group, candidate.how)] = 1.0
    if option.origin is not Origin.NAME:
        found[_origin(option.origin)] = 1.0
    if candidate.edits > 0:
        found["edited"] = 1.0
    if option.articles:
        found["used in articles"] = log1p(option.articles)
        found["share of articles"] = option.share
    if option.unexplained:
        found["another long form"] = 1.0
    if entry.type != type:
        found["another type"] = 1.0
        found[_as(group, entry.type)] = 1.0
        found |= {_as(group, prefix): 1.0} if entry.type == "GENE" and prefix in _OF_PROTEINS else {}
    if len(folded) <= _LONGEST_CHANCE:
        found[_letters(group, len(folded))] = 1.0
    if folded == key(entry.name):
        found[f"{group} preferred name"] = 1.0
    if entry.kind != "gene":
        found[_spelled(entry.kind)] = 1.0
    else:
        sources = {xref.partition(":")[0] for xref in entry.xrefs}
        found |= {f"gene in {source}": 1.0 for source in _GENE_SOURCES if source in sources}
        if int(entry.curie.partition(":")[2]) > _EARLY:
            found["named late"] = 1.0
    if prefix == "MESH" or (type == "CHEMICAL" and prefix in _THESAURI):
        found[f"{group} of {prefix}"] = 1.0
    if type == "CHEMICAL":
        found["known chemical"] = log1p(len(entry.xrefs))
        found |= {"ion": 1.0} if _CHARGED.search(entry.name) else {}
        found |= {"derived": 1.0} if _DERIVED.search(entry.name) else {}
        # The project's own tables choose a heading where it is what captions mean.
        is_heading = prefix in _THESAURI and candidate.how is not NameKind.SYMBOL
        found |= {"heading beside a chemical": 1.0} if is_heading and option.beside else {}
        found |= {"acid by its anion": 1.0} if folded.endswith("ate") and entry.name.endswith("acid") else {}
    return found


def _kinds() -> frozenset[str]:
    groups = (*_GROUPS.values(), _OTHER)
    group_of = {type: _GROUPS.get(type, _OTHER) for type in MENTION_TYPES}
    kinds = {*AROUND, "edited", "used in articles", "share of articles", "another long form", "another type"}
    kinds |= {"named late", "known chemical", "ion", "derived", "heading beside a chemical", "acid by its anion"}
    kinds |= {group + rest for group, rest in product(groups, ("", " place", " edits", " preferred name", " of MESH"))}
    kinds |= {_named(group, how) for group in groups for how in NameKind}
    kinds |= {_origin(origin) for origin in Origin if origin is not Origin.NAME}
    kinds |= {_as(group_of[type], other) for type, others in KINDRED.items() for other in others}
    kinds |= {
        _as(group_of[type], prefix) for type, others in KINDRED.items() if "GENE" in others for prefix in _OF_PROTEINS
    }
    kinds |= {_letters(group, count) for group in groups for count in range(_SHORTEST, _LONGEST_CHANCE + 1)}
    kinds |= {_spelled(kind) for kind, _ in ENTRY_KINDS.values() if kind != "gene"}
    kinds |= {f"gene in {source}" for source in _GENE_SOURCES}
    kinds |= {f"chemical of {prefix}" for prefix in _THESAURI}
    return frozenset(kinds)


def _named(group: str, how: NameKind) -> str:
    # Names that a naming authority gave or withdrew are of genes alone; aliases that only gene records have are few.
    if how in (NameKind.ALIAS, NameKind.PREVIOUS, NameKind.NCBI_ALIAS) and (
        group != "gene" or how != NameKind.PREVIOUS
    ):
        how = NameKind.ALIAS if group == "gene" else NameKind.SYNONYM
    return f"{group} {NameKind(how).name.lower()}"


def _origin(origin: Origin) -> str:
    return f"by {origin.name.lower()}"


def _as(group: str, other: str) -> str:
    return f"{group} as {other if other in _OF_PROTEINS else other.lower()}"


def _letters(group: str, count: int) -> str:
    return f"{group} of {max(count, _SHORTEST)} letters"


def _spelled(kind: str) -> str:
    return kind.replace("_", " ")


KINDS: Final = _kinds()
"""All kinds of evidence there are, each of which has a weight."""
