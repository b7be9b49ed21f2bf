"""The project's own tables of names, read beside the compiled lexicon: small, readable, and versioned as text.

Each ``names/*.tsv`` has the columns ``curie``, ``name``, ``kind``, ``synonyms`` and ``lookup_only`` (both joined by
``|``). Synonyms are what captions mean by them first of all. Names of the last column are known when they are looked
up, but not searched for in texts: adjectives, and short forms that mean something else as often. A row whose identifier
the compiled lexicon knows adds names to that entry and decides its kind; another one makes an entry. ``words.txt``
lists ordinary words, and ``affixes.tsv`` what may stand before and behind a gene name.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nlp.errors import LexiconError, Location
from nlp.lexicon.affixes import Affix, Affixes
from nlp.lexicon.entries import Entry, NameKind
from nlp.lexicon.store import TYPE_OF_KIND
from nlp.text import case_code, has_separator, key

_COLUMNS: Final = ("curie", "name", "kind", "synonyms", "lookup_only")
_AFFIX_COLUMNS: Final = ("pattern", "category", "in_span", "cost")
AFFIXES: Final = "affixes.tsv"
WORDS: Final = "words.txt"


@dataclass(frozen=True, slots=True)
class OverlayName:
    """One name of an overlay entry."""

    curie: str
    how: NameKind
    separated: bool
    case: int


@dataclass(frozen=True, slots=True)
class Overlay:
    """All tables of a folder.

    Attributes:
        entries: by CURIE, as the tables have them.
        names: by key.
        lookup_only: by key, the names that are not searched for in texts.
        words: keys of ordinary words, which only match in the case they have as a name.
        affixes: affixes of gene names.
    """

    entries: Mapping[str, Entry]
    names: Mapping[str, tuple[OverlayName, ...]]
    lookup_only: Mapping[str, tuple[OverlayName, ...]]
    words: frozenset[str]
    affixes: Affixes


def read_overlay(folder: Path) -> Overlay:
    """Read the tables in ``folder``.

    Raises:
        LexiconError: if a row is not as said above, with its file and line.
    """
    entries: dict[str, Entry] = {}
    names: dict[str, list[OverlayName]] = defaultdict(list)
    lookup_only: dict[str, list[OverlayName]] = defaultdict(list)
    for path in sorted(folder.glob("*.tsv")):
        if path.name == AFFIXES:
            continue
        for line, (curie, name, kind, synonyms, others) in read_rows(path, _COLUMNS):
            if kind not in TYPE_OF_KIND:
                raise LexiconError(
                    "unknown kind of entry",
                    expected=" | ".join(TYPE_OF_KIND),
                    found=repr(kind),
                    where=Location(source=str(path), line=line),
                )
            entries.setdefault(curie, Entry(curie, name, TYPE_OF_KIND[kind], kind))
            names[key(name)].append(_overlay_name(curie, name, NameKind.NAME))
            for column, table, how in ((synonyms, names, NameKind.SYMBOL), (others, lookup_only, NameKind.TEXT_FORM)):
                for form in filter(None, column.split("|")):
                    table[key(form)].append(_overlay_name(curie, form, how))
    return Overlay(
        entries=entries,
        names={folded: tuple(forms) for folded, forms in names.items()},
        lookup_only={folded: tuple(forms) for folded, forms in lookup_only.items()},
        words=_read_words(folder / WORDS),
        affixes=Affixes(_read_affixes(folder / AFFIXES)),
    )


def _overlay_name(curie: str, form: str, how: NameKind) -> OverlayName:
    return OverlayName(curie, how, has_separator(form), case_code(form))


def _read_words(path: Path) -> frozenset[str]:
    lines = _read(path).splitlines()
    return frozenset(key(word) for line in lines if not line.startswith("#") for word in line.split())


def _read_affixes(path: Path) -> list[Affix]:
    return [
        Affix(pattern, in_span == "yes", float(cost))
        for _, (pattern, _category, in_span, cost) in read_rows(path, _AFFIX_COLUMNS)
    ]


def read_rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table with their lines, without comments and the header.

    Raises:
        LexiconError: if the file cannot be read, or a row has another number of columns.
    """
    reader = csv.reader(_read(path).splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    for row in reader:
        if not row or row[0].startswith("#"):
            continue
        place = Location(source=str(path), line=reader.line_num)
        if len(row) != len(columns):
            raise LexiconError(
                "a row of a name table has another number of columns",
                expected=" ".join(columns),
                found=repr(row),
                where=place,
            )
        if tuple(row) != columns:
            yield reader.line_num, row


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise LexiconError("a name table cannot be read", found=str(error), where=Location(source=str(path))) from None
