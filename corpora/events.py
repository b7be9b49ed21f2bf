"""The BioNLP event corpora as directed relations in the terms of captions.

Every event with a cause, and every regulation, gives relations from what its cause comes down to, to what its theme
comes down to.

**Theme.** An entity is the target itself: of type activation, or expression where it is a gene or chemical and the
trigger speaks of amount ("upregulates", "increased levels"). An event is followed down to its themes, and types the
relation: expression (Gene_expression, Transcription, Translation, Degradation …), activation (Activation,
Inactivation), modification (Phosphorylation and the like), transport (Localization, Transport). A process without such
a meaning (Cell_death, Cell_proliferation …) is a target by its own trigger, which is a mention of type PROCESS, and the
type is activation; so is Localization of cells. A Pathway stands for its participants, else for its trigger. Conversion
is expression of the product.

**Cause.** An entity is the source. An event is followed down to its themes as above, and to its own causes: "expression
of A" is A, "inhibition of A by B" is B, and A with a minus. Of a Planned_process the instrument that is given, or the
theme that is added or taken away ("knockdown of A") is the source; likewise the theme of a Mutation that is a loss.

**Sign.** Positive_regulation +, Negative_regulation -, Regulation 0, but + by such words as "mediates" and "required
for"; the signs of the nesting multiply. Degradation, Inactivation and the removal of marks turn the sign round. So
negative regulation of a negative regulation is +, positive regulation of degradation is expression -, and so is
positive regulation of expression by loss of A.

**Binding.** From the theme that is named first to each later one, without sign, whether the binding is regulated or
not. What the regulator does to either is unknown.

Negation and Speculation are those of the event with the cause; its trigger is the relation's. An anaphor stands for
what it refers to. Where names nest, the longest is the mention, but for groups of genes, which give way to their
members.

Ruled on are the ordered pairs of mentions in one sentence, and all related pairs. Unknown are: pairs of a mention
anywhere in a cause with one anywhere in its theme, where the rule above finds no relation; pairs with the names of a
related one or an equivalent of them; and in EPI, which annotates modification alone, all pairs that are not related or
a related pair turned round.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from corpora.event_types import (
    ABILITY,
    AMOUNT,
    BARE,
    BINDING,
    BY_HAND,
    EFFECTS,
    ENTITIES,
    GAIN,
    GIVEN,
    GROUPS,
    LOCATIONS,
    LOSS,
    MOVING,
    MUTATIONS,
    NEEDED,
    PATHWAYS,
    PROCESSES,
    REGULATED_EFFECTS,
    REGULATION,
)
from corpora.pairs import Pair, cut, in_order, judged_pairs, near_pairs, sentence_numbers, unlabelled_twins
from corpora.records import convert, entity_span
from nlp.evaluation.edges import name_key
from nlp.networks.tags import LabelledSpan
from nlp.tokens import Tokenizer
from nlp.training.relation_examples import LabelledRelation, RelatedExample, caption_label
from nlp.types import Span

LIMIT: Final = 1500
"""Characters of a text, about as many as the longer captions have; of the relations 1 in 200 is lost at a cut."""

ONE_SIDED: Final = frozenset({"BioNLP11-EPI"})
"""Corpora that annotate one relation type only, so that a pair without it may well have another."""

_PROCESS: Final = "PROCESS"
_CHANGEABLE: Final = frozenset({"GENE", "CHEMICAL"})


@dataclass(frozen=True, slots=True)
class Target:
    """A mention that an event changes, how, and with which sign."""

    mention: int
    type: str
    sign: int


@dataclass(frozen=True, slots=True)
class Source:
    """A mention that acts; ``sign`` is -1 where it acts by its loss."""

    mention: int
    sign: int


def read(path: Path, tokenizer: Tokenizer, *, limit: int | None = LIMIT) -> Iterator[RelatedExample]:
    """The documents of a file that have gold events, in pieces of at most ``limit`` characters (``corpora.pairs.cut``).

    Raises:
        FormatError: at a line that is no event record.
    """
    one_sided = path.parent.name in ONE_SIDED
    for document in convert(path, lambda record: _document(record, tokenizer, one_sided), "an event record"):
        if document is not None:
            yield from cut(*document, limit)


def _document(
    record: Mapping[str, Any], tokenizer: Tokenizer, one_sided: bool
) -> tuple[RelatedExample, Sequence[Span]] | None:
    if not record["gold_events"]:
        return None
    events = _Events(record)
    relations = events.relations()
    sentences = tokenizer.sentences(events.text)
    near = near_pairs(sentence_numbers(events.mentions, sentences), 0)
    if one_sided:
        near &= {(relation.target, relation.source) for relation in relations}
    unknown = events.unresolved() | unlabelled_twins(events.names(), relations)
    judged = judged_pairs(near, unknown, relations)
    return RelatedExample(record["id"], events.text, tuple(events.mentions), relations, judged), sentences


class _Events:
    """One document's entities, triggers and events, and what they come down to."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        self.text: str = record["text"]
        self._triggers = {
            trigger["id"]: LabelledSpan(trigger["start"], trigger["end"], trigger["text"])
            for trigger in record["triggers"]
        }
        self._events = {event["id"]: event for event in record["events"]}
        self._antecedents: dict[str, str] = {
            roles["Subject"]: roles["Object"]
            for relation in record["relations"]
            if relation["type"] == "Coreference"
            for roles in [{argument["role"]: argument["ref"] for argument in relation["args"]}]
        }
        self._equivalents = {id: min(group) for group in record["equivs"] for id in group}
        self._modified = {(item["event"], item["type"]) for item in record["modifications"]}
        self._entity_types = {entity["id"]: ENTITIES.get(entity["type"]) for entity in record["entities"]}
        spans = self._entity_spans(record["entities"])
        processes = self._process_spans(spans.values())
        self.mentions: Sequence[LabelledSpan] = in_order(
            [*(span for held in spans.values() for span in held), *processes.values()]
        )
        index = {span: number for number, span in enumerate(self.mentions)}
        self._entities = {id: tuple(index[span] for span in held) for id, held in spans.items()}
        self._processes = {id: index[span] for id, span in processes.items()}

    def relations(self) -> tuple[LabelledRelation, ...]:
        found: dict[tuple[int, int, str], LabelledRelation] = {}
        for id, event in self._events.items():
            trigger = self._triggers[event["trigger"]]
            for source, target, label in self._stated(id):
                if source != target:
                    found.setdefault(
                        (source, target, label),
                        LabelledRelation(
                            source,
                            target,
                            label,
                            (id, "Negation") in self._modified,
                            (id, "Speculation") in self._modified,
                            Span(trigger.start, trigger.end),
                        ),
                    )
        return tuple(found.values())

    def unresolved(self) -> set[Pair]:
        """Pairs of what stands in a cause with what stands in its theme."""
        return {
            (source, target)
            for id in self._events
            for cause in self._arguments(id, "Cause", "hasAgent")
            for theme in self._arguments(id, "Theme", "hasPatient", "Product")
            for source in self._reached(cause, frozenset())
            for target in self._reached(theme, frozenset())
        }

    def names(self) -> list[str]:
        """A name for each mention, the same for equivalents."""
        names = [name_key(self.text[mention.start : mention.end]) for mention in self.mentions]
        for id, first in self._equivalents.items():
            for mention in self._entities.get(id, ()):
                for other in self._entities.get(first, ()):
                    names[mention] = names[other]
        return names

    def _entity_spans(self, entities: Sequence[Mapping[str, Any]]) -> dict[str, tuple[LabelledSpan, ...]]:
        """The mentions that stand for each entity: itself, its members if it is a group, none if it is in another."""
        spans = {}
        for entity in entities:
            type = ENTITIES.get(entity["type"])
            span = None if type is None else entity_span(entity, self.text, type)
            if span is not None:
                spans[entity["id"]] = span
        groups = {entity["id"] for entity in entities if entity["type"] in GROUPS}
        singles = [(id, span) for id, span in spans.items() if id not in groups]
        kept: list[LabelledSpan] = []
        for _, span in sorted(singles, key=lambda item: (item[1].start - item[1].end, item[1].start)):
            if not any(span.start < other.end and other.start < span.end for other in kept):
                kept.append(span)
        result: dict[str, tuple[LabelledSpan, ...]] = {id: (span,) if span in kept else () for id, span in singles}
        for id in groups & spans.keys():
            group = spans[id]
            inside = tuple(span for span in kept if group.start <= span.start and span.end <= group.end)
            if not inside and not any(span.start < group.end and group.start < span.end for span in kept):
                kept.append(group)
                inside = (group,)
            result[id] = inside
        return result

    def _process_spans(self, entities: Any) -> dict[str, LabelledSpan]:
        """For each event whose trigger names a process, the trigger as a mention."""
        taken = [span for held in entities for span in held]
        found = {}
        for id, event in self._events.items():
            trigger = self._triggers[event["trigger"]]
            if self._names_process(id) and not any(
                trigger.start < span.end and span.start < trigger.end for span in taken
            ):
                found[id] = LabelledSpan(trigger.start, trigger.end, _PROCESS)
        longest = sorted(set(found.values()), key=lambda span: (span.start - span.end, span.start))
        kept: list[LabelledSpan] = []
        for span in longest:
            if not any(span.start < other.end and other.start < span.end for other in kept):
                kept.append(span)
        return {id: span for id, span in found.items() if span in kept}

    def _names_process(self, id: str) -> bool:
        event = self._events[id]
        type, words = event["type"], self._triggers[event["trigger"]].label
        if type in PROCESSES:
            return not BARE.fullmatch(words)
        if type in PATHWAYS:
            return not self._arguments(id, "Participant", "hasAgent", "hasPatient") and not BARE.fullmatch(words)
        if type == "Process":
            return ABILITY.search(words) is not None
        return type in LOCATIONS and any(
            self._entity_types.get(theme) in MOVING for theme in self._arguments(id, "Theme", "hasPatient")
        )

    def _stated(self, id: str) -> Iterator[tuple[int, int, str]]:
        """What one event states: source, target, label."""
        type = self._events[id]["type"]
        if type in BINDING:
            yield from self._bound(id)
        elif type.startswith("Binding"):  # GRO: of an agent to a patient
            for source in self._sources_of(id):
                for mention in self._mentions_of(self._arguments(id, "hasPatient")):
                    yield source.mention, mention, caption_label("binding", 0)
        else:
            targets = self._targets(id, frozenset())
            for source in self._sources_of(id):
                for target in targets:
                    yield source.mention, target.mention, caption_label(target.type, source.sign * target.sign)

    def _bound(self, id: str) -> Iterator[tuple[int, int, str]]:
        order = sorted(set(self._mentions_of(self._arguments(id, "Theme", "hasPatient"))))
        for position, first in enumerate(order):
            for second in order[position + 1 :]:
                yield first, second, caption_label("binding", 0)

    def _sources_of(self, id: str) -> list[Source]:
        return [
            source
            for cause in self._arguments(id, "Cause", "hasAgent")
            for source in self._sources(cause, frozenset({id}))
        ]

    def _targets(self, id: str, seen: frozenset[str]) -> list[Target]:
        """What an event changes in the end, and how."""
        event = self._events[id]
        type, seen = event["type"], seen | {id}
        themes = [theme for theme in self._arguments(id, "Theme", "hasPatient") if theme not in seen]
        words = self._triggers[event["trigger"]].label
        if type in REGULATION:
            targets = [
                target
                for theme in themes
                for target in (
                    self._targets(theme, seen) if theme in self._events else self._regulated_entity(theme, words)
                )
            ]
            sign = REGULATION[type] or (1 if NEEDED.search(words) else 0)
            return [Target(target.mention, target.type, sign * target.sign) for target in targets]
        if id in self._processes:
            return [Target(self._processes[id], "activation", 1)]
        if type in PATHWAYS:
            members = self._arguments(id, "Participant", "hasPatient", "hasAgent")
            return [Target(mention, "activation", 1) for mention in self._mentions_of(members)]
        if type == "Conversion":
            products = self._mentions_of(self._arguments(id, "Product"))
            return [Target(mention, "expression", 1) for mention in products]
        sign, effect = REGULATED_EFFECTS.get(type) or (1, EFFECTS.get(type))
        if effect is None:
            return []
        return [
            Target(mention, effect.type, sign * effect.sign)
            for mention in self._mentions_of(themes)
            if self.mentions[mention].label in _CHANGEABLE
        ]

    def _regulated_entity(self, id: str, words: str) -> Iterator[Target]:
        for mention in self._mentions_of([id]):
            changes_amount = self.mentions[mention].label in _CHANGEABLE and AMOUNT.search(words)
            yield Target(mention, "expression" if changes_amount else "activation", 1)

    def _sources(self, id: str, seen: frozenset[str]) -> list[Source]:
        """What a cause comes down to."""
        if id not in self._events:
            return [Source(mention, 1) for mention in self._mentions_of([id])]
        if id in seen:
            return []
        seen |= {id}
        event = self._events[id]
        type, words = event["type"], self._triggers[event["trigger"]].label
        themes = self._arguments(id, "Theme", "hasPatient")
        own = [source for cause in self._arguments(id, "Cause", "hasAgent") for source in self._sources(cause, seen)]
        if type in BY_HAND or type in MUTATIONS:
            return own + self._sources_by_hand(type, words, themes, self._arguments(id, "Instrument"))
        if type in BINDING:
            return own + [Source(mention, 1) for mention in self._mentions_of(themes)]
        return own + [Source(target.mention, target.sign) for target in self._targets(id, frozenset())]

    def _sources_by_hand(
        self, type: str, words: str, themes: Sequence[str], instruments: Sequence[str]
    ) -> list[Source]:
        if LOSS.search(words):
            return [Source(mention, -1) for mention in self._mentions_of(themes)]
        if type in MUTATIONS:
            return []
        if GAIN.search(words):
            added = [mention for mention in self._mentions_of(themes) if self.mentions[mention].label == "GENE"]
            return [Source(mention, 1) for mention in (*added, *self._mentions_of(instruments))]
        return [Source(mention, 1) for mention in self._mentions_of(instruments)] if GIVEN.search(words) else []

    def _mentions_of(self, ids: Sequence[str]) -> list[int]:
        return [mention for id in ids for mention in self._entities.get(id, ())]

    def _reached(self, id: str, seen: frozenset[str]) -> set[int]:
        """All mentions in an entity or event, at any depth."""
        if id not in self._events:
            return set(self._entities.get(id, ()))
        if id in seen:
            return set()
        below = {
            mention
            for argument in self._events[id]["args"]
            for mention in self._reached(self._antecedent(argument["ref"]), seen | {id})
        }
        return below | ({self._processes[id]} if id in self._processes else set())

    def _arguments(self, id: str, *roles: str) -> list[str]:
        """The arguments of an event in these roles, whatever their number ("Theme2")."""
        return [
            self._antecedent(argument["ref"])
            for argument in self._events[id]["args"]
            if argument["role"].rstrip("0123456789") in roles
        ]

    def _antecedent(self, id: str) -> str:
        return self._antecedents.get(id, id)
