"""Captions with identifiers and relations of every kind, for the formats of networks and of statements."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import replace

from hypothesis import strategies as st

from nlp.formats.base import OpenWriter
from nlp.schema import MENTION_TYPES, RELATION_TYPES
from nlp.types import SIGNS, Document, Mention, Reference, Relation, Trigger
from tests.markup import parse_blocks

REFERENCES = {
    "ERK": [("FPLX:ERK", "ERK", 0.97), ("HGNC:6871", "MAPK1", 0.02)],
    "ERK1/2": [("HGNC:6877", "MAPK3", 0.99), ("HGNC:6871", "MAPK1", 0.98)],
    "MAPK1": [("HGNC:6871", "MAPK1", 1.0)],
    "MEK1": [("HGNC:6840", "MAP2K1", 0.95)],
    "DUSP6": [("HGNC:3072", "DUSP6", 1.0)],
    "p53": [("HGNC:11998", "TP53", 0.98)],
    "MDM2": [("HGNC:6973", "MDM2", 0.98)],
    "caspase-3": [("HGNC:1504", "CASP3", 0.99)],
    "PARP1": [("HGNC:270", "PARP1", 0.99)],
    "BDNF": [("HGNC:1033", "BDNF", 0.99)],
    "miR-132-5p": [("HGNC:31516", "MIR132", 0.98)],
    "glucose": [("CHEBI:17234", "glucose", 0.9)],
    "Esketamine": [("CHEBI:60799", "esketamine", 0.98)],
    "insulin": [("HGNC:6081", "INS", 0.9)],
    "IL-6": [("HGNC:6018", "IL6", 0.9)],
    "macrophages": [("CL:0000235", "macrophage", 0.9)],
    "apoptosis": [("GO:0006915", "apoptotic process", 0.99)],
    "asthma": [("MONDO:0004979", "asthma", 0.9)],
    "HeLa": [("cellosaurus:0030", "HeLa", 0.9)],
    "mice": [("NCBITaxon:10090", "Mus musculus", 0.9)],
    "liver": [("UBERON:0002107", "liver", 0.9)],
    "imatinib": [("DRUGBANK:DB00619", "Imatinib", 0.9)],
    "lipase": [("EC:3.1.1.3", "triacylglycerol lipase", 0.9)],
    "nuclei": [("GO:0005634", "nucleus", 0.9)],
    "stress": [("MESH:D000079225", "Psychological Distress", 0.4)],
    "PP1": [("pubchem.compound:1400", "PP1", 0.4)],
}

BLOCKS = """
    ### PMC101__f1.jpg
    Proposed model. ⟦T1:CHEMICAL|Esketamine⟧ activates ⟦T2:GENE|ERK1/2⟧ and blocks ⟦T3:PROCESS|apoptosis⟧. \
⟦T4:GENE|MEK1⟧ "phosphorylates" ⟦T5:GENE|ERK⟧; ⟦T6:GENE|DUSP6⟧ dephosphorylates ⟦T7:GENE|MAPK1⟧.
    R T1 T2 activation + "activates"
    R T1 T3 activation - "blocks"
    R T4 T5 modification + "phosphorylates"
    R T6 T7 modification - "dephosphorylates"

    ### PMC101__f2.jpg
    ⟦T1:GENE|MDM2⟧ induces the ubiquitination and neddylation of ⟦T2:GENE|p53⟧ (Fig. 2, right). ⟦T3:GENE|MDM2⟧ binds \
⟦T4:GENE|p53⟧. ⟦T5:GENE|caspase-3⟧ cleaves ⟦T6:GENE|PARP1⟧. ⟦T7:GENE|p53⟧ does not bind ⟦T8:GENE|factor  X⟧.
    R T1 T2 modification + "ubiquitination and neddylation"
    R T3 T4 binding 0 "binds"
    R T5 T6 modification + "cleaves"
    R T7 T8 binding 0 "does not bind" neg

    ### own/3
    ⟦T1:GENE|miR-132-5p⟧ represses ⟦T2:GENE|BDNF⟧ mRNA. ⟦T3:CHEMICAL|PP1⟧ may raise the level of ⟦T4:GENE|BDNF⟧. \
⟦T5:PROCESS|stress⟧ regulates ⟦T6:GENE|miR-132-5p⟧ and ⟦T7:DISEASE|asthma⟧. \
⟦T8:GENE|p53⟧ regulates the transcription of ⟦T9:GENE|MDM2⟧.
    R T1 T2 expression -
    R T3 T4 expression + "may raise the level" spec
    R T5 T6 expression 0 "regulates"
    R T5 T7 activation 0 "regulates"
    R T8 T9 expression 0 "regulates the transcription"

    ### own/4
    ⟦T1:CELL|macrophages⟧ secrete ⟦T2:GENE|IL-6⟧. ⟦T3:GENE|insulin⟧ increases the uptake of ⟦T4:CHEMICAL|glucose⟧ into \
