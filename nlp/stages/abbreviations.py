"""Abbreviations that a caption explains itself.

Two sources, the first winning where they disagree on a short form:

- ``long form (SF)`` and ``SF (long form)``, by scispaCy's functions (Schwartz & Hearst 2003), called one by one since
  its component also marks every later use, keeps state between captions and writes into the ``Doc``;
- glossaries, which captions end with and that detector misses: "Abbreviations: AMPAR: α-amino-…; BDNF: brain-…",
  "AMPK, AMP-activated protein kinase;", "X = Y", "X indicates Y".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from scispacy.abbreviation import filter_matches, find_abbreviation
from spacy.language import Language
from spacy.matcher import Matcher
from spacy.tokens import Doc
from spacy.tokens import Span as SpacySpan

from nlp.stages.base import Draft, Stage
from nlp.types import Abbreviation, Span

_HEADING = re.compile(
    r"(?:list of )?(?:non-?standard )?(?:abbreviations?|acronyms?|abbr\.?|definitions?|glossary|full names?)"
    r"(?: (?:used|are|is|as follows?|listed|include|in (?:the|this) figure|and acronyms))*\s*[:.\-–—=]\s*",
    re.IGNORECASE,
)
_ITEM_END = re.compile(r"[;\n]|\.(?=\s|$)|\.(?=[A-Z])")
_SHORT = r"[^\s,;:=()]{1,14}(?:[ -][A-Z0-9α-ω][^\s,;:=()]{0,6})?"
_COMMA_ITEMS = re.compile(rf",\s+(?:and\s+)?(?=[^\s,;:=()]*[A-Z\d])(?={_SHORT}(?:\s*[=:]\s*|,\s+)[^\W\d])")
_ITEM = re.compile(
    rf"(?:and\s+|where\s+|in which\s+)?(?P<short>{_SHORT})"
    r"(?:\s*[:=]\s*|,\s+|\s+[-–—]\s+|"
    r"\s+(?:indicates?|denotes?|stands? for|means?|represents?|refers to|is short for)\s+)"
    r"(?:the\s+|an?\s+)?(?P<long>\S.{2,118}?\S)[\s.,;]*"
)
_GREEK_NAME = re.compile(r"GREEK (?:SMALL|CAPITAL) LETTER (\w+)")
# What legends explain is the drawing, not a name: "Red: up-regulated".
_LEGEND = frozenset(
    "red blue green yellow orange purple black white grey gray pink brown cyan magenta arrow arrows line lines dashed "
    "solid dotted bold box boxes circle circles left right top bottom panel up down light dark".split()
)
_NO_OPENING = frozenset("and or than such as of in the with by to for from via".split())
# A long form that goes on like this is a sentence, or two items run together.
_NOT_LONG = re.compile(
    r"[:=]\s|\s(?:is|are|was|were|indicates?|represents?|that|which|can|may|such as)\s|\)[^()]*$(?<!\))"
)


class Abbreviations(Stage[tuple[Abbreviation, ...]]):
    """Finds the short forms that a caption explains, with the place of both forms."""

    name = "abbreviations"
    requires = frozenset({"tokens"})
    provides = frozenset({"abbreviations"})

    def __init__(self, language: Language) -> None:
        self._brackets = Matcher(language.vocab)
        self._brackets.add("brackets", [[{"ORTH": "("}, {"OP": "{1,8}"}, {"ORTH": ")"}]])

    def predict(self, drafts: Sequence[Draft]) -> list[tuple[Abbreviation, ...]]:
        return [self._find(draft) for draft in drafts]

    def write(self, draft: Draft, prediction: tuple[Abbreviation, ...]) -> None:
        draft.abbreviations = prediction

    def _find(self, draft: Draft) -> tuple[Abbreviation, ...]:
        if draft.tokens is None or not draft.text:
            return ()
        found: dict[str, Abbreviation] = {}
        for abbreviation in (*self._bracketed(draft.tokens, draft.text), *glossary(draft.text)):
            found.setdefault(abbreviation.short.of(draft.text), abbreviation)
        return tuple(sorted(found.values(), key=lambda item: item.short))

    def _bracketed(self, doc: Doc, text: str) -> Iterator[Abbreviation]:
        inside = [(match, start + 1, end - 1) for match, start, end in self._brackets(doc)]
        for long_candidate, short in filter_matches(inside, doc):
            _, long = find_abbreviation(long_candidate, short)
            if long is None and not short.text.isascii():
                long = _find_greek(long_candidate, short)
            if long is None or not _looks_short(short.text) or long[0].lower_ in _NO_OPENING:
                continue
            span = _without_bracket(Span(long.start_char, long.end_char), text)
            if span is not None and ";" not in span.of(text):
                yield Abbreviation(Span(short.start_char, short.end_char), span)


def _find_greek(candidate: SpacySpan, short: SpacySpan) -> SpacySpan | None:
    """The shortest end of ``candidate`` that spells out ``short``, whose Greek letters it may write in full."""
    for start in range(len(candidate) - 1, -1, -1):
        long = candidate[start:]
        if _plain(long.text)[0] == _plain(short.text)[0] and _letters_found(short.text, long.text) == 1.0:
            return long
    return None


def glossary(text: str) -> Iterator[Abbreviation]:
    """Short and long forms of the glossaries in ``text``.

    Under a heading ("Abbreviations:") a loose likeness of the two forms is enough, elsewhere the letters of the short
    form must all be found, in order, in the long form.
    """
    heading = _HEADING.search(text)
    listed_from = heading.end() if heading else len(text)
    for start, end in _items(text):
        item = _ITEM.fullmatch(
            text, max(start, heading.end()) if heading and start < heading.end() <= end else start, end
        )
        if item is None:
            continue
        short, long = item["short"], item["long"]
        if not _looks_short(short) or long.casefold().split()[0] in _LEGEND | _NO_OPENING or _NOT_LONG.search(long):
            continue
        share = _letters_found(short, long)
        if share >= (0.5 if item.start() >= listed_from else 1.0) and len(long) > len(short):
            yield Abbreviation(Span(*item.span("short")), Span(*item.span("long")))


def _items(text: str) -> Iterator[tuple[int, int]]:
    """Bounds of what may be one glossary item: cut at semicolons and full stops, then at commas before a new item."""
    start = 0
    for end in (*(match.start() for match in _ITEM_END.finditer(text)), len(text)):
        position = start
        for comma in _COMMA_ITEMS.finditer(text, start, end):
            # "AMPK, AMP-activated protein kinase, ACC, acetyl-…": a comma may also stand inside an item, so both the
            # whole and its pieces are tried.
            yield from _trimmed(text, position, comma.start())
            position = comma.end()
        if position != start:
            yield from _trimmed(text, position, end)
        yield from _trimmed(text, start, end)
        start = end + 1


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and not (text[start].isalnum() or text[start] in "([↑↓"):
        start += 1
    if start < end:
        yield start, end


def _looks_short(short: str) -> bool:
    return short.casefold().split()[0] not in _LEGEND and (
        any(character.isupper() or character.isdigit() for character in short[1:])
        or (short[0].isupper() and len(short) <= 4)
        or any("α" <= character <= "ω" for character in short)
    )


def _letters_found(short: str, long: str) -> float:
    """The share of the short form's letters that stand in the long form in order, the first at a word's beginning."""
    letters = [letter for letter in _plain(short) if letter.isalpha()]
    target = _plain(long)
    found, position = 0, 0
    for index, letter in enumerate(letters):
        place = target.find(letter, position)
        while index == 0 and place > 0 and target[place - 1].isalnum():
            place = target.find(letter, place + 1)
        if place >= 0:
            found, position = found + 1, place + 1
        elif index == 0:
            return 0.0
    return found / len(letters) if letters else 0.0


def _plain(text: str) -> str:
    """Lower case, with the first Latin letter of their name for Greek ones: α and "alpha" both begin with "a"."""
    return "".join(_latin(character) for character in text).casefold()


def _latin(character: str) -> str:
    if character.isascii():
        return character
    greek = _GREEK_NAME.match(unicodedata.name(character, ""))
    return greek[1][0] if greek else character


def _without_bracket(span: Span, text: str) -> Span | None:
    """The span less a bracket at its edge that is not closed within; None if one is open in its middle."""
    surface = span.of(text)
    if surface.count("(") != surface.count(")"):
        inner = surface.strip("([{ " if surface.count("(") > surface.count(")") else ")]} ")
        if not inner or inner.count("(") != inner.count(")"):
            return None
        start = span.start + surface.index(inner)
        return Span(start, start + len(inner))
    return span
