"""Writes a collection in the form that ``nlp.lexicon.store`` reads."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from zlib import crc32

import marisa_trie
import numpy as np
import zstandard

from lexicon_build.collect import Collection, Item
from nlp.lexicon.entries import Entry
from nlp.lexicon.store import (
    BLOCK,
    FOOTER,
    MAGIC,
    MAX_ENTRIES,
    OVERFLOW,
    TYPE_OF_KIND,
    VERSION,
    Posting,
    curie_order,
    entry_line,
    pack,
)
from nlp.text import case_code, has_separator, key

_LEVEL = 19


def write(collection: Collection, path: Path, sources: dict[str, str]) -> dict[str, int]:
    """Write ``collection`` to ``path``; returns its sizes. The same input gives the same bytes."""
    items = sorted((item for item in collection.items.values() if item.names), key=lambda item: curie_order(item.curie))
    if len(items) >= MAX_ENTRIES:
        raise SystemExit(f"too many entries: {len(items)}, at most {MAX_ENTRIES - 1}")
    indices = {item.curie: index for index, item in enumerate(items)}
    postings = _postings(items)
    trie = marisa_trie.Trie(sorted(postings))
    slots, overflow = _slots(trie, postings)
    blocks = [_block(items[start : start + BLOCK]) for start in range(0, len(items), BLOCK)]
    offsets = np.cumsum([0, *(len(block) for block in blocks)]).astype("<u4")
    firsts = "\n".join(item.curie for item in items[::BLOCK])
    members = {
        curie: [indices[gene] for gene in genes if gene in indices]
        for curie, genes in sorted(collection.members.items())
        if curie in indices and genes
    }
    parts = {
        "trie": trie.tobytes(),
        "slots": slots.tobytes(),
        "overflow": overflow.tobytes(),
        "blocks": offsets.tobytes(),
        "entries": b"".join(blocks),
        "firsts": _compress(firsts),
        "members": _compress(json.dumps(members, separators=(",", ":"))),
    }
    counts = {"entries": len(items), "keys": len(postings), "names": sum(len(names) for names in postings.values())}
    _save(path, parts, {"version": VERSION, **counts, "sources": sources})
    return {**{f"{name} (bytes)": len(part) for name, part in parts.items()}, **counts}


def _postings(items: list[Item]) -> dict[str, list[int]]:
    """Packed names by key. Of the spellings of one entry that differ in nothing the file keeps, the best stays."""
    best: dict[str, dict[tuple[int, int], Posting]] = defaultdict(dict)
    for index, item in enumerate(items):
        for name, how in item.names.items():
            folded = key(name)
            if len(folded) < 2:
                continue
            posting = Posting(index, how, has_separator(name), case_code(name))
            known = best[folded].get((index, posting.case))
            if known is None or posting.how < known.how:
                best[folded][index, posting.case] = posting
    return {
        folded: [pack(posting) for posting in sorted(names.values(), key=lambda p: (p.how, p.entry, p.case))]
        for folded, names in best.items()
    }


def _slots(trie: marisa_trie.Trie, postings: dict[str, list[int]]) -> tuple[np.ndarray, np.ndarray]:
    slots = np.zeros(len(postings), dtype="<u4")
    overflow: list[int] = []
    for folded, packed in sorted(postings.items()):
        if len(packed) == 1:
            slots[trie[folded]] = packed[0]
        else:
            slots[trie[folded]] = OVERFLOW | len(overflow)
            overflow.extend((len(packed), *packed))
    return slots, np.array(overflow, dtype="<u4")


def _block(items: list[Item]) -> bytes:
    prefix = items[0].curie.partition(":")[0]
    return _compress("\n".join(entry_line(_entry(item), prefix) for item in items))


def _entry(item: Item) -> Entry:
    return Entry(item.curie, item.name, TYPE_OF_KIND[item.kind], item.kind, tuple(sorted(item.xrefs)))


def _compress(text: str) -> bytes:
    return zstandard.ZstdCompressor(level=_LEVEL).compress(text.encode())


def _save(path: Path, parts: dict[str, bytes], directory: dict[str, object]) -> None:
    sections: dict[str, tuple[int, int]] = {}
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for name, part in parts.items():
            file.write(b"\x00" * (-file.tell() % 8))
            sections[name] = (file.tell(), len(part))
            file.write(part)
        text = json.dumps({**directory, "sections": sections}, sort_keys=True).encode()
        offset = file.tell()
        file.write(text)
        file.write(FOOTER.pack(offset, len(text), crc32(text), MAGIC))
