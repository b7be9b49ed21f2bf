"""What captions put before and behind gene names: marks of modification, species letters, tags, knock-downs.

Which affixes there are stands in a table, ``affixes.tsv`` (after the prefixes of FamPlex), one pattern a line, with
``{}`` for the name. An affix that is part of a mention's span (``p-`` in ``p-CREB``) is marked so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from nlp.text import DASHES

_TO_HYPHEN: Final = str.maketrans(dict.fromkeys(DASHES, "-"))


@dataclass(frozen=True, slots=True)
class Affix:
    """One pattern of the table.

    Attributes:
        pattern: as in the table, such as ``phospho-{}``.
        in_span: whether the guidelines count it into the mention.
        cost: what it adds to ``Candidate.edits``.
    """

    pattern: str
    in_span: bool
    cost: float

    @property
    def text(self) -> str:
        return self.pattern.replace("{}", "")

    @property
    def is_prefix(self) -> bool:
        return self.pattern.endswith("{}")

    @property
    def is_glued(self) -> bool:
        """Whether the name follows (or stands before) without a hyphen or space, so that only its case sets it off."""
        text = self.text
        edge = text[-1] if self.is_prefix else text[0]
        return edge.isalnum()


class Affixes:
    """The table, with what finds its patterns at the ends of a surface."""

    def __init__(self, affixes: Iterable[Affix]) -> None:
        prefixes = {affix.text: affix for affix in affixes if affix.is_prefix}
        suffixes = {affix.text: affix for affix in affixes if not affix.is_prefix}
        self._prefixes = prefixes
        self._suffixes = suffixes
        self._longest = max(map(len, [*prefixes, *suffixes, ""]))
        in_span = sorted((re.escape(text) for text, affix in prefixes.items() if affix.in_span), key=len, reverse=True)
        either = "|".join(in_span).replace(r"\-", f"[{re.escape(''.join(sorted(DASHES)))}]")
        self._scan = re.compile(rf"(?<![^\W_])(?:{either or '(?!)'})(?=[^\W_])")

    def strip(self, surface: str) -> Iterator[tuple[str, Affix]]:
        """The names that are left when one affix is taken off, longest affix first."""
        plain = surface.translate(_TO_HYPHEN)
        for length in range(min(self._longest, len(plain) - 2), 0, -1):
            prefix = self._prefixes.get(plain[:length])
            if prefix is not None and _sets_off(plain[length:], prefix):
                yield surface[length:], prefix
            suffix = self._suffixes.get(plain[-length:])
            if suffix is not None:
                yield surface[:-length], suffix

    def starts(self, text: str) -> Iterator[tuple[int, int, Affix]]:
        """Where in ``text`` an affix that belongs to a span stands: its start, its end, and the affix."""
        for match in self._scan.finditer(text):
            affix = self._prefixes[match.group().translate(_TO_HYPHEN)]
            if _sets_off(text[match.end() :][:2], affix):
                yield match.start(), match.end(), affix


def _sets_off(name: str, affix: Affix) -> bool:
    """Whether ``name`` can follow an affix: a glued one only with a capital, ``pERK`` but not ``perk``."""
    return bool(name) and (not affix.is_glued or name[0].isupper())
