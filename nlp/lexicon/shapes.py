"""Names that share a part: ``ERK1/2``, ``MMP-2/-9``, ``IL-1α/β``, ``caspases 3 and 9``, ``HDAC1–3``."""

from __future__ import annotations

import re
from typing import Final

_GREEK: Final = "α-ω"
_ENDING: Final = rf"(?:\d{{1,3}}[A-Za-z{_GREEK}]?|[{_GREEK}]\d?|[A-Z](?![A-Za-z])|[ab](?![A-Za-z]))"
_JOINT: Final = r"(?:\s?/\s?-?|,\s?(?:and\s|or\s)?-?|\s(?:and|or|&)\s-?)"
_RANGE: Final = r"(?:\s?[–—]\s?|\sto\s)"
_SHAPE: Final = re.compile(
    rf"(?<![^\W_])(?P<stem>[^\W\d_{_GREEK}](?:[^\s/,;()]{{0,30}}[^\W\d_{_GREEK}])?)(?P<gap>[-‐‑\s]?)(?P<first>{_ENDING})"
    rf"(?P<rest>(?:{_JOINT}{_ENDING})+|{_RANGE}\d{{1,2}})(?![^\W_])"
)
_PIECE: Final = re.compile(rf"(?P<joint>{_JOINT})(?P<ending>{_ENDING})")
_LONGEST_RANGE: Final = 20


def expand(surface: str) -> tuple[str, ...]:
    """The names that a coordinated surface stands for; empty if it is no such surface.

    >>> expand("ERK1/2"), expand("caspases 3 and 9"), expand("IL-1α/β"), expand("HDAC1–3")
    (('ERK1', 'ERK2'), ('caspase 3', 'caspase 9'), ('IL-1α', 'IL-1β'), ('HDAC1', 'HDAC2', 'HDAC3'))
    """
    shape = _SHAPE.fullmatch(surface)
    return _names(shape) if shape else ()


def find_shapes(text: str) -> list[tuple[int, int, tuple[str, ...]]]:
    """Where coordinated surfaces stand in ``text``: start, end and the names. Whether they name anything is not said.

    A list with commas or "and" that goes on beyond the names it shares a stem with is cut by whoever looks them up:
    each shorter reading of it is given too, longest first.
    """
    found: list[tuple[int, int, tuple[str, ...]]] = []
    for shape in _SHAPE.finditer(text):
        names = _names(shape)
        if not names:
            continue
        found.append((shape.start(), shape.end(), names))
        pieces = [*_PIECE.finditer(shape["rest"])]
        for count in range(len(pieces) - 1, 0, -1):
            end = shape.start("rest") + pieces[count - 1].end()
            found.append((shape.start(), end, names[: count + 1]))
    return found


def _names(shape: re.Match[str]) -> tuple[str, ...]:
    stem, gap, first, rest = shape["stem"], shape["gap"], shape["first"], shape["rest"]
    if gap.isspace() and stem.endswith("s") and (stem[:-1].isupper() or len(stem) > 4):
        stem = stem[:-1]
    pieces = [*_PIECE.finditer(rest)]
    endings = [first, *(piece["ending"] for piece in pieces)]
    if first[-1].isascii() and first.isalpha() and any("/" not in piece["joint"] for piece in pieces):
        return ()  # "PKC, G proteins": a letter behind a comma begins another name
    if len(endings) == 1:
        last = re.search(r"\d+$", rest)
        if last is None or not first.isdigit() or not 0 < int(last.group()) - int(first) <= _LONGEST_RANGE:
            return ()
        endings = [str(number) for number in range(int(first), int(last.group()) + 1)]
    elif not _are_alike(endings):
        shared = _shared_number(first, endings[1:])
        if shared is None:
            return ()
        endings = [first, *(shared + ending for ending in endings[1:])]
    return tuple(f"{stem}{gap}{ending}" for ending in endings)


def _are_alike(endings: list[str]) -> bool:
    kinds = {"digit" if ending[0].isdigit() else "letter" for ending in endings}
    return len(kinds) == 1


def _shared_number(first: str, others: list[str]) -> str | None:
    """The number that letters after the first ending share: ``1`` in ``IL-1α/β`` and ``PRDX2A/B``."""
    match = re.match(r"\d+(?=\D)", first)
    if match and all(not other[0].isdigit() for other in others):
        return match.group()
    return None
