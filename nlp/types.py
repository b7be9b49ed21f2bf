"""The data that moves through pathcap: captions in, documents out.

All types are frozen and check themselves when they are made. Offsets are Unicode code points, half-open, into the
caption as it was given. ``score`` is left out of equality: two mentions are the same if they say the same, however
sure their makers were.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nlp.annotations import SIGNS, Abbreviation, Keyword, Mention, Reference, Relation, Span, Trigger
from nlp.errors import AnnotationError, Location

if TYPE_CHECKING:
    import networkx as nx
    from spacy.language import Language
    from spacy.tokens import Doc

__all__ = [
    "SIGNS",
    "Abbreviation",
    "Caption",
    "CuratedKeyword",
    "CuratedList",
    "Document",
    "Keyword",
    "Mention",
    "Reference",
    "Relation",
    "Span",
    "Trigger",
]


@dataclass(frozen=True, slots=True)
class Document:
    """A caption and all that is said about it.

        >>> from nlp import Document, Mention, Relation
        >>> document = Document(
        ...     "figure 1",
        ...     "Drug A activates ERK.",
        ...     mentions=(Mention("T1", "CHEMICAL", 0, 6, "Drug A"), Mention("T2", "GENE", 17, 20, "ERK")),
        ...     relations=(Relation("R1", "T1", "T2", "activation", 1, score=0.9),),
        ... )
        >>> print(document)
        figure 1: Drug A activates ERK.
        <BLANKLINE>
        T1  CHEMICAL  Drug A  0:6    1.00
        T2  GENE      ERK     17:20  1.00
        <BLANKLINE>
        R1  Drug A → ERK  activation +  0.90

    Printed, it is a table of its mentions and edges; in a notebook the caption has its mentions marked.

    Attributes:
        id: of the figure.
        text: the caption, unchanged. Offsets into it are Unicode code points, half-open.
        mentions: as they stand in the text.
        relations: edges between mentions.
        abbreviations: short forms that the caption explains.
        keywords: as PFOCR would list them for the figure.

    Raises:
        AnnotationError: if a span lies outside the text or does not hold the surface it claims, if two mentions or two
            relations share an id, or if a relation or keyword names a mention that is not there.
    """

    id: str
    text: str
    mentions: tuple[Mention, ...] = ()
    relations: tuple[Relation, ...] = ()
    abbreviations: tuple[Abbreviation, ...] = ()
    keywords: tuple[Keyword, ...] = ()

    def __post_init__(self) -> None:
        for mention in self.mentions:
            self._check_surface(mention.span, mention.text, mention.id)
        mention_ids = self._unique(mention.id for mention in self.mentions)
        self._unique(relation.id for relation in self.relations)
        for relation in self.relations:
            self._check_known((relation.source, relation.target), mention_ids, relation.id)
            if relation.trigger is not None:
                self._check_surface(relation.trigger.span, relation.trigger.text, relation.id)
        for abbreviation in self.abbreviations:
            for span in (abbreviation.short, abbreviation.long):
                self._check_surface(span, None, None)
        for keyword in self.keywords:
            self._check_known(keyword.mentions, mention_ids, keyword.keyword)

    def mention(self, id: str) -> Mention:
        """The mention with this id.

            >>> from nlp import Document, Mention
            >>> Document("1", "AKT acts.", (Mention("T1", "GENE", 0, 3, "AKT"),)).mention("T1").text
            'AKT'

        Raises:
            KeyError: if there is none.
        """
        for mention in self.mentions:
            if mention.id == id:
                return mention
        raise KeyError(id)

    def to_dict(self) -> dict[str, Any]:
        """The record of this document in the contract's form, which ``json`` can write.

            >>> from nlp import Document
            >>> Document("1", "No names here.").to_dict()["text"]
            'No names here.'

        Scores are rounded to four digits.
        """
        from nlp.formats.records import to_record

        return to_record(self)

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Document:
        """The document of a record in the contract's form: what ``to_dict`` and ``pathcap annotate`` give.

            >>> from nlp import Document
            >>> document = Document.from_dict({"id": "1", "text": "ERK acts.", "mentions": [
            ...     {"id": "T1", "type": "GENE", "start": 0, "end": 3}]})
            >>> document.mentions[0].text
            'ERK'

        Args:
            record: may lack what gold records lack: scores, references, triggers, abbreviations and keywords.

        Raises:
            InputError: if a field is missing or of the wrong kind.
            AnnotationError: if the parts contradict each other or a type is not known.
        """
        from nlp.formats.records import from_record

        return from_record(record)

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """This document as a graph of NetworkX: what it names as nodes, its relations as edges.

            >>> from nlp import Document, Mention, Relation
            >>> mentions = Mention("T1", "GENE", 0, 3, "AKT"), Mention("T2", "GENE", 14, 18, "mTOR")
            >>> relations = (Relation("R1", "T1", "T2", "activation", 1),)
            >>> graph = Document("1", "AKT activates mTOR.", mentions, relations).to_networkx()
            >>> [(source, target, edge["type"], edge["sign"]) for source, target, edge in graph.edges(data=True)]
            [('GENE/akt', 'GENE/mtor', 'activation', 1)]

        A node is what mentions mean, by its CURIE, or type and folded name (``GENE/erk5``) without one. It has
        ``name``, ``type``, ``curie`` (None without one) and ``mentions``, the ids of those that mean it. A coordinated
        name (``ERK1/2``) is a node for each thing it means. An edge has the relation's id as its key, and
        ``relation``, ``type``, ``sign``, ``score``, ``trigger`` (its words, or None), ``directed`` (False for
        binding), ``negated`` and ``speculative``. The graph has ``id`` and ``text``.

        A denied relation is an edge too: look at ``negated``.

        Raises:
            ModuleNotFoundError: if NetworkX is not installed.
        """
        from nlp.views.graph import to_graph

        return to_graph(self)

    def to_spacy(self, language: Language | None = None) -> Doc:
        """This document as a spaCy ``Doc``.

            >>> from nlp import Document, Mention
            >>> document = Document("1", "AKT acts.", (Mention("T1", "GENE", 0, 3, "AKT"),))
            >>> [(ent.text, ent.label_) for ent in document.to_spacy().ents]
            [('AKT', 'GENE')]

        It has the mentions as ``doc.ents`` (the longest of those that overlap) and all of them as
        ``doc.spans["pathcap"]``, with the best reference's CURIE as ``kb_id_`` and the mention's id as ``id_``; and
        ``doc._.pathcap``, ``doc._.relations`` and ``span._.references`` as spaCy's component ``pathcap`` sets them.

        Args:
            language: whose tokens and vocabulary are taken; no component of it runs. A mention that begins or ends
                inside a token has all of it. By default tokens end where mentions do.

        Raises:
            ConfigError: if another package has taken the names of the extensions.
        """
        from nlp.views.spacy_docs import to_doc

        return to_doc(self, language)

    def __str__(self) -> str:
        from nlp.views.plain import to_text

        return to_text(self)

    def _repr_html_(self) -> str:
        """For a notebook: the caption with its mentions marked, and its edges as a table."""
        from nlp.views.html import to_html

        return to_html(self)

    def _where(self, part: str | None) -> Location:
        return Location(id=self.id if part is None else f"{self.id} {part}")

    def _check_surface(self, span: Span, surface: str | None, part: str | None) -> None:
        if span.end > len(self.text):
            raise AnnotationError(
                "a span runs past the end of the text",
                expected=f"at most {len(self.text)}",
                found=str(span.end),
                where=self._where(part),
            )
        if surface is not None and span.of(self.text) != surface:
            raise AnnotationError(
                "a span does not hold its surface",
                expected=repr(surface),
                found=repr(span.of(self.text)),
                where=self._where(part),
            )

    def _unique(self, ids: Iterable[str]) -> set[str]:
        seen: set[str] = set()
        for id in ids:
            if id in seen:
                raise AnnotationError("an id is used twice", found=repr(id), where=self._where(None))
            seen.add(id)
        return seen

    def _check_known(self, ids: Collection[str], known: set[str], part: str) -> None:
        for id in ids:
            if id not in known:
                raise AnnotationError(
                    "a mention is named that is not there",
                    expected="the id of a mention",
                    found=repr(id),
                    where=self._where(part),
                )


@dataclass(frozen=True, slots=True)
class CuratedKeyword:
    """One keyword of a page's curated list.

        >>> from nlp import CuratedKeyword
        >>> CuratedKeyword("MAPK1", "GENE", words=("ERK2",)).keyword
        'MAPK1'

    Attributes:
        keyword: the string it is on the page.
        type: a mention type, or None where the page does not tell.
        words: what OCR read in the figure for it, and the lexicon names that these matched.
        identifiers: identifiers given by the annotation, as CURIEs.
    """

    keyword: str
    type: str | None = None
    words: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CuratedList:
    """A page's curated keywords, and the mention types for which the figure was annotated at all.

    A type that is not in ``types`` was never looked for: a prediction of that type is neither right nor wrong.

        >>> from nlp import CuratedKeyword, CuratedList
        >>> curated = CuratedList((CuratedKeyword("MAPK1", "GENE"),), frozenset({"GENE"}))
        >>> "CHEMICAL" in curated.types
        False

    Attributes:
        keywords: those of the list.
        types: mention types.
    """

    keywords: tuple[CuratedKeyword, ...]
    types: frozenset[str]


@dataclass(frozen=True, slots=True)
class Caption:
    """A figure caption as it was read, before any prediction.

        >>> from nlp import Caption
        >>> Caption("PMC1__F2", "Esketamine activates ERK.").id
        'PMC1__F2'

    Attributes:
        id: figure id, ``PMC…__filename`` in PFOCR.
        text: the caption, unchanged.
        title: the figure's title, if given apart from the caption.
        paper_title: the title of the paper it stands in.
        curated: the curated keywords; None if the figure has no such list.
        gold: hand-made mentions and relations; None if there are none. Predictions never go here.
        where: where it was read.
    """

    id: str
    text: str
    title: str = ""
    paper_title: str = ""
    curated: CuratedList | None = None
    gold: Document | None = None
    where: Location = field(default_factory=Location, compare=False)
