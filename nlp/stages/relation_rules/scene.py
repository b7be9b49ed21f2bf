"""The state in which the phrases of a sentence are read: names in their roles, and how an edge comes of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from nlp.stages.relation_rules.chunks import Chunk, Operator
from nlp.stages.relation_rules.triggers import Effect
from nlp.types import Mention

_AMOUNT_TYPES: Final = frozenset({"GENE", "CHEMICAL"})
_AMOUNT_ENDINGS: Final = ("gene", "genes", "mrna", "mrnas")
_MAX_GAP: Final = 9
_MAX_MEMBERS: Final = 12
_MAX_REACH: Final = 25
_OBJECT_PREPOSITIONS: Final = frozenset({"of", "to", "with", "as", "at", "on", "including"})
# What is made of a thing is not caused by it, and a place does nothing.
MAKING: Final = frozenset({"expression", "yield"})
PLACES: Final = frozenset({"COMPONENT", "ANATOMY"})
_MICRO_RNA: Final = re.compile(r"(?:\w-?)?(?:miR|let-7|microRNA)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Edge:
    """A relation as the rules found it, before scores and ids. ``pattern`` names the rule family."""

    source: Mention
    target: Mention
    type: str
    sign: int
    trigger: Chunk
    pattern: str
    negated: bool = False
    hedged: bool = False


@dataclass(frozen=True, slots=True)
class Actor:
    """A name in the role of a source, and the sign with which what it does is to be counted.

    ``negated`` if what it does is denied of it ("neither A nor B").
    """

    mention: Mention
    sign: int
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Goal:
    """A name in the role of a target, and what happens to it; ``negated`` if that is denied of it."""

    mention: Mention
    type: str
    sign: int
    negated: bool = False


def settle(effect: Effect, chain: Sequence[Operator], target: Mention) -> tuple[str, int]:
    """Type and sign of an effect on a target of this type, whose own nouns say ``chain``.

    What stands nearest to the target tells what of it changes: "inhibits the expression of B" is about an amount,
    whatever "inhibits" would be alone.
    """
    type, sign = effect.type, effect.sign
    for each, own in chain:
        if each != "role":
            type = each or type
            sign *= own
    if type == "yield":
        return "expression", abs(sign)
    if type in {"", "activation"}:
        amount = target.text.lower().endswith(_AMOUNT_ENDINGS)
        return ("expression" if amount else "activation"), sign
    if target.type not in _AMOUNT_TYPES and type in {"*", "expression", "modification"}:
        return "activation", sign
    return ("expression" if type == "*" else type), sign


@dataclass(frozen=True, slots=True)
class Memory:
    """What a sentence leaves for a next one that begins with "it" or "this"."""

    subject: tuple[Actor, ...] = ()
    outcome: tuple[Actor, ...] = ()


class Scene:
    """The phrases of one sentence, with its subject and what it has reached so far.

    Attributes:
        subject: sources of the clause, for verbs that follow without one of their own.
        causes: sources of what was said last; in the passive, not its subject.
        goals: targets of what was said last, for "via C" and "leading to D".
        opening: what "By …ing C, A …" reaches before its subject is known.
        condition: sources of "In response to A, …".
    """

    def __init__(self, chunks: Sequence[Chunk], memory: Memory) -> None:
        self.memory = memory
        self.paired = any(chunk.kind == "paired" for chunk in chunks)
        self.chunks = [chunk for chunk in chunks if chunk.kind != "paired"]
        self.edges: list[Edge] = []
        self.subject: list[Actor] = []
        self.causes: list[Actor] = []
        self.goals: list[Goal] = []
        self.last_subject: list[Actor] = []
        self.last_goals: list[Goal] = []
        self.opening: tuple[list[Goal], Chunk] | None = None
        self.condition: list[Actor] = []

    def _keep(self) -> None:
        self.last_goals = self.goals or self.last_goals
        self.last_subject = self.subject or self.last_subject

    def remember(self) -> Memory:
        """What a next sentence may take up."""
        outcome = [Actor(goal.mention, goal.sign or 1) for goal in self.last_goals if not goal.negated]
        return Memory(tuple(self.last_subject), tuple(outcome))

    def kind(self, index: int) -> str:
        return self.chunks[index].kind if 0 <= index < len(self.chunks) else ""

    def word(self, index: int) -> str:
        return self.chunks[index].word if 0 <= index < len(self.chunks) else ""

    @staticmethod
    def _actors(chunk: Chunk, place: int) -> list[Actor]:
        return [Actor(member.facing(place), member.sign, member.negated) for member in chunk.members[:_MAX_MEMBERS]]

    @staticmethod
    def _goals(chunk: Chunk, effect: Effect, place: int, outer: Sequence[Operator] = ()) -> list[Goal]:
        goals = []
        for member in chunk.members[:_MAX_MEMBERS]:
            name = member.facing(place)
            for chain in member.operators:
                type, sign = settle(effect, (*outer, *chain), name)
                goals.append(Goal(name, type, sign, member.negated))
        return goals

    def _emit(self, actors: Sequence[Actor], goals: Sequence[Goal], trigger: Chunk, pattern: str) -> None:
        pairs: Iterable[tuple[Actor, Goal]] = product(actors, goals)
        if self.paired and len(actors) == len(goals):
            pairs = zip(actors, goals, strict=True)
        for actor, goal in pairs:
            source, target = actor.mention, goal.mention
            if source is target or source.type in PLACES or target.type in {"COMPONENT", "ORGANISM"}:
                continue
            type = goal.type
            if source.type == target.type == "CHEMICAL" and type == "expression" and trigger.effect.type in MAKING:
                continue
            sign = 0 if type == "binding" else actor.sign * goal.sign
            if type == "activation" and goal.mention.type == "GENE" and _MICRO_RNA.match(actor.mention.text):
                type = "expression"
            negated = trigger.negated or actor.negated or goal.negated
            self.edges.append(Edge(source, target, type, sign, trigger, pattern, negated, trigger.hedged))

    def _before(self, index: int) -> int | None:
        """The noun phrase that is the subject of a verb at ``index``: the nearest, or the head it modifies."""
        at = index - 1
        if self.kind(at) == "comma" and self.kind(at - 1) == "comma" and self.kind(at - 2) == "np":
            return at - 2
        found: int | None = None
        while at >= 0 and self.chunks[index].start - self.chunks[at].end <= _MAX_REACH:
            chunk = self.chunks[at]
            if chunk.kind == "np":
                found = at
                before = self.chunks[at - 1] if at > 0 else None
                if before is None or self._is_head(chunk, before):
                    return at
                at -= 1 if before.kind == "verb" else 2
            elif self._is_passed(chunk) or (chunk.word == "," and at == index - 1 and self._is_finite(index)):
                at -= 1
            else:
                break
        return found

    @staticmethod
    def _is_passed(chunk: Chunk) -> bool:
        """Whether a search for the subject goes on beyond a phrase."""
        return chunk.word in {"(", ")"} or chunk.kind in {"prep", "noun"} or chunk.form == "reduced"

    def _is_finite(self, index: int) -> bool:
        return self.chunks[index].form in {"s", "base", "ed"}

    @staticmethod
    def _is_head(chunk: Chunk, before: Chunk) -> bool:
        """Whether a noun phrase behind ``before`` stands for itself: not "A from [B]", nor "A induced by [B]"."""
        if before.word == "(":
            return len(chunk.members) == 1
        if before.kind == "verb":
            return before.form not in {"reduced", "phrase", "union"}
        return before.word in {"as", "including"} or before.kind not in {"prep", "means"}

    def _object(self, index: int) -> tuple[int, list[Operator]] | None:
        """The noun phrase behind a verb at ``index``, and what the nouns before it say ("genes such as B")."""
        at = index + 1
        here = self.chunks[index].end
        outer: list[Operator] = []
        while at < len(self.chunks):
            chunk = self.chunks[at]
            if chunk.start - here > _MAX_GAP:
                return None
            if chunk.kind == "np":
                return at, outer
            if chunk.kind == "noun" and self.kind(at + 1) in {"prep", "comma", "np"}:
                outer.append((chunk.effect.type, chunk.effect.sign))
            elif chunk.kind == "comma":
                following = self.word(at + 1)
                if chunk.word == ")" or not (following in {"as", "including"} or self.kind(at + 1) == "np"):
                    return None
                if chunk.start == here:
                    return None
            elif chunk.kind != "prep" or chunk.word not in _OBJECT_PREPOSITIONS | self.chunks[index].effect.particles:
                return None
            at += 1
        return None
