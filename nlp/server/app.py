"""The server's application: its routes, their descriptions for OpenAPI, and what stands around them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from nlp.pipeline import Pipeline
from nlp.server.examples import ANNOTATE_EXAMPLES, CONVERT_EXAMPLES, DOCUMENT, SCORE_EXAMPLES
from nlp.server.gate import PASS, Gate, Pass
from nlp.server.metrics import CONTENT_TYPE
from nlp.server.page import page_routes
from nlp.server.problems import MEDIA_TYPE, Problem
from nlp.server.schemas import (
    ConvertRequest,
    DocumentOut,
    DocumentsOut,
    ManyCaptions,
    OneCaption,
    ProblemOut,
    ScoreRequest,
    ScoresOut,
)
from nlp.server.service import Service
from nlp.server.settings import Settings

JSON: Final = "application/json"

_GUARDED: Final = ("/annotate", "/score", "/convert", "/metrics")
# All that a request without the token may see.
_OPEN: Final = ("/", "/health", "/ready", "/openapi.json")
_REQUESTS: Final = (OneCaption, ManyCaptions, ScoreRequest, ConvertRequest)

_WHEN: Final[Mapping[int, str]] = {
    401: "The server has a token, and the request does not bear it.",
    408: "The body came too slowly.",
    413: "The body is too large, or it holds too many captions or too long ones.",
    415: "The body is not JSON.",
    422: "A field is not as it should be; `fields` names it.",
    429: "Too much is under way; `Retry-After` says when there should be room.",
    500: "The server has a fault.",
    503: "The server is not ready yet, or about to end.",
    504: "The request was not done in time.",
}


def make_app(pipeline: Pipeline, settings: Settings) -> FastAPI:
    """The ASGI application that ``nlp.server.create_app`` makes. Its ``state.service`` is what does the work."""
    service = Service(pipeline, settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.start()
        yield
        await service.stop()

    app = FastAPI(
        title="pathcap",
        version=version("pathcap"),
        summary="Text mining of pathway figure captions",
        lifespan=lifespan,
        # These pages would fetch what they need from elsewhere.
        docs_url=None,
        redoc_url=None,
    )
    app.state.service = service
    app.include_router(page_routes())
    _add_work(app, service)
    _add_state(app, service)
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http_problem)
    app.add_middleware(
        Gate,
        routes=(*_GUARDED, *_OPEN),
        open=_OPEN,
        token=settings.token,
        write_timeout=settings.write_timeout,
        bodies=service.bodies,
        answered=service.metrics.answered,
    )
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=("GET", "POST"),
            allow_headers=("Authorization", "Content-Type", "X-Request-ID"),
            expose_headers=("Content-Disposition", "Retry-After", "X-Request-ID"),
        )
    app.openapi = lambda: _openapi(app, with_token=settings.token is not None)  # type: ignore[method-assign]
    return app


def _add_work(app: FastAPI, service: Service) -> None:
    @app.post(
        "/annotate",
        summary="Annotate one caption or many",
        responses={
            200: {
                "description": "Of one caption its document, of many their documents.",
                "model": DocumentOut | DocumentsOut,
                "content": {JSON: {"examples": {"one": {"value": DOCUMENT}}}},
            },
            **_problems(),
        },
        openapi_extra=_body(ANNOTATE_EXAMPLES, OneCaption, ManyCaptions),
        response_class=Response,
    )
    async def annotate(request: Request) -> Response:
        """Mentions with references, signed relations, abbreviations and keywords. Offsets are Unicode code points."""
        return Response(await service.annotate(request), media_type=JSON)

    @app.post(
        "/score",
        summary="Score keywords against curated lists",
        responses={200: {"description": "By profile.", "model": ScoresOut}, **_problems()},
        openapi_extra=_body(SCORE_EXAMPLES, ScoreRequest),
        response_class=Response,
    )
    async def score(request: Request) -> Response:
        """Annotate captions, and compare their keywords with the curated ones as `pathcap score` does."""
        return Response(await service.score(request), media_type=JSON)

    @app.post(
        "/convert",
        summary="Write documents in another format",
        responses={
            200: {"description": "The file.", "content": {"application/octet-stream": {}}},
            **_problems(),
        },
        openapi_extra=_body(CONVERT_EXAMPLES, ConvertRequest),
        response_class=Response,
    )
    async def convert(request: Request) -> Response:
        """BEL, SIF, CX2 and the other formats of `pathcap annotate`, of documents as they were answered."""
        content, suffix = await service.convert(request)
        headers = {"Content-Disposition": f'attachment; filename="pathcap{suffix}"'}
        return Response(content, headers=headers, media_type="application/octet-stream")


def _add_state(app: FastAPI, service: Service) -> None:
    @app.get("/health", summary="Whether the server is alive")
    async def health() -> dict[str, str]:
        return {"status": "ok", "version": app.version}

    @app.get(
        "/ready",
        summary="Whether the server takes requests",
        responses={503: {"description": "It does not.", "content": {JSON: {"example": {"status": "draining"}}}}},
    )
    async def ready() -> JSONResponse:
        status = HTTPStatus.OK if service.ready else HTTPStatus.SERVICE_UNAVAILABLE
        return JSONResponse({"status": service.state}, status)

    @app.get(
        "/metrics",
        summary="Metrics for Prometheus",
        response_class=Response,
        responses={401: _problems()[401]},
    )
    async def metrics() -> Response:
        return Response(service.metrics.text(), media_type=CONTENT_TYPE)


async def _problem(request: Request, problem: Exception) -> Response:
    known: Pass = request.scope[PASS]
    assert isinstance(problem, Problem)  # noqa: S101 - by whom it is called
    known.code = problem.code
    return problem.response(known.id)


async def _http_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    code = HTTPStatus(error.status_code).name.lower()
    return await _problem(request, Problem(error.status_code, code, str(error.detail), headers=error.headers or {}))


def _problems() -> dict[int | str, dict[str, Any]]:
    schema = {"schema": {"$ref": f"#/components/schemas/{ProblemOut.__name__}"}}
    return {status: {"description": when, "content": {MEDIA_TYPE: schema}} for status, when in _WHEN.items()}


def _body(examples: Mapping[str, Any], *models: type[BaseModel]) -> dict[str, Any]:
    """A request's body as OpenAPI has it: read by the service itself, which counts its bytes as they come."""
    forms = [{"$ref": f"#/components/schemas/{model.__name__}"} for model in models]
    schema = forms[0] if len(forms) == 1 else {"oneOf": forms}
    return {"requestBody": {"required": True, "content": {JSON: {"schema": schema, "examples": examples}}}}


def _openapi(app: FastAPI, *, with_token: bool) -> dict[str, Any]:
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
        _, definitions = models_json_schema(
            [(model, "validation") for model in (*_REQUESTS, ProblemOut)], ref_template="#/components/schemas/{model}"
        )
        components = schema.setdefault("components", {})
        components.setdefault("schemas", {}).update(definitions["$defs"])
        if with_token:
            components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
            for path in _GUARDED:
                for operation in schema["paths"][path].values():
                    operation["security"] = [{"token": []}]
        app.openapi_schema = schema
    return app.openapi_schema
