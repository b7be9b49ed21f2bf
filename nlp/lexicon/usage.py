"""What names are used for, beyond what makes them names: tables for grounding alone, which no mention is found by.

They stand in the folder ``grounding`` beside the compiled lexicon, each of them optional:

- ``usage.tsv``: what annotated articles mean by a name where the lexicon has nothing or something else. It has the
  columns ``curie``, ``name`` (or its key), ``type`` of the mention, and ``articles``, in how many;
- ``short_forms.tsv``: the same, written by hand;
- ``members.tsv``: the genes of families and classes that their source has without, with the columns ``curie`` and
  ``members``, joined by ``|``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nlp.errors import LexiconError, Location
from nlp.lexicon.overlay import read_rows
from nlp.schema import MENTION_TYPES
from nlp.text import key

USAGE: Final = "usage.tsv"
SHORT_FORMS: Final = "short_forms.tsv"
MEMBERS: Final = "members.tsv"
_USAGE_COLUMNS: Final = ("curie", "name", "type", "articles")
_MEMBERS_COLUMNS: Final = ("curie", "members")

Counts = Mapping[tuple[str, str], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Usage:
    """All tables of a folder.

    Attributes:
        articles: by key and mention type, in how many articles a name means each CURIE.
        members: CURIEs of genes by that of their family.
    """

    articles: Counts = field(default_factory=dict)
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_usage(folder: Path) -> Usage:
    """Read the tables in ``folder``.

    Raises:
        LexiconError: if a row is not as said above, with its file.
    """
    members = folder / MEMBERS
    rows = read_rows(members, _MEMBERS_COLUMNS) if members.exists() else ()
    return Usage(
        read_counts(folder / USAGE, folder / SHORT_FORMS),
        {curie: tuple(genes.split("|")) for _, (curie, genes) in rows},
    )


def read_counts(*paths: Path) -> dict[tuple[str, str], dict[str, int]]:
    """In how many articles a name means each CURIE, by its key and the mention's type; a file may be missing.

    Raises:
        LexiconError: if a row is not as said above, with its file.
    """
    counts: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for path in filter(Path.exists, paths):
        for line, (curie, name, type, articles) in read_rows(path, _USAGE_COLUMNS):
            if not articles.isdecimal() or type not in MENTION_TYPES:
                raise LexiconError(
                    "not a row of usage",
                    expected="identifier, name, a mention type, a number of articles",
                    found=f"{type!r}, {articles!r}",
                    where=Location(str(path), line),
                )
            known = counts[key(name), type]
            known[curie] = max(int(articles), known.get(curie, 0))
    return dict(counts)
