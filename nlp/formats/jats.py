"""The figures of an article in JATS XML, as PubMed Central and publishers have it.

Each ``<fig>`` and ``<fig-group>`` that has a caption is one. The text is the caption's title and paragraphs, joined by
a space; markup is dropped and white space made single. A citation does not run into the word before it, a line break
is a space, and a formula is the characters of its MathML, or its TeX where that is all there is. The title is the
figure's label with the caption's title. The id is made as PFOCR's is, of the article's (``PMC…``, or else ``PMID…``, or
else the DOI) and the figure's: ``PMC1__F2``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from lxml import etree

from nlp.errors import InputError, Location
from nlp.formats.base import OnError, caption_id, caption_text
from nlp.formats.safe_xml import character, local_name, text_of
from nlp.types import Caption

ROOTS: Final[Mapping[str, str]] = {
    "article": "article",
    "pmc-articleset": "article",
    "articles": "article",
    "OAI-PMH": "article",
}
"""The root of an article, or of several, and the elements that hold one."""

_BLOCKS: Final = frozenset(
    "break caption def def-item def-list disp-formula disp-formula-group disp-quote fn list list-item p sec "
    "supplementary-material table table-wrap tbody td term th thead title tr verse-group verse-line".split()
)
_PASSED_OVER: Final = frozenset(
    "alt-text annotation annotation-xml comment fig graphic index-term inline-graphic long-desc media "
    "object-id permissions".split()
)
_FORMULA_TOKENS: Final = frozenset("mi mn mo ms mtext".split())
_WHITE: Final = re.compile(r"[ \t\r\n]+")
_TEX_BODY: Final = re.compile(r"\\begin\s*\{document\}(.*?)\\end\s*\{document\}", re.DOTALL)
_PMC: Final = re.compile(r"(?:PMC)?([0-9]+)(?:\.[0-9]+)?")


def captions_of(article: Any, where: Location, on_error: OnError) -> Iterator[Caption]:
    """The captions of an article."""
    try:
        article_id = _article_id(article, where)
        title = article.find("{*}front/{*}article-meta/{*}title-group/{*}article-title")
        paper_title = _flat(title, where)
    except InputError as error:
        on_error(error)
        return
    for number, figure in enumerate(article.iter("{*}fig", "{*}fig-group"), start=1):
        place = Location(where.source, figure.sourceline, f"{article_id}__{figure.get('id') or f'fig{number}'}")
        try:
            caption = _caption(figure, paper_title, place)
        except InputError as error:
            on_error(error)
        else:
            if caption is not None:
                yield caption


def _caption(figure: Any, paper_title: str, where: Location) -> Caption | None:
    """The caption of a figure, if it has one with text; the first where it has several, in other languages."""
    text, title = "", ""
    for element in figure.iterfind("{*}caption"):
        text, title = _flat(element, where), _flat(element.find("{*}title"), where)
        if text:
            break
    if not text:
        return None
    label = _flat(figure.find("{*}label"), where)
    return Caption(
        id=caption_id([where.id], "", where),
        text=caption_text(text, where),
        title=" ".join(filter(None, (label, title))),
        paper_title=paper_title,
        where=where,
    )


def _article_id(article: Any, where: Location) -> str:
    found: dict[str, str] = {}
    for element in article.iterfind("{*}front/{*}article-meta/{*}article-id"):
        found.setdefault(str(element.get("pub-id-type")), text_of(element, where).strip())
    for kind in ("pmcid", "pmc"):
        if pmc := _PMC.fullmatch(found.get(kind, "")):
            return f"PMC{pmc[1]}"
    if found.get("pmid"):
        return f"PMID{found['pmid']}"
    return found.get("doi") or Path(where.source or "").name.partition(".")[0]


def _flat(element: Any, where: Location) -> str:
    """The text of an element on one line, without markup; the empty string for None.

    Raises:
        InputError: if it holds an entity that is no character.
    """
    if element is None:
        return ""
    parts: list[str] = []
    _add(element, parts, where)
    return _WHITE.sub(" ", "".join(parts)).strip()


def _add(element: Any, parts: list[str], where: Location) -> None:
    parts.append(element.text or "")
    for child in element:
        if child.tag is etree.Entity:
            parts.append(character(child, where))
        else:
            _add_child(child, parts, where)
        parts.append(child.tail or "")


def _add_child(child: Any, parts: list[str], where: Location) -> None:
    name = local_name(child)
    if name in _PASSED_OVER:
        return
    if name == "alternatives":
        # The same thing several times over: the first that has text, MathML before TeX.
        for version in sorted(child, key=lambda version: local_name(version) == "tex-math"):
            if local_name(version) not in _PASSED_OVER:
                _add_child(version, parts, where)
                return
    elif name == "tex-math":
        tex = text_of(child, where)
        body = _TEX_BODY.search(tex)
        parts.append((body[1] if body else tex).strip().strip("$").strip())
    elif name == "math":
        _add_formula(child, parts, where)
    elif name in _BLOCKS:
        parts.append(" ")
        _add(child, parts, where)
        parts.append(" ")
    else:
        start = len(parts)
        _add(child, parts, where)
        if name == "xref" and child.get("ref-type") == "bibr":
            _part(parts, start)


def _add_formula(element: Any, parts: list[str], where: Location) -> None:
    """Add the tokens of MathML one behind the other; what is between them is only layout."""
    for child in element:
        name = local_name(child)
        if name in _FORMULA_TOKENS:
            parts.append(_WHITE.sub(" ", text_of(child, where)).strip())
        elif name not in _PASSED_OVER:
            _add_formula(child, parts, where)


def _part(parts: list[str], start: int) -> None:
    """Put a space before a citation that would run into the word before it."""
    before = next((part for part in reversed(parts[:start]) if part), "")
    citation = next((part for part in parts[start:] if part), "")
    if before[-1:].isalnum() and citation[:1].isalnum():
        parts.insert(start, " ")
