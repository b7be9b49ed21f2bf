"""BEL script out (Biological Expression Language 2), as PyBEL reads it.

A term is ``p()`` for a gene (``m()`` for a microRNA), ``a()`` for a chemical, component or anatomy, ``bp()`` for a
process, ``path()`` for a disease, ``pop()`` for a cell or organism. Namespaces are defined by patterns; what has no
reference is in ``TEXT``. What a relation says of its target decides what is increased, decreased or regulated (sign
0):

- activation: ``act(p(X))``; of anything but a protein the term itself;
- expression: ``p(X)``, or ``r(X)`` where the words speak of mRNA, transcription or a promoter;
- modification: ``p(X, pmod(Ph))`` and the like, or ``p(X, frag("?"))`` for cleavage;
- transport: ``sec(X)`` of what is secreted, ``surf(X)`` of what comes to the surface, else ``tloc()``, from outside
  the cell to inside of what is taken up, from one component of the cell to another where no more is said; of what is
  no molecule the term itself;
- binding: the statement is ``complex(X, Y)``.

A negated relation is one that ``causesNoChange``. A statement has its sentence as ``SupportingText``, the caption as
``Citation``, and the annotations ``Relation``, ``Score`` and ``Speculative``.

Loses: relations that BEL can't say, which stand as comments (binding that is denied, prevented or not between
molecules; modification without a named mark, or of what is no protein); whether a source acts by its activity or its
amount; mentions without a relation, all offsets, abbreviations, keywords. Runs of white space become one space.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final

from nlp.formats.base import Writer
from nlp.formats.statements import Movement, Statement, Thing, marks, movement, one_line, statements
from nlp.types import Document

# BEL's keyword of a prefix, and what its local identifiers look like.
_NAMESPACES: Final = {
    "cellosaurus": ("CELLOSAURUS", "[A-Z0-9]+"),
    "CHEBI": ("CHEBI", "[0-9]+"),
    "CL": ("CL", "[0-9]+"),
    "DOID": ("DOID", "[0-9]+"),
    "DRUGBANK": ("DRUGBANK", "DB[0-9]+"),
    "EC": ("EC", "[0-9n.-]+"),
    "FPLX": ("FPLX", "[A-Za-z0-9_]+"),
    "GO": ("GO", "[0-9]+"),
    "HGNC": ("HGNC", "[0-9]+"),
    "HP": ("HP", "[0-9]+"),
    "MESH": ("MESH", "[CD][0-9]+"),
    "MONDO": ("MONDO", "[0-9]+"),
    "NCBIGene": ("NCBIGENE", "[0-9]+"),
    "NCBITaxon": ("NCBITAXON", "[0-9]+"),
    "pubchem.compound": ("PUBCHEM", "[0-9]+"),
    "UBERON": ("UBERON", "[0-9]+"),
    "uniprot": ("UNIPROT", "[A-Z0-9]+"),
}
_HEADER: Final = "\n".join(
    (
        'SET DOCUMENT Name = "pathcap"',
        'SET DOCUMENT Version = "1.0.0"',
        'SET DOCUMENT Description = "What figure captions say, as pathcap reads it"',
        'SET DOCUMENT Authors = "pathcap"',
        # PyBEL asks for it. Nobody reads mail there: the name is reserved for examples.
        'SET DOCUMENT ContactInfo = "pathcap@example.org"',
        "",
        *(f'DEFINE NAMESPACE {keyword} AS PATTERN "{pattern}"' for keyword, pattern in _NAMESPACES.values()),
        'DEFINE NAMESPACE TEXT AS PATTERN ".+"',
        "",
        'DEFINE ANNOTATION Relation AS PATTERN ".+"',
        'DEFINE ANNOTATION Score AS PATTERN "[01][.][0-9]+"',
        'DEFINE ANNOTATION Speculative AS LIST {"true"}',
        "",
    )
)

_FUNCTIONS: Final = {
    "GENE": "p",
    "CHEMICAL": "a",
    "PROCESS": "bp",
    "DISEASE": "path",
    "COMPONENT": "a",
    "CELL": "pop",
    "ANATOMY": "a",
    "ORGANISM": "pop",
}
# What BEL can move, and put into a complex.
_MOLECULES: Final = ("p", "m", "a")
_VERBS: Final = {1: "increases", -1: "decreases", 0: "regulates"}

_MICRO_RNA: Final = re.compile(r"(?:[a-z]{3}-)?(?:mi-?R-?\d|let-?7)|(?:mi|micro)RNA", re.ASCII)
_MICRO_RNA_GENE: Final = re.compile(r"MIR(?:LET)?\d")
_RNA: Final = re.compile("mrna|transcri|promoter|gene expression", re.IGNORECASE)
_CLEAVAGE: Final = re.compile("cleav", re.IGNORECASE)

_PLACES: Final = {
    "GO:0005576": 'GO:0005576 ! "extracellular region"',
    "GO:0005622": 'GO:0005622 ! "intracellular anatomical structure"',
}
_ANYWHERE: Final = "GO:0005575 ! cellular_component"
_BARE: Final = re.compile(r"[A-Za-z0-9_]+")


@contextmanager
def open_bel(stream: BinaryIO, suffix: str) -> Iterator[Writer]:  # noqa: ARG001 - an ``OpenWriter``
    """A writer of a BEL script: the definitions, then a block for each document that has relations."""
    stream.write(_HEADER.encode())
    yield _BelWriter(stream)


class _BelWriter:
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, document: Document) -> None:
        for line in to_bel(document):
            self._stream.write(f"{line}\n".encode())


def to_bel(document: Document) -> Iterator[str]:
    """The lines of a document's block; none if it has no relations."""
    if document.relations:
        yield ""
        yield f"SET Citation = {_citation(document.id)}"
    evidence, relation = None, None
    for statement in statements(document):
        bodies = _bodies(statement)
        if not bodies:
            yield f"# BEL can't say {one_line(statement.relation.id)}: {_outline(statement)}"
            continue
        if statement.evidence != evidence:
            evidence = statement.evidence
            yield f"SET SupportingText = {_quote(evidence.of(document.text))}"
        if statement.relation.id != relation:
            relation = statement.relation.id
            yield f"SET Relation = {_quote(relation)}"
            yield f'SET Score = "{statement.relation.score:.4f}"'
        if statement.relation.speculative:
            yield 'SET Speculative = "true"'
        yield from bodies
        if statement.relation.speculative:
            yield "UNSET Speculative"


