"""Noun phrases: names in a list, and what the nouns around each say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from nlp.stages.relation_rules.chunks import Chunk, Member, Operator
from nlp.stages.relation_rules.tokens import HYPHENS, Token
from nlp.stages.relation_rules.triggers import (
    ASPECTS,
    LOSS,
    NEUTRAL_NOUNS,
    PRODUCING,
    REGULATORS,
    SUFFIXES,
    Entry,
    read_table,
)
from nlp.stages.relation_rules.words import (
    ADJUNCT_TYPES,
    ADVERBS,
    BOUNDS,
    COMPOUND_HEADS,
    DEGREES,
    DETERMINERS,
    HEDGES,
    MEANS,
    OPENINGS,
    POLARITY,
    PREPOSITIONS,
    RELATIVES,
    STOPS,
)
from nlp.types import Mention

ENTRIES: Final[Mapping[str, Entry]] = read_table()


class NounReader:
    """Reads the noun phrases of one sentence; ``chunks`` grows from left to right."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.chunks: list[Chunk] = []

    def text(self, index: int) -> str:
        return self.tokens[index].text if 0 <= index < len(self.tokens) else "."

    def is_name(self, index: int) -> bool:
        return 0 <= index < len(self.tokens) and self.tokens[index].mention is not None

    def mention(self, index: int) -> Mention:
        mention = self.tokens[index].mention
        if mention is None:
            raise IndexError(index)
        return mention

    def _close(self, at: int, reach: int) -> int | None:
        """The index of the bracket that closes the one at ``at``."""
        return next((each for each in range(at + 1, min(at + reach, len(self.tokens))) if self.text(each) == ")"), None)

    def _add(self, chunk: Chunk) -> int:
        self.chunks.append(chunk)
        return chunk.end

    def _is_noun(self, index: int, entry: Entry) -> bool:
        before, after = self.text(index - 1), self.text(index + 1)
        if before == "to" or before in HEDGES or before in {"can", "will", "not", "does", "do"}:
            return False
        if entry.form == "ing":
            return after == "of" or before in {"the", "a", "an"}
        if entry.effect.particles and after in entry.effect.particles and not entry.effect.optional:
            return before in {"a", "an", "the"}
        if after == "in" and self.is_name(index - 1) and entry.effect.type != "*":
            return False
        if entry.form == "s" and before in RELATIVES:
            return False
        return (
            after in {"of", "in"} or before in DETERMINERS | PREPOSITIONS or before in DEGREES or before.endswith("ed")
        )

    def _noun_phrase(self, index: int) -> int | None:
        """Read a noun phrase that starts at ``index``; its end, or None if there is no name in reach."""
        first = self._member(index)
        if first is None:
            return None
        member, end = first
        members = [member]
        while True:
            following = self._bracketed(end, members) or self._next_member(end)
            if following is None:
                break
            member, end = following
            members.append(member)
        # Nouns before the first name and behind the last hold for those between: "levels of A and B", "A and B levels".
        if len(members) > 1:
            self._share(members)
        word = self.text(end - 1) if len(members) > 1 and self._is_joined(members, end) else ""
        if self.text(end) in HYPHENS and self.text(end + 1) == "independent":
            return end + 2
        if "neither" in {self.text(index - 1), self.text(index - 2)}:
            for member in members:
                member.negated = True
        self._add(Chunk("np", index, end, members=members, word=word))
        return self._suffix(end) or self._label(end) or end

    def _is_joined(self, members: Sequence[Member], end: int) -> bool:
        """Whether the names are one compound before "axis", "cascade" or "complex": "A/B/C axis"."""
        if self.text(end - 1) not in COMPOUND_HEADS:
            return False
        between = {self.text(at) for at in range(members[0].at, members[-1].at)}
        return between <= HYPHENS | {"/", ":", "", "and", ","} and bool(between & (HYPHENS | {"/", ":"}))

    def _label(self, at: int) -> int | None:
        """The "inhibitor" behind a name: "the B inhibitor A", "A, a B inhibitor"."""
        place = at + 1 if self.text(at) in HYPHENS else at
        entry = ENTRIES.get(self.text(place))
        if entry is None or entry.form != "agent":
            return None
        article = "article" if self.text(self.chunks[-1].start - 1) in {"a", "an"} else ""
        return self._add(Chunk("label", at, place + 1, effect=entry.effect, form=article, word=self.text(place)))

    def _bracketed(self, at: int, members: list[Member]) -> tuple[Member, int] | None:
        """Names listed in brackets behind a name ("cyclins (D1, D2)") are put to it; the last of them, and the end."""
        if self.text(at) != "(":
            return None
        close = self._close(at, 30)
        if close is None:
            return None
        inside = range(at + 1, close)
        names = [each for each in inside if self.is_name(each)]
        if len(names) < 2 or len(inside) - len(names) > len(names) + 2:
            return None
        members.extend(Member([self.mention(each)], each) for each in names[:-1])
        last = Member([self.mention(names[-1])], names[-1])
        return last, self._behind(close + 1, last)

    @staticmethod
    def _share(members: list[Member]) -> None:
        for left, right in pairwise(members):
            if not right.before and left.before:
                right.before, right.event = left.before, right.event or left.event
        for right, left in pairwise(reversed(members)):
            if not left.behind and right.behind:
                left.behind, left.event = right.behind, left.event or right.event

    def _member(self, index: int) -> tuple[Member, int] | None:
        slots: list[list[Operator]] = []
        waiting: list[Operator] = []
        event = False
        skipped = 0
        at = index
        while not self.is_name(at) or self._is_attribute(at):
            text = self.text(at)
            entry = ENTRIES.get(text)
            if at >= len(self.tokens) or skipped > 6:
                return None
            if self._is_regulator(at) and self.text(at + 2) not in PREPOSITIONS:
                skipped += 2
                at += 2
                continue
            if text in DEGREES and not (entry and entry.form == "ed" and at > index and self.is_name(at - 1)):
                slots.append([("*", DEGREES[text])])
                at += 1
                continue
            operator = self._operator(at, entry)
            if operator is not None:
                after = self.text(at + 1)
                if after in {"of", "in", "between"}:
                    slots.append([*waiting, operator])
                    waiting = []
                    event |= entry is not None or operator[0] == "role"
                    at += 2
                elif after in {"and", "or", "/", ","} and at + 2 < len(self.tokens) and not self.is_name(at + 2):
                    waiting.append(operator)
                    at += 2
                    skipped += 1
                elif entry is None:
                    at += 1
                else:
                    return None
                continue
            if text in {"such", "including", ","} and (
                self.text(at) != "," or self.text(at + 1) in {"such", "including"}
            ):
                at += 2 if text == "such" else 1
                continue
            if text in BOUNDS and text not in DETERMINERS:
                return None
            if text in PREPOSITIONS and text != "of":
                return None
            if entry is not None and entry.form in {"s", "base", "agent"}:
                return None
            skipped += text not in DETERMINERS
            at += 1
        if waiting:
            return None
        member = Member([self.mention(at)], at, before=slots, event=event)
        at = self._behind(at + 1, member)
        return member, at

    def _is_attribute(self, at: int) -> bool:
        """Whether a place only describes the noun behind it ("nuclear translocation of")."""
        if self.mention(at).type not in ADJUNCT_TYPES or self.text(at + 2) != "of":
            return False
        entry = ENTRIES.get(self.text(at + 1))
        return entry is not None and entry.form in {"noun", "base", "ing"}

    def _operator(self, index: int, entry: Entry | None) -> Operator | None:
        text = self.text(index)
        if entry is not None:
            if entry.form == "noun" or (entry.form in {"base", "ing"} and self._is_noun(index, entry)):
                if text in {"production", "synthesis"}:
                    return "expression", 1
                sign = entry.effect.sign or POLARITY.get(self.text(index - 1), 0)
                return ("expression" if self.text(index - 1) == "transcriptional" else entry.effect.type), sign
            return None
        if text in LOSS:
            return "*", -1
        if text in ASPECTS:
            return ASPECTS[text], 1
        return None

    def _behind(self, at: int, member: Member) -> int:
        """Read what follows a name: a bracketed short form, then nouns that say what of it changes."""
        while self.is_name(at):
            member.names = [self.mention(at)]
            member.at = at
            at += 1
        if self.text(at) == "(":
            close = next(
                (each for each in range(at + 1, min(at + 24, len(self.tokens))) if self.text(each) == ")"), None
            )
            if close is not None:
                inner = [each.mention for each in self.tokens[at + 1 : close] if each.mention is not None]
                if len(inner) == 1 and close == at + 2:
                    member.names.append(inner[0])
                    at = close + 1
                elif not inner and close - at <= 8:
                    at = close + 1
        for _ in range(4):
            text = self.text(at)
            if text == "(" and self.text(at + 2) == ")" and not self.is_name(at + 1):
                at += 3
                continue
            if text in HYPHENS and self.text(at + 1) in ASPECTS and not self.is_name(at + 1):
                at += 1
                continue
            if self._is_regulator(at):
                at += 2
                continue
            entry = ENTRIES.get(text)
            if text in NEUTRAL_NOUNS and not (entry and entry.form == "ing" and self.text(at + 1) in {"to", "with"}):
                at += 1
                continue
            operator = self._behind_operator(at, entry)
            if operator is None or (
                text in {"signals", "signal", "function", "functions"} and self.text(at + 1) in MEANS
            ):
                break
            alternatives = [operator]
            member.event |= entry is not None
            at += 1
            if self.text(at) in {"and", "or", "/"} and not self.is_name(at + 1):
                other = self._behind_operator(at + 1, ENTRIES.get(self.text(at + 1)))
                if other is not None and self.text(at + 2) not in {"of", "in"}:
                    alternatives.append(other)
                    member.event |= ENTRIES.get(self.text(at + 1)) is not None
                    at += 2
            member.behind.append(alternatives)
        return at

    def _is_regulator(self, at: int) -> bool:
        """Whether a "transcription factor" or "transcriptional repressor" stands here: it says what a name is."""
        return self.text(at) in {"transcription", "transcriptional"} and self.text(at + 1) in REGULATORS

    def _behind_operator(self, at: int, entry: Entry | None) -> Operator | None:
        text = self.text(at)
        if text in HYPHENS and self.text(at + 1) in LOSS:
            return None
        if text in LOSS:
            return "*", -1
        if text in ASPECTS:
            if ASPECTS[text] == "role" and self.text(at + 1) in {"in", "on"}:
                return None
            return ASPECTS[text], 1
        if entry is not None and entry.form == "noun" and self.text(at + 1) != "of":
            return entry.effect.type, entry.effect.sign
        return None

    def _next_member(self, at: int) -> tuple[Member, int] | None:
        """The next coordinated name behind a separator, if one follows."""
        start = at
        denied = at + 1 if self.text(at) == "," else at
        if self.text(denied) == "but" and self.text(denied + 1) == "not" and self.is_name(denied + 2):
            following = self._member(denied + 2)
            if following is not None:
                following[0].negated = True
            return following
        while self.text(at) in {",", "and", "or", "nor", "/", "&", "+"} or self.text(at) in HYPHENS:
            at += 1
        if at == start:
            if self.text(at) == "as" and self.text(at + 1) == "well" and self.text(at + 2) == "as":
                at += 3
            else:
                return None
        if self.text(at - 1) in HYPHENS and not self.is_name(at):
            return None
        if self.is_name(at):
            if self.text(at - 1) == "," and not self._same_list(start - 1, at):
                return None
            if self.text(at - 1) == "," and self._opens(start - 1):
                return None
            return self._member(at)
        text = self.text(at)
        if text in {"a", "an"} and self.text(at - 1) == ",":
            return None
        if text in DETERMINERS or text in DEGREES or text in {"also", "subsequent", "consequent", "other"}:
            if text in RELATIVES and not self.is_name(at + 1):
                return None
            return self._member(at)
        entry = ENTRIES.get(text)
        if self._operator(at, entry) is not None:
            return self._member(at)
        for ahead in range(at, at + 4):
            if self.is_name(ahead):
                return self._member(at)
            text = self.text(ahead)
            if text in ENTRIES or text in PREPOSITIONS or text in BOUNDS or text in ADVERBS or not text.isalpha():
                break
            if text.endswith("ly"):
                break
        return None

    def _opens(self, at: int) -> bool:
        """Whether the only name up to ``at`` belongs to an opening such as "Upon A, …" or "In response to A, …"."""
        names = 0
        while at > 0 and self.text(at - 1) not in STOPS | {",", ")"}:
            names += self.is_name(at)
            at -= 1
        return names <= 1 and self.text(at) in OPENINGS

    def _same_list(self, left: int, right: int) -> bool:
        """Whether names around a comma may belong to one list: not "In neurons, Stat3 …"."""
        while left > 0 and not self.is_name(left):
            left -= 1
        one, other = self.tokens[left].mention, self.mention(right)
        return one is None or (one.type in ADJUNCT_TYPES) == (other.type in ADJUNCT_TYPES)

    def _suffix(self, at: int) -> int | None:
        """The "-induced" behind a name that makes it the source of the noun phrase that follows."""
        place = at + 1 if self.text(at) in HYPHENS else at
        hyphen = place > at
        text = self.text(place)
        effect = SUFFIXES.get(text)
        if effect is None and hyphen:
            effect = PRODUCING.get(text)
        entry = ENTRIES.get(text)
        if effect is None and entry is not None and entry.form == "noun" and self.text(place + 1) == "of":
            if entry.effect.type in {"binding", "yield"} or not self._noun_phrase_ahead(place + 2):
                return None
            return self._add(Chunk("suffix", at, place + 2, effect=entry.effect, form="noun", word=text))
        if effect is None or (self.text(place + 1) in {"by", "via", "through", "in", "on", "upon"} and not hyphen):
            return None
        if not hyphen and text in {
            "activated",
            "enhanced",
            "stimulated",
            "inhibited",
            "suppressed",
            "promoted",
            "regulated",
        }:
            return None
        if self.text(place + 1) in {"and", "or"} or not self._noun_phrase_ahead(place + 1):
            return None
        return self._add(Chunk("suffix", at, place + 1, effect=effect, word=text))

    def _noun_phrase_ahead(self, index: int) -> bool:
        """Whether a name follows within a few words that do not end the phrase."""
        for at in range(index, min(index + 6, len(self.tokens))):
            if self.is_name(at):
                return True
            text = self.text(at)
            if text in BOUNDS - {"and", "or", ","} or text in PREPOSITIONS - {"of"}:
                return False
            entry = ENTRIES.get(text)
            if entry is not None and entry.form in {"s", "ing", "base"} and not self._is_noun(at, entry):
                return False
        return False
