"""Statements in BEL with their evidence text as weakly labelled relations.

**Which.** Causal statements: increases and directlyIncreases (+), decreases and directlyDecreases (-), regulates (0).
Correlations, associations and the rest are left out.

**Label**, by the object:

================================================ ==============================================
activity, process, pathology                     activation
protein with a mark (``pmod``)                   modification
abundance of protein, RNA, gene, chemical        expression
degradation                                      expression, with the sign turned round
secretion, translocation, cell surface           transport
================================================ ==============================================

Complexes, reactions and composites as objects are left out; as subjects they stand for each of their members. A subject
that is degraded acts with its sign turned round.

**Where.** The evidence is annotated by a pipeline. A term is aligned to the mentions that have its name, or whose best
reference is an entry that the lexicon finds by that name. The relation joins the nearest two mentions of subject and
object in one sentence; a statement without such a pair is left out, and so is one of a thing that acts on itself.

Nothing is known of the other pairs, but for related ones turned round, which are taken to have no relation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from corpora.pairs import cut, in_order, judged_pairs, sentence_numbers, unlabelled_twins
from corpora.records import convert
from nlp.evaluation.edges import name_key
from nlp.networks.tags import LabelledSpan
from nlp.pipeline import Pipeline
from nlp.stages.grounding import Grounding
from nlp.tokens import Tokenizer
from nlp.training.relation_examples import LabelledRelation, RelatedExample, caption_label
from nlp.types import Document

LIMIT: Final = 1500

_SIGNS: Final[Mapping[str, int]] = MappingProxyType(
    {"increases": 1, "directlyIncreases": 1, "decreases": -1, "directlyDecreases": -1, "regulates": 0}
)
_EFFECTS: Final[Mapping[str, tuple[str, int]]] = MappingProxyType(
    {
        **dict.fromkeys(("activity", "process", "pathology"), ("activation", 1)),
        **dict.fromkeys(("abundance", "rna", "gene", "microrna", "chemical"), ("expression", 1)),
        **dict.fromkeys(("secretion", "translocation", "surface"), ("transport", 1)),
        "modified": ("modification", 1),
        "degradation": ("expression", -1),
    }
)
_MARK: Final = "pmod"

Statement = tuple[str, Sequence[str], str, str]
"""Evidence, names of the subject, name of the object, label."""


def mention_pipeline() -> Pipeline:
    """The pipeline that comes with pathcap, up to the references of mentions."""
    pipeline = Pipeline.load(device="cpu")
    names = [stage.name for stage in pipeline.stages]
    return Pipeline(pipeline.stages[: names.index(Grounding.name) + 1], pipeline.lexicon)


def read(
    path: Path, pipeline: Pipeline, tokenizer: Tokenizer, *, limit: int | None = LIMIT
) -> Iterator[RelatedExample]:
    """The evidence texts of a file to which a statement could be aligned.

    Raises:
        FormatError: at a line that is no such statement.
    """
    texts: dict[str, list[Statement]] = {}
    for statement in convert(path, _statement, "a BEL statement"):
        if statement is not None:
            texts.setdefault(statement[0], []).append(statement)
    for number, (document, statements) in enumerate(zip(pipeline.stream(texts), texts.values(), strict=True), 1):
        sentences = tokenizer.sentences(document.text)
        mentions = in_order(LabelledSpan(mention.start, mention.end, mention.type) for mention in document.mentions)
        numbers = sentence_numbers(mentions, sentences)
        relations = _aligned(document, statements, mentions, numbers, pipeline)
        if relations:
            names = [name_key(document.text[mention.start : mention.end]) for mention in mentions]
            turned = {(relation.target, relation.source) for relation in relations}
            judged = judged_pairs(turned, unlabelled_twins(names, relations), relations)
            example = RelatedExample(f"{path.stem}:{number}", document.text, tuple(mentions), relations, judged)
            yield from cut(example, sentences, limit)


def _statement(record: Mapping[str, Any]) -> Statement | None:
    evidence, relation = str(record["evidence"]), record["relation"]
    if relation not in _SIGNS or not evidence.strip():
        return None
    subject, object = record["subject"], record["object"]
    effect = _EFFECTS.get(object["aspect"])
    names = [part["name"] for part in subject.get("members", ()) or (subject,) if part["name"]]
    if effect is None or not names or not object["name"]:
        return None
    if object["aspect"] == "modified" and not any(_MARK in variant for variant in object["variants"]):
        return None
    type, sign = effect
    if subject["aspect"] == "degradation":
        sign = -sign
    return evidence, names, object["name"], caption_label(type, sign * _SIGNS[relation])


def _aligned(
    document: Document,
    statements: Sequence[Statement],
    mentions: Sequence[LabelledSpan],
    numbers: Sequence[int],
    pipeline: Pipeline,
) -> tuple[LabelledRelation, ...]:
    found = {
        (*pair, label)
        for _, subjects, object, label in statements
        for subject in subjects
        if subject != object
        for pair in _nearest(
            _places(document, subject, mentions, pipeline),
            _places(document, object, mentions, pipeline),
            mentions,
            numbers,
        )
    }
    return tuple(LabelledRelation(*one) for one in sorted(found))


def _places(document: Document, name: str, mentions: Sequence[LabelledSpan], pipeline: Pipeline) -> list[int]:
    """Indices of the mentions that mean ``name``."""
    curies = {candidate.entry.curie for candidate in pipeline.lexicon.lookup(name)}
    return [
        mentions.index(LabelledSpan(mention.start, mention.end, mention.type))
        for mention in document.mentions
        if name_key(mention.text) == name_key(name)
        or any(reference.curie in curies for reference in mention.references[:1])
    ]


def _nearest(
    sources: Sequence[int], targets: Sequence[int], mentions: Sequence[LabelledSpan], numbers: Sequence[int]
) -> list[tuple[int, int]]:
    """The pair of least distance in one sentence, if there is any."""
    pairs = [
        (abs(mentions[source].start - mentions[target].start), source, target)
        for source, target in product(sources, targets)
        if source != target and numbers[source] == numbers[target]
    ]
    return [min(pairs)[1:]] if pairs else []
