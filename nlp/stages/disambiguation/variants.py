"""Other ways to write a name that the lexicon does not know as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from nlp.text import DASHES

_DASH: Final = f"[{re.escape(''.join(sorted(DASHES)))}]"
_LATIN: Final = {"α": "A", "β": "B", "γ": "G", "δ": "D", "ε": "E", "ζ": "Z", "η": "H", "θ": "Q", "κ": "K"}
_GREEK: Final = re.compile(rf"(?<=[A-Za-z0-9]){_DASH}?([{''.join(_LATIN)}])(?=\d{{0,2}}$)")
# One isoform of a protein: FBW7α, LAMP-2A, WIPI2b, IRE1α, Bcl-xL, CrkII.
_ISOFORM: Final = re.compile(
    rf"(.*(?:\d|\d[A-Z]|[A-Za-z]{{3}}))(?:{_DASH}?[α-ω]\d?|(?<=\d){_DASH}?[A-Ea-e]|{_DASH}?(?<!I)I{{1,3}})"
)
_HEAD: Final = re.compile(
    r"(.*\S)[ \-‐](?:proteins?|genes?|mRNAs?|transcripts?|polypeptides?|peptides?|receptors?|complex(?:es)?|promoter|"
    r"antibod(?:y|ies)|particles?|isoforms?|ions?|molecules?|granules?|structures?)"
)
# Plurals and adjectives: nucleoli, cristae, somata, cortices; sarcomeric, chromosomal, centriolar.
_ENDINGS: Final = (
    *(("i", "us"), ("ae", "a"), ("a", "um"), ("a", "on"), ("ata", "a"), ("ices", "ex"), ("es", "is")),
    *(("al", "e"), ("ar", "e"), ("ic", "e"), ("al", ""), ("ar", "us"), ("ic", ""), ("al", "us"), ("al", "um")),
)
_PLURAL: Final = re.compile(r".*[^\W\d_]{2,}[^\W\d_s]s")  # thiols, PEGs, oligonucleotides
_STEM_OF_ACID: Final = re.compile(r"[A-Za-z]{3,}ic")  # palmitic
_SPLIT: Final = re.compile(r"[a-z]{3,} [a-z]{4,}")  # hydroxy urea
_LABELLED: Final = re.compile(
    r"(?:\[[\w,-]+\]|\d{1,3}[A-Z][a-z]?|[Bb]iotin(?:ylated)?)[ ‐-]?(\S{3,}.*)"
)  # [3H]thymidine
_SALT: Final = re.compile(
    r"((?:\S+ ){0,3}\S{4,})[ ‐-](?:(?:di)?hydrochloride|HCl|(?:mono|di)?sodium(?: salt)?|mesylate|maleate|tartrate|"
    r"tosylate|citrate|acetate|sulfate|phosphate|hydrate|(?:mono|di)hydrate|salts?|analogu?es?)"
)
# Heads that captions give to what the Gene Ontology calls otherwise.
_PROCESSES: Final = (
    (re.compile(r"(\S.*?)s? (?:metabolism|metabolic pathways?|metabolic)"), "{} metabolic process"),
    (re.compile(r"(\S.*?)s? (?:(?:bio)?synthesis|biosynthetic pathways?|production)"), "{} biosynthetic process"),
    (re.compile(r"(\S.*?)s? (?:degradation|catabolism|breakdown)"), "{} catabolic process"),
    (re.compile(r"(\S.*?)s? (?:uptake|influx)"), "{} import"),
    (re.compile(r"(\S.*?)s? trafficking"), "{} transport"),
    (re.compile(r"(\S.*) (?:pathways?|cascades?|signall?ing|process(?:es)?|events?|mechanisms?|responses?)"), "{}"),
)
# A short form that is given in the midst of a name: transforming growth factor (TGF)-β.
_EXPLAINED: Final = re.compile(r"(?<=\w{3})\s\([^()\s]{2,12}\)(?=.)")
_KNOCKED: Final = ("KD", "KO")  # PI3Kδ is no knock-down
_MODIFIER: Final = re.compile(
    rf"(?:total|endogenous|recombinant|exogenous|activated|active|mutant|human|mouse|murine|rat|soluble|primary|"
    rf"cultured|mature|anti|poly|wild[ -]type|WT|wt)(?:\s|{_DASH})(?=\S\S)(.*)"
)
_ALTERNATIVES: Final = re.compile(r"[^/]{2,}(?:/[^/]{2,}){1,3}")


def variants(surface: str, type: str) -> Iterator[str]:
    """What else ``surface`` may be spelled as, the nearest first.

    >>> list(variants("PLCβ1", "GENE")), list(variants("LAMP-2A", "GENE")), list(variants("cristae", "COMPONENT"))
    (['PLCB1', 'PLC'], ['LAMP-2'], ['crista'])
    """
    if type == "GENE":
        latin = _GREEK.sub(lambda match: _LATIN[match[1]], surface)
        if latin != surface and not latin.endswith(_KNOCKED):
            yield latin
        if isoform := _ISOFORM.fullmatch(surface):
            yield isoform[1].rstrip("".join(DASHES))
    elif type == "CHEMICAL":
        yield from _chemicals(surface)
    else:
        for head, name in _PROCESSES if type == "PROCESS" else ():
            if match := head.fullmatch(surface):
                yield name.format(match[1])
        for ending, other in _ENDINGS:
            if surface.endswith(ending) and len(surface) > len(ending) + 4:
                yield surface.removesuffix(ending) + other
    for pattern in (_HEAD, _MODIFIER):
        if match := pattern.fullmatch(surface):
            yield match[1]
    if type != "CHEMICAL" and (short := _EXPLAINED.search(surface)):
        yield surface[: short.start()] + surface[short.end() :]


def _chemicals(surface: str) -> Iterator[str]:
    if _PLURAL.fullmatch(surface):
        yield surface[:-1]
    if _STEM_OF_ACID.fullmatch(surface):
        yield f"{surface} acid"
    for pattern in (_LABELLED, _SALT):
        if match := pattern.fullmatch(surface):
            yield match[1]
    if _SPLIT.fullmatch(surface):
        yield surface.replace(" ", "")


def alternatives(surface: str) -> tuple[str, ...]:
    """The names in a surface that joins whole names by slashes: ``Hsc70/Hsp70``; empty for any other."""
    return tuple(surface.split("/")) if _ALTERNATIVES.fullmatch(surface) else ()
