"""A client of ``pathcap serve``: what a pipeline does, done by a server."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import count
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, overload

from nlp.errors import AnnotationError, ConfigError, InputError, Location, PathcapError, ServerError
from nlp.formats.base import as_caption, check_unicode
from nlp.formats.records import from_record
from nlp.options import Options
from nlp.types import Caption, Document

if TYPE_CHECKING:
    import httpx

# Tried again after a while: there was no room, or the server was starting or ending.
_PASSING: Final = (429, 503)
# What the sender did wrong, not the server.
_TOO_LARGE: Final = 413
_INVALID: Final = 422
# Fields of a request that hold captions, and not what is wanted of them.
_CAPTION_FIELDS: Final = frozenset(("captions", "id", "text", "title", "paper_title"))
_FIRST_WAIT: Final = 0.5
_LONGEST_WAIT: Final = 8.0
# Of doublings, after which the longest wait is reached long since.
_DOUBLINGS: Final = 10
# A request of many holds no more than this, so that others have their turn and no answer takes long.
_CAPTIONS: Final = 32
_CHARACTERS: Final = 100_000


class Client:
    """Annotates captions by a server, as a pipeline does here.

        >>> from nlp import Client
        >>> with Client("http://127.0.0.1:8765") as client:  # doctest: +SKIP
        ...     document = client.annotate("Esketamine activates ERK.")
        ...     documents = client.annotate(captions, profile="pfocr")
        >>> Client("127.0.0.1:8765")
        Traceback (most recent call last):
        nlp.errors.ConfigError: not a server; expected http://HOST:PORT; found '127.0.0.1:8765'

    It may be called from many threads at the same time.

    Args:
        url: of the server, with what stands before its paths if anything does.
        token: that the server asks for.
        timeout: seconds to wait for each answer.
        max_wait: seconds to wait in all, for each request, while the server has no room (429) or is about to start
            (503). It is asked again when it says it will have room, at the earliest. 0 to give up at once.

    Raises:
        ConfigError: if the url is none, the token cannot be sent, or httpx is not installed.
    """

    def __init__(self, url: str, token: str | None = None, *, timeout: float = 60.0, max_wait: float = 60.0) -> None:
        try:
            import httpx
        except ModuleNotFoundError as error:
            raise ConfigError(
                "the package of the client is not installed",
                expected="pip install 'pathcap[client]'",
                found=f"no module {error.name}",
            ) from error
        self._url = url.rstrip("/")
        self._max_wait = max_wait
        try:
            headers = {} if token is None else {"Authorization": f"Bearer {token.encode('ascii').decode()}"}
            parsed = httpx.URL(self._url)
        except (UnicodeEncodeError, httpx.InvalidURL) as error:
            # An error of the encoding would quote the token.
            found = "a token that is not ASCII" if isinstance(error, UnicodeEncodeError) else repr(url)
            raise ConfigError("not a server", expected="http://HOST:PORT and a token", found=found) from None
        if parsed.scheme not in ("http", "https") or not parsed.host:
            raise ConfigError("not a server", expected="http://HOST:PORT", found=repr(url))
        self._http = httpx.Client(headers=headers, timeout=timeout)
        self._broken = httpx.HTTPError

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @overload
    def annotate(  # type: ignore[overload-overlap]  # a text is a caption, though one may iterate over it
        self,
        captions: str | Caption,
        *,
        options: Options = ...,
        profile: str | None = ...,
        on_error: Callable[[Caption, PathcapError], None] | None = ...,
    ) -> Document: ...

    @overload
    def annotate(
        self,
        captions: Iterable[str | Caption],
        *,
        options: Options = ...,
        profile: str | None = ...,
        on_error: Callable[[Caption, PathcapError], None] | None = ...,
    ) -> list[Document]: ...

    def annotate(
        self,
        captions: str | Caption | Iterable[str | Caption],
        *,
        options: Options = Options(),  # noqa: B008 - frozen
        profile: str | None = None,
        on_error: Callable[[Caption, PathcapError], None] | None = None,
    ) -> Document | list[Document]:
        """Annotate one caption, or many, given as texts or as they were read. Curated and gold parts are not sent.

        Args:
            captions: one, whose text gets the id ``caption``; or many, whose texts are numbered from 1 for their ids.
                Many are sent in parts, one after the other.
            options: what is wanted of documents.
            profile: of keywords, in place of that of the options.
            on_error: of many, called with one that cannot be annotated, which is then left out. Without it the error
                is raised.

        Returns:
            The document of one caption; of many a list, in their order.

        Raises:
            InputError: if the server finds a caption wrong (one without a word is, and an id of more than 200
                characters), or too long.
            AnnotationError: if the server's stages contradict each other over one of many.
            ConfigError: if there is no such profile, or the server does not take the options.
            ServerError: if it cannot be reached, or does not do it for another reason.
        """
        wanted = _options(options.changed(profile=profile))
        if isinstance(captions, str | Caption) or not isinstance(captions, Iterable):
            caption = as_caption(captions, "caption")
            return self._document(self._post("/annotate", {**_record(caption), **wanted}))
        numbered = (as_caption(caption, str(number)) for number, caption in enumerate(captions, start=1))
        return [document for part in _parts(numbered) for document in self._part(part, wanted, on_error)]

    def score(self, captions: Iterable[Caption], *, profile: str | None = None) -> dict[str, dict[str, Any]]:
        """Score the server's keywords against the curated ones of captions.

        Args:
            captions: with curated keywords, all in one request.
            profile: of keywords; by default every one.

        Returns:
            By profile what ``pathcap score`` writes into ``summary.json``, and ``per_figure`` what was found and
            missed.

        Raises:
            InputError: if a caption has no curated list, or the server finds one wrong or all too many.
            ConfigError: if there is no such profile.
            ServerError: if it cannot be reached, or does not do it for another reason.
        """
        request: dict[str, Any] = {"captions": [*map(_curated_record, captions)]}
        if profile is not None:
            request["options"] = {"profile": profile}
        scores: dict[str, dict[str, Any]] = self._field(self._post("/score", request), "profiles")
        return scores

    def health(self) -> dict[str, str]:
        """What the server says of itself: its ``status``, which is ``ok``, and its ``version``.

        Raises:
            ServerError: if it cannot be reached, or is not well.
        """
        found: dict[str, str] = self._ask("GET", "/health", None)
        return found

    def ready(self) -> bool:
        """Whether the server takes requests. False too if it cannot be reached."""
        try:
            return bool(self._http.get(f"{self._url}/ready").status_code == 200)
        except self._broken:
            return False

    def _part(
        self,
        part: Sequence[Caption],
        wanted: Mapping[str, Any],
        on_error: Callable[[Caption, PathcapError], None] | None,
    ) -> list[Document]:
        """The documents of a part of many captions."""
        try:
            answer = self._post("/annotate", {"captions": [*map(_record, part)], **wanted})
        except InputError as error:
            if on_error is None:
                raise
            if len(part) == 1:
                on_error(part[0], error)
                return []
            # One is wrong, and the others are not.
            middle = len(part) // 2
            return [*self._part(part[:middle], wanted, on_error), *self._part(part[middle:], wanted, on_error)]
        errors, records = self._list(answer, "errors"), self._list(answer, "documents")
        if len(errors) + len(records) != len(part):
            raise self._no_answer()
        failures = [self._failure(told, part) for told in errors]
        documents = [*map(self._document, records)]
        for caption, failure in failures:
            if on_error is None:
                raise failure
            on_error(caption, failure)
        return documents

    def _post(self, path: str, request: Mapping[str, Any]) -> Any:
        end = time.monotonic() + self._max_wait
        for turn in count():
            try:
                return self._ask("POST", path, request)
            except _Passing as passing:
                left = end - time.monotonic()
                if left <= 0 or passing.seconds > left:
                    raise passing.error from None
                own = min(_FIRST_WAIT * 2 ** min(turn, _DOUBLINGS), _LONGEST_WAIT)
                # Not all who were told the same come at the same time; the last time is just before the end.
                wait = max(passing.seconds, own) * random.uniform(1.0, 1.25)  # noqa: S311
                time.sleep(min(wait, left))
        raise AssertionError("count has no end")

    def _ask(self, method: str, path: str, request: Mapping[str, Any] | None) -> Any:
        try:
            response = self._http.request(method, self._url + path, json=request)
        except self._broken as error:
            found = str(error) or type(error).__name__
            raise ServerError("the server cannot be reached", found=found, where=Location(self._url)) from error
        if response.status_code == 200:
            try:
                return response.json()
            except ValueError as error:
                raise self._no_answer() from error
        raise self._error(response, path)

    def _error(self, response: httpx.Response, path: str) -> Exception:
        try:
            problem = response.json()
        except ValueError:
            problem = {}
        if not isinstance(problem, dict):
            problem = {}
        where = Location(self._url + path, id=response.headers.get("X-Request-ID"))
        fields = problem.get("fields")
        wrong = [one for one in fields if isinstance(one, dict)] if isinstance(fields, list) else []
        expected = "; ".join(f"{one.get('field')}: {one.get('message')}" for one in wrong) or None
        detail = str(problem.get("detail") or response.reason_phrase)
        of_captions = any(str(one.get("field")).partition(".")[0] in _CAPTION_FIELDS for one in wrong)
        if response.status_code == _TOO_LARGE or (response.status_code == _INVALID and of_captions):
            return InputError("the server does not take it", expected=expected, found=detail, where=where)
        if response.status_code == _INVALID:
            return ConfigError("the server does not take the options", expected=expected, found=detail, where=where)
        error = ServerError(
            "the server does not do it",
            found=f"{response.status_code} {detail}",
            where=where,
            status=response.status_code,
        )
        if response.status_code in _PASSING:
            return _Passing(_seconds(response.headers.get("Retry-After")), error)
        return error

    def _document(self, record: Any) -> Document:
        if not isinstance(record, dict):
            raise self._no_answer()
        return from_record(record, Location(self._url))

    def _failure(self, told: Any, part: Sequence[Caption]) -> tuple[Caption, AnnotationError]:
        """The caption of a part that the server could not annotate, and why."""
        if not isinstance(told, dict) or not isinstance(told.get("message"), str):
            raise self._no_answer()
        index = told.get("index")
        if not isinstance(index, int) or not 0 <= index < len(part):
            raise self._no_answer()
        return part[index], AnnotationError(told["message"], where=Location(id=part[index].id))

    def _list(self, answer: Any, name: str) -> list[Any]:
        found = self._field(answer, name)
        if not isinstance(found, list):
            raise self._no_answer()
        return found

    def _field(self, answer: Any, name: str) -> Any:
        if not isinstance(answer, dict) or name not in answer:
            raise self._no_answer()
        return answer[name]

    def _no_answer(self) -> ServerError:
        return ServerError("this is no server of pathcap's", expected="its answer in JSON", where=Location(self._url))


class _Passing(Exception):  # noqa: N818
    """The server should be asked again, ``seconds`` later at the earliest."""

    def __init__(self, seconds: float, error: ServerError) -> None:
        super().__init__(seconds)
        self.seconds = seconds
        self.error = error


def _seconds(retry_after: str | None) -> float:
    """The seconds that a header ``Retry-After`` says, as a number or a date; 0 if it says nothing."""
    if retry_after is None:
        return 0.0
    if retry_after.isdecimal():
        return float(retry_after)
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 0.0


def _parts(captions: Iterable[Caption]) -> Iterator[Sequence[Caption]]:
    """Captions in parts that are not too large for one request."""
    part: list[Caption] = []
    size = 0
    for caption in captions:
        own = len(caption.text) + len(caption.title) + len(caption.paper_title)
        if part and (len(part) == _CAPTIONS or size + own > _CHARACTERS):
            yield part
            part, size = [], 0
        part.append(caption)
        size += own
    if part:
        yield part


def _record(caption: Caption) -> dict[str, Any]:
    for text in (caption.id, caption.text, caption.title, caption.paper_title):
        check_unicode(text, caption.where)
    others = {"id": caption.id, "title": caption.title, "paper_title": caption.paper_title}
    return {"text": caption.text, **{name: value for name, value in others.items() if value}}


def _curated_record(caption: Caption) -> dict[str, Any]:
    curated = caption.curated
    if curated is None:
        raise InputError("nothing to score against", expected="curated keywords", where=Location(id=caption.id))
    keywords = [
        {
            "keyword": one.keyword,
            "words": [*one.words],
            "identifiers": [*one.identifiers],
            **({} if one.type is None else {"type": one.type}),
        }
        for one in curated.keywords
    ]
    return {**_record(caption), "keywords": keywords, "types": sorted(curated.types)}


def _options(options: Options) -> dict[str, Any]:
    """Options as a request has them."""
    given: dict[str, Any] = {
        "types": sorted(options.types),
        "relation_types": sorted(options.relation_types),
        "thresholds": {
            "mentions": options.min_mention_score,
            "references": options.min_reference_score,
            "relations": options.min_relation_score,
        },
    }
    if not options.narrow:
        given = {}
    if options.profile is not None:
        given["profile"] = options.profile
    return {"options": given} if given else {}
