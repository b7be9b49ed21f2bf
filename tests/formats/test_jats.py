"""Figures of articles in JATS."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import zstandard

from nlp.errors import InputError
from nlp.formats.sources import read_sources
from nlp.types import Caption

FRONT = """<front><article-meta>{ids}
<title-group><article-title>How <italic>Abc1</italic> is
 kept</article-title></title-group></article-meta></front>"""
PMC = '<article-id pub-id-type="pmid">99</article-id><article-id pub-id-type="pmc">12</article-id>'


def article(body: str, ids: str = PMC, attributes: str = "") -> str:
    return f"<article {attributes}>{FRONT.format(ids=ids)}<body>{body}</body></article>"


def figure(caption: str, id: str = "F1") -> str:
    return f'<fig id="{id}"><label>Figure 1.</label><caption>{caption}</caption><graphic href="x.jpg"/></fig>'


def read(tmp_path: Path, content: str | bytes, name: str = "in.xml") -> tuple[list[Caption], list[str]]:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    errors: list[InputError] = []
    captions = [*read_sources([path], errors.append)]
    return captions, [str(error).replace(str(path), name) for error in errors]


def text(tmp_path: Path, caption: str) -> str:
    (found,), errors = read(tmp_path, article(figure(caption)))
    assert not errors
    return found.text


def test_a_figure(tmp_path: Path) -> None:
    caption = "<title>How A acts.</title><p>A activates B.</p>\n<p>It binds\n   C.</p>"
    (found,), errors = read(tmp_path, "<?xml version='1.0'?>\n" + article("\n" + figure(caption)))
    assert not errors
    assert found.id == "PMC12__F1"
    assert found.text == "How A acts. A activates B. It binds C."
    assert found.title == "Figure 1. How A acts."
    assert found.paper_title == "How Abc1 is kept"
    assert found.where.source == str(tmp_path / "in.xml")
    assert found.where.line == 5


def test_figures_in_groups_and_supplements(tmp_path: Path) -> None:
    group = (
        f"<fig-group id='G1'><caption><p>Both.</p></caption>{figure('<p>One.</p>')}{figure('<p>Two.</p>', 'F2')}"
        "<fig id='F3'><graphic/></fig><fig id='F4'><caption><p> </p></caption></fig></fig-group>"
    )
    floats = f"<floats-group>{figure('<p>Three.</p>', 'F5')}</floats-group>"
    found, errors = read(tmp_path, article(f"<sec><p>Text {group}</p></sec>").replace("</body>", f"</body>{floats}"))
    assert not errors
    assert [(caption.id, caption.text) for caption in found] == [
        ("PMC12__G1", "Both."),
        ("PMC12__F1", "One."),
        ("PMC12__F2", "Two."),
        ("PMC12__F5", "Three."),
    ]


@pytest.mark.parametrize(
    ("ids", "id"),
    [
        ('<article-id pub-id-type="pmcid">PMC34</article-id>', "PMC34__F1"),
        ('<article-id pub-id-type="pmcid">PMC34.2</article-id>', "PMC34__F1"),
        ('<article-id pub-id-type="doi">10.1/x</article-id><article-id pub-id-type="pmid">5</article-id>', "PMID5__F1"),
        ('<article-id pub-id-type="doi"> 10.1/x </article-id>', "10.1/x__F1"),
        ('<article-id pub-id-type="publisher-id">z</article-id>', "in__F1"),
        ("", "in__F1"),
    ],
)
def test_ids(tmp_path: Path, ids: str, id: str) -> None:
    (found,), _ = read(tmp_path, article(figure("<p>A.</p>"), ids))
    assert found.id == id


def test_a_figure_without_an_id_is_numbered(tmp_path: Path) -> None:
    found, _ = read(tmp_path, article("<fig><graphic/></fig><fig><caption><p>A.</p></caption></fig>"))
    assert [(caption.id, caption.title) for caption in found] == [("PMC12__fig2", "")]


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("<p><bold>(A)</bold> <italic>Abc1</italic><sup>+/−</sup> cells</p>", "(A) Abc1+/− cells"),
        ("<p>Ca<sup>2+</sup>, H<sub>2</sub>O<sub>2</sub></p>", "Ca2+, H2O2"),
        ("<p>seen <xref ref-type='bibr'>[1]</xref>, in <xref ref-type='fig'>A</xref>.</p>", "seen [1], in A."),
        ("<p>of ERK<sup><xref ref-type='bibr'>12</xref>,<xref ref-type='bibr'>13</xref></sup>.</p>", "of ERK 12,13."),
        ("<p>of ERK<xref ref-type='bibr'><sup>12</sup></xref>.</p>", "of ERK 12."),
        ("<p>A.<break/>B.</p>", "A. B."),
        ("<p>Lists: <list><list-item><p>A</p></list-item><list-item><p>B</p></list-item></list></p>", "Lists: A B"),
        ("<p>A<!-- not this -->B<?nor this?></p>", "AB"),
        ("<p>A <inline-graphic href='x'><alt-text>arrow</alt-text></inline-graphic> B</p>", "A B"),
        ("<p>&#945;-actin &amp; &lt;B&gt; 5\u00a0µm</p>", "α-actin & <B> 5\u00a0µm"),
        ("<p><![CDATA[A < B]]></p>", "A < B"),
        ("<p>A \U0001d6fc\u0301</p>", "A \U0001d6fc\u0301"),
        ("Bare text.", "Bare text."),
    ],
)
def test_markup_becomes_text(tmp_path: Path, caption: str, expected: str) -> None:
    assert text(tmp_path, caption) == expected


MATHML = """<mml:math xmlns:mml="http://www.w3.org/1998/Math/MathML"><mml:semantics>
  <mml:mrow> <mml:msup><mml:mi>x</mml:mi><mml:mn>2</mml:mn></mml:msup> <mml:mo> = </mml:mo><mml:mi>α</mml:mi></mml:mrow>
  <mml:annotation encoding="x-tex">x^2 = \\alpha</mml:annotation></mml:semantics></mml:math>"""
TEX = r"""<tex-math>\documentclass[12pt]{minimal} \usepackage{amsmath}
\begin{document}$$x^2 = \alpha$$\end{document}</tex-math>"""


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (MATHML, "x2=α"),
        (TEX, r"x^2 = \alpha"),
        (f"<alternatives>{TEX}{MATHML}<inline-graphic/></alternatives>", "x2=α"),
        (f"<alternatives><graphic/>{TEX}</alternatives>", r"x^2 = \alpha"),
        ("<tex-math>$a$</tex-math>", "a"),
        ("<alternatives><graphic/></alternatives>", ""),
    ],
)
def test_formulas(tmp_path: Path, formula: str, expected: str) -> None:
    found = text(tmp_path, f"<p>Where <inline-formula>{formula}</inline-formula>, it is.</p>")
    assert found == f"Where {expected}, it is."


def test_languages(tmp_path: Path) -> None:
    two = "<fig id='F1'><caption xml:lang='de'/><caption><p>A.</p></caption><caption><p>Ä.</p></caption></fig>"
    (found,), _ = read(tmp_path, article(two))
    assert found.text == "A."


@pytest.mark.parametrize(
    "around",
    [
        "<pmc-articleset>{}</pmc-articleset>",
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>{}</ListRecords></OAI-PMH>',
    ],
)
def test_several_articles(tmp_path: Path, around: str) -> None:
    space = 'xmlns="https://jats.nlm.nih.gov/ns/archiving/1.3/"'
    one = article(figure("<p>A.</p>"), attributes=space)
    two = article(figure("<p>B.</p>"), '<article-id pub-id-type="pmc">13</article-id>', space)
    found, errors = read(tmp_path, around.format(f"<record><metadata>{one}</metadata></record>{two}"))
    assert not errors
    assert [(caption.id, caption.text) for caption in found] == [("PMC12__F1", "A."), ("PMC13__F1", "B.")]


@pytest.mark.parametrize("name", ["in.nxml", "in.xml.gz", "in.nxml.zst"])
def test_names_and_compressions(tmp_path: Path, name: str) -> None:
    content = article(figure("<p>A.</p>")).encode()
    if name.endswith(".gz"):
        content = gzip.compress(content)
    elif name.endswith(".zst"):
        content = zstandard.compress(content)
    (found,), errors = read(tmp_path, content, name)
    assert (found.id, errors) == ("PMC12__F1", [])


def test_other_encodings(tmp_path: Path) -> None:
    content = "<?xml version='1.0' encoding='ISO-8859-1'?>" + article(figure("<p>5 µm</p>"))
    (found,), _ = read(tmp_path, content.encode("latin-1"))
    assert found.text == "5 µm"
    (found,), _ = read(tmp_path, article(figure("<p>5 µm</p>")).encode("utf-16"))
    assert found.text == "5 µm"


DOCTYPE = '<!DOCTYPE article PUBLIC "-//NLM//DTD JATS//EN" "http://127.0.0.1:9/JATS-archivearticle1.dtd">\n'


def test_names_of_characters_need_no_dtd(tmp_path: Path) -> None:
    body = figure("<p>&alpha;-actin &rarr; B</p>") + figure("<p>A &mystery; B</p>", "F2") + figure("<p>C.</p>", "F3")
    found, errors = read(tmp_path, DOCTYPE + article(body))
    assert [caption.text for caption in found] == ["α-actin → B", "C."]
    assert errors == [
        "in.xml:4 [PMC12__F2]: an entity that is not expanded; expected a character's name; found &mystery;"
    ]


def test_a_caption_given_twice_is_told(tmp_path: Path) -> None:
    found, errors = read(tmp_path, article(figure("<p>A.</p>") + figure("<p>B.</p>")))
    assert [caption.text for caption in found] == ["A."]
    assert "[PMC12__F1]: an id is used for two captions" in errors[0]
