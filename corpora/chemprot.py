"""ChemProt and DrugProt: what chemicals do to genes, in abstracts.

The labels are the relation types. ``GROUPS`` gives the CPR group of each, by which ChemProt is scored: the probability
of a group is the sum of its types'. What a type may stand for in a caption (``MEANINGS``):

======================================================== ==============================================
UPREGULATOR, INDIRECT-UPREGULATOR                        expression+ or activation+
DOWNREGULATOR, INDIRECT-DOWNREGULATOR                    expression- or activation-
ACTIVATOR, AGONIST, AGONIST-ACTIVATOR, MODULATOR-ACTIVATOR  activation+
INHIBITOR, ANTAGONIST, AGONIST-INHIBITOR, MODULATOR-INHIBITOR  activation-
REGULATOR, INDIRECT-REGULATOR, MODULATOR                 activation or expression of any sign
DIRECT-REGULATOR                                         binding0, or activation of any sign
======================================================== ==============================================

The rest say nothing of captions: PART-OF, COFACTOR, SUBSTRATE, PRODUCT-OF and SUBSTRATE_PRODUCT-OF, whose direction is
the gene's on the chemical, NOT, of which nobody knows what it denies, and UNDEFINED.

Ruled on are pairs of a chemical and a gene in one sentence, in this direction, and all related pairs. Names may nest,
as they do in the corpus, since pairs are scored by them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from corpora.pairs import cut, in_order, judged_pairs, near_pairs, sentence_numbers
from corpora.records import convert, entity_span
from nlp.networks.tags import LabelledSpan
from nlp.tokens import Tokenizer
from nlp.training.relation_examples import LabelledRelation, RelatedExample
from nlp.types import Span

LIMIT: Final = 1500

EVALUATED: Final = ("CPR:3", "CPR:4", "CPR:5", "CPR:6", "CPR:9")
"""The groups that ChemProt is scored by."""

GROUPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "UNDEFINED": "CPR:0",
        "PART-OF": "CPR:1",
        "REGULATOR": "CPR:2",
        "DIRECT-REGULATOR": "CPR:2",
        "INDIRECT-REGULATOR": "CPR:2",
        "UPREGULATOR": "CPR:3",
        "ACTIVATOR": "CPR:3",
        "INDIRECT-UPREGULATOR": "CPR:3",
        "DOWNREGULATOR": "CPR:4",
        "INHIBITOR": "CPR:4",
        "INDIRECT-DOWNREGULATOR": "CPR:4",
        "AGONIST": "CPR:5",
        "AGONIST-ACTIVATOR": "CPR:5",
        "AGONIST-INHIBITOR": "CPR:5",
        "ANTAGONIST": "CPR:6",
        "MODULATOR": "CPR:7",
        "MODULATOR-ACTIVATOR": "CPR:7",
        "MODULATOR-INHIBITOR": "CPR:7",
        "COFACTOR": "CPR:8",
        "SUBSTRATE": "CPR:9",
        "PRODUCT-OF": "CPR:9",
        "SUBSTRATE_PRODUCT-OF": "CPR:9",
        "NOT": "CPR:10",
    }
)
"""The group of each type."""

LABELS: Final = tuple(GROUPS)

_ACTIVATION: Final = ("activation+", "activation-", "activation0")
_EXPRESSION: Final = ("expression+", "expression-", "expression0")

MEANINGS: Final[Mapping[str, Sequence[str]]] = MappingProxyType(
    {
        **dict.fromkeys(("UPREGULATOR", "INDIRECT-UPREGULATOR"), ("expression+", "activation+")),
        **dict.fromkeys(("DOWNREGULATOR", "INDIRECT-DOWNREGULATOR"), ("expression-", "activation-")),
        **dict.fromkeys(("ACTIVATOR", "AGONIST", "AGONIST-ACTIVATOR", "MODULATOR-ACTIVATOR"), ("activation+",)),
        **dict.fromkeys(("INHIBITOR", "ANTAGONIST", "AGONIST-INHIBITOR", "MODULATOR-INHIBITOR"), ("activation-",)),
        **dict.fromkeys(("REGULATOR", "INDIRECT-REGULATOR", "MODULATOR"), _ACTIVATION + _EXPRESSION),
        "DIRECT-REGULATOR": ("binding0", *_ACTIVATION),
    }
)
"""The caption labels that a type may stand for."""

_TYPES: Final[Mapping[str, str]] = MappingProxyType({"CHEMICAL": "CHEMICAL", "GENE-Y": "GENE", "GENE-N": "GENE"})


def read(path: Path, tokenizer: Tokenizer, *, limit: int | None = LIMIT) -> Iterator[RelatedExample]:
    """The abstracts of a file in pieces of at most ``limit`` characters (``corpora.pairs.cut``).

    Raises:
        FormatError: at a line that is no such record.
    """
    for abstract in convert(path, lambda record: _abstract(record, tokenizer), "an abstract with relations"):
        yield from cut(*abstract, limit)


def _abstract(record: Mapping[str, Any], tokenizer: Tokenizer) -> tuple[RelatedExample, Sequence[Span]]:
    text: str = record["text"]
    spans = {entity["id"]: entity_span(entity, text, _TYPES[entity["type"]]) for entity in record["entities"]}
    mentions = in_order(span for span in spans.values() if span is not None)
    places = {id: mentions.index(span) for id, span in spans.items() if span is not None}
    relations = tuple(
        LabelledRelation(source, target, label)
        for source, target, label in sorted(
            {(places[item["head"]], places[item["tail"]], _known(item["type"])) for item in record["relations"]}
        )
    )
    sentences = tokenizer.sentences(text)
    near = near_pairs(sentence_numbers(mentions, sentences), 0)
    known = {pair for pair in near if _is_asked(mentions, *pair)}
    judged = judged_pairs(known, (), relations)
    return RelatedExample(record["id"], text, tuple(mentions), relations, judged), sentences


def _is_asked(mentions: Sequence[LabelledSpan], source: int, target: int) -> bool:
    return mentions[source].label == "CHEMICAL" and mentions[target].label == "GENE"


def _known(label: str) -> str:
    if label not in GROUPS:
        raise ValueError(f"unknown relation type {label!r}")
    return label
