"""How much of what the reference tables cover the compiled lexicon covers too."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import Counter
from pathlib import Path

from nlp.lexicon import Lexicon

_TABLES = {"genes": ("genes", "families"), "chemicals": ("chemicals",)}
_IGNORED = re.compile(r"[\s\-]+")


def report_coverage(lexicon_path: Path, shared: Path) -> None:
    """Print, for gene and chemical words annotated in figures, the share of those that the tables name."""
    lexicon = Lexicon.open(lexicon_path)
    words = _annotated_words(shared / "captions" / "captions.jsonl.gz")
    for kind, tables in _TABLES.items():
        names = set().union(*(_table_names(shared / "lexicon" / f"{table}.tsv.gz") for table in tables))
        covered = {word: count for word, count in words[kind].items() if _loose(word) in names}
        ours = {word: count for word, count in covered.items() if lexicon.has_name(word)}
        print(
            f"{kind}: of {len(covered):,} words ({sum(covered.values()):,} occurrences) that the tables name, the "
            f"lexicon names {len(ours) / len(covered):.2%} ({sum(ours.values()) / sum(covered.values()):.2%})"
        )
        missing = Counter({word: count for word, count in covered.items() if word not in ours})
        print("   missing:", ", ".join(f"{word} ({count})" for word, count in missing.most_common(40)))


def _loose(word: str) -> str:
    return _IGNORED.sub("", word).lower()


def _annotated_words(path: Path) -> dict[str, Counter[str]]:
    words: dict[str, Counter[str]] = {kind: Counter() for kind in _TABLES}
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            figure = json.loads(line)
            for kind, counts in words.items():
                counts.update(row["word"] for row in figure[kind] or ())
    return words


def _table_names(path: Path) -> set[str]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {_loose(name) for row in rows for name in (row["name"], *row["synonyms"].split("|"))}