def _bodies(statement: Statement) -> list[str]:
    """What a relation says, in BEL; nothing if BEL can't say it."""
    relation, source = statement.relation, term(statement.source)
    if relation.type == "binding":
        molecules = all(_function(end) in _MOLECULES for end in (statement.source, statement.target))
        possible = molecules and not relation.negated and relation.sign >= 0
        return [f"complex({source}, {term(statement.target)})"] if possible else []
    verb = "causesNoChange" if relation.negated else _VERBS[relation.sign]
    return [f"{source} {verb} {target}" for target in _targets(statement)]


def _targets(statement: Statement) -> list[str]:
    """What changes in the target."""
    thing = statement.target
    plain, protein = term(thing), _function(thing) == "p"
    trigger = statement.relation.trigger.text if statement.relation.trigger else ""
    match statement.relation.type:
        case "activation":
            return [f"act({plain})" if protein else plain]
        case "expression":
            return [f"r({_concept(thing)})" if protein and _RNA.search(trigger) else plain]
        case "modification":
            if not protein:
                return []
            if _CLEAVAGE.search(trigger):
                return [f'p({_concept(thing)}, frag("?"))']
            return [f"p({_concept(thing)}, pmod({mark.bel}))" for mark in marks(statement)]
        case "transport" if _function(thing) in _MOLECULES:
            return [_moved(plain, movement(statement))]
    return [plain]


def _moved(plain: str, kind: Movement | None) -> str:
    if kind is not None and kind.bel is not None:
        return f"{kind.bel}({plain})"
    origin, goal = (_PLACES[kind.origin], _PLACES[kind.goal]) if kind else (_ANYWHERE, _ANYWHERE)
    return f"tloc({plain}, fromLoc({origin}), toLoc({goal}))"


def term(thing: Thing) -> str:
    """A thing as a BEL term: ``p(HGNC:6871 ! MAPK1)``."""
    return f"{_function(thing)}({_concept(thing)})"


def _function(thing: Thing) -> str:
    function = _FUNCTIONS[thing.mention.type]
    micro = _MICRO_RNA.match(thing.mention.text) or _MICRO_RNA_GENE.match(thing.name)
    return "m" if function == "p" and micro else function


def _concept(thing: Thing) -> str:
    if thing.reference is not None:
        prefix, _, local = thing.reference.curie.partition(":")
        if prefix in _NAMESPACES and re.fullmatch(_NAMESPACES[prefix][1], local):
            return f"{_NAMESPACES[prefix][0]}:{_word(local)} ! {_word(thing.name)}"
    return f"TEXT:{_word(thing.name)}"


def _word(text: str) -> str:
    return text if _BARE.fullmatch(text) else _quote(text)


def _quote(text: str) -> str:
    r"""``text`` as a quoted string on one line: ``"``, ``\`` behind a ``\``."""
    escaped = one_line(text).replace("\\", "\\\\").replace('"', '\\"')
    # What begins a comment, even inside quotes, for PyBEL.
    return f'"{escaped.replace(" //", " / /")}"'


def _citation(id: str) -> str:
    paper = re.match(r"PMC\d+", id)
    return f'{{"PubMed Central", {_quote(id)}, "{paper.group()}"}}' if paper else f'{{"Other", {_quote(id)}}}'


def _outline(statement: Statement) -> str:
    relation = statement.relation
    said = " ".join(filter(None, (relation.type, f"{relation.sign:+d}", "negated" if relation.negated else "")))
    return f"{statement.source.name} > {statement.target.name} {said}"
