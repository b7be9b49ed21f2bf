"""A document as a notebook shows it."""

import colorsys
import re
from html.parser import HTMLParser
from itertools import product

import pytest
from hypothesis import given, settings

from nlp import Document, Mention, Reference, Relation, Trigger
from nlp.schema import MENTION_TYPES
from nlp.views.html import DARK, LIGHT, MOST, STYLE
from nlp.views.marks import LONGEST, TYPE_MARKS
from tests.any_document import documents
from tests.markup import parse

VOID = {"br"}


class Reading(HTMLParser):
    """What a browser makes of HTML: its text, its tags, and whether all that is opened is closed in turn."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.caption = ""
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            return
        self.text += data
        # The first paragraph is the caption; letters are no part of it.
        if self.open[:2] == ["div", "p"] and not {"b", "small"} & set(self.open):
            self.caption += data


@given(documents(control=False))
@settings(max_examples=60, deadline=None)
def test_any_document_is_well_formed_html(document: Document) -> None:
    reading = Reading(document._repr_html_())
    assert reading.caption == document.text[:LONGEST]


def test_nothing_of_a_caption_is_markup_and_nothing_is_loaded() -> None:
    text = '<script>alert(1)</script> binds "&amp;<img src=x onerror=y>'
    evil = Reference('X:"><script>', "<b onclick='z'>", 0.5)
    document = Document(
        "1",
        text,
        (Mention("T1", "GENE", 0, 25, text[:25], references=(evil,)), Mention("T2", "CELL", 32, 59, text[32:59])),
        (Relation("R1", "T1", "T2", "binding", 0, trigger=Trigger(26, 31, "binds")),),
    )
    html = document._repr_html_()
    reading = Reading(html)
    assert reading.caption == text
    assert {tag for tag, _ in reading.tags} == set(
        "div style p mark b small span table thead tbody tr th td em details summary a".split()
    )
    attributes = {name for _, own in reading.tags for name in own}
    assert attributes == {"class", "title", "href", "target", "rel"}
    (link,) = (own["href"] for tag, own in reading.tags if tag == "a")
    assert link == "https://bioregistry.io/X:%22%3E%3Cscript%3E"
    assert not re.search(r"url\(|@import|src=\"|<link|<script", html)


def test_a_type_is_told_by_colour_and_by_letter() -> None:
    parts = [f"⟦T{number}:{type}|n{number}⟧" for number, type in enumerate(MENTION_TYPES)]
    reading = Reading(parse(" ".join(parts))._repr_html_())
    classes = [own.get("class") for tag, own in reading.tags if tag == "mark"]
    assert classes[: len(parts)] == [TYPE_MARKS[type].css for type in MENTION_TYPES]
    letters = [mark.letter for mark in TYPE_MARKS.values()]
    assert len(set(letters)) == len(letters)
    for number, letter in enumerate(letters):
        assert f"n{number}{letter}" in reading.text
    for type, letter in zip(MENTION_TYPES, letters, strict=True):
        assert f"{letter} {type}" in reading.text


def test_edges_are_shown_with_their_triggers_in_context() -> None:
    document = parse(
        """
        As is known, ⟦T1:CHEMICAL|Drug A⟧ does not activate ⟦T2:GENE|ERK⟧ but may lower ⟦T3:GENE|BDNF⟧ in cells that
        were not treated with it.
        R T1 T2 activation + "activate" neg
        R T1 T3 expression - "lower" spec
        """
    )
    text = Reading(document._repr_html_()).text
    assert "Drug AC→ERKGactivation +, negated1.00" in text
    assert "Drug AC⊣BDNFGexpression −, speculative1.00" in text
    assert "…Drug A does not activate ERK but may lower BDNF in cells that\nwere not treated…" in text
    assert "3 mentions" in text


def test_overlapping_mentions_are_all_told() -> None:
    document = Document(
        "1", "TNF receptor", (Mention("T1", "GENE", 0, 12, "TNF receptor"), Mention("T2", "CELL", 0, 3, "TNF"))
    )
    html = document._repr_html_()
    assert Reading(html).caption == "TNF receptor"
    cell, gene = TYPE_MARKS["CELL"], TYPE_MARKS["GENE"]
    assert f'<mark class="{cell.css}" title="GENE, 1.00; CELL, 1.00">TNF<b>{cell.letter}</b></mark>' in html
    assert f'<mark class="{gene.css}" title="GENE, 1.00"> receptor<b>{gene.letter}</b></mark>' in html


def test_a_long_document_is_cut() -> None:
    text = "ERK " * 5000
    mentions = tuple(Mention(f"T{number}", "GENE", 4 * number, 4 * number + 3, "ERK") for number in range(5000))
    html = Document("1", text, mentions)._repr_html_()
    assert "(the first 6,000 of 20,000 characters)" in html
    assert f"… and {5000 - MOST:,} more".replace(",", "") in html
    assert len(html) < 500_000


def hsl(hue: int, rest: str) -> tuple[float, float, float]:
    saturation, lightness = (float(part.strip("%")) / 100 for part in rest.split())
    return colorsys.hls_to_rgb(hue / 360, lightness, saturation)


def rgb(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """The contrast ratio of WCAG 2."""

    def luminance(colour: tuple[float, ...]) -> float:
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_all_that_is_read_has_the_contrast_of_wcag_aa(theme: dict[str, str]) -> None:
    assert contrast((1, 1, 1), (0, 0, 0)) == pytest.approx(21)
    for name in ("ink", "soft", "link"):
        assert contrast(rgb(theme[name]), rgb(theme["paper"])) >= 4.5, name
    for mark, name in product(TYPE_MARKS.values(), ("ink", "letter")):
        fill = hsl(mark.hue, theme["fill"])
        front = rgb(theme["ink"]) if name == "ink" else hsl(mark.hue, theme["letter"])
        assert contrast(front, fill) >= 4.5, (mark.name, name)


def test_the_style_has_both_themes_and_touches_nothing_else() -> None:
    for theme in (LIGHT, DARK):
        for name, value in theme.items():
            assert f"--p-{name}: {value};" in STYLE
    assert "prefers-color-scheme: dark" in STYLE
    selectors = re.findall(r"(?:^|[}{])\s*([^{}]+?)\s*(?=\{)", re.sub(r"@media[^{]+\{", "", STYLE))
    assert selectors
    for selector in selectors:
        assert all(".pathcap" in part for part in re.split(r",(?![^(]*\))", selector)), selector
