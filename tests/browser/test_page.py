"""The server's web page in a browser: by mouse and keyboard, on a phone, in the dark, and when things go wrong."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="needs the extra server")
pytest.importorskip("uvicorn", reason="needs the extra server")

from nlp import Pipeline
from nlp.formats.writers import WRITERS
from nlp.server import Settings
from nlp.server.page.examples import EXAMPLES
from nlp.server.page.router import GRAPH_LIBRARY
from nlp.types import Document
from nlp.views.marks import TYPE_MARKS
from tests.browser.watched import Watched, opening
from tests.conftest import REPOSITORY
from tests.server.servers import running

CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
VENDOR = REPOSITORY / "nlp" / "server" / "page" / "vendor"
# A letter beyond the first plane shifts offsets where they are counted in UTF-16.
CAPTION = "𝐀. Esketamine activates ERK1 and AKT1, which raises BDNF expression in neurons; rapamycin may inhibit mTOR."
ATTACK = '<img src="https://example.org/x.png" onerror="window.ran = 1"><script>window.ran = 1</script>'
LONGEST = 2000
INSIDE = "one => one.getBoundingClientRect().left >= 0 && one.getBoundingClientRect().right <= innerWidth"

# In CI they fail instead.
needs_graph = pytest.mark.skipif(
    not (VENDOR / GRAPH_LIBRARY).is_file() and "CI" not in os.environ,
    reason="needs Cytoscape.js: install with npm there",
)
needs_yaml = pytest.mark.skipif(
    not [*VENDOR.glob("js-yaml*.mjs")] and "CI" not in os.environ, reason="needs js-yaml: install with npm there"
)


@pytest.fixture(scope="module")
def address(pipeline: Pipeline) -> Iterator[str]:
    """Address of a running server."""
    with running(pipeline, Settings(max_characters=LONGEST)) as (url, _):
        yield f"{url}/"


@pytest.fixture(scope="module")
def expected(pipeline: Pipeline) -> Document:
    """What the server should say of ``CAPTION``."""
    document = pipeline(CAPTION)
    assert {mention.text for mention in document.mentions} >= {"Esketamine", "ERK1", "AKT1", "BDNF", "mTOR"}
    assert len(document.relations) > 3
    return document


class Opened(Watched):
    """The page, as a person uses it."""

    def annotate(self, caption: str = CAPTION) -> Opened:
        self.page.get_by_role("textbox", name="Caption").fill(caption)
        self.page.get_by_role("button", name="Annotate").click()
        self.wait()
        return self

    def wait(self) -> None:
        self.page.locator("#status", has_text="Found").wait_for()

    def marks(self) -> list[str]:
        return list(self.page.locator("#text mark").all_inner_texts())

    def rows(self) -> list[tuple[str, ...]]:
        """Of each row of the table of edges: source, edge, target."""
        script = (
            "rows => rows.map(row => ['source', 'kind', 'target'].map(name => row.querySelector('.' + name).innerText))"
        )
        return [tuple(row) for row in self.page.locator("#edges tbody tr:has(.kind)").evaluate_all(script)]

    def problem(self) -> str:
        alert = self.page.get_by_role("alert")
        alert.locator("visible=true").wait_for()
        return str(alert.inner_text())

    def slide(self, name: str, value: float) -> None:
        self.page.get_by_role("slider", name=name).fill(f"{value:.2f}")

    def download(self, format: str) -> str:
        self.page.locator(".formats label", has_text=format).click()
        with self.page.expect_download() as coming:
            self.page.get_by_role("button", name="Download").click()
        assert coming.value.suggested_filename == f"caption.{format.lower()}"
        return Path(coming.value.path()).read_text(encoding="utf-8")


@pytest.fixture
def open_page(browser: Any, address: str) -> Iterator[Any]:
    with opening(browser, Opened) as opened:
        yield lambda fragment="", *arguments, **settings: opened(address + fragment, *arguments, **settings)


def least(document: Document, score: float) -> Document:
    """The document with the relations of at least this score."""
    return replace(document, relations=tuple(one for one in document.relations if one.score >= score))


def middle(document: Document) -> float:
    """A score, in hundredths, that some relations are below and others above."""
    scores = sorted(relation.score for relation in document.relations)
    assert scores[0] + 0.02 < scores[-1]
    return round((scores[0] + scores[-1]) / 2, 2)


def written(document: Document, format: str) -> str:
    stream = io.BytesIO()
    with WRITERS[format].open(stream, f".{format}") as writer:
        writer.write(document)
    return stream.getvalue().decode()


def test_a_caption_becomes_mentions_and_edges(open_page: Any, expected: Document) -> None:
    opened = open_page().annotate()
    assert opened.marks() == [mention.text for mention in expected.mentions]
    mark = opened.page.get_by_role("button", name="ERK1, gene")
    assert mark.get_attribute("data-t") == TYPE_MARKS["GENE"].letter
    assert mark.get_attribute("class") == TYPE_MARKS["GENE"].css
    signs = {1: " +", -1: " −", 0: ""}
    edges = {
        (source.text, f"{one.type}{signs[one.sign]}", target.text)
        for one in expected.relations
        for source, target in [(expected.mention(one.source), expected.mention(one.target))]
    }
    found = {tuple(re.sub(r"^[A-Z]\s+|\s*(speculative|negated)$", "", cell) for cell in row) for row in opened.rows()}
    assert found == edges
    assert opened.page.locator("#edges .context em").first.inner_text() in CAPTION


@needs_graph
def test_the_network_is_drawn_and_told_in_words(open_page: Any, expected: Document) -> None:
    opened = open_page().annotate()
    title = opened.page.locator("#graph-title").inner_text()
    edges = {(one.source, one.target, one.type, one.sign) for one in expected.relations if not one.negated}
    assert title.endswith(f"and {len(edges)} edges")
    drawn = """() => {
      const layer = [...document.querySelectorAll("#graph canvas")].at(-1);
      return layer.getContext("2d").getImageData(0, 0, layer.width, layer.height).data.some((one) => one > 0);
    }"""
    opened.page.wait_for_function(drawn)
    graph = opened.page.get_by_role("img", name=title)
    words = opened.page.locator(f"#{graph.get_attribute('aria-describedby')} li")
    opened.page.get_by_text("The network in words").click()
    assert len(words.all_inner_texts()) == len(edges)
    assert "Esketamine activates ERK1" in words.all_inner_texts()
    kinds = opened.page.get_by_role("list", name="Kinds of edges").inner_text()
    assert all(word in kinds for word in ("increases", "decreases", "activation", "expression"))


def test_without_the_library_the_page_says_so_and_the_table_is_there(open_page: Any) -> None:
    opened = open_page("?")
    opened.page.route(f"**/{GRAPH_LIBRARY}", lambda route: route.abort())
    opened.page.reload()
    opened.annotate()
    assert opened.page.get_by_text("The network is not drawn").is_visible()
    assert not opened.page.locator("#graph").is_visible()
    assert opened.rows()


def test_what_a_mention_refers_to_by_mouse(open_page: Any, expected: Document) -> None:
    opened = open_page().annotate()
    card = opened.page.locator("#text .card")
    mark = opened.page.get_by_role("button", name="mTOR, gene")
    mark.hover()
    link = card.get_by_role("link").first
    reference = next(one for one in expected.mentions if one.text == "mTOR").references[0]
    assert reference.curie in link.inner_text()
    assert link.get_attribute("href") == f"https://bioregistry.io/{reference.curie}"
    assert link.get_attribute("target") == "_blank"
    assert "noopener" in link.get_attribute("rel").split()
    # The pointer can go over to it, and it closes when the pointer leaves.
    link.hover()
    opened.page.wait_for_timeout(400)
    assert card.is_visible()
    opened.page.get_by_role("heading", name="Mentions").hover()
    card.wait_for(state="detached")


def test_everything_by_keyboard(open_page: Any, expected: Document) -> None:
    opened = open_page()
    page, keyboard = opened.page, opened.page.keyboard
    focused = "document.activeElement.innerText || document.activeElement.id"
    for _ in range(2):
        keyboard.press("Tab")
    assert page.evaluate(focused) == "caption"
    keyboard.insert_text(CAPTION)
    keyboard.press("Control+Enter")
    opened.wait()
    seen = []
    for _ in range(30):
        keyboard.press("Tab")
        seen.append(page.evaluate(focused))
        if page.evaluate("document.activeElement.matches('#text mark')"):
            break
    assert {"Annotate", "Open a file", EXAMPLES[0].title, "relations-threshold", "Download", "Copy link"} <= {*seen}
    assert seen[-1] == expected.mentions[0].text
    keyboard.press("ArrowRight")
    assert page.evaluate(focused) == expected.mentions[1].text
    assert page.locator("#text .card").is_visible()
    keyboard.press("Tab")
    assert page.evaluate(focused).startswith(expected.mentions[1].references[0].curie)
    keyboard.press("Escape")
    assert not page.locator("#text .card").is_visible()
    assert page.evaluate(focused) == expected.mentions[1].text
    keyboard.press("End")
    assert page.evaluate(focused) == expected.mentions[-1].text
    page.get_by_role("slider", name="Edges").focus()
    keyboard.press("End")
    assert opened.rows() == []
    keyboard.press("Home")
    assert len(opened.rows()) == len(expected.relations)


def test_an_edge_is_shown_in_the_caption(open_page: Any) -> None:
    opened = open_page().annotate()
    row = opened.page.locator("#edges tbody tr:has(.source:text('rapamycin'))").first
    button = row.get_by_role("button")
    button.focus()
    opened.page.keyboard.press("Enter")
    lit = opened.page.locator("#text .lit").all_inner_texts()
    assert lit == ["rapamycin", "inhibit", "mTOR"]
    opened.page.keyboard.press("Enter")
    assert opened.page.locator("#text .lit").count() == 0


def test_thresholds_filter_what_is_shown(open_page: Any, expected: Document) -> None:
    opened = open_page().annotate()
    score = middle(expected)
    opened.slide("Edges", score)
    rows = opened.rows()
    assert 0 < len(rows) == len(least(expected, score).relations) < len(expected.relations)
    assert opened.page.get_by_text(f"{len(rows)} of {len(expected.relations)} edges shown").is_visible()
    surest = max(mention.score for mention in expected.mentions)
    opened.slide("Mentions", round(surest - 0.005, 2))
    assert 0 < len(opened.marks()) < len(expected.mentions)
    opened.slide("Mentions", 1)
    assert opened.rows() == opened.marks() == []
    # Nothing was asked of the server for it.
    assert len([url for url in opened.asked if url.endswith("/annotate")]) == 1


def test_downloads_hold_what_is_shown(open_page: Any, expected: Document) -> None:
    opened = open_page().annotate()
    opened.slide("Edges", middle(expected))
    record = json.loads(opened.download("JSON"))
    shown = replace(least(expected, middle(expected)), id=record["id"])
    assert record == json.loads(written(shown, "jsonl"))
    assert json.loads(opened.download("CX2")) == json.loads(written(shown, "cx2"))
    for format in ("BEL", "SIF"):
        # The day on which it was written stands in BEL's header.
        assert opened.download(format).split("\n")[-5:] == written(shown, format.lower()).split("\n")[-5:]


def test_copies(open_page: Any, expected: Document) -> None:
    opened = open_page(permissions=["clipboard-read", "clipboard-write"]).annotate()
    opened.page.locator(".formats label", has_text="SIF").click()
    opened.page.get_by_role("button", name="Copy", exact=True).click()
    opened.page.locator("#status", has_text="Copied as SIF").wait_for()
    assert opened.page.evaluate("navigator.clipboard.readText()") == written(expected, "sif")


def test_a_link_holds_caption_and_thresholds(open_page: Any, address: str, expected: Document) -> None:
    opened = open_page(permissions=["clipboard-read", "clipboard-write"]).annotate()
    opened.slide("Edges", middle(expected))
    opened.page.get_by_role("button", name="Copy link").click()
    opened.page.locator("#status", has_text="link is copied").wait_for()
    link = opened.page.evaluate("navigator.clipboard.readText()")
    other = open_page(link.removeprefix(address))
    other.wait()
    assert other.page.get_by_role("textbox", name="Caption").input_value() == CAPTION
    assert other.rows() == opened.rows()
    assert not any("sketamine" in url.partition("#")[0] for url in other.asked)


def test_examples(open_page: Any) -> None:
    opened = open_page()
    for example in EXAMPLES:
        opened.page.evaluate("document.getElementById('status').textContent = ''")
        opened.page.get_by_role("button", name=example.title).click()
        opened.wait()
        assert opened.page.get_by_role("textbox", name="Caption").input_value() == example.text
        assert len(opened.rows()) > 5


PAGE = "---\nfigid: PMC1__x\nfigtitle: \"A\"\ncaption: 'NO activates\n  sGC; it''s a gas.'\nkeywords:\n- NO\n---\n"


@needs_yaml
def test_a_pfocr_page_is_opened(open_page: Any) -> None:
    opened = open_page()
    opened.page.locator("#file").set_input_files({"name": "x.md", "mimeType": "text/markdown", "buffer": PAGE.encode()})
    opened.wait()
    assert opened.page.get_by_role("textbox", name="Caption").input_value() == "NO activates sGC; it's a gas."


@needs_yaml
def test_a_page_without_a_caption(open_page: Any) -> None:
    opened = open_page()
    for content, words in (("---\nfigid: x\n---\n", "no caption"), ("---\na: 'b\n---\n", "not YAML")):
        file = {"name": "x.md", "mimeType": "text/markdown", "buffer": content.encode()}
        opened.page.locator("#file").set_input_files(file)
        opened.page.get_by_role("alert").filter(has_text=words).wait_for()


def test_a_text_file_is_dropped(open_page: Any) -> None:
    opened = open_page()
    data = opened.page.evaluate_handle(
        "text => { const data = new DataTransfer(); data.items.add(new File([text], 'a.txt')); return data; }", CAPTION
    )
    opened.page.dispatch_event("body", "dragenter", {"dataTransfer": data})
    assert opened.page.get_by_text("Drop to open").is_visible()
    opened.page.dispatch_event("body", "drop", {"dataTransfer": data})
    opened.wait()
    assert opened.page.get_by_role("textbox", name="Caption").input_value() == CAPTION
    assert not opened.page.get_by_text("Drop to open").is_visible()


def test_nothing_of_a_caption_runs_and_nothing_is_asked_elsewhere(open_page: Any, address: str) -> None:
    opened = open_page().annotate(f"{CAPTION} {ATTACK}")
    opened.page.get_by_role("button", name="mTOR, gene").hover()
    opened.page.locator("#text .card").wait_for()
    assert ATTACK in opened.page.locator("#text").text_content()
    assert opened.page.evaluate("window.ran") is None
    assert not [url for url in opened.asked if not url.startswith((address, "data:"))]
    # A breach of the content security policy would be told here.
    assert opened.trouble == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_the_page_never_scrolls_sideways(open_page: Any, width: int) -> None:
    phone = width < 700
    opened = open_page(width=width, has_touch=phone, is_mobile=phone).annotate(f"{CAPTION} {'verylongname' * 9}")
    opened.page.get_by_text("The network in words").click()
    for name in ("Esketamine, chemical", "mTOR, gene"):
        mark = opened.page.get_by_role("button", name=name)
        mark.tap() if phone else mark.click()
        opened.page.locator("#text .card").wait_for()
        assert opened.page.evaluate("document.documentElement.scrollWidth") == width
        assert opened.page.locator("#text .card").evaluate(INSIDE)
        opened.page.keyboard.press("Escape")


@pytest.mark.parametrize("width", [390, 1280])
def test_every_text_stands_out_from_what_is_behind_it(open_page: Any, width: int) -> None:
    opened = open_page(width=width).annotate()
    opened.page.get_by_text("The network in words").click()
    opened.page.locator("#edges button").first.click()
    opened.page.get_by_role("button", name="mTOR, gene").focus()
    opened.page.evaluate("document.getElementById('token').hidden = document.getElementById('problem').hidden = false")
    opened.page.evaluate("document.getElementById('problem').textContent = 'The server is busy.'")
    for scheme in ("light", "dark"):
        opened.page.emulate_media(color_scheme=scheme)
        checked, low = opened.page.evaluate(CONTRAST)
        assert checked > 100
        assert low == []


def test_it_is_dark_where_the_reader_wants_it_dark(open_page: Any) -> None:
    opened = open_page().annotate()
    paper = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    drawing = "[...document.querySelectorAll('#graph canvas')].map(one => one.toDataURL()).join()"
    seen = []
    for scheme in ("light", "dark"):
        opened.page.emulate_media(color_scheme=scheme)
        opened.page.wait_for_timeout(100)
        seen.append((opened.page.evaluate(paper), opened.page.evaluate(drawing)))
    (light, drawn), (dark, drawn_dark) = seen
    assert min(light) > 200
    assert max(dark) < 60
    assert drawn != drawn_dark or not drawn


def test_what_goes_wrong_is_said_in_words(open_page: Any) -> None:
    opened = open_page()
    page = opened.page
    page.get_by_role("button", name="Annotate").click()
    assert opened.problem() == "There is no caption yet. Paste one, or choose an example."
    page.get_by_role("textbox", name="Caption").fill("ERK " * LONGEST)
    page.get_by_role("button", name="Annotate").click()
    page.get_by_role("alert").filter(has_text="too long").wait_for()
    assert f"{LONGEST:,}" in opened.problem()
    page.get_by_role("textbox", name="Caption").fill(CAPTION)
    page.context.set_offline(True)
    page.get_by_role("button", name="Annotate").click()
    page.get_by_role("alert").filter(has_text="You are offline").wait_for()
    page.context.set_offline(False)
    page.get_by_role("button", name="Annotate").click()
    opened.wait()
    assert not page.get_by_role("alert").is_visible()


REFUSALS = [
    (429, {"Retry-After": "3"}, {"detail": "x"}, "The server is busy. Try again in 3 seconds."),
    (503, {}, {"detail": "x"}, "The server is not ready. Try again in a moment."),
    (
        422,
        {},
        {"detail": "x", "fields": [{"field": "text", "message": "holds a lone surrogate"}]},
        "The server cannot read this. text: holds a lone surrogate.",
    ),
    (504, {}, {}, "The server took too long and gave up. Try a shorter caption, or try again later."),
    (500, {}, {"detail": "the server has a fault"}, "The server answered with an error (500). The server has a fault."),
]


def test_refusals_are_said_in_words(open_page: Any) -> None:
    opened = open_page()
    refusals = iter(REFUSALS)

    def answer(route: Any) -> None:
        status, headers, body, _ = next(refusals)
        route.fulfill(status=status, headers=headers, body=json.dumps(body))

    opened.page.route("**/annotate", answer)
    for *_, words in REFUSALS:
        opened.page.get_by_role("button", name=EXAMPLES[0].title).click()
        opened.page.get_by_role("alert").filter(has_text=words).wait_for()
        assert opened.problem() == words


def test_a_token_is_asked_for_and_used(open_page: Any) -> None:
    opened = open_page()
    given = []

    def answer(route: Any) -> None:
        given.append(route.request.headers.get("authorization"))
        if given[-1] == "Bearer of-this-server":
            route.continue_()
        else:
            route.fulfill(status=401, content_type="application/problem+json", body="{}")

    opened.page.route("**/annotate", answer)
    opened.page.get_by_role("button", name=EXAMPLES[0].title).click()
    assert opened.problem() == "This server asks for a token."
    opened.page.get_by_label("Token of this server").fill("of-this-server")
    opened.page.get_by_role("button", name="Use it").click()
    opened.wait()
    assert given == [None, "Bearer of-this-server"]
    assert "of-this-server" not in opened.page.url
