"""Requests and answers as they stand in OpenAPI. Requests are checked by these; answers are made without them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
)

from nlp.config import PROFILES
from nlp.errors import InputError, Location
from nlp.formats.curation import ANNOTATION_FIELDS, KEYWORD_TYPES, curate, keywords_of, read_keywords, read_rows
from nlp.formats.writers import WRITERS
from nlp.options import Options
from nlp.schema import MENTION_TYPES, RELATION_TYPES
from nlp.server.problems import Wrong, invalid
from nlp.types import Caption, CuratedKeyword, CuratedList

Request = TypeVar("Request")

_SHOWN: Final = 20


def _one_of(names: Collection[str]) -> tuple[AfterValidator, WithJsonSchema]:
    def check(name: str) -> str:
        if name not in names:
            raise ValueError(f"expected one of {', '.join(names)}")
        return name

    return AfterValidator(check), WithJsonSchema({"type": "string", "enum": [*names]})


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("expected text, found none")
    return text


_Score = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_Text = Annotated[str, Field(min_length=1), AfterValidator(_not_blank)]
_Id = Annotated[str, Field(min_length=1, max_length=200)]
_Profile = Annotated[str, *_one_of(PROFILES)]
_MentionType = Annotated[str, *_one_of(MENTION_TYPES)]
_RelationType = Annotated[str, *_one_of(RELATION_TYPES)]


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Thresholds(_Given):
    """The least scores of what is wanted; what hangs on something left out goes with it."""

    mentions: _Score = 0.0
    references: _Score = 0.0
    relations: _Score = 0.0


class AnnotateOptions(_Given):
    """What is wanted of documents; by default all that is found."""

    profile: Annotated[
        _Profile | None, Field(description="how keywords are made; by default as the server was told")
    ] = None
    types: Annotated[list[_MentionType] | None, Field(description="of mentions and keywords; by default all")] = None
    relation_types: Annotated[list[_RelationType] | None, Field(description="by default all")] = None
    thresholds: Thresholds = Thresholds()

    def over(self, options: Options) -> Options:
        """A server's own options, with these in their place."""
        return options.changed(
            profile=self.profile,
            types=self.types,
            relation_types=self.relation_types,
            min_mention_score=self.thresholds.mentions,
            min_reference_score=self.thresholds.references,
            min_relation_score=self.thresholds.relations,
        )


class CaptionIn(_Given):
    """A caption, with its figure's and its paper's title where they are known."""

    text: _Text
    id: Annotated[_Id | None, Field(description='by default "caption", or of many their number from 1')] = None
    title: str = ""
    paper_title: str = ""

    def caption(self, id: str) -> Caption:
        """The caption, under ``id`` if it has none of its own."""
        return Caption(id=self.id or id, text=self.text, title=self.title, paper_title=self.paper_title)


class OneCaption(CaptionIn):
    """One caption to annotate."""

    options: AnnotateOptions = AnnotateOptions()

    def captions(self) -> list[Caption]:
        return [self.caption("caption")]


class ManyCaptions(_Given):
    """Captions to annotate."""

    captions_in: list[CaptionIn] = Field(alias="captions", min_length=1)
    options: AnnotateOptions = AnnotateOptions()

    def captions(self) -> list[Caption]:
        return [one.caption(str(number)) for number, one in enumerate(self.captions_in, start=1)]


def _kind(request: Any) -> str:
    return "many" if isinstance(request, dict) and "captions" in request else "one"


AnnotateRequest = Annotated[
    Annotated[OneCaption, Tag("one")] | Annotated[ManyCaptions, Tag("many")], Discriminator(_kind)
]

# What a caption is scored against: several times what the fullest figures of PFOCR have.
_MOST: Final = 1000
_Texts = Annotated[list[str], Field(max_length=_MOST)]
_RowList = Annotated[list[dict[str, str | int]], Field(max_length=_MOST)]
_Rows = Annotated[_RowList | None, Field(description="annotations in PFOCR's own columns")]


class CuratedKeywordIn(_Given):
    """A curated keyword with what is known of it."""

    keyword: Annotated[str, Field(min_length=1)]
    type: _MentionType | None = None
    words: Annotated[_Texts, Field(description="what the figure says for it")] = []
    identifiers: Annotated[_Texts, Field(description="CURIEs")] = []

    def curated(self) -> CuratedKeyword:
        """The same as it is scored."""
        return CuratedKeyword(self.keyword, self.type, tuple(self.words), tuple(self.identifiers))


_Keywords = Annotated[list[str | CuratedKeywordIn], Field(max_length=_MOST)]


