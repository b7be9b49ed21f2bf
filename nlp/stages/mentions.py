"""Mentions by the lexicon: the baseline that a learned model is merged with and measured against."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nlp.errors import ConfigError
from nlp.lexicon import Candidate, Lexicon, NameKind
from nlp.schema import MENTION_TYPES
from nlp.stages.base import Draft, Stage
from nlp.types import Abbreviation, Mention, Span

# What the last word of a long form says about its type, where the lexicon does not know the form itself.
_HEADS: Final[Mapping[str, str]] = {
    head: type
    for type, heads in {
        "GENE": "protein receptor kinase factor enzyme ligase synthase reductase transferase oxidase phosphatase "
        "channel transporter dehydrogenase hydroxylase isomerase polymerase protease carboxylase cyclase lyase mutase "
        "synthetase homolog homologue microrna cytokine interleukin globulin antigen exchanger peptidase caspase",
        "CHEMICAL": "acid phosphate diphosphate pyrophosphate glucose amine oxide sulfate ester",
        "DISEASE": "disease syndrome carcinoma cancer disorder lymphoma leukemia leukaemia melanoma sarcoma injury "
        "infarction diabetes hypertension stroke",
        "PROCESS": "metabolism pathway cycle stress response transition autophagy biosynthesis",
        "CELL": "cell cells macrophage macrophages neuron neurons fibroblast fibroblasts lymphocyte lymphocytes",
        "COMPONENT": "membrane reticulum matrix cytoskeleton",
    }.items()
    for head in heads.split()
}
_LAST_WORD: Final = re.compile(r"[^\W\d_]{3,}(?=\W*\d*\W*$)")

# "Wnt signaling pathway", "NF-κB activation", "regulation of apoptosis": terms of an ontology, but captions state
# them of the gene or process inside, which is the mention.
_ABOUT: Final = re.compile(
    r"(?:signal(?:l)?ing|pathways?|cascade|activation|inhibition|production|generation|secretion|release|expression|"
    r"phosphorylation|transport|binding|degradation|response)s?$|"
    r"^(?:activation|inhibition|regulation|induction|release|secretion|production|phosphorylation|response|"
    r"expression|transport|positive|negative)\b",
    re.IGNORECASE,
)
# Of these the chemical inside is the mention too; "glucose uptake" and "pentose phosphate pathway" are processes.
_ABOUT_ANY: Final = re.compile(r"(?:production|generation|secretion|release)$|^\w+ of\b", re.IGNORECASE)
_ENZYME: Final = re.compile(r"[^\W\d_]{2,}ases?$")
_METABOLIC: Final = re.compile(
    r" (?:biosynthesis|biosynthetic pathways?|metabolic pathways?|metabolism|catabolism|pathways?|cycle|"
    r"homeostasis|biosynthetic process|degradation pathways?)(?![^\W_])"
)
_CELLS: Final = re.compile(r"[ -](?:cells?|cell lines?)(?![^\W_])")
_MARKERS: Final = re.compile(r"(?:(?:CD\d+\w*|Foxp3|Sca-?1|Lgr5|TCR)[+\-−–⁺⁻]*[ /]?)+$")
_NO_GENES: Final = "Figs?|Table|Tab|Log|Day|Step|Box|Type|Ser|Thr|Tyr|Lys|Asp|Glu|Cys|His|Arg|Gly|Pro|Ala"
# Names that no table holds all of, by the conventions that they are made after.
_SHAPES: Final = tuple(
    (re.compile(rf"(?<![^\W_])(?<![^\W_]-){shape}(?![^\W_]|-[^\W_])"), type, sure)
    for shape, type, sure in (
        (r"[A-Z][a-z]?\. ?[a-z]{4,}(?: (?:subsp|var|pv|sp)\. [a-z]+)?", "ORGANISM", 0.8),  # M. leprae
        (r"(?:[a-z]{3}-)?(?:mi|Mi|MI)[Rr][-‐‑–]?\d+[a-z]?(?:[-‐‑–]\d)?(?:[-‐‑–][35]p)?\*?", "GENE", 0.9),  # miR-17-5p
        (r"(?!(?:PF|WP|GSE|DM|IC|ED|LD)\d|SH[23]\b)[A-Z]{2,}[a-z]?-?\d{1,3}(?:[A-Za-z]\d?)?", "GENE", 0.55),  # WRKY22
        (rf"(?!(?:{_NO_GENES})\d)[A-Z][a-z]{{1,4}}\d{{1,2}}[A-Za-z]?", "GENE", 0.6),  # Pdm1
        (r"[a-z]{3}-\d{1,3}", "GENE", 0.8),  # lin-39
        (r"(?!qPCR)[a-z]{3}[A-Z]\d?", "GENE", 0.8),  # eutE
    )
)
# Letters below which a name of a thesaurus is more often something else: "MEP", "CAN", "GS".
_SHORT: Final = 4
_NEAR: Final = 0.1
_PREFERRED: Final = 0.85


@dataclass(frozen=True, slots=True)
class _Found:
    """A place where a mention may stand; of two that overlap the one that sorts first is kept."""

    span: Span
    type: str
    score: float
    explained: bool = False

    @property
    def rank(self) -> tuple[bool, int, float, int]:
        return (not self.explained, -len(self.span), -self.score, self.span.start)


class LexiconMentions(Stage[tuple[Mention, ...]]):
    """Marks the longest names of the lexicon, and the short forms that the caption explains.

    A name of several types gets the one that the model's table prefers, else that of its best candidate; an explained
    short form gets the type of its long form wherever it stands.

    Args:
        lexicon: where names come from.
        generic: names that are no mention by themselves, separated by commas.
        types: for each mention type, the names of several types that have this one, separated by commas.
        never: names that are no mention whoever finds them, separated by commas.

    Attributes:
        never: these, without regard to case.

    Raises:
        ConfigError: if ``types`` names a type that does not exist.
    """

    name = "lexicon-mentions"
    requires = frozenset({"abbreviations"})
    provides = frozenset({"mentions"})

    def __init__(
        self, lexicon: Lexicon, generic: str = "", types: Mapping[str, str] | None = None, never: str = ""
    ) -> None:
        self._lexicon = lexicon
        self.never = frozenset(name.casefold() for name in _names(never))
        self._generic = self.never.union(name.casefold() for name in _names(generic))
        self._types: dict[str, str] = {}
        for type, names in (types or {}).items():
            if type not in MENTION_TYPES:
                raise ConfigError("unknown mention type", expected=" | ".join(MENTION_TYPES), found=repr(type))
            self._types |= dict.fromkeys(_names(names), type)
        longest_first = sorted(self._types, key=len, reverse=True)
        self._typed = re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, longest_first))})(?![^\W_]|\+)")

    def predict(self, drafts: Sequence[Draft]) -> list[tuple[Mention, ...]]:
        return [self._find(draft.text, draft.abbreviations) for draft in drafts]

    def write(self, draft: Draft, prediction: tuple[Mention, ...]) -> None:
        draft.mentions = prediction

    def _find(self, text: str, abbreviations: Iterable[Abbreviation]) -> tuple[Mention, ...]:
        found = [*self._explained(text, abbreviations), *self._named(text)]
        chosen = _without_overlaps(found, len(text))
        chosen = [item for item in _joined(chosen, text) if not self._is_generic(item.span.of(text))]
        return tuple(
            Mention(f"T{number}", item.type, item.span.start, item.span.end, item.span.of(text), item.score)
            for number, item in enumerate(chosen, start=1)
        )

    def _named(self, text: str) -> Iterator[_Found]:
        found = []
        for match in self._lexicon.find_all(text):
            judged = self._judge(match.candidates, text[match.start : match.end])
            if judged is not None:
                found.append(_Found(Span(match.start, match.end), *judged))
        named = [item for item in found if item.type in ("GENE", "CHEMICAL")]
        yield from (item for item in found if item.type != "PROCESS" or not _is_about_another(item, text, named))
        yield from _shaped(text)
        if self._types:
            for place in self._typed.finditer(text):
                yield _Found(Span(*place.span()), self._types[place.group()], _PREFERRED)

    def _explained(self, text: str, abbreviations: Iterable[Abbreviation]) -> Iterator[_Found]:
        for abbreviation in abbreviations:
            short, long = abbreviation.short.of(text), abbreviation.long.of(text)
            judged = self._judge(self._lexicon.lookup(long), long)
            if judged is not None:
                yield _Found(abbreviation.long, *judged)
            type = judged[0] if judged is not None else self._types.get(short) or _type_by_head(long)
            if type is not None:
                for span in occurrences(short, text):
                    yield _Found(span, type, 0.8 if judged is not None else 0.6, explained=True)

    def _judge(self, candidates: Sequence[Candidate], surface: str) -> tuple[str, float] | None:
        """The type that a mention of this surface gets, and how sure that is; None if it is no mention."""
        preferred = self._types.get(surface)
        if preferred is not None:
            return preferred, _PREFERRED
        letters = sum(character.isalnum() for character in surface)
        for candidate in candidates:
            trusted = candidate.how <= NameKind.TEXT_FORM and candidate.edits <= _NEAR
            if letters > _SHORT or trusted or candidate.entry.type in ("GENE", "CHEMICAL", "ORGANISM"):
                return candidate.entry.type, score(candidate)
        return None

    def _is_generic(self, surface: str) -> bool:
        name = surface.casefold()
        return name in self._generic or (name.endswith("s") and name[:-1] in self._generic)


def score(candidate: Candidate) -> float:
    """How sure a match is, from how far it is spelled from the name and what kind of name that is."""
    return max(0.1, 0.95 - 0.03 * candidate.how - 0.3 * candidate.edits)


def occurrences(surface: str, text: str) -> Iterator[Span]:
    """Where ``surface`` stands in ``text`` as a whole word, or with a plural ending."""
    for match in re.finditer(rf"(?<![^\W_]){re.escape(surface)}(?=s?(?![^\W_]))", text):
        yield Span(*match.span())


def _names(names: str) -> Iterator[str]:
    return (" ".join(name.split()) for name in names.split(",") if name.strip())


def _type_by_head(long: str) -> str | None:
    head = _LAST_WORD.search(long)
    return _HEADS.get(head.group().casefold()) if head else None


def _is_about_another(item: _Found, text: str, named: Iterable[_Found]) -> bool:
    surface = item.span.of(text)
    if _ABOUT.search(surface) is None:
        return False
    wanted = ("GENE", "CHEMICAL") if _ABOUT_ANY.search(surface) else ("GENE",)
    return any(item.span.contains(inner.span) and inner.type in wanted for inner in named)


def _shaped(text: str) -> Iterator[_Found]:
    for shape, type, sure in _SHAPES:
        for match in shape.finditer(text):
            yield _Found(Span(*match.span()), type, sure)


def _without_overlaps(found: Iterable[_Found], length: int) -> list[_Found]:
    taken = bytearray(length)
    chosen = []
    for item in sorted(found, key=lambda item: item.rank):
        start, end = item.span.start, item.span.end
        if not any(taken[start:end]):
            taken[start:end] = b"\x01" * (end - start)
            chosen.append(item)
    return sorted(chosen, key=lambda item: item.span)


def _joined(found: Iterable[_Found], text: str) -> list[_Found]:
    """Names that go on beyond what the lexicon knows: "pyruvate" + "dehydrogenase", "PC3" + "cells"."""
    joined: list[_Found] = []
    for item in found:
        if joined and _is_enzyme_of(joined[-1], item, text):
            left = joined.pop()
            item = _Found(Span(left.span.start, item.span.end), "GENE", min(left.score, item.score))
        if joined and joined[-1].span.contains(item.span):
            continue
        item = _grown(item, text)
        while joined and joined[-1].span.overlaps(item.span):
            joined.pop()
        joined.append(item)
    return joined


def _is_enzyme_of(left: _Found, right: _Found, text: str) -> bool:
    return (
        left.type == "CHEMICAL"
        and right.type == "GENE"
        and text[left.span.end : right.span.start] in (" ", "-", "")
        and _ENZYME.search(right.span.of(text)) is not None
    )


def _grown(item: _Found, text: str) -> _Found:
    """What a name becomes with the words around it.

    Cells are called by tumours, places and markers ("tumor cells", "CD4+ T cells"), metabolic pathways by what they
    make ("mevalonate pathway").
    """
    start, end, type = item.span.start, item.span.end, item.type
    if type == "CHEMICAL" and (pathway := _METABOLIC.match(text, end)):
        return _Found(Span(start, pathway.end()), "PROCESS", item.score)
    if type in ("DISEASE", "ANATOMY", "CELL", "ORGANISM") and (cells := _CELLS.match(text, end)):
        end, type = cells.end(), "CELL"
    if type == "CELL" and (markers := _MARKERS.search(text, max(0, start - 30), start)):
        start = markers.start()
    return _Found(Span(start, end), type, item.score)
