"""XML from anywhere, read in pieces and safely.

Nothing is fetched, no DTD is loaded and no entity is expanded: a file that declares entities of its own is refused
before its content is looked at. Character names that HTML knows (``&alpha;``), which articles use after a DTD that is
not loaded, stand for their characters. The parser's own limits stay on (no piece of text may be over 10 MB), and
elements may be nested 200 deep.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html.entities import html5
from pathlib import Path
from typing import Any, Final

from lxml import etree

from nlp.errors import FormatError, InputError, Location
from nlp.formats.base import OnError, OtherKindError
from nlp.formats.compression import DAMAGE, open_binary

_CHUNK: Final = 1 << 16
_DEEPEST: Final = 200


def read_elements(path: Path, wanted: Mapping[str, str], on_error: OnError) -> Iterator[tuple[str, Any, Location]]:
    """The elements of a file that hold its records, one at a time; each is emptied when the next is asked for.

    Args:
        path: an XML file, plain or compressed.
        wanted: by the name of a root element, the name of the elements below it (or of itself) that hold records;
            names are without namespaces.
        on_error: takes what is wrong with the file, which is read up to there.

    Yields:
        The name of the root, the element, and the line it begins on.
    """
    source = str(path)
    parser = etree.XMLPullParser(
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    root: str | None = None
    record = ""
    depth = 0
    try:
        with open_binary(path) as stream:
            for _ in _feed(parser, stream):
                for event, element in parser.read_events():
                    if root is None:
                        root = local_name(element)
                        record = _check_root(element, root, wanted, source)
                    depth += 1 if event == "start" else -1
                    if depth > _DEEPEST:
                        raise FormatError("elements are nested too deeply", where=Location(source, element.sourceline))
                    if event == "end" and local_name(element) == record:
                        yield root, element, Location(source, element.sourceline)
                        _forget(element)
    except FormatError as error:
        on_error(error)
    except etree.XMLSyntaxError as error:
        on_error(_syntax_error(error, parser, source))
    except DAMAGE as error:
        on_error(FormatError("the file is damaged from here on", found=str(error), where=Location(source)))


def local_name(element: Any) -> str:
    """An element's name without its namespace; the empty string for an entity."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def character(entity: Any, where: Location) -> str:
    """What an entity that was not expanded stands for, if it is a character by a name of HTML.

    Raises:
        InputError: if it is not.
    """
    found = html5.get(f"{entity.name};")
    if found is None:
        raise InputError(
            "an entity that is not expanded", expected="a character's name", found=f"&{entity.name};", where=where
        )
    return found


def text_of(element: Any, where: Location) -> str:
    """All text of an element and those below it, unchanged; the empty string for None.

    Raises:
        InputError: if it holds an entity that is no character.
    """
    if element is None:
        return ""
    if not len(element):
        return element.text or ""
    parts = [element.text or ""]
    for child in element:
        parts += (character(child, where) if child.tag is etree.Entity else text_of(child, where), child.tail or "")
    return "".join(parts)


def _feed(parser: Any, stream: Any) -> Iterator[None]:
    """Feed a parser, with a pause after each piece in which to take its events, those before an error too."""
    try:
        while chunk := stream.read(_CHUNK):
            parser.feed(chunk)
            yield
        parser.close()
    except etree.XMLSyntaxError:
        yield
        raise
    yield


def _check_root(element: Any, name: str, wanted: Mapping[str, str], source: str) -> str:
    """The name of the elements that hold records under this root."""
    where = Location(source, element.sourceline)
    declared = element.getroottree().docinfo.internalDTD
    entity = next(declared.iterentities(), None) if declared is not None else None
    if entity is not None:
        raise FormatError(
            "the file declares entities, which are not expanded",
            expected="XML without declarations of entities",
            found=f"<!ENTITY {entity.name}",
            where=where,
        )
    if name not in wanted:
        roots = " or ".join(f"<{root}>" for root in wanted)
        raise OtherKindError("XML of another kind", expected=f"the root {roots}", found=f"<{name}>", where=where)
    return wanted[name]


def _forget(element: Any) -> None:
    element.clear(keep_tail=False)
    parent = element.getparent()
    if parent is not None:
        while parent[0] is not element:
            del parent[0]


def _syntax_error(error: etree.XMLSyntaxError, parser: Any, source: str) -> FormatError:
    # What the parser raises is at times only that nothing came out of it; its log knows why.
    log = parser.feed_error_log
    entry = next((item for item in log if item.line), None) if not error.lineno else None
    line = entry.line if entry is not None else error.lineno or None
    found = entry.message if entry is not None else error.msg
    return FormatError("the XML is broken from here on", found=found, where=Location(source, line))
