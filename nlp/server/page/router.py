"""The routes of the web page: the page itself, and its files."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Final

from fastapi import APIRouter, Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from nlp.schema import RELATION_TYPES
from nlp.server.page.examples import EXAMPLES
from nlp.views.marks import TYPE_MARKS

HEADERS: Final = MappingProxyType(
    {
        # Scripts and styles come from this server's own files alone; the badges of the drawing are images in data URLs.
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
            "trusted-types 'none'"
        ),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        # A browser asks each time, and is told that nothing changed.
        "Cache-Control": "no-cache",
    }
)
"""Headers of the page and its files."""
GRAPH_LIBRARY: Final = "cytoscape.min.js"
"""Draws the network. The build puts it into the wheel if it can (``hatch_build.py``)."""
MEDIA_TYPES: Final = MappingProxyType(
    {
        ".css": "text/css",
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".svg": "image/svg+xml",
        ".txt": "text/plain",
    }
)


class _File:
    """A file to serve, with its entity tag."""

    def __init__(self, content: bytes, media_type: str) -> None:
        self._content = content
        self._headers = {**HEADERS, "ETag": f'"{sha256(content).hexdigest()[:32]}"'}
        self._media_type = media_type

    def answer(self, request: Request) -> Response:
        if request.headers.get("If-None-Match") == self._headers["ETag"]:
            return Response(status_code=304, headers=self._headers)
        return Response(self._content, headers=self._headers, media_type=self._media_type)


def page_routes() -> APIRouter:
    """The routes ``GET /`` and ``GET /static/NAME``. They need no token, and what they answer lies in memory."""
    router = APIRouter(include_in_schema=False)
    served = _files()
    page = _File(_render(GRAPH_LIBRARY in served).encode(), "text/html")

    @router.get("/")
    def show(request: Request) -> Response:
        return page.answer(request)

    @router.get("/static/{name}")
    def file(name: str, request: Request) -> Response:
        found = served.get(name)
        return found.answer(request) if found else Response("no such file", 404, HEADERS, "text/plain")

    return router


def _files() -> Mapping[str, _File]:
    """The files of the page by name; of the libraries those that are installed."""
    own = files("nlp.server.page")
    places: list[Traversable] = [
        *own.joinpath("static").iterdir(),
        files("nlp.evaluation.html").joinpath("templates", "report.css"),
        *(own.joinpath("vendor").iterdir() if own.joinpath("vendor").is_dir() else ()),
    ]
    kinds = ((place, MEDIA_TYPES.get(f".{place.name.rpartition('.')[2]}")) for place in places if place.is_file())
    return {place.name: _File(place.read_bytes(), kind) for place, kind in kinds if kind is not None}


def _render(graph: bool) -> str:
    environment = Environment(
        loader=PackageLoader("nlp.server.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(
        types=[*TYPE_MARKS.values()],
        relation_types=[*RELATION_TYPES.values()],
        examples=EXAMPLES,
        graph=GRAPH_LIBRARY if graph else "",
        version=version("pathcap"),
    )
