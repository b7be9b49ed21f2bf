"""What a request is answered with when it cannot be done: RFC 9457's problem documents."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from starlette.responses import Response

MEDIA_TYPE: Final = "application/problem+json"
#: Answered nobody: the client has gone. No standard has it, but other servers' logs do.
CLIENT_GONE: Final = 499


@dataclass(frozen=True, slots=True)
class Wrong:
    """A field of a request that is not as it should be: its path, such as ``captions.3.text``, and what is wrong."""

    field: str
    message: str


@dataclass(eq=False)
class Problem(Exception):  # noqa: N818 - the standard's word
    """An answer that is not the one hoped for.

    Attributes:
        status: of HTTP.
        code: which of the reasons for that status it is, for programs.
        detail: for a person. Holds no text of captions, nor does anything else here but ``fields``.
        fields: what is wrong where.
        headers: more of them.
    """

    status: int
    code: str
    detail: str
    fields: Sequence[Wrong] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self, request_id: str) -> Response:
        """The answer to the request with this id."""
        title = "Client Gone" if self.status == CLIENT_GONE else HTTPStatus(self.status).phrase
        content: dict[str, object] = {
            "type": "about:blank",
            "title": title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "request_id": request_id,
        }
        if self.fields:
            content["fields"] = [{"field": wrong.field, "message": wrong.message} for wrong in self.fields]
        body = json.dumps(content, ensure_ascii=False).encode("utf-8", errors="replace")
        return Response(body, self.status, dict(self.headers), MEDIA_TYPE)


def busy(detail: str, retry_after: int) -> Problem:
    """Too much is under way; ``retry_after`` whole seconds later there should be room."""
    return Problem(HTTPStatus.TOO_MANY_REQUESTS, "queue_full", detail, headers={"Retry-After": str(retry_after)})


def unavailable(code: str, detail: str) -> Problem:
    """The server is not yet or no more of use."""
    headers = {"Retry-After": "5", "Connection": "close"}
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, code, detail, headers=headers)


def too_large(detail: str, field: str | None = None) -> Problem:
    """More than is taken of a request."""
    fields = (Wrong(field, detail),) if field else ()
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", detail, fields)


def invalid(fields: Sequence[Wrong]) -> Problem:
    """A request that is understood, but wrong."""
    where = ", ".join(dict.fromkeys(wrong.field for wrong in fields[:3]))
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", f"the request is not valid: {where}", fields)
