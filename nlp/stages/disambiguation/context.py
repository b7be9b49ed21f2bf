"""What a caption says around a mention: its panel, what else is named there and in the titles, and long forms.

A panel runs from its label (``(A)``, ``B,``, ``(c–e)``) to the next; what stands before the first label is of none.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from nlp.lexicon import Lexicon
from nlp.types import Abbreviation

IN_CAPTION: Final = "named elsewhere in the caption"
IN_PANEL: Final = "named elsewhere in the panel"
IN_TITLE: Final = "named in a title"
AROUND: Final = (IN_CAPTION, IN_PANEL, IN_TITLE)
"""The kinds of evidence that the surroundings of a mention give."""

# Where a sentence, a line or the text begins with a label: "(A)", "(b–d)", "(a, b)", "[A]", "A,", "B:", "c)".
_LABEL: Final = re.compile(
    r"(?:^|(?<=[.;:!?\])])\s*|\n\s*)"
    r"(?:[(\[]\s*([A-Za-z])\s*(?:[-‐–,&]\s*([A-Za-z])\s*)*[)\]]|([A-Za-z])(?:[-–]([A-Za-z]))?(?:\)|[,:](?=\s)|\.(?=\s+[^\sa-z])))"
)
_FIRST: Final = "a"
_SKIPPED: Final = 2  # labels that a caption may leave out between two


class Name(NamedTuple):
    """What is named at a mention: its surface and type, and the panel it stands in."""

    surface: str
    type: str
    panel: int


def panel_starts(text: str) -> tuple[int, ...]:
    """Where the panels of a caption begin; empty if it has none, or only one.

    Labels count in alphabetical order from A on, so that no initial (``E. coli``) is taken for one.

    >>> panel_starts("Two ways. (A) TNF acts. E. coli grows. (B,C) IL-6 does not, see (A).")
    (9, 38)
    """
    starts: list[int] = []
    last = ord(_FIRST) - 1
    for match in _LABEL.finditer(text):
        letters = [ord(letter.lower()) for letter in match.groups() if letter]
        expected = last + 1 if not starts else last + 1 + _SKIPPED
        if last < letters[0] <= expected:
            starts.append(match.start())
            last = max(letters)
    return tuple(starts) if len(starts) > 1 else ()


def panel_of(starts: Sequence[int], offset: int) -> int:
    """The number of the panel that ``offset`` lies in, from 1 on; 0 if it lies in none."""
    return bisect_right(starts, offset)


def named_in(lexicon: Lexicon, title: str) -> frozenset[str]:
    """The entries that the names in a title mean, as far as each can mean only one."""
    found = (match.candidates for match in lexicon.find_all(title)) if title else ()
    return frozenset(candidates[0].entry.curie for candidates in found if len(candidates) == 1)


class LongForms:
    """What the short forms of a caption stand for.

    Args:
        text: of the caption.
        abbreviations: that it explains.
        starts: of its panels.
    """

    def __init__(self, text: str, abbreviations: Iterable[Abbreviation], starts: Sequence[int]) -> None:
        self._forms: dict[str, str] = {}
        self._own: dict[tuple[str, int], str] = {}
        for item in abbreviations:
            short, long = item.short.of(text), item.long.of(text)
            self._forms[short] = long
            self._own[short, panel_of(starts, item.short.start)] = long

    def of(self, surface: str, panel: int) -> str | None:
        """What ``surface``, or what it is the plural of, stands for: in its own panel first; None if nothing says.

        Of several long forms of other panels the last counts.
        """
        if not self._forms:
            return None
        for short in (surface, surface.removesuffix("s")):
            if short in self._forms:
                return self._own.get((short, panel), self._forms[short])
        return None


class Surroundings:
    """Which entries a caption and its titles name, as far as a name can mean only one.

    Args:
        named: the names of the caption, each with the entries that it can only mean.
        titles: the entries that the title of the figure or of the paper names.
    """

    def __init__(self, named: Iterable[tuple[Name, Iterable[str]]], titles: Collection[str] = ()) -> None:
        in_caption: dict[str, set[tuple[str, str]]] = {}
        in_panel: Counter[tuple[str, int]] = Counter()
        for (surface, type, panel), curies in named:
            for curie in curies:
                in_caption.setdefault(curie, set()).add((surface, type))
                in_panel[curie, panel] += 1
        self._in_caption = {curie: len(names) for curie, names in in_caption.items()}
        self._in_panel = in_panel
        self._titles = titles

    def of(self, curie: str, panel: int, own: Collection[str]) -> Iterator[str]:
        """The kinds of evidence for an entry by its other names.

        Args:
            curie: of the entry.
            panel: where the mention stands; 0 if in none.
            own: the entries that the mention's name itself can only mean.
        """
        itself = curie in own
        if self._in_caption.get(curie, 0) > itself:
            yield IN_CAPTION
            if panel and self._in_panel[curie, panel] > itself:
                yield IN_PANEL
        # Most titles repeat the names of the caption, and then say no more than these do.
        if curie in self._titles and not itself:
            yield IN_TITLE