the ⟦T5:ANATOMY|liver⟧ of ⟦T6:ORGANISM|mice⟧. ⟦T7:CHEMICAL|imatinib⟧ brings ⟦T8:GENE|lipase⟧ to the surface of \
⟦T9:CELL|HeLa⟧ cells.
    R T1 T2 transport + "secrete"
    R T3 T4 transport + "increases the uptake"
    R T7 T8 transport + "to the surface"

    ### own/5
    ⟦T1:GENE|MEK1⟧ phosphorylates ⟦T2:GENE|MAPK1⟧. ⟦T3:GENE|MEK1⟧ might phosphorylate ⟦T4:GENE|MAPK1⟧ again. \
⟦T5:CHEMICAL|esketamine⟧ does not activate ⟦T6:GENE|ERK1/2⟧. ⟦T7:CHEMICAL|Esketamine⟧ activates ⟦T8:GENE|MAPK1⟧. \
⟦T9:GENE|p53⟧ and ⟦T10:GENE|MDM2⟧ bind. ⟦T11:GENE|p53⟧ keeps ⟦T12:CHEMICAL|glucose⟧ out of ⟦T13:COMPONENT|nuclei⟧. \
⟦T14:GENE|p53⟧ activates ⟦T15:GENE|p53⟧ and modifies ⟦T16:GENE|BDNF⟧.
    R T1 T2 modification + "phosphorylates"
    R T3 T4 modification + "might phosphorylate" spec
    R T5 T6 activation + "does not activate" neg
    R T7 T8 activation + "activates"
    R T9 T10 binding 0 "bind"
    R T11 T12 transport - "out of"
    R T14 T15 activation + "activates"
    R T14 T16 modification 0 "modifies"

    ### own/6
    Nothing acts on ⟦T1:GENE|MEK1⟧ here.
"""

SCORES = (0.91, 0.5, 0.75004, 0.62)


def _ground(mention: Mention) -> Mention:
    return replace(mention, references=tuple(Reference(*parts) for parts in REFERENCES.get(mention.text, ())))


def documents() -> tuple[Document, ...]:
    """The captions, their mentions with references where ``REFERENCES`` has the surface, and scores that differ."""
    return tuple(
        replace(
            document,
            mentions=tuple(map(_ground, document.mentions)),
            relations=tuple(
                replace(relation, score=SCORES[number % len(SCORES)])
                for number, relation in enumerate(document.relations)
            ),
        )
        for document in parse_blocks(BLOCKS)
    )


NAMES = st.text(min_size=1, max_size=8).filter(lambda name: bool(name.strip()))
CURIES = st.sampled_from(
    ["HGNC:6871", "FPLX:ERK", "CHEBI:17234", "GO:0006915", "EC:3.1.-.-", "cellosaurus:0030", "other:a b", "x.y:1|2"]
)


@st.composite
def any_document(draw: st.DrawFn) -> Document:
    """A caption of a few names that are any text, with relations of any kind between them."""
    text, mentions = "", []
    for number in range(draw(st.integers(1, 4))):
        surface = draw(NAMES)
        references = draw(st.lists(st.builds(Reference, CURIES, NAMES, st.floats(0, 1)), max_size=2))
        start = len(text)
        mentions.append(
            Mention(
                f"T{number}",
                draw(st.sampled_from([*MENTION_TYPES])),
                start,
                start + len(surface),
                surface,
                references=tuple(references),
            )
        )
        text += surface + draw(st.sampled_from([" phosphorylates ", ". ", "\n", ' "acts" // on\\ ', " cleaved; "]))
    ids = st.sampled_from([mention.id for mention in mentions])
    relations = [
        Relation(
            f"R{number}",
            draw(ids),
            draw(ids),
            draw(st.sampled_from([*RELATION_TYPES])),
            draw(st.sampled_from(SIGNS)),
            draw(st.floats(0, 1)),
            _whole_text(text) if draw(st.booleans()) else None,
            draw(st.booleans()),
            draw(st.booleans()),
        )
        for number in range(draw(st.integers(0, 4)))
    ]
    return Document(draw(NAMES), text, tuple(mentions), tuple(relations))


def _whole_text(text: str) -> Trigger:
    return Trigger(0, len(text), text)


def written(open: OpenWriter, documents: Iterable[Document]) -> bytes:
    """What a writer makes of documents."""
    stream = io.BytesIO()
    with open(stream, "") as writer:
        for document in documents:
            writer.write(document)
    return stream.getvalue()
