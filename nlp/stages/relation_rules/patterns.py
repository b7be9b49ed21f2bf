"""Patterns of verbs: active, passive, chains of them, and what is carried from one to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from nlp.stages.relation_rules.chunks import Chunk
from nlp.stages.relation_rules.nominal import NominalPatterns
from nlp.stages.relation_rules.scene import Actor, Edge, Goal, Memory, settle
from nlp.stages.relation_rules.triggers import Effect
from nlp.stages.relation_rules.words import ADJUNCT_TYPES

AGENT_WORDS: Final = frozenset("by via through upon after following".split())
CONVERSIONS: Final = frozenset(
    "converted oxidized reduced hydrolyzed metabolized transformed metabolised processed cleaved isomerized".split()
)


class Interpreter(NominalPatterns):
    """Walks over the phrases of one sentence from left to right."""

    def run(self) -> list[Edge]:
        self._compounds()
        self._suffixes()
        index = 0
        while index < len(self.chunks):
            chunk = self.chunks[index]
            if chunk.kind == "verb":
                index = self._verb(index)
                continue
            if chunk.kind == "np":
                self._nominal(index)
            elif chunk.kind == "arrow":
                self._arrow(index)
            elif chunk.kind == "agent":
                self._agent(index)
            elif chunk.kind == "means":
                self._means(index)
            elif chunk.kind == "stop":
                self._keep()
                self.goals = []
                if chunk.word in {".", ";"}:
                    self.subject = self.causes = self.condition = []
            index += 1
        self._keep()
        return self.edges

    def _verb(self, index: int) -> int:
        """Interpret a verb, with those coordinated with it or chained to it; the index to go on from."""
        verbs = [self.chunks[index]]
        last = index
        while True:
            following = self.chunks[last + 1] if last + 1 < len(self.chunks) else None
            if following is None:
                break
            if following.kind == "verb" and following.start - self.chunks[last].end <= 2:
                if following.voice == "passive" and verbs[-1].voice != "passive":
                    break
                if following.effect.reversed and verbs[-1].voice == "passive":
                    effect = replace(verbs[-1].effect, reversed=True)
                    verbs[-1] = replace(verbs[-1], effect=effect, end=following.end, word=following.word)
                else:
                    verbs[-1] = following
                last += 1
                continue
            second = self.chunks[last + 2] if last + 2 < len(self.chunks) else None
            if following.kind != "and" or second is None or second.kind != "verb" or verbs[-1].form == "union":
                break
            if second.start - self.chunks[last].end > 3 or (second.voice != verbs[-1].voice and second.form != "ed"):
                break
            verbs.append(second)
            last += 2
        if verbs[0].voice == "passive":
            return self._passive(index, last, verbs)
        return self._active(index, last, verbs)

    def _passive(self, first: int, last: int, verbs: Sequence[Chunk]) -> int:
        verb = verbs[0]
        subject = self._before(first)
        if subject is None and self.kind(first - 1) == "which":
            subject = self._antecedent(first - 1)
        patient = None if subject is None else self.chunks[subject]
        agent: int | None = None
        after = last + 1
        if verb.effect.reversed:
            found = self._object(last)
            agent = found[0] if found else None
        else:
            if self.word(after) in {"to", "into"} and self.kind(after + 1) == "np" and verb.effect.type != "binding":
                # "A is converted to B by E": what E makes is B.
                if verb.word in CONVERSIONS:
                    patient = self.chunks[after + 1]
                    verbs = [replace(verb, effect=Effect("expression", 1))]
                after += 2
            while self.kind(after) == "prep" and self.kind(after + 1) == "np" and self._is_place(after + 1):
                after += 2
            if self.word(after) in AGENT_WORDS and self.kind(after + 1) == "np":
                agent = after + 1
        goals = [goal for each in verbs if patient for goal in self._goals(patient, each.effect, each.start)]
        if patient is None and self.kind(first - 1) in {"and", "comma"}:
            goals = [Goal(goal.mention, *settle(verb.effect, (), goal.mention)) for goal in self.goals]
        self.subject = [Actor(goal.mention, goal.sign) for goal in goals if not goal.negated]
        self.goals = goals
        if agent is not None and not goals and verb.effect.reversed:
            self.condition = self._actors(self.chunks[agent], verb.start)
            return agent + 1
        if agent is None:
            self.causes = self.condition
            self._emit(self.condition, goals, verb, "opening")
            return last + 1
        self.causes = self._actors(self.chunks[agent], verb.start)
        self._emit(self.causes, goals, verb, "passive")
        return agent + 1

    def _is_place(self, index: int) -> bool:
        return all(member.names[0].type in ADJUNCT_TYPES for member in self.chunks[index].members)

    def _antecedent(self, which: int) -> int | None:
        at = which - 1
        while at >= 0 and self.kind(at) in {"comma", "prep"}:
            at -= 1
        return at if self.kind(at) == "np" else None

    def _source(self, first: int, verb: Chunk) -> tuple[list[Actor], str, bool]:
        """Sources of an active verb, the pattern that found them, and whether it goes on from what was said before."""
        before = self.kind(first - 1)
        if before == "which":
            antecedent = self._antecedent(first - 1)
            if antecedent is not None:
                return self._which(antecedent, first, verb), "which", False
            if first == 1:
                recalled = self.memory.subject if self.word(0) in {"it", "they"} else self.memory.outcome
                if recalled:
                    return list(recalled), "recalled", False
        own: str | None = None
        if verb.form in {"means", "infinitive"}:
            own = verb.form
        elif verb.form == "result" or (verb.form == "ing" and self._is_result(verb, before)):
            own = "result"
        known = self.causes or self.subject
        if own is not None and known:
            return known, own, True
        if own is None and before in {"and", "comma"} and self.subject and self._comma_pair(first) is None:
            return self.subject, "carried", True
        subject = self._before(first - 1 if own in {"means", "result"} else first)
        if subject is None:
            return self.subject, "carried", bool(self.subject)
        return self._actors(self.chunks[subject], verb.start), own or "active", own is not None

    def _is_result(self, verb: Chunk, before: str) -> bool:
        """Whether a participle tells what comes of what was said: ", activating", "leading to"."""
        return before in {"comma", "and"} or bool(verb.effect.particles and self.goals)

    def _which(self, antecedent: int, first: int, verb: Chunk) -> list[Actor]:
        """Names that "which" takes up; "lowers B, which …" speaks of less of B."""
        actors = self._actors(self.chunks[antecedent], verb.start)
        if self.word(first - 2) != ",":
            return actors
        lowered = {goal.mention.id for goal in self.goals if goal.sign < 0 and goal.type == "expression"}
        return [Actor(actor.mention, -1 if actor.mention.id in lowered else actor.sign) for actor in actors]

    def _comma_pair(self, first: int) -> int | None:
        """The name before "A, in turn, activates"."""
        if self.word(first - 1) == "," and self.word(first - 2) == "," and self.kind(first - 3) == "np":
            return first - 3
        return None

    def _active(self, first: int, last: int, verbs: Sequence[Chunk]) -> int:
        verb = verbs[0]
        actors, pattern, continues = self._source(first, verb)
        found = self._object(last)
        if found is None:
            if verb.form == "union":
                for left, right in pairwise(actors):
                    self._emit([left], [Goal(right.mention, "binding", 0, right.negated)], verb, pattern)
            self.subject = self.causes = actors
            return last + 1
        place, outer = found
        if not actors and verb.form == "ing" and not self.goals:
            self._lessen(self.chunks[place], verb.effect)
            return place
        chunk = self._split(place)
        if self._yields(verb, chunk) and self.word(place + 1) in {"to", "into"} and self.kind(place + 2) == "np":
            place += 2
            chunk = self.chunks[place]
            verbs = [replace(verb, effect=Effect("expression", 1))]
        against = self.word(place + 1) in verb.effect.particles and self.kind(place + 2) == "np"
        if against and verb.word.startswith("protect"):
            self._emit(actors, self._goals(chunk, Effect("activation", 1), verb.start), verb, pattern)
            place += 2
            chunk = self.chunks[place]
        goals: list[Goal] = []
        for each in verbs:
            own = self._goals(chunk, each.effect, each.start, outer)
            self._emit(actors, own, each, pattern)
            goals.extend(own)
        if not continues:
            self.goals = []
        if pattern == "means" and not actors:
            self.opening = (goals, verb)
        elif self.opening is not None and actors:
            steps, means = self.opening
            self.opening = None
            self._emit(actors, steps, means, "means")
            self._emit([Actor(step.mention, step.sign or 1) for step in steps], goals, means, "through")
        if pattern == "means" and self.goals:
            self._through(goals, verb)
        else:
            if pattern == "result":
                middle = [Actor(goal.mention, goal.sign or 1) for goal in self.goals if not goal.negated]
                self._emit(middle, goals, verb, "chain")
            self.goals = goals
        self.subject = self.causes = actors
        self._nominal(place)
        return place + 1

    @staticmethod
    def _yields(verb: Chunk, chunk: Chunk) -> bool:
        """Whether the target is still to come, after "to": "converts A to B", "catalyses the conversion of A to B"."""
        return verb.effect.type == "yield" or any(
            type == "yield" for member in chunk.members for chain in member.operators for type, _ in chain
        )

    def _split(self, place: int) -> Chunk:
        """Cut "B and C" behind a verb where C is the subject of the next verb ("A activates B and C inhibits D")."""
        chunk = self.chunks[place]
        after = self.chunks[place + 1] if place + 1 < len(self.chunks) else None
        if len(chunk.members) < 2 or after is None or after.kind != "verb" or after.start - chunk.end > 3:
            return chunk
        if after.form not in {"s", "base", "ed"}:
            return chunk
        tail = Chunk("np", chunk.start, chunk.end, members=chunk.members[-1:])
        head = Chunk("np", chunk.start, chunk.end, members=chunk.members[:-1])
        self.chunks[place : place + 1] = [head, tail]
        return head


def interpret(chunks: Sequence[Chunk], memory: Memory) -> tuple[list[Edge], Memory]:
    """The edges that the phrases of one sentence state, in the order in which they are found, and what to remember.

    Edges without repetition are the caller's business: the same pair may be stated twice. Each trigger gives at most
    144 of them (twelve sources, twelve targets), so the work is linear in the length of the sentence.
    """
    interpreter = Interpreter(chunks, memory)
    return interpreter.run(), interpreter.remember()
