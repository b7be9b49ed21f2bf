"""The compiled lexicon: one file, memory-mapped.

Layout, all numbers little-endian::

    marisa trie of the keys (``nlp.text.key``), at offset 0 so that the trie can map the file itself
    slots      u32[keys]    a posting, or OVERFLOW | index into ``overflow``
    overflow   u32[]        count, then that many postings
    entries    zstd blocks of BLOCK entries, one line an entry: local id, kind, name, cross references
    blocks     u32[blocks+1] offsets into ``entries``
    firsts     zstd         CURIE of the first entry of each block, one a line
    members    zstd JSON    for families, complexes: indices of their genes
    directory  JSON         version, counts, sources, sections
    footer     u64 offset of the directory, u32 its length, u32 its CRC, MAGIC

A posting is 31 bits: entry index (19), kind of name (3), whether the name has separators (1), case code (8). Entries
are sorted by prefix and local id, so that a CURIE is found by bisection over ``firsts``.
"""

from __future__ import annotations

import json
import struct
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from zlib import crc32

import marisa_trie
import numpy as np
import zstandard

from nlp.errors import LexiconError, Location
from nlp.lexicon.entries import Entry, NameKind

MAGIC: Final = b"PCLEX\x00\x01\n"
VERSION: Final = 1
BLOCK: Final = 128
OVERFLOW: Final = 1 << 31
FOOTER: Final = struct.Struct("<QII8s")
MAX_ENTRIES: Final = 1 << 19

# Order is part of the format: entries are sorted by the place of their prefix here.
PREFIXES: Final = (
    "HGNC",
    "FPLX",
    "EC",
    "CHEBI",
    "MESH",
    "DRUGBANK",
    "GO",
    "MONDO",
    "DOID",
    "HP",
    "CL",
    "UBERON",
    "NCBITaxon",
    "pubchem.compound",
    "cellosaurus",
    "NCBIGene",
    "UniProt",
    "lincs.smallmolecule",
)

# One letter a kind in the file, and the mention type that goes with it.
KINDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "g": ("gene", "GENE"),
        "f": ("family", "GENE"),
        "c": ("complex", "GENE"),
        "p": ("protein_class", "GENE"),
        "m": ("chemical", "CHEMICAL"),
        "b": ("process", "PROCESS"),
        "o": ("component", "COMPONENT"),
        "d": ("disease", "DISEASE"),
        "t": ("cell_type", "CELL"),
        "l": ("cell_line", "CELL"),
        "a": ("anatomy", "ANATOMY"),
        "s": ("organism", "ORGANISM"),
    }
)
TYPE_OF_KIND: Final[Mapping[str, str]] = MappingProxyType(dict(KINDS.values()))


class Posting(NamedTuple):
    """One name of one entry, as far as the file keeps it."""

    entry: int
    how: NameKind
    separated: bool
    case: int


_HOW: Final = tuple(NameKind)


def pack(posting: Posting) -> int:
    return posting.entry << 12 | posting.how << 9 | posting.separated << 8 | posting.case


def unpack(value: int) -> Posting:
    return Posting(value >> 12, _HOW[value >> 9 & 7], bool(value >> 8 & 1), value & 255)


def curie_order(curie: str) -> tuple[int, int, str]:
    """Sort key of a CURIE in the file: place of the prefix, length and text of the local id."""
    prefix, _, local = curie.partition(":")
    return (PREFIXES.index(prefix), len(local), local)


