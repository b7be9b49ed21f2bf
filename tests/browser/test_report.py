"""The reports in a browser: opened from disk, worked with by mouse and keyboard, on a phone, in the dark, on paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from markup import parse

from nlp.evaluation.bootstrap import Bootstrap
from nlp.evaluation.gold import evaluate
from nlp.evaluation.keywords import score_keywords
from nlp.evaluation.ranking import Ranking
from nlp.evaluation.report import write_profiles, write_report
from nlp.types import Caption, CuratedKeyword, CuratedList, Document, Keyword, Mention
from tests.browser.watched import Watched, opening

CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
ATTACK = '<script>window.ran = 1</script><img src="https://example.org/x.png" onerror="window.ran = 1">'
FIGURES = 60
ROWS = ".items:visible tbody > tr:first-child > th"


def write_keywords(folder: Path) -> None:
    """Sixty figures: figure ``n`` has n % 7 curated keywords, and one in three has predictions, of genes if sure."""
    captions, documents = [], {}
    for number in range(FIGURES):
        text = f"Case {number}: ERK2 and AKT act on {ATTACK} {'verylongname' * 9} by way of BAD."
        curated = tuple(CuratedKeyword(f"GENE{one}", "GENE") for one in range(number % 7))
        id = f"PMC{number:07}__a-figure-with-a-long-name-{number}"
        captions.append(Caption(id, text, curated=CuratedList(curated, frozenset({"GENE", "CHEMICAL"}))))
        if number % 3 == 0:
            start = text.index("ERK2")
            score = 0.5 + number / 200
            mentions = (
                Mention("T1", "GENE", start, start + 4, "ERK2", score),
                Mention("T2", "CHEMICAL", start + 9, start + 12, "AKT", 0.3),
            )
            names = (Keyword("GENE0", "GENE", None, ("T1",)), Keyword(ATTACK, "CHEMICAL", None, ("T2",)))
            documents[id] = Document(id, text, mentions, keywords=names if score >= 0.6 else names[1:])
    ranking = Ranking(
        lambda keyword, mentions: max(mentions[id].score for id in keyword.mentions),
        lambda document: {*document.keywords, Keyword("GENE0", "GENE", None, ("T1",))} if document.mentions else (),
        {"GENE": 0.6},
        f"for {ATTACK}",
    )
    result = score_keywords(captions, documents, ranking=ranking, bootstrap=Bootstrap(20))
    write_profiles(folder, {"precise": result, "pfocr": result})


def write_gold(folder: Path) -> None:
    text = (
        f"⟦T1:GENE|ERK⟧ acts on ⟦T2:GENE|BAD⟧, {ATTACK} ⟦T3:PROCESS|cell death⟧ ⟦T4:CHEMICAL|NO⟧ ⟦T5:DISEASE|flu⟧ "
        "⟦T6:COMPONENT|nucleus⟧ ⟦T7:CELL|HeLa⟧ ⟦T8:ANATOMY|liver⟧ ⟦T9:ORGANISM|mouse⟧\n"
    )
    gold = [parse(f'{text}R T1 T2 activation + "acts on"\nR T1 T3 binding 0', id=f"caption{n}") for n in range(3)]
    other = text.replace("⟦T3:PROCESS|cell death⟧", "cell ⟦T3:PROCESS|death⟧")
    predicted = {f"caption{n}": parse(f'{other}R T1 T2 expression + "acts on"', id=f"caption{n}") for n in range(2)}
    write_report(folder, evaluate(gold, predicted, bootstrap=Bootstrap(20)))


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Addresses of both reports on disk."""
    folder = tmp_path_factory.mktemp("reports")
    write_keywords(folder / "keywords")
    write_gold(folder / "gold")
    return {name: (folder / name / "index.html").as_uri() for name in ("keywords", "gold")}


