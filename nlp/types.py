"""The data that moves through pathcap: captions in, documents out.

All types are frozen and check themselves when they are made. Offsets are Unicode code points, half-open, into the
caption as it was given. ``score`` is left out of equality: two mentions are the same if they say the same, however
sure their makers were.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final

from nlp.errors import AnnotationError, Location

SIGNS: Final = (1, -1, 0)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A piece of a text, ``text[start:end]``; never empty.

    Raises:
        AnnotationError: if the bounds are negative, reversed or equal.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise AnnotationError(
                "a span is out of order", expected="0 <= start < end", found=f"[{self.start}, {self.end})"
            )

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        """The surface of this span in ``text``."""
        return text[self.start : self.end]

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end

    def contains(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Reference:
    """What a mention refers to: a CURIE in Bioregistry's standard prefixes, and the preferred name behind it."""

    curie: str
    name: str
    score: float = field(default=1.0, compare=False)

    def __post_init__(self) -> None:
        prefix, colon, local = self.curie.partition(":")
        if not (prefix and colon and local):
            raise AnnotationError("not a CURIE", expected="prefix:identifier", found=repr(self.curie))


@dataclass(frozen=True, slots=True)
class Mention:
    """A named thing in a caption, with its type (see ``nlp.schema.MENTION_TYPES``) and best references first."""

    id: str
    type: str
    start: int
    end: int
    text: str
    score: float = field(default=1.0, compare=False)
    references: tuple[Reference, ...] = ()

    def __post_init__(self) -> None:
        if len(self.text) != len(self.span):
            raise AnnotationError(
                "a mention's text is not as long as its span",
                expected=f"{self.end - self.start} characters",
                found=f"{len(self.text)} ({self.text!r})",
                where=Location(id=self.id),
            )

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Trigger:
    """The words that state a relation; the first piece where they are split."""

    start: int
    end: int
    text: str

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Relation:
    """A directed, signed edge between two mentions of one caption, named by their ids.

    ``sign`` is +1 (increases), -1 (decreases) or 0 (not said).
    """

    id: str
    source: str
    target: str
    type: str
    sign: int
    score: float = field(default=1.0, compare=False)
    trigger: Trigger | None = None
    negated: bool = False
    speculative: bool = False

    def __post_init__(self) -> None:
        if self.sign not in SIGNS:
            raise AnnotationError(
                "unknown sign of a relation", expected="1, -1 or 0", found=repr(self.sign), where=Location(id=self.id)
            )


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """A short form and the long form that the caption itself gives for it."""

    short: Span
    long: Span


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword predicted for a figure, as PFOCR would list it, with the ids of the mentions behind it."""

    keyword: str
    type: str
    curie: str | None = None
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A caption and all that is said about it.

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

        Raises:
            KeyError: if there is none.
        """
        for mention in self.mentions:
            if mention.id == id:
                return mention
        raise KeyError(id)

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
    """

    keywords: tuple[CuratedKeyword, ...]
    types: frozenset[str]


@dataclass(frozen=True, slots=True)
class Caption:
    """A figure caption as it was read, before any prediction.

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
