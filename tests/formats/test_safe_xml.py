"""XML from anywhere does no harm, and what is broken is told with its line."""

from __future__ import annotations

import gzip
import http.server
import threading
import tracemalloc
from pathlib import Path

import pytest

from nlp.errors import InputError
from nlp.formats.sources import read_sources
from nlp.types import Caption

BOMB = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
FIGURE = "<fig id='F1'><caption><p>{}</p></caption></fig>"
DOCUMENT = "<document><id>{}</id><passage><offset>0</offset><text>{}</text></passage></document>"


def read(tmp_path: Path, content: str | bytes, name: str = "in.xml") -> tuple[list[Caption], list[str]]:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    errors: list[InputError] = []
    captions = [*read_sources([path], errors.append)]
    return captions, [str(error).replace(str(path), name) for error in errors]


@pytest.mark.parametrize(
    ("declared", "content"),
    [
        (f'<!ENTITY a0 "lol">{BOMB}', "&a11;"),
        (f'<!ENTITY big "{"x" * 100_000}">', "&big;" * 10_000),
        ('<!ENTITY file SYSTEM "file:///etc/hostname">', "&file;"),
        ('<!ENTITY % file SYSTEM "file:///etc/hostname"> %file;', "A."),
        ('<!ENTITY alpha "beta">', "&alpha;"),
    ],
    ids=["exponential", "quadratic", "external", "parameter", "redefined"],
)
@pytest.mark.parametrize("root", ["article", "collection"])
def test_declared_entities_are_refused(tmp_path: Path, declared: str, content: str, root: str) -> None:
    body = FIGURE.format(content) if root == "article" else DOCUMENT.format("d", content)
    tracemalloc.start()
    found, errors = read(tmp_path, f"<!DOCTYPE {root} [{declared}]>\n<{root}>{body}</{root}>")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == []
    (error,) = errors
    assert "in.xml:2: the file declares entities, which are not expanded" in error
    assert peak < 10_000_000


def test_entities_in_attributes_are_not_expanded(tmp_path: Path) -> None:
    content = f'<!DOCTYPE article [<!ENTITY a0 "lol">{BOMB}]><article id="&a11;">{FIGURE.format("A.")}</article>'
    found, (error,) = read(tmp_path, content)
    assert found == []
    assert "in.xml:1: the XML is broken from here on" in error


def test_nothing_is_fetched(tmp_path: Path) -> None:
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            address = f"http://127.0.0.1:{server.server_port}"
            include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{address}/x" parse="text"/>'
            found, errors = read(
                tmp_path,
                f'<?xml-stylesheet href="{address}/s.xsl"?><!DOCTYPE article SYSTEM "{address}/x.dtd">'
                '<article xmlns:s="http://www.w3.org/2001/XMLSchema-instance" '
                f's:noNamespaceSchemaLocation="{address}/x">'
                f"{FIGURE.format(f'A{include}.')}</article>",
            )
        finally:
            server.shutdown()
            thread.join()
    assert [caption.text for caption in found] == ["A."]
    assert not errors
    assert not asked


def test_depth_is_bounded(tmp_path: Path) -> None:
    deep = "<italic>" * 5_000 + "A." + "</italic>" * 5_000
    found, (error,) = read(tmp_path, f"<article>{FIGURE.format(deep)}</article>")
    assert found == []
    assert "elements are nested too deeply" in error
    some = "<italic>" * 150 + "A." + "</italic>" * 150
    assert [caption.text for caption in read(tmp_path, f"<article>{FIGURE.format(some)}</article>")[0]] == ["A."]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("<article>\n<fig>\n</article>", "in.xml:3: the XML is broken from here on; found Opening and ending tag"),
        ("<article>\n<fig>", "in.xml:2: the XML is broken from here on; found "),
        ("<article>\n<fig>&alpha;</fig></article>", "in.xml:2: the XML is broken from here on; found Entity 'alpha'"),
        ("<article>\n\x0b</article>", "in.xml:2: the XML is broken from here on; found PCDATA invalid Char"),
        ("", "in.xml: the XML is broken from here on; found no element found"),
        ("plain", "in.xml:1: the XML is broken from here on; found Start tag expected"),
        ("<html/>", "in.xml:1: XML of another kind; expected the root <collection> or <article>"),
        ("\n<!-- a -->\n<r:collections xmlns:r='x'/>", "in.xml:3: XML of another kind"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, content: str, message: str) -> None:
    found, (error,) = read(tmp_path, content)
    assert found == []
    assert message in error


def test_what_comes_before_the_damage_is_read(tmp_path: Path) -> None:
    documents = "\n".join(DOCUMENT.format(f"d{n}", f"A{n} binds B.") for n in range(3))
    found, (error,) = read(tmp_path, f"<collection>\n{documents}\n<document><id>x</document>")
    assert [caption.id for caption in found] == ["d0", "d1", "d2"]
    assert "in.xml:5: the XML is broken from here on" in error
    whole = gzip.compress(f"<collection>\n{documents * 2000}</collection>".encode())
    found, errors = read(tmp_path, whole[: len(whole) // 2], "in.xml.gz")
    assert found
    assert "the file is damaged from here on" in errors[-1]


def test_a_broken_document_costs_no_other(tmp_path: Path) -> None:
    bad = "<document><id>bad</id><passage><offset>zero</offset><sentence><text>A</text></sentence></passage></document>"
    content = f"<collection>\n{bad}\n{DOCUMENT.format('d1', 'A.')}\n{DOCUMENT.format('d2', ' ')}</collection>"
    found, errors = read(tmp_path, content)
    assert [caption.id for caption in found] == ["d1"]
    assert [error.split(";")[0] for error in errors] == [
        "in.xml:2: not a document of BioC",
        "in.xml:4 [d2]: no caption",
    ]


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is measured as Linux tells it")
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "in.xml"
    with path.open("w") as stream:
        stream.write("<collection>")
        for number in range(4000):
            stream.write(DOCUMENT.format(number, "A binds B. " * 500))
        stream.write("</collection>")
    assert path.stat().st_size > 20_000_000
    before = resident()
    assert sum(1 for _ in read_sources([path], pytest.fail)) == 4000
    assert resident() - before < 10_000_000


def resident() -> int:
    """Memory of this process in bytes; libxml2's is none of Python's."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096