class Opened(Watched):
    """The page, as a person uses it."""

    def rows(self) -> list[str]:
        return [text.strip() for text in self.page.locator(ROWS).all_inner_texts()]

    def column(self, place: int) -> list[str]:
        cells = self.page.locator(f".items:visible tbody > tr:first-child > :nth-child({place + 1})")
        return [text.strip() for text in cells.all_inner_texts()]

    def open_all(self) -> None:
        self.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")


@pytest.fixture
def open_report(browser: Any, reports: dict[str, str]) -> Iterator[Any]:
    with opening(browser, Opened) as opened:
        yield lambda name, *arguments, **settings: opened(reports[name], *arguments, **settings)


@pytest.mark.parametrize("name", ["keywords", "gold"])
def test_it_opens_from_disk_and_asks_for_nothing(open_report: Any, reports: dict[str, str], name: str) -> None:
    opened = open_report(name)
    opened.open_all()
    assert [url for url in opened.asked if not url.startswith("data:")] == [reports[name]]
    assert opened.trouble == []
    assert opened.page.evaluate("window.ran") is None
    assert ATTACK in opened.page.locator(".items:visible .text").first.inner_text()


@pytest.mark.parametrize("name", ["keywords", "gold"])
@pytest.mark.parametrize("width", [320, 700, 900, 1100])
def test_the_page_never_scrolls_sideways(open_report: Any, name: str, width: int) -> None:
    opened = open_report(name, width)
    opened.open_all()
    assert opened.page.evaluate("document.documentElement.scrollWidth") == width
    lists = opened.page.locator(".items:visible")
    assert lists.evaluate_all("lists => lists.every((list) => list.scrollWidth <= list.clientWidth)")


