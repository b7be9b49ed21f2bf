"""The phrases that a sentence is read into."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import Final

from nlp.stages.relation_rules.triggers import Effect
from nlp.types import Mention

NO_EFFECT: Final = Effect("", 0)
Operator = tuple[str, int]


@dataclass(slots=True)
class Member:
    """One coordinated name, with what the words around it make of it.

    Attributes:
        names: the mention, and any short form bracketed behind it.
        at: index of its token.
        before: nouns before it, outermost first, each with its alternatives ("phosphorylation and activation of").
        behind: nouns behind it, likewise.
        event: whether one of them is an event that someone may cause.
        negated: whether what is said is denied of it: "neither A nor B", "but not C".
    """

    names: list[Mention]
    at: int
    before: list[list[Operator]] = field(default_factory=list)
    behind: list[list[Operator]] = field(default_factory=list)
    event: bool = False
    negated: bool = False

    def facing(self, place: int) -> Mention:
        """The name on the side of the token index ``place``."""
        return self.names[-1] if place > self.at else self.names[0]

    @property
    def operators(self) -> list[tuple[Operator, ...]]:
        """The readings of the nouns around it: "inhibition of B expression" gives one chain of two."""
        return list(product(*self.before, *self.behind))

    @property
    def sign(self) -> int:
        """The sign it passes on as a source: -1 where the words say that there is less of it."""
        sign = 1
        for _, each in self.operators[0]:
            sign *= each or 1
        return sign


@dataclass(slots=True)
class Chunk:
    """A phrase.

    Attributes:
        kind: np (names in a list), verb, noun (a trigger noun without a name), suffix ("-induced" between names), agent
            ("inhibitor of"), label ("inhibitor" behind a name), arrow, means, prep, and, comma, which, paired
            ("respectively") or stop.
        start: index of the first token.
        end: index behind the last token.
        members: the names of an np.
        effect: what a trigger says of its target.
        voice: "active" or "passive", of a verb.
        form: how a verb stands: base, s, ed, ing, infinitive, means ("by …ing"), reduced (a passive without "be"),
            phrase, result ("followed by"), or
            union ("form a complex", whose sources bind each other if there is no target).
        word: the words of a trigger or of a joining phrase; of an np, the head of a compound ("axis").
        negated: whether a verb is denied.
        hedged: whether it is only thought to be so.
    """

    kind: str
    start: int
    end: int
    members: list[Member] = field(default_factory=list)
    effect: Effect = NO_EFFECT
    voice: str = ""
    form: str = ""
    word: str = ""
    negated: bool = False
    hedged: bool = False