class CuratedCaption(CaptionIn):
    """A caption with its curated keywords.

    They are given in the fields of the JSON Lines that ``pathcap score`` reads, or each as an object.
    """

    keywords: Annotated[_Keywords | None, Field(description="the curated list")] = None
    types: Annotated[
        list[_MentionType] | None, Field(description="that the figure was annotated for; by default all it can be")
    ] = None
    genes: _Rows = None
    chemicals: _Rows = None
    diseases: _Rows = None

    def curated(self) -> CuratedList:
        """The curated list, joined to the annotations behind it.

        Raises:
            InputError: if there is none.
        """
        where = Location()
        rows = {
            type: read_rows(given, field, where)
            for field, type in ANNOTATION_FIELDS.items()
            if (given := getattr(self, field)) is not None
        }
        if self.keywords is None and not rows:
            raise InputError("nothing to score against", expected=f"keywords, {', '.join(ANNOTATION_FIELDS)}")
        listed = keywords_of(rows) if self.keywords is None else self.keywords
        plain = [one for one in listed if isinstance(one, str)]
        if len(plain) == len(listed):
            return curate(read_keywords(plain, where), rows, self.types or rows or KEYWORD_TYPES)
        if rows:
            raise InputError("keywords are given as objects and as rows", expected="one of the two")
        return CuratedList(
            tuple(CuratedKeyword(one) if isinstance(one, str) else one.curated() for one in listed),
            frozenset(self.types or KEYWORD_TYPES),
        )


class ScoreOptions(_Given):
    """How keywords are made."""

    profile: Annotated[_Profile | None, Field(description="by default every profile is scored")] = None


class ScoreRequest(_Given):
    """Captions to annotate and to score against their curated keywords. Ids are unique."""

    captions: list[CuratedCaption] = Field(min_length=1)
    options: ScoreOptions = ScoreOptions()


class ConvertRequest(_Given):
    """Documents to write in another format, as they were answered or with something left out."""

    documents: list[dict[str, Any]] = Field(min_length=1)
    format: Annotated[str, *_one_of(WRITERS)]


class SpanOut(BaseModel):
    """Characters (Unicode code points) of the caption, half-open."""

    start: int
    end: int


class TriggerOut(SpanOut):
    """The words that state a relation."""

    text: str


class ReferenceOut(BaseModel):
    """What a mention refers to."""

    curie: str
    name: str
    score: _Score


class MentionOut(SpanOut):
    """A named thing in the caption, with its best references first."""

    id: str
    type: _MentionType
    text: str
    score: _Score
    references: list[ReferenceOut]


class RelationOut(BaseModel):
    """A directed, signed edge between two mentions, named by their ids."""

    id: str
    source: str
    target: str
    type: _RelationType
    sign: Literal[1, -1, 0]
    score: _Score
    trigger: TriggerOut | None
    negated: bool
    speculative: bool


class AbbreviationOut(BaseModel):
    """A short form and its long form."""

    short: SpanOut
    long: SpanOut


class KeywordOut(BaseModel):
    """A keyword of the figure, with the ids of the mentions behind it."""

    keyword: str
    type: _MentionType
    curie: str | None
    mentions: list[str]


class DocumentOut(BaseModel):
    """A caption, unchanged, and all that is said about it."""

    id: str
    text: str
    mentions: list[MentionOut]
    relations: list[RelationOut]
    abbreviations: list[AbbreviationOut]
    keywords: list[KeywordOut]


class ErrorOut(BaseModel):
    """A caption of many that could not be annotated: its place from 0, and its id."""

    index: int
    id: str
    message: str


class DocumentsOut(BaseModel):
    """Documents in the order of their captions, without those of ``errors``."""

    documents: list[DocumentOut]
    errors: list[ErrorOut]


class ScoresOut(BaseModel):
    """By profile the scores of keywords, as ``pathcap score`` writes them into ``summary.json``, and per figure."""

    profiles: dict[str, dict[str, Any]]


class WrongOut(BaseModel):
    """A field of the request, and what is wrong with it."""

    field: str
    message: str


class ProblemOut(BaseModel):
    """Why a request is not done (RFC 9457)."""

    type: Literal["about:blank"]
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    fields: list[WrongOut] = []


ANNOTATE: Final[TypeAdapter[OneCaption | ManyCaptions]] = TypeAdapter(AnnotateRequest)
SCORE: Final = TypeAdapter(ScoreRequest)
CONVERT: Final = TypeAdapter(ConvertRequest)


def read(adapter: TypeAdapter[Request], body: bytes | bytearray) -> Request:
    """A request's body as what it should be.

    Raises:
        Problem: 422, naming the fields that are wrong.
    """
    try:
        return adapter.validate_json(body)
    except ValidationError as error:
        raise invalid([*map(_wrong, error.errors(include_url=False, include_input=False)[:_SHOWN])]) from None


def _wrong(error: Any) -> Wrong:
    path: Sequence[str | int] = error["loc"]
    # Which of the two forms a request has is no field of it.
    if path and path[0] in ("one", "many"):
        path = path[1:]
    message = str(error["msg"]).removeprefix("Value error, ")
    return Wrong(".".join(map(str, path)) or "body", message)