class Store:
    """Read access to a compiled lexicon. All but small tables stays in the mapped file.

    Raises:
        LexiconError: if the file is missing, cut short, or made for another version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        where = Location(source=str(path))
        try:
            self._bytes = np.memmap(path, dtype=np.uint8, mode="r")
        except (OSError, ValueError) as error:
            raise LexiconError("the compiled lexicon cannot be read", found=str(error), where=where) from None
        self.directory = _read_directory(self._bytes, where)
        self.trie = marisa_trie.Trie()
        self.trie.mmap(str(path))
        self._slots = self._array("slots")
        self._overflow = self._array("overflow")
        self._blocks = self._array("blocks")
        start, _ = self.directory["sections"]["entries"]
        self._entries_start = int(start)
        self._firsts: Sequence[tuple[int, int, str]] = [curie_order(line) for line in self._text("firsts").splitlines()]
        self._read_block = lru_cache(maxsize=512)(self._decode_block)

    @property
    def count(self) -> int:
        """How many entries there are."""
        return int(self.directory["entries"])

    def _section(self, name: str) -> bytes:
        start, length = self.directory["sections"][name]
        return self._bytes[start : start + length].tobytes()

    def _array(self, name: str) -> np.ndarray[Any, np.dtype[np.uint32]]:
        start, length = self.directory["sections"][name]
        return self._bytes[start : start + length].view(np.dtype("<u4"))

    def _text(self, name: str) -> str:
        return zstandard.ZstdDecompressor().decompress(self._section(name)).decode()

    def postings(self, key: str) -> tuple[Posting, ...]:
        """The names that fold to ``key``; empty if there are none."""
        id = self.trie.get(key)
        if id is None:
            return ()
        slot = int(self._slots[id])
        if not slot & OVERFLOW:
            return (unpack(slot),)
        at = slot ^ OVERFLOW
        count = int(self._overflow[at])
        return tuple(unpack(int(value)) for value in self._overflow[at + 1 : at + 1 + count])

    def entry(self, index: int) -> Entry:
        """The entry with this index.

        Raises:
            IndexError: if there is none.
        """
        block, row = divmod(index, BLOCK)
        prefix, lines = self._read_block(block)
        return _parse_entry(lines[row], prefix)

    def index(self, curie: str) -> int | None:
        """The index of an entry by its CURIE; None if it is not there."""
        if curie.partition(":")[0] not in PREFIXES:
            return None
        block = bisect_right(self._firsts, curie_order(curie)) - 1
        if block < 0:
            return None
        prefix, lines = self._read_block(block)
        for row, line in enumerate(lines):
            if _parse_curie(line, prefix) == curie:
                return block * BLOCK + row
        return None

    def members(self) -> dict[str, tuple[int, ...]]:
        """Indices of the genes of each family and complex, at all levels, by the CURIE of the family."""
        return {curie: tuple(genes) for curie, genes in json.loads(self._text("members")).items()}

    def _decode_block(self, block: int) -> tuple[str, list[str]]:
        start, end = int(self._blocks[block]), int(self._blocks[block + 1])
        data = self._bytes[self._entries_start + start : self._entries_start + end].tobytes()
        lines = zstandard.ZstdDecompressor().decompress(data).decode().split("\n")
        return PREFIXES[self._firsts[block][0]], lines


def _parse_curie(line: str, prefix: str) -> str:
    local = line.partition("\t")[0]
    return local if ":" in local else f"{prefix}:{local}"


def _parse_entry(line: str, prefix: str) -> Entry:
    local, code, name, xrefs = line.split("\t")
    kind, type = KINDS[code]
    return Entry(
        curie=local if ":" in local else f"{prefix}:{local}",
        name=name,
        type=type,
        kind=kind,
        xrefs=tuple(xrefs.split()),
    )


def entry_line(entry: Entry, prefix: str) -> str:
    """An entry as it stands in a block; its CURIE is written in full where its prefix is not that of the block."""
    code = next(code for code, (kind, _) in KINDS.items() if kind == entry.kind)
    own, _, local = entry.curie.partition(":")
    return "\t".join((local if own == prefix else entry.curie, code, entry.name, " ".join(entry.xrefs)))


def _read_directory(data: np.ndarray[Any, np.dtype[np.uint8]], where: Location) -> dict[str, Any]:
    if len(data) < FOOTER.size:
        raise LexiconError("the compiled lexicon is cut short", where=where)
    offset, length, checksum, magic = FOOTER.unpack(data[-FOOTER.size :].tobytes())
    if magic != MAGIC or offset + length + FOOTER.size != len(data):
        raise LexiconError(
            "not a compiled lexicon of this version", expected=repr(MAGIC), found=repr(magic), where=where
        )
    text = data[offset : offset + length].tobytes()
    if crc32(text) != checksum:
        raise LexiconError("the directory of the compiled lexicon is damaged", where=where)
    directory: dict[str, Any] = json.loads(text)
    if directory["version"] != VERSION:
        raise LexiconError(
            "the compiled lexicon is of another version",
            expected=str(VERSION),
            found=str(directory["version"]),
            where=where,
        )
    return directory
