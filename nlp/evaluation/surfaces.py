"""When a surface form of a curated keyword stands in a caption: the definition of *reachable*."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from nlp.types import CuratedKeyword, Span

# Hyphens, dashes and minus signs of every kind, soft hyphens, spaces of every width and zero width.
_IGNORED: Final = re.compile(r"[\s\-\u00ad\u200b\u2010-\u2015\u2212\ufeff]+")
_STRAY: Final = re.compile(r"^[\W_]+|[\W_]+$")
# A comma between digits belongs to a chemical name, as in 2,3-bisphosphoglycerate.
_COMPOUND: Final = re.compile(r"[/\\;|]|(?<!\d),|,(?!\d)")
_LETTER: Final = re.compile(r"[^\W\d_]")

# English words that are also names of genes, families or chemicals. As names they count only in their own spelling.
ORDINARY_WORDS: Final = frozenset(
    """
    act ago aid air all and apple are arm armed arms art as bad bar bars basic beige best bet blast can cap car cascades
    cat cell cells chat chip cis clamp clock coil complex cope cost crest cup cut damage danger dark deepest delta
    docking ears end ends face fact fast fat fate find finger fish flap for fused gap gene genes genesis get golf gov
    had hairy has held hid hip hit hits hole hop host hot how hub ice image impact invest kinase kinases lamp large
    last lead led light lip lobe lotus low mad mail map maps mark mass mast mat max menin met mice mig minor mint name
    nasty net nets nick not off old or out oval part past patched per pigs pit place plane porcupine post previous
    race rain raise ran rank rap rat rats red ref rest ring rose rug sea secret separate set sex sharp she ship simple
    sink skin small son source spatial spike spin spot spring star stars stat step steps stop storm tag tank team ten
    the tie tip toll top track trail trap tube type via was wash wave white wish yes
    """.split()
)


def fold(text: str) -> str:
    """``text`` without regard to case, hyphens and spaces."""
    return _IGNORED.sub("", text).casefold()


def surface_forms(keyword: CuratedKeyword) -> tuple[str, ...]:
    """What would name this keyword in a caption, most trusted first.

    These are the keyword itself and the words behind it, each without stray punctuation at its ends, and the parts of
    compound words that are cut at slashes, semicolons and commas (``MEK/ERK`` gives ``MEK`` and ``ERK`` too). Parts
    without a letter and forms of one character are left out: they name nothing.
    """
    forms: dict[str, None] = {}
    for word in (keyword.keyword, *keyword.words):
        for part in (word, *(part for part in _COMPOUND.split(word) if _LETTER.search(part))):
            form = _STRAY.sub("", part)
            if len(_IGNORED.sub("", form)) > 1:
                forms[form] = None
    return tuple(forms)


class SurfaceIndex:
    """A caption, prepared for looking up surface forms without regard to case, hyphens and spaces.

    Args:
        text: the caption.
    """

    __slots__ = ("_folded", "_places", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        folded: list[str] = []
        self._places: list[int] = []  # of each folded character in the text; one can fold to several (ß to ss)
        for place, character in enumerate(text):
            piece = fold(character)
            folded.append(piece)
            self._places.extend([place] * len(piece))
        self._folded = "".join(folded)

    def find(self, form: str) -> Span | None:
        """The first place where ``form`` stands, or None.

        It must begin and end where no letter or digit goes on, so ``ERK`` is found in ``p-ERK`` but not in ``PERK`` or
        ``ERK1``. Case, hyphens and spaces do not count, except that forms of two characters and ordinary English words
        (``Met``, ``STEP``) must be spelled in their own case.
        """
        sought = fold(form)
        strict = len(sought) <= 2 or sought in ORDINARY_WORDS
        first = self._folded.find(sought) if sought else -1
        while first >= 0:
            span = self._span(first, first + len(sought))
            if span is not None and not (strict and _IGNORED.sub("", span.of(self.text)) != _IGNORED.sub("", form)):
                return span
            first = self._folded.find(sought, first + 1)
        return None

    def reach(self, forms: Iterable[str]) -> str | None:
        """The caption's own spelling of the first of ``forms`` that stands in it; None if there is none."""
        for form in forms:
            span = self.find(form)
            if span is not None:
                return span.of(self.text)
        return None

    def _span(self, first: int, last: int) -> Span | None:
        """Where the folded characters ``[first, last)`` stand in the text, if they are whole words there."""
        places = self._places
        if (first and places[first - 1] == places[first]) or (last < len(places) and places[last] == places[last - 1]):
            return None  # cuts through one character
        start, end = places[first], places[last - 1] + 1
        if (start and self.text[start - 1].isalnum()) or (end < len(self.text) and self.text[end].isalnum()):
            return None
        return Span(start, end)
