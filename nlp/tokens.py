"""Tokens and sentences of captions: scispaCy's rules, and what captions need beyond them.

scispaCy's tokenizer keeps ``PI3K/AKT``, ``TNF–induced`` and ``A→B`` whole, and its sentences come from pySBD, which
knows neither panel labels nor the "next panel.B, text" that comes of lost line breaks. Both are mended here; the text
itself is never changed, so every offset points into the caption as it was given.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterator
from threading import Lock
from typing import Any, Final, cast

import numpy as np
import spacy
from pysbd import Segmenter
from pysbd.lang.english import English
from pysbd.processor import Processor
from pysbd.utils import TextSpan
from scispacy.custom_tokenizer import combined_rule_tokenizer
from spacy.attrs import IDX, LENGTH, SENT_START
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import compile_infix_regex

from nlp.arrows import ARROW_PATTERN, LEVEL_MARKS
from nlp.types import Span

# Words that captions hang onto a name with a hyphen. They end the name: "Bax-dependent" is the mention "Bax".
_TAILS = (
    "activated activating associated binding bound catalyzed catalysed containing coupled deficient dependent "
    "depleted deprived derived driven elicited enhanced enriched evoked expressing free generated independent induced "
    "inducible induction inhibited initiated interacting like linked maintained mediated mimetic negative null "
    "positive producing promoted regulated related releasing responsive rich secreting sensitive specific stimulated "
    "stimulating targeted targeting transfected treated triggered type"
)
_INFIXES = (
    r"/",
    rf"{ARROW_PATTERN}|[{LEVEL_MARKS}]",
    r"[–—−]",
    r"-(?=(?:{})\b)".format("|".join(_TAILS.split())),
)

_SPACE: Final = re.compile(r"\s*")
_LONG_RUN: Final = re.compile(r"(\S{400})(?=\S)")

# A label opens a panel's text: "(A)", "A,", "(b-d)", "a–c:".
_LABEL = r"(?:\(\s*[A-Za-z]\s*(?:[-–,&]\s*[A-Za-z]\s*)*\)|\[[A-Za-z]\]|[A-Z](?:[-–][A-Z])?[,:.)](?=\s))"
_LABEL_ONLY = re.compile(rf"\s*(?:{_LABEL}\s*)+[.,:;]?\s*")
# pySBD sees no boundary without a space: "caspases.B, NGF regulates", "… pathway.(B) In".
_LOST_BREAK = re.compile(rf"(?<=[a-z0-9)\]][.;])(?={_LABEL})")
# Where pySBD breaks but the sentence goes on: behind an abbreviation, or before a word that cannot open one.
_CARRY_ON = re.compile(
    r"\b(?:[Ff]igs?|[Rr]efs?|[Ee]qs?|No|nos?|vs|cf|ca|approx|resp|incl|spp?|var|subsp|pv|Suppl|Tab|Vol|e\.\s?g|i\.\s?e|"
    r"et al|Drs?|St)\.\s*$"
)
_LOWER_START = re.compile(r"\s*(?:[a-z]{2,}|[,;:)\]])(?![\w-]*[A-Z\d])")


class Tokenizer:
    """Makes spaCy ``Doc``s of captions, with sentence starts set.

    Attributes:
        language: the blank spaCy pipeline whose vocabulary the docs share.
    """

    def __init__(self) -> None:
        self.language: Language = spacy.blank("en")
        self.language.max_length = sys.maxsize  # its bound is for parsers, and no caption must take its batch down
        with warnings.catch_warnings():
            # One of spaCy's character classes holds "--", which `re` reads as a set difference to come.
            warnings.simplefilter("ignore", FutureWarning)
            tokenizer = combined_rule_tokenizer(self.language)
            base = tokenizer.infix_finditer.__self__.pattern
            tokenizer.infix_finditer = compile_infix_regex((*_INFIXES, base)).finditer
        self.language.tokenizer = tokenizer
        # spaCy's tables of words and of tokenised runs grow as it reads.
        self._lock = Lock()

    def __reduce__(self) -> tuple[object, ...]:
        return (Tokenizer, ())

    def __call__(self, text: str) -> tuple[Doc, tuple[Span, ...]]:
        """The tokens of ``text`` (all of it but white space) and its sentences, which ``doc.sents`` follows."""
        with self._lock:
            doc = self._tokenize(text)
        sentences = self.sentences(text)
        marks = np.full(len(doc), -1, dtype=np.int64)
        marks[:1] = 1
        ends = doc.to_array([IDX, LENGTH]).astype(np.int64).sum(axis=1)
        opened = -1
        for found in np.searchsorted(ends, [span.start for span in sentences], side="right").tolist():
            opened = max(found, opened + 1)
            marks[opened : opened + 1] = 1
        # All at once: setting them one by one looks through the whole doc each time.
        doc.from_array([SENT_START], cast("Any", marks.astype(np.uint64)))
        return doc, sentences

    def _tokenize(self, text: str) -> Doc:
        pieces = _LONG_RUN.split(text)
        if len(pieces) == 1:
            return self.language.make_doc(text)
        # spaCy takes prefixes and suffixes off a run without spaces one by one, looking at all of it each time.
        return Doc.from_docs([self.language.make_doc(piece) for piece in pieces if piece], ensure_whitespace=False)

    def sentences(self, text: str) -> tuple[Span, ...]:
        """Sentences in order, without the white space around them; together they hold all else of ``text``."""
        starts = sorted({0, *self._starts(text), *(match.start() for match in _LOST_BREAK.finditer(text))})
        kept: list[int] = []
        for start in starts:
            if not kept or not _goes_on(text, kept[-1], start):
                kept.append(start)
        spans = (_strip(text, start, end) for start, end in zip(kept, [*kept[1:], len(text)], strict=True))
        return tuple(span for span in spans if span is not None)

    def _starts(self, text: str) -> Iterator[int]:
        # pySBD goes astray on some odd inputs (a lone bracket, say) and returns spans that are no part of the text.
        # These starts are only cuts, so a wrong one costs a boundary and never a character.
        for piece in CaptionSegmenter().segment(text):
            if 0 < piece.start < len(text):
                yield piece.start


class _Abbreviations(English.Abbreviation):  # type: ignore[misc]
    """Those of pySBD's abbreviations that a full stop follows in a text.

    What pySBD does with one is to hide that stop, so nothing is lost by leaving out the others. It would make patterns
    of each whose letters stand anywhere in the text, such as "is" and "no".
    """

    def __init__(self, text: str) -> None:
        lowered = text.lower()
        self.ABBREVIATIONS = [
            item for item in English.Abbreviation.ABBREVIATIONS if "." in item or f"{item}." in lowered
        ]


class _English(English):  # type: ignore[misc]
    def __init__(self, text: str) -> None:
        self.Abbreviation = _Abbreviations(text)


class CaptionSegmenter(Segmenter):  # type: ignore[misc]
    """pySBD's, which looks for its sentences in the text without making a pattern of each."""

    def __init__(self) -> None:
        super().__init__(language="en", clean=False, char_span=True)

    def processor(self, text: str) -> Processor:
        return Processor(text, _English(text), char_span=True)

    def sentences_with_char_spans(self, sentences: list[str]) -> list[TextSpan]:
        text: str = self.original_text
        spans = []
        behind = 0
        # Where to look on for each sentence: what ended before what is taken never counts again.
        places: dict[str, int] = {}
        for sentence in filter(None, sentences):
            place = places.get(sentence, 0)
            while (start := text.find(sentence, place)) >= 0:
                place = _end_of_space(text, start + len(sentence))
                if place > behind:
                    spans.append(TextSpan(text[start:place], start, place))
                    behind = place
                    break
            places[sentence] = place
        return spans


def _end_of_space(text: str, start: int) -> int:
    space = _SPACE.match(text, start)
    return start if space is None else space.end()


def _goes_on(text: str, start: int, cut: int) -> bool:
    """Whether the sentence that began at ``start`` goes on behind ``cut``."""
    return bool(
        _CARRY_ON.search(text, start, cut) or _LOWER_START.match(text, cut) or _LABEL_ONLY.fullmatch(text, start, cut)
    )


def _strip(text: str, start: int, end: int) -> Span | None:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    return Span(start, end) if start < end else None
