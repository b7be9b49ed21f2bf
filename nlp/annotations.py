"""What is said of a caption, piece by piece. ``nlp.types`` has all of this, and the documents made of it.

All types are frozen and check themselves when they are made. ``score`` is left out of equality: two mentions are the
same if they say the same, however sure their makers were.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from nlp.errors import AnnotationError, Location

SIGNS: Final = (1, -1, 0)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A piece of a text, ``text[start:end]``; never empty.

        >>> from nlp import Span
        >>> Span(21, 24).of("Esketamine activates ERK.")
        'ERK'

    Attributes:
        start: where it begins, in Unicode code points from 0.
        end: just behind its last character.

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
        """Whether a character is in both."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: Span) -> bool:
        """Whether all of the other is in this one."""
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Reference:
    """What a mention refers to.

        >>> from nlp import Reference
        >>> Reference("HGNC:6871", "MAPK1", 0.9).curie
        'HGNC:6871'

    Attributes:
        curie: the identifier as a CURIE, in Bioregistry's standard prefixes.
        name: the preferred name behind it.
        score: how likely the mention means it, from 0 to 1; left out of equality.

    Raises:
        AnnotationError: if ``curie`` is none.
    """

    curie: str
    name: str
    score: float = field(default=1.0, compare=False)

    def __post_init__(self) -> None:
        prefix, colon, local = self.curie.partition(":")
        if not (prefix and colon and local):
            raise AnnotationError("not a CURIE", expected="prefix:identifier", found=repr(self.curie))


@dataclass(frozen=True, slots=True)
class Mention:
    """A named thing in a caption.

        >>> from nlp import Mention
        >>> mention = Mention("T1", "GENE", 21, 24, "ERK", score=0.97)
        >>> mention.span
        Span(start=21, end=24)

    Attributes:
        id: its name among those of its document.
        type: one of ``nlp.schema.MENTION_TYPES``: GENE, CHEMICAL, PROCESS, DISEASE, COMPONENT, CELL, ANATOMY, ORGANISM.
        start, end: where it stands, in Unicode code points, half-open.
        text: its surface.
        score: how likely span and type are right, from 0 to 1; left out of equality.
        references: what it may refer to, best first.

    Raises:
        AnnotationError: if the text is not as long as the span, or the span is none.
    """

    id: str
    type: str
    start: int
    end: int
    text: str
    score: float = field(default=1.0, compare=False)
    references: tuple[Reference, ...] = ()

    def __post_init__(self) -> None:
        span = self.span
        # Not by ``len``, which a span that is out of all bounds cannot have.
        if len(self.text) != span.end - span.start:
            raise AnnotationError(
                "a mention's text is not as long as its span",
                expected=f"{span.end - span.start} characters",
                found=f"{len(self.text)} ({self.text!r})",
                where=Location(id=self.id),
            )

    @property
    def span(self) -> Span:
        """From ``start`` to ``end``."""
        return Span(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Trigger:
    """The words that state a relation; the first piece where they are split.

        >>> from nlp import Trigger
        >>> Trigger(11, 20, "activates").span
        Span(start=11, end=20)

    Attributes:
        start, end: where they stand, in Unicode code points, half-open.
        text: the words.
    """

    start: int
    end: int
    text: str

    @property
    def span(self) -> Span:
        """From ``start`` to ``end``."""
        return Span(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Relation:
    """A directed, signed edge between two mentions of one caption.

        >>> from nlp import Relation, Trigger
        >>> relation = Relation("R1", "T1", "T2", "activation", 1, trigger=Trigger(11, 20, "activates"))
        >>> relation.source, relation.target, relation.negated
        ('T1', 'T2', False)

    Attributes:
        id: its name among those of its document.
        source, target: ids of mentions.
        type: one of ``nlp.schema.RELATION_TYPES``: activation, expression, modification, binding, transport.
        sign: +1 (increases), -1 (decreases) or 0 (not said).
        score: how likely all of this is right, from 0 to 1; left out of equality.
        trigger: the words that state it; None if they are not known.
        negated: whether the caption denies it.
        speculative: whether the caption only supposes it.

    Raises:
        AnnotationError: if the sign is another.
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
    """A short form and the long form that the caption itself gives for it.

        >>> from nlp import Abbreviation, Span
        >>> explained = Abbreviation(short=Span(21, 24), long=Span(0, 19))
        >>> explained.short.of("long-term potential (LTP)")
        'LTP'

    Attributes:
        short: where the short form stands.
        long: where the long form does.
    """

    short: Span
    long: Span


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword predicted for a figure, as PFOCR would list it.

        >>> from nlp import Keyword
        >>> Keyword("MAPK1", "GENE", "HGNC:6871", mentions=("T2",)).keyword
        'MAPK1'

    Attributes:
        keyword: a gene's symbol, or the caption's name for a chemical or disease.
        type: GENE, CHEMICAL or DISEASE.
        curie: its identifier; None if there is none.
        mentions: ids of the mentions behind it.
    """

    keyword: str
    type: str
    curie: str | None = None
    mentions: tuple[str, ...] = ()
