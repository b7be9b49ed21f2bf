"""Phrases of a sentence: noun phrases around mentions, trigger verbs with their voice, and the words that join them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from nlp.arrows import ARROWS
from nlp.stages.relation_rules.chunks import Chunk
from nlp.stages.relation_rules.nouns import ENTRIES, NounReader
from nlp.stages.relation_rules.tokens import Token
from nlp.stages.relation_rules.triggers import ASPECTS, LOSS, PHRASES, Effect, Entry
from nlp.stages.relation_rules.words import (
    ASIDES,
    BE,
    BOUNDS,
    DEGREES,
    DETERMINERS,
    HAVE,
    HEDGES,
    JOINED_FORMS,
    MEANS,
    NEGATIONS,
    POLARITY,
    PREPOSITIONS,
    RAISING,
    RELATIVES,
    STANCES,
    STOPS,
)

_PHRASES: Final = sorted(
    ((tuple(words.split()), effect) for words, effect in PHRASES.items()), key=lambda p: -len(p[0])
)
_PHRASES_OF: Final = {head: [item for item in _PHRASES if item[0][0] == head] for (head, *_), _ in _PHRASES}
_MAX_CLAUSE: Final = 30
_CLAUSE_BOUNDS: Final = STOPS | {"that", ",", "but", "whereas", "while"}
_KINDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(RELATIVES, "which"),
    **dict.fromkeys(MEANS, "means"),
    **dict.fromkeys(("and", "or", "nor", "but", "/", "&"), "and"),
    **dict.fromkeys((",", "(", ")"), "comma"),
    **dict.fromkeys((*STOPS, "whereas", "while", "although", "because", "since", "when", "if"), "stop"),
    "respectively": "paired",
}


class Reader(NounReader):
    """Reads the phrases of one sentence from left to right."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        super().__init__(tokens)
        self.verbs = 0

    def read(self) -> list[Chunk]:
        index = 0
        while index < len(self.tokens):
            index = self._step(index)
        return self.chunks

    def _step(self, index: int) -> int:
        text = self.text(index)
        if self.is_name(index):
            return self._noun_phrase(index) or index + 1
        arrow = ARROWS.get(text)
        if arrow is not None and arrow.direction:
            effect = Effect("activation", arrow.sign, reversed=arrow.direction < 0)
            return self._add(Chunk("arrow", index, index + 1, effect=effect, word=text))
        for words, effect in _PHRASES_OF.get(text, ()):
            if all(self.text(index + offset) == word for offset, word in enumerate(words)):
                voice = "passive" if effect.reversed else "active"
                form = "result" if words[0] == "followed" else "phrase"
                return self._verb(index, index + len(words), effect, voice, form)
        entry = ENTRIES.get(text)
        if entry is not None:
            return self._trigger(index, entry)
        if text in DEGREES or text in ASPECTS or text in LOSS:
            end = self._noun_phrase(index)
            if end:
                return end
        kind = _KINDS.get(text)
        if kind is not None:
            return self._add(Chunk(kind, index, index + 1, word=text, negated=self.text(index - 1) == "not"))
        if text == "as" and self.text(index + 1) == "well":
            return self._add(Chunk("and", index, index + 3, word="as well as"))
        if text in PREPOSITIONS:
            if text == "in" and self.text(index + 1) in ASIDES:
                return index + 2
            if text == "to" and self._is_infinitive(index):
                return index + 1
            return self._add(Chunk("prep", index, index + 1, word=text))
        return index + 1

    # -- triggers ------------------------------------------------------------------------------------------------------

    def _trigger(self, index: int, entry: Entry) -> int:
        before, after = self.text(index - 1), self.text(index + 1)
        form: str = entry.form
        if form == "agent":
            return self._agent(index, entry)
        if form in {"base", "ing", "s"} and self._is_noun(index, entry):
            form = "noun"
        if form == "noun":
            end = self._noun_phrase(index)
            if end:
                return end
            return self._add(Chunk("noun", index, index + 1, effect=entry.effect, word=self.text(index)))
        if form == "ed":
            particle = after in entry.effect.particles and not entry.effect.optional
            passive = not particle and self._is_passive(index)
            if not passive and not particle and (before in DETERMINERS | PREPOSITIONS or not self._after_subject()):
                end = self._noun_phrase(index)
                if end:
                    return end
            voice = "passive" if passive else "active"
        else:
            voice = "active"
        effect, end = entry.effect, index + 1
        joined = self._complex_ahead(end) if entry.lemma == "form" and voice == "active" else None
        if joined is not None:
            return self._verb(index, joined, Effect("binding", 0), voice, "union")
        if effect.particles and voice == "active":
            if after in effect.particles:
                end += 1
            elif not effect.optional:
                return index + 1
        if effect.reversed and voice == "active":
            voice = "passive"
        if form == "ing" and (self.text(index - 1) in MEANS or self.text(index - 2) in MEANS):
            form = "means"
        elif voice == "passive" and not self._has_auxiliary(index):
            form = "reduced"
        elif form == "base" and "to" in {before, self.text(index - 2)}:
            place = index - 1 if before == "to" else index - 2
            form = "base" if self.text(place - 1) in RAISING else "infinitive"
        return self._verb(index, end, effect, voice, form)

    def _complex_ahead(self, index: int) -> int | None:
        """The end of "a stable complex", what is formed, without a name before it."""
        for at in range(index, index + 4):
            if self.is_name(at) or self.text(at) in BOUNDS or self.text(at) in PREPOSITIONS:
                return None
            if self.text(at) in JOINED_FORMS:
                return at + 1
        return None

    def _verb(self, index: int, end: int, effect: Effect, voice: str, form: str) -> int:
        negated = hedged = False
        for back in range(index - 1, max(-1, index - 6), -1):
            if self.is_name(back) or self.text(back) in STOPS or self.text(back) in {",", "and", "but"}:
                break
            negated |= self.text(back) in NEGATIONS and self.text(back + 1) != "only"
            negated |= self.text(back) == "rather" and self.text(back + 1) == "than"
            hedged |= self.text(back) in HEDGES
            if effect.sign == 0 and back >= index - 2 and self.text(back) in POLARITY:
                effect = replace(effect, sign=POLARITY[self.text(back)])
        denied, doubted = self._stance(index)
        negated, hedged = negated or denied, hedged or doubted
        self.verbs += 1
        word = " ".join(self.text(each) for each in range(index, end))
        return self._add(
            Chunk("verb", index, end, effect=effect, voice=voice, form=form, word=word, negated=negated, hedged=hedged)
        )

    def _stance(self, index: int) -> tuple[bool, bool]:
        """Whether the clause of a verb is denied, and whether doubted: "no evidence that …", "unlikely that …"."""
        that = next(
            (at for at in range(index - 1, max(0, index - _MAX_CLAUSE), -1) if self.text(at) in _CLAUSE_BOUNDS), 0
        )
        head = self.text(that - 1)
        if self.text(that) != "that" or head not in STANCES:
            return False, False
        words = {self.text(at) for at in range(max(0, that - 4), that)}
        return bool(words & NEGATIONS), head in HEDGES

    def _is_passive(self, index: int) -> bool:
        auxiliary = self._has_auxiliary(index)
        if auxiliary is not None:
            return auxiliary
        if self.text(index - 1) in {"and", "or"} and self.chunks[-2:-1] and self.chunks[-2].voice == "passive":
            return True
        follows = index + 1
        while self.text(follows).endswith("ly"):
            follows += 1
        return self.text(follows) in {"by", "via", "through", "in", "upon", "to", "during", "at", "from", "on"}

    def _is_infinitive(self, index: int) -> bool:
        for at in (index + 1, index + 2):
            entry = ENTRIES.get(self.text(at))
            if entry is not None:
                return entry.form == "base"
        return False

    def _has_auxiliary(self, index: int) -> bool | None:
        """True behind a form of "be", False behind "have", None behind neither."""
        for back in range(index - 1, max(-1, index - 6), -1):
            text = self.text(back)
            if text in BE:
                return True
            if text in HAVE:
                return False
            if self.is_name(back) or text in STOPS or text == ",":
                break
        return None

    def _after_subject(self) -> bool:
        """Whether the phrases so far allow a verb in the past tense here."""
        last = self.chunks[-1].kind if self.chunks else ""
        return last in {"np", "which"} or (last in {"and", "comma"} and self.verbs > 0)

    def _agent(self, index: int, entry: Entry) -> int:
        if self.text(index + 1) in {"of", "for"}:
            effect = entry.effect
            if effect.sign == 0 and self.text(index - 1) in POLARITY:
                effect = replace(effect, sign=POLARITY[self.text(index - 1)])
            return self._add(Chunk("agent", index, index + 2, effect=effect, word=self.text(index)))
        return index + 1
