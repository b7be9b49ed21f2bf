"""Captions with their mentions marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from markupsafe import Markup, escape

from nlp.schema import MENTION_TYPES

LONGEST: Final = 6000
"""Characters of a caption that are shown: what is longer is hardly one."""


@dataclass(frozen=True, slots=True)
class TypeMark:
    """How things of one type are told from others: by a colour and by a letter.

    Attributes:
        css: the class that has the colour; empty for a type that is not in the tables.
        letter: one of the type's own name.
        hue: of the colour, in degrees; the same as the class has.
    """

    name: str
    css: str
    letter: str
    meaning: str
    hue: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked piece of a caption.

    Attributes:
        start, end: code points into the caption.
        type: its mention type; None if it only has a flag.
        flag: class for what became of it, such as ``missed``; empty if there is nothing to say.
        sign: put after the letter, so that the flag is told by more than looks.
        title: shown when pointed at.
    """

    start: int
    end: int
    type: str | None = None
    flag: str = ""
    sign: str = ""
    title: str = ""


_HUES: Final = (210, 28, 275, 352, 178, 130, 320, 62)
"""Of the types in their order."""


def _type_marks() -> Mapping[str, TypeMark]:
    marks: dict[str, TypeMark] = {}
    taken: set[str] = set()
    for place, type in enumerate(MENTION_TYPES.values()):
        letter = next((one for one in type.name if one not in taken), "?")
        taken.add(letter)
        marks[type.name] = TypeMark(type.name, f"t{place}", letter, type.meaning, _HUES[place % len(_HUES)])
    return marks


TYPE_MARKS: Final = _type_marks()


def type_mark(type: str | None) -> TypeMark:
    """The mark of a type; one without colour for what is not in the tables."""
    return TYPE_MARKS.get(type or "", TypeMark(type or "", "", "?", ""))


def marked(text: str, marks: Iterable[Mark]) -> Markup:
    """The caption as HTML, escaped, each piece in the colour of the shortest mark on it, with a letter where marks end.

    Args:
        text: the caption; only its first ``LONGEST`` characters are shown.
        marks: in any order; they may overlap. What lies outside the text is left out.
    """
    parts = [_piece(piece, end, on) for piece, end, on in pieces(text, marks)]
    if len(text) > LONGEST:
        parts.append(Markup("… <small>(the first {:,} of {:,} characters)</small>").format(LONGEST, len(text)))
    return Markup("").join(parts)


def pieces(text: str, marks: Iterable[Mark]) -> Iterator[tuple[str, int, list[Mark]]]:
    """The caption in pieces, each with where it ends and the marks that are on all of it.

    Args:
        text: the caption; only its first ``LONGEST`` characters are given.
        marks: in any order; they may overlap. What lies outside of these is left out.
    """
    shown = min(len(text), LONGEST)
    kept = sorted((mark for mark in marks if 0 <= mark.start < mark.end <= shown), key=lambda mark: mark.start)
    bounds = sorted({0, shown, *(mark.start for mark in kept), *(mark.end for mark in kept)})
    active: list[Mark] = []
    coming = 0
    for start, end in pairwise(bounds):
        while coming < len(kept) and kept[coming].start == start:
            active.append(kept[coming])
            coming += 1
        active = [mark for mark in active if mark.end > start]
        yield text[start:end], end, [*active]


def _piece(text: str, end: int, marks: Sequence[Mark]) -> Markup:
    if not marks:
        return escape(text)
    typed = [mark for mark in marks if mark.type is not None]
    shortest = min(typed, key=lambda mark: mark.end - mark.start, default=None)
    classes = [type_mark(shortest.type).css] if shortest else []
    classes += sorted({mark.flag for mark in marks if mark.flag})
    letters = [f"{type_mark(mark.type).letter if mark.type else ''}{mark.sign}" for mark in marks if mark.end == end]
    titles = dict.fromkeys(mark.title for mark in marks if mark.title)
    attributes = [
        ("class", " ".join(classes)),
        ("data-t", " ".join(filter(None, letters))),
        ("title", "; ".join(titles)),
    ]
    return Markup("<mark{}>{}</mark>").format(
        Markup("").join(Markup(' {}="{}"').format(name, value) for name, value in attributes if value), text
    )
