"""What speaks for an option and against it, as named numbers that are weighed and summed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import log1p
from typing import Final

from nlp.lexicon.entries import NameKind
from nlp.stages.disambiguation.candidates import Option, Origin
from nlp.text import key

ELSEWHERE: Final = "named elsewhere in the caption"
TITLE: Final = "named in a title"

# Types that are weighed alike; what is told of one type has a weight of its own in each.
_GROUPS: Final[Mapping[str, str]] = {"GENE": "gene", "CHEMICAL": "chemical", "COMPONENT": "component"}
_OTHER: Final = "other"
_LONGEST_CHANCE: Final = 4
# Genes that were named before the genome was read have numbers up to this; they are meant more often.
_EARLY: Final = 14_000
_CHARGED: Final = re.compile(r"\(\d*[+-]\)$")
_DERIVED: Final = re.compile(r"\b(?:hydrate|hydrochloride|sulfate|sodium|anhydrous|salt|\w+hydrate)\b|\([RSDLEZ+-]\)")


def evidence(option: Option, surface: str, type: str) -> dict[str, float]:
    """What speaks for an option by itself: how it was found, what name that is, what kind of entry.

    What the caption says beyond the mention is added by whoever knows it (``ELSEWHERE``, ``TITLE``).
    """
    candidate, entry = option.candidate, option.candidate.entry
    group = _GROUPS.get(type, _OTHER)
    folded = key(surface)
    prefix = entry.curie.partition(":")[0]
    found = {f"{group}": 1.0, f"{group} place": log1p(option.place), f"{group} edits": min(candidate.edits, 2.0)}
    if option.origin in (Origin.NAME, Origin.BOTH):
        found[f"{group} {NameKind(candidate.how).name.lower()}"] = 1.0
    if option.origin is not Origin.NAME:
        found[f"by {option.origin.name.lower()}"] = 1.0
    if candidate.edits > 0:
        found["edited"] = 1.0
    if option.articles:
        found["used in articles"] = log1p(option.articles)
        found["share of articles"] = option.share
    if option.unexplained:
        found["another long form"] = 1.0
    if entry.type != type:
        found["another type"] = 1.0
        found[f"{group} in {prefix}"] = 1.0
    if len(folded) <= _LONGEST_CHANCE:
        found[f"{group} of {len(folded)} letters"] = 1.0
    if folded == key(entry.name):
        found[f"{group} preferred name"] = 1.0
    if entry.kind != "gene":
        found[f"{entry.kind.replace('_', ' ')}"] = 1.0
    else:
        sources = {xref.partition(":")[0] for xref in entry.xrefs}
        found |= {f"gene in {source}": 1.0 for source in ("UniProt", "MESH") if source in sources}
        if int(entry.curie.partition(":")[2]) > _EARLY:
            found["named late"] = 1.0
    if prefix in ("MESH", "DRUGBANK", "pubchem.compound"):
        found[f"{group} of {prefix}"] = 1.0
    if type == "CHEMICAL":
        found["known chemical"] = log1p(len(entry.xrefs))
        found |= {"ion": 1.0} if _CHARGED.search(entry.name) else {}
        found |= {"derived": 1.0} if _DERIVED.search(entry.name) else {}
    return found
