"""What views of a document share: how an edge and a place are said in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nlp.types import Document, Relation

ARROWS: Final = {1: "→", -1: "⊣", 0: "—"}
"""How an edge is drawn that increases, decreases, or does not say."""
_SIGNS: Final = {1: " +", -1: " −", 0: ""}
_CONTEXT: Final = 40


def kind(relation: Relation) -> str:
    """Type and sign of a relation, and whether it is denied or hedged: ``expression +, speculative``."""
    said = [f"{relation.type}{_SIGNS[relation.sign]}"]
    said += ["negated"] if relation.negated else []
    said += ["speculative"] if relation.speculative else []
    return ", ".join(said)


def context(document: Document, relation: Relation) -> tuple[str, str, str]:
    """The words before a relation's trigger, the trigger, and those behind it; empty if it has none."""
    trigger = relation.trigger
    if trigger is None:
        return "", "", ""
    first, last = max(0, trigger.start - _CONTEXT), trigger.end + _CONTEXT
    before, after = document.text[first : trigger.start], document.text[trigger.end : last]
    if first > 0:
        before = "…" + before.partition(" ")[2]
    if last < len(document.text):
        after = after.rpartition(" ")[0] + "…"
    return before, trigger.text, after


def shortened(text: str, longest: int) -> str:
    """``text`` on one line of at most ``longest`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table whose columns are as wide as what stands in them."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
