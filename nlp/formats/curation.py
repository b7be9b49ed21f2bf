"""Curated keyword lists: PFOCR's keywords joined to the annotations behind them.

An annotation is a row of strings; its columns differ between the generations of PFOCR:

    GENE       word symbol source hgnc_symbol entrez                  (in older pages and tables)
               word match ncbigene_symbol ncbigene_id source …        (beside newer pages)
    CHEMICAL   word source identifier | word symbol mesh_symbol mesh_id | word mesh match name chebi
    DISEASE    word source identifier | word mesh match name doid

The keyword of a gene is its symbol, that of a chemical or disease the word as it stands in the figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from nlp.errors import InputError, Location
from nlp.formats.base import show
from nlp.schema import MENTION_TYPES
from nlp.types import CuratedKeyword, CuratedList

Row: TypeAlias = Mapping[str, str]

ANNOTATION_FIELDS: Final[Mapping[str, str]] = {"genes": "GENE", "chemicals": "CHEMICAL", "diseases": "DISEASE"}
"""The field of a page, and the part of a table's file name, that holds the annotations of a type."""

KEYWORD_TYPES: Final = frozenset(name for name, type in MENTION_TYPES.items() if type.keyword)

_KEYWORD_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "GENE": ("hgnc_symbol", "ncbigene_symbol"),
    "CHEMICAL": ("word",),
    "DISEASE": ("word",),
}
_WORD_COLUMNS: Final = ("word", "symbol", "match", "mesh_symbol", "name")
_IDENTIFIER_COLUMNS: Final[Mapping[str, str]] = {
    "entrez": "NCBIGene",
    "ncbigene_id": "NCBIGene",
    "mesh": "MESH",
    "mesh_id": "MESH",
    "chebi": "CHEBI",
    "doid": "DOID",
}


def is_missing(value: object) -> bool:
    """Whether ``value`` is one of PFOCR's ways to say that there is none: ``''``, ``NA``, ``[]``, nothing at all."""
    return value in (None, "", "NA", [], ["NA"])


def read_keywords(value: object, where: Location) -> tuple[str, ...]:
    """A list of keywords as it was parsed, strings unchanged; a lone string is a list of one.

    Raises:
        InputError: if it is something else.
    """
    if is_missing(value):
        return ()
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InputError(
            "the keywords are of the wrong kind", expected="a list of strings", found=show(value), where=where
        )
    return tuple(item for item in value if item)


def read_rows(value: object, field: str, where: Location) -> tuple[Row, ...]:
    """A list of annotations as it was parsed, without the cells that are empty.

    Raises:
        InputError: if it is not a list of objects.
    """
    if is_missing(value):
        return ()
    items: list[Any] = value if isinstance(value, list) else [value]
    if not all(isinstance(item, dict) for item in items):
        raise InputError(f"{field} are of the wrong kind", expected="a list of objects", found=show(value), where=where)
    return tuple(
        {str(key): str(cell) for key, cell in item.items() if isinstance(cell, str | int) and cell != ""}
        for item in items
    )


def curate(keywords: Sequence[str], rows: Mapping[str, Sequence[Row]], types: Iterable[str]) -> CuratedList:
    """Join keywords to the annotations behind them, by the exact string.

    A string may stand twice in a list, as a gene's symbol and as a chemical's word: its first occurrence takes the
    first type that has a row for it, its second the next, and more are passed over. A keyword without a
    row has no type.

    Args:
        keywords: the curated list, in its order.
        rows: annotations by mention type, in the order in which PFOCR lists the types.
        types: mention types that the figure was annotated for.
    """
    found: dict[str, dict[str, list[Row]]] = {}
    for type, type_rows in rows.items():
        for row in type_rows:
            found.setdefault(_keyword_of(row, type), {}).setdefault(type, []).append(row)
    curated: list[CuratedKeyword] = []
    left: dict[str, list[str | None]] = {}
    for keyword in keywords:
        waiting = left.setdefault(keyword, [*found.get(keyword, ())] or [None])
        if not waiting:
            continue
        type_ = waiting.pop(0)
        curated.append(_curated_keyword(keyword, type_, found[keyword][type_] if type_ is not None else ()))
    return CuratedList(tuple(curated), frozenset(types))


def keywords_of(rows: Mapping[str, Sequence[Row]]) -> tuple[str, ...]:
    """The keywords that annotations make when no list of them is given, each once a type."""
    keywords: list[str] = []
    for type, type_rows in rows.items():
        keywords += dict.fromkeys(keyword for row in type_rows if (keyword := _keyword_of(row, type)))
    return tuple(keywords)


def _keyword_of(row: Row, type: str) -> str:
    return next((row[column] for column in _KEYWORD_COLUMNS[type] if column in row), "")


def _curated_keyword(keyword: str, type: str | None, rows: Iterable[Row]) -> CuratedKeyword:
    words: dict[str, None] = {}
    identifiers: dict[str, None] = {}
    for row in rows:
        # "NA" is a missing lexicon name, but as a word of a figure it is noradrenaline or sodium.
        words |= {
            row[column]: None for column in _WORD_COLUMNS if column in row and (column == "word" or row[column] != "NA")
        }
        identifiers |= dict.fromkeys(_identifiers(row))
    return CuratedKeyword(keyword, type, tuple(words), tuple(identifiers))


def _identifiers(row: Row) -> Iterable[str]:
    for column, prefix in _IDENTIFIER_COLUMNS.items():
        yield from _curie(prefix, row.get(column))
    if not is_missing(row.get("source")):
        yield from _curie(row["source"], row.get("identifier"))


def _curie(prefix: str, identifier: str | None) -> Iterable[str]:
    local = (identifier or "").rpartition(":")[2]
    if not is_missing(local):
        yield f"{prefix}:{local}"