@pytest.mark.parametrize("name", ["keywords", "gold"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_every_text_stands_out_from_what_is_behind_it(open_report: Any, name: str, scheme: str, width: int) -> None:
    opened = open_report(name, width, color_scheme=scheme)
    opened.open_all()
    checked, low = opened.page.evaluate(CONTRAST)
    assert checked > 100
    assert low == []


def test_it_is_dark_where_the_reader_wants_it_dark(open_report: Any) -> None:
    paper = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    light, dark = (open_report("keywords", color_scheme=scheme).page.evaluate(paper) for scheme in ("light", "dark"))
    assert min(light) > 200
    assert max(dark) < 60


def test_sorting_by_mouse_and_by_keyboard(open_report: Any) -> None:
    opened = open_report("keywords")
    opened.page.select_option(".controls:visible select", str(FIGURES))
    header = opened.page.locator(".items:visible th", has_text="curated").first
    button = header.get_by_role("button")
    button.click()
    assert header.get_attribute("aria-sort") == "descending"
    values = [int(text) for text in opened.column(1)]
    assert values == sorted((number % 7 for number in range(FIGURES)), reverse=True)
    button.focus()
    opened.page.keyboard.press("Enter")
    assert header.get_attribute("aria-sort") == "ascending"
    assert [int(text) for text in opened.column(1)] == sorted(values)
    names = opened.page.locator(".items:visible thead th").first
    names.get_by_role("button").click()
    assert names.get_attribute("aria-sort") == "ascending"
    assert header.get_attribute("aria-sort") is None
    assert opened.rows() == sorted(opened.rows())


def test_what_means_nothing_is_sorted_last_either_way(open_report: Any) -> None:
    opened = open_report("keywords")
    opened.page.select_option(".controls:visible select", str(FIGURES))
    button = opened.page.locator(".items:visible thead").get_by_role("button", name="precision")
    for _ in range(2):
        button.click()
        values = opened.column(7)
        empty = values.count("–")
        assert 0 < empty < FIGURES
        assert values[-empty:] == ["–"] * empty


def test_filtering_by_text(open_report: Any) -> None:
    opened = open_report("keywords")
    status = opened.page.locator(".status:visible")
    assert status.inner_text() == "figures 1–25 of 60"
    opened.page.get_by_label("Filter by text").locator("visible=true").fill("CASE 17:")
    opened.page.locator(ROWS).nth(1).wait_for(state="detached")
    assert opened.rows() == ["PMC0000017__a-figure-with-a-long-name-17"]
    assert status.inner_text() == "figures 1–1 of 1 that match, of 60"
    opened.page.get_by_label("Filter by text").locator("visible=true").fill("no such words")
    opened.page.locator(ROWS).first.wait_for(state="detached")
    assert status.inner_text() == "figures 0 that match, of 60"


def test_the_operating_point_is_marked_on_the_curve(open_report: Any) -> None:
    drawing = open_report("keywords", 320).page.locator(".drawing:visible").last
    chart = drawing.locator(".chart").first
    dots, lines = (chart.locator(f"svg[role=img] .{one}") for one in ("dot", "line"))
    assert dots.count() == lines.count() == 2
    for place in range(2):
        points = [tuple(map(float, point.split(","))) for point in lines.nth(place).get_attribute("points").split()]
        dot = tuple(float(dots.nth(place).get_attribute(one)) for one in ("cx", "cy"))
        assert dots.nth(place).is_visible()
        assert dot in points
    assert "operating point: scored at least .600" in chart.inner_text()


def test_paging(open_report: Any) -> None:
    opened = open_report("keywords")
    pager = opened.page.locator(".pager:visible")
    seen = opened.rows()
    for _ in range(2):
        pager.get_by_role("button", name="Next").click()
        seen += opened.rows()
    assert len({*seen}) == len(seen) == FIGURES
    assert pager.get_by_role("button", name="Next").is_disabled()
    assert opened.page.locator(".status:visible").inner_text() == "figures 51–60 of 60"


def test_details_by_keyboard(open_report: Any) -> None:
    opened = open_report("gold")
    summary = opened.page.locator(".items summary").first
    summary.focus()
    opened.page.keyboard.press("Enter")
    text = opened.page.locator(".items details[open]").inner_text()
    assert "Missed mentions" in text
    assert "acts on" in text
    opened.page.get_by_role("button", name="Open all details").click()
    assert opened.page.locator(".items details[open]").count() == 3


def test_a_frequent_error_leads_to_its_figures(open_report: Any) -> None:
    opened = open_report("keywords")
    opened.page.locator(".frequent:visible").get_by_role("button", name="GENE5", exact=True).click()
    assert opened.page.get_by_label("Filter by text").locator("visible=true").input_value() == "GENE5"
    assert all(int(curated) == 6 for curated in opened.column(1))


def test_tabs(open_report: Any) -> None:
    opened = open_report("keywords")
    parts = [opened.page.locator(f"#{name}") for name in ("precise", "pfocr")]
    assert [part.is_visible() for part in parts] == [True, False]
    opened.page.get_by_role("tab", name="Profile pfocr").click()
    assert [part.is_visible() for part in parts] == [False, True]
    assert opened.page.url.endswith("#pfocr")
    opened.page.keyboard.press("ArrowRight")
    assert [part.is_visible() for part in parts] == [True, False]
    assert opened.page.evaluate("document.activeElement.textContent") == "Profile precise"
    opened.page.goto(opened.page.url.split("#")[0] + "#pfocr")
    opened.page.reload()
    assert [part.is_visible() for part in parts] == [False, True]


def test_without_scripts_everything_is_there(open_report: Any) -> None:
    opened = open_report("keywords", java_script_enabled=False)
    assert opened.page.locator("section.part:visible").count() == 2
    assert opened.page.locator(ROWS).count() == 2 * FIGURES
    assert opened.page.locator(".controls").count() == 0


def test_on_paper(open_report: Any) -> None:
    opened = open_report("keywords", color_scheme="dark")
    opened.page.emulate_media(media="print")
    assert opened.page.locator("section.part:visible").count() == 2
    assert not opened.page.locator(".controls, .pager, .tabs").locator("visible=true").count()
    assert opened.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    checked, low = opened.page.evaluate(CONTRAST)
    assert checked > 100
    assert low == []
