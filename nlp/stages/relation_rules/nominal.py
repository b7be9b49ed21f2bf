"""Patterns without a verb: nouns, suffixes, labels, compounds, arrows, means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from nlp.stages.relation_rules.chunks import Chunk
from nlp.stages.relation_rules.scene import Actor, Goal, Scene
from nlp.stages.relation_rules.triggers import PRODUCING, Effect


class NominalPatterns(Scene):
    """What names and nouns state by themselves."""

    def _suffixes(self) -> None:
        """Read "A-induced B" and "A inhibition of B": A is the source, and B stays what the sentence speaks of."""
        kept: list[Chunk] = []
        for index, chunk in enumerate(self.chunks):
            if chunk.kind == "label":
                self._label(kept, index)
                continue
            if chunk.kind != "suffix":
                kept.append(chunk)
                continue
            target = next((each for each in self.chunks[index + 1 : index + 4] if each.kind == "np"), None)
            if not kept or kept[-1].kind != "np" or target is None:
                continue
            source = kept.pop()
            if chunk.word in PRODUCING:
                source, target = target, source
            actors = self._actors(source, chunk.start)
            self._emit(actors, self._goals(target, chunk.effect, chunk.start), chunk, "suffix")
            if chunk.form == "noun":
                self._lessen(target, chunk.effect)
        self.chunks = kept

    def _label(self, kept: list[Chunk], index: int) -> None:
        """Read "the B inhibitor A" and "A, a B inhibitor"; else "B inhibitors" count as less of B."""
        label, target = self.chunks[index], kept[-1]
        following = self.chunks[index + 1 : index + 3]
        if following and following[0].word == "(":
            following = following[1:]
        source: Chunk | None = None
        if following and following[0].kind == "np" and following[0].start - label.end <= 1:
            source = following[0]
        elif label.form == "article" and len(kept) > 1:
            source = next((each for each in reversed(kept[:-1]) if each.kind != "comma"), None)
        if source is not None and source.kind == "np" and target.kind == "np":
            named = replace(target, members=target.members[-1:])
            self._emit(self._actors(source, label.start), self._goals(named, label.effect, label.start), label, "label")
            kept.pop()
            if target.members[:-1]:
                kept.append(replace(target, members=target.members[:-1], word=""))
        else:
            self._lessen(target, label.effect)

    @staticmethod
    def _lessen(chunk: Chunk, effect: Effect) -> None:
        """Where the source has no name ("inhibitors of B"), B stands for it, and less of B is meant."""
        if effect.sign < 0:
            for member in chunk.members:
                member.behind = [*member.behind, [("", -1)]]

    def _compounds(self) -> None:
        """Read "A/B/C axis" as a chain, and "A/B complex" as binding, whatever else the sentence says of them."""
        for chunk in self.chunks:
            if chunk.kind != "np" or not chunk.word:
                continue
            chain = chunk.word.startswith(("axis", "axes", "cascade"))
            for left, right in pairwise(chunk.members):
                actor = Actor(left.facing(right.at), 1)
                goal = Goal(right.facing(left.at), "activation" if chain else "binding", 1 if chain else 0)
                self._emit([actor], [goal], chunk, "compound")

    def _nominal(self, index: int) -> bool:
        """Read "activation of B by A", "B phosphorylation by A", "binding of A to B"."""
        chunk = self.chunks[index]
        if not any(member.event for member in chunk.members):
            return False
        link, place = self.word(index + 1), index + 2
        types = {type for member in chunk.members for chain in member.operators for type, _ in chain}
        if types == {"binding"} and len(chunk.members) == 2 and link not in {"to", "with"}:
            left, right = chunk.members
            goal = Goal(right.facing(left.at), "binding", 0)
            self._emit([Actor(left.facing(right.at), 1)], [goal], chunk, "nominal")
            return False
        if self.kind(place) != "np":
            return False
        other, at = self.chunks[place], self.chunks[index + 1].start
        if "role" in types and link in {"in", "on", "for"}:
            self._emit(self._actors(chunk, at), self._goals(other, Effect("activation", 0), at), chunk, "nominal")
            return True
        if "yield" in types:
            if link in {"to", "into"} and self.word(place + 1) in {"by", "via"} and self.kind(place + 2) == "np":
                goals = self._goals(other, Effect("expression", 1), at)
                self._emit(self._actors(self.chunks[place + 2], at), goals, chunk, "nominal")
            return True
        if types == {"binding"} and link in {"to", "with", "and"}:
            self._emit(self._actors(chunk, at), self._goals(other, Effect("binding", 0), at), chunk, "nominal")
            return True
        if link in {"by", "through", "via"} and self.kind(place + 1) != "suffix":
            self._emit(self._actors(other, at), self._goals(chunk, Effect("", 1), at), chunk, "nominal")
            return link == "by"
        return False

    def _arrow(self, index: int) -> None:
        if self.kind(index - 1) == self.kind(index + 1) == "np":
            arrow = self.chunks[index]
            source, target = self.chunks[index - 1], self.chunks[index + 1]
            if arrow.effect.reversed:
                source, target = target, source
            goals = self._goals(target, arrow.effect, arrow.start)
            self._emit(self._actors(source, arrow.start), goals, arrow, "arrow")

    def _agent(self, index: int) -> None:
        """Read "A, an inhibitor of B"."""
        chunk = self.chunks[index]
        found = self._object(index)
        at = index - 1
        while self.kind(at) in {"comma", "prep"}:
            at -= 1
        if found is None:
            return
        if self.kind(at) != "np":
            self._lessen(self.chunks[found[0]], chunk.effect)
        else:
            goals = self._goals(self.chunks[found[0]], chunk.effect, chunk.start)
            self._emit(self._actors(self.chunks[at], chunk.start), goals, chunk, "agent")

    def _means(self, index: int) -> None:
        """Read "A activates B via C": A acts on C, and C on B."""
        chunk = self.chunks[index]
        if self.kind(index + 1) != "np" or not self.goals or chunk.start - self.chunks[index - 1].end > 8:
            return
        if chunk.word == "by":
            if not self.causes:
                self.causes = self._actors(self.chunks[index + 1], chunk.start)
                self._emit(self.causes, self.goals, chunk, "passive")
            return
        sign = 1 if any(goal.sign for goal in self.goals) else 0
        steps = self._goals(self.chunks[index + 1], Effect("activation", sign), chunk.start)
        self._emit(self.causes, steps, chunk, "means")
        self._through(steps, chunk)

    def _through(self, steps: Sequence[Goal], trigger: Chunk) -> None:
        """The means act on what was reached by them."""
        sign = self.causes[0].sign if self.causes else 1
        goals = [Goal(goal.mention, goal.type, goal.sign * sign, goal.negated) for goal in self.goals]
        middle = [Actor(step.mention, step.sign * sign or 1, step.negated) for step in steps]
        self._emit(middle, goals, trigger, "through")
