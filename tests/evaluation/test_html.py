"""Reports as HTML: right numbers, whole trees, and nothing in them that a browser would run or fetch."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markup import parse
from pages import of_class, read_page, text_of

from nlp.cli import main
from nlp.evaluation.bootstrap import Bootstrap
from nlp.evaluation.comparison import compare
from nlp.evaluation.gold import evaluate
from nlp.evaluation.html import gold, keywords, page
from nlp.evaluation.html.charts import STRETCHED, stretched, x_of, y_of
from nlp.evaluation.html.page import counted
from nlp.evaluation.keywords import KeywordScore, score_keywords
from nlp.evaluation.ranking import Ranking
from nlp.evaluation.report import tables, write_profiles, write_report
from nlp.evaluation.tables import decimal
from nlp.schema import MENTION_TYPES
from nlp.types import Caption, CuratedKeyword, CuratedList, Document, Keyword, Mention, Reference
from nlp.views import marks
from nlp.views.marks import TYPE_MARKS, Mark, marked
from tests.conftest import REPOSITORY

TEXT = 'Aspirin blocks ERK2 and IL-6 <script>alert("x")</script> & more.'
BAD_NAME = '"><img src=x onerror=alert(1)>'


def figure(id: str, curated: Sequence[CuratedKeyword], text: str = TEXT) -> Caption:
    return Caption(id, text, curated=CuratedList(tuple(curated), frozenset({"GENE", "CHEMICAL"})))


@pytest.fixture(scope="module")
def result() -> KeywordScore:
    document = Document(
        "F1",
        TEXT,
        mentions=(
            Mention("T1", "CHEMICAL", 0, 7, "Aspirin", 0.9, (Reference("CHEBI:15365", BAD_NAME),)),
            Mention("T2", "GENE", 15, 19, "ERK2", 0.8, (Reference("HGNC:6871", "MAPK1"),)),
        ),
        keywords=(
            Keyword("MAPK1", "GENE", "HGNC:6871", ("T2",)),
            Keyword("<b>bold</b>", "CHEMICAL", None, ("T1",)),
        ),
    )
    curated = [
        CuratedKeyword("MAPK1", "GENE", ("ERK2",)),
        CuratedKeyword("IL6", "GENE", ("IL6",)),
        CuratedKeyword("TP53", "GENE", ("p53",)),
    ]
    captions = [figure("F1", curated), figure("F2 <i>", [CuratedKeyword("IL6", "GENE")])]
    return score_keywords(captions, {"F1": document}, ranking=Ranking(surest, own), bootstrap=Bootstrap(50))


def surest(keyword: Keyword, mentions: Mapping[str, Mention]) -> float:
    return max((mentions[id].score for id in keyword.mentions), default=0.0)


def own(document: Document) -> Sequence[Keyword]:
    return document.keywords


def cut_result(ranking: Ranking) -> KeywordScore:
    """A gene and a chemical that are kept, and of the ranking's candidates a gene that was cut."""
    mentions = (
        Mention("T1", "CHEMICAL", 0, 7, "Aspirin", 0.3),
        Mention("T2", "GENE", 15, 19, "ERK2", 0.9),
        Mention("T3", "GENE", 24, 28, "IL-6", 0.4),
    )
    kept = (Keyword("Aspirin", "CHEMICAL", None, ("T1",)), Keyword("ERK2", "GENE", None, ("T2",)))
    caption = figure("F1", [CuratedKeyword(name, "GENE") for name in ("ERK2", "IL6")])
    document = Document("F1", TEXT, mentions, keywords=kept)
    return score_keywords([caption], {"F1": document}, ranking=ranking, bootstrap=Bootstrap(5))


def with_cut(document: Document) -> Sequence[Keyword]:
    return (*document.keywords, Keyword("IL6", "GENE", None, ("T3",)))


def html_of(results: Mapping[str, KeywordScore]) -> str:
    figures = {name: keywords.FigureList() for name in results}
    for name, result in results.items():
        for one in result.figures:
            figures[name].add(one)
    return keywords.keyword_page(results, figures, {name: tables(result) for name, result in results.items()})


def page_of(**results: KeywordScore) -> Element:
    return read_page(html_of(results))


def one(root: Element, path: str) -> Element:
    (found,) = root.iterfind(path)
    return found


def items(root: Element) -> dict[str, tuple[list[str], Element]]:
    """The cells and the details of each figure that is listed, by its id."""
    rows = [body.findall("tr") for box in of_class(root, "items") for body in box.iterfind("table/tbody")]
    return {
        text_of(one(row, "th")): ([text_of(cell) for cell in row.iterfind("td")], one(more, "td/details"))
        for row, more in rows
    }


def check_sound(root: Element) -> None:
    """No id twice, no reference to an id that is not there, nothing fetched, one script and one style."""
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len({*ids})
    for element in root.iter():
        for name in ("aria-labelledby", "aria-controls", "for"):
            assert {*element.get(name, "").split()} <= {*ids}
        for name in ("href", "src"):
            assert element.get(name, "#").startswith(("#", "data:,")), element.attrib
        assert not [name for name in element.attrib if name.startswith("on") or name == "style"]
    assert len([*root.iter("script")]) == len([*root.iter("style")]) == 1
    assert not [*root.iter("img")]


def test_the_overview_has_the_figures_of_each_profile_and_type(result: KeywordScore) -> None:
    root = page_of(precise=result, pfocr=result)
    check_sound(root)
    (overview,) = of_class(root, "overview")
    rows = [[text_of(cell) for cell in row] for row in overview.iterfind("tbody/tr")]
    assert [row[:5] for row in rows[:3]] == [
        ["precise", "all types", "2", "4", "2"],
        ["precise", "C CHEMICAL", "2", "0", "1"],
        ["precise", "G GENE", "2", "4", "1"],
    ]
    assert [row[0] for row in rows] == ["precise"] * 3 + ["pfocr"] * 3
    precision = result.overall.micro.precision
    assert rows[0][5] == f"{decimal(precision.value)} {decimal(precision.low)}–{decimal(precision.high)}"
    assert rows[0][8].startswith(decimal(result.overall.reachable_recall.value))
    assert [text_of(tab) for tab in of_class(root, "tabs")[0]] == ["Profile precise", "Profile pfocr"]


def test_the_tables_are_those_of_the_summary(result: KeywordScore) -> None:
    root = page_of(precise=result)
    shown = [section for box in of_class(root, "tables") for section in box]
    assert [text_of(one(section, "h4")) for section in shown] == [table.title for table in tables(result)]
    for section, table in zip(shown, tables(result), strict=True):
        rows = [[text_of(cell) for cell in row] for row in section.iterfind(".//tbody/tr")]
        assert [row[1:] for row in rows] == [[*row[1:]] for row in table.rows]
    assert not of_class(root, "tabs")


def test_a_figure_tells_what_became_of_each_keyword(result: KeywordScore) -> None:
    listed = items(page_of(precise=result))
    assert [*listed] == ["F1", "F2 <i>"]
    cells, details = listed["F1"]
    assert cells == ["3", "1", "1", "1", "2", "1", ".500", ".333", ".400", ".500"]
    groups = {text_of(one(group, "dt")): text_of(one(group, "dd")) for group in details.iterfind("dl/div")}
    assert groups == {
        "Hit 1": "G MAPK1 ERK2",
        "Missed, in the caption 1": "G IL6 IL-6",
        "Missed, not in the caption 1": "G TP53",
        "Extra 1": "C <b>bold</b> Aspirin",
    }
    assert listed["F2 <i>"][0] == ["1", "0", "1", "0", "0", "0", "–", ".000", ".000", ".000"]


def test_a_caption_is_shown_as_it_is_with_its_mentions_marked(result: KeywordScore) -> None:
    _, details = items(page_of(precise=result))["F1"]
    (caption,) = of_class(details, "text")
    assert "".join(caption.itertext()) == TEXT
    found = [(mark.get("class"), mark.get("data-t"), text_of(mark)) for mark in caption.iterfind("mark")]
    chemical, gene = TYPE_MARKS["CHEMICAL"].css, TYPE_MARKS["GENE"].css
    assert found == [(chemical, "C", "Aspirin"), (gene, "G", "ERK2"), ("missed", "–", "IL-6")]
    assert caption[0].get("title") == f"{BAD_NAME}, CHEBI:15365 (.900)"


def test_whatever_a_caption_holds_is_text(result: KeywordScore, tmp_path: Path) -> None:
    write_report(tmp_path, result)
    html = (tmp_path / "index.html").read_text(encoding="utf-8")
    check_sound(read_page(html))
    assert "<script>alert" not in html
    assert BAD_NAME not in html
    assert "&lt;script&gt;alert" in html


def test_the_policy_allows_the_page_s_own_script_and_style_alone(result: KeywordScore) -> None:
    root = page_of(precise=result)
    (policy,) = (meta.get("content", "") for meta in root.iter("meta") if "http-equiv" in meta.attrib)
    assert policy.startswith("default-src 'none';")
    for name in ("script", "style"):
        own = next(root.iter(name)).text or ""
        digest = b64encode(sha256(own.encode()).digest()).decode()
        assert re.search(rf"{name}-src '([^']+)'", policy)[1] == f"sha256-{digest}"  # type: ignore[index]
        assert f"</{name}" not in own


def test_the_same_result_gives_the_same_page(result: KeywordScore) -> None:
    assert html_of({"precise": result}) == html_of({"precise": result})


def test_the_most_frequent_errors_are_counted(result: KeywordScore) -> None:
    within, beyond, extra = of_class(page_of(precise=result), "frequent")
    rows = [[text_of(cell) for cell in row] for row in within.iterfind("tbody/tr")]
    assert rows == [["G IL6 IL-6", "2"]]
    assert "TP53" in text_of(beyond)
    assert "<b>bold</b> Aspirin" in text_of(extra)


def test_errors_are_counted_by_name_and_type_in_any_spelling() -> None:
    errors = [("IL-6", "GENE", ("IL-6",)), ("IL6", "GENE", ("il6",)), ("IL6", "GENE", ("il6",)), ("IL6", "CELL", ())]
    table = counted("Extra", errors)
    assert table.rows == [("IL6", "GENE", 3, "il6, IL-6"), ("IL6", "CELL", 1, "")]
    many = counted("Extra", [(f"G{number}", "GENE", ()) for number in range(100)])
    assert (len(many.rows), many.total) == (page.MAX_FREQUENT, 100)


def test_more_figures_than_a_page_holds_are_those_with_most_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keywords, "MAX_ITEMS", 2)
    il6 = CuratedKeyword("IL6", "GENE")
    beyond = [CuratedKeyword(f"GENE{number}", "GENE") for number in range(9)]
    captions = [figure("beyond", beyond), figure("A", [il6]), figure("B", []), figure("C", [il6])]
    result = score_keywords(captions, {}, bootstrap=Bootstrap(5))
    root = page_of(pfocr=result)
    assert [*items(root)] == ["A", "C"]
    assert "2 of 4 figures are listed here" in text_of(root)
    assert "pfocr/figures.tsv" in text_of(root)


def test_ten_thousand_figures_make_a_page_that_can_be_used() -> None:
    long = "ERK2 activates AKT in cells of the liver, and of the kidney. " * 20
    mentions = tuple(Mention(f"T{n}", "GENE", n * 61, n * 61 + 4, "ERK2", 0.5) for n in range(20))
    names = tuple(Keyword(f"GENE{n}", "GENE", f"HGNC:{n}", ("T0",)) for n in range(100))
    captions = [figure(f"F{n}", [CuratedKeyword("IL6", "GENE")], long if n < 700 else TEXT) for n in range(10_000)]
    documents = {one.id: Document(one.id, long, mentions, keywords=names) for one in captions[:700]}
    html = html_of({"precise": score_keywords(captions, documents, bootstrap=Bootstrap(2))})
    assert len(html) < 8_000_000
    assert "600 of 10,000 figures are listed here" in html
    assert "and 40 more" in html


def test_predictions_without_scores_have_no_curve() -> None:
    document = Document("F1", TEXT, (Mention("T1", "GENE", 15, 19, "ERK2"),), keywords=(
        Keyword("ERK2", "GENE", None, ("T1",)),
    ))  # fmt: skip
    result = score_keywords([figure("F1", [CuratedKeyword("ERK2", "GENE")])], {"F1": document}, bootstrap=Bootstrap(5))
    root = page_of(precise=result)
    assert not of_class(root, "chart")
    assert "no scores" in text_of(root)


def test_a_curve_is_drawn_told_and_tabled(result: KeywordScore) -> None:
    drawing = of_class(page_of(precise=result), "drawing")[0]
    over_recall, over_threshold = (one(chart, "svg") for chart in of_class(drawing, "chart"))
    assert over_recall.get("role") == over_threshold.get("role") == "img"
    counts = result.overall.micro.counts
    assert f"precision {decimal(counts.precision)}, recall {decimal(counts.recall)}" in text_of(
        one(over_recall, "desc")
    )
    dot = of_class(over_recall, "dot")[0]
    assert (dot.get("cx"), dot.get("cy")) == (str(x_of(counts.recall)), str(y_of(counts.precision)))
    assert len(of_class(over_recall, "line")) == 2
    assert len(of_class(over_threshold, "line")) == 4
    rows = [[text_of(cell) for cell in row] for row in drawing.iterfind("details//tbody/tr")]
    assert [row[:3] for row in rows] == [[".800", "2", ".500"], [".900", "1", ".000"]]


def test_the_curve_goes_on_below_the_operating_point_which_is_marked() -> None:
    root = page_of(precise=cut_result(Ranking(surest, with_cut, {"GENE": 0.8}, "on <some> figures")))
    assert "GENE scored at least .800, everything else is kept. It was chosen on <some> figures." in text_of(root)
    # One chemical is no curve; the gene's has the keyword that was cut as well.
    every, gene = of_class(root, "drawing")
    over_recall, over_threshold = of_class(gene, "chart")
    assert "precision 1.000, recall .500, reachable recall .500" in text_of(over_recall)
    assert "operating point: scored at least .800" in text_of(over_recall)
    for chart, places in (
        (over_recall, [(0.5, 1)] * 2),
        (over_threshold, [(stretched(0.8), share) for share in (1, 0.5, 0.5, 2 / 3)]),
    ):
        dots = of_class(one(chart, "svg"), "dot")
        assert [(dot.get("cx"), dot.get("cy")) for dot in dots] == [(str(x_of(x)), str(y_of(y))) for x, y in places]
    end = of_class(one(over_recall, "svg"), "line")[0].get("points", "").split()[-1]
    assert end == f"{x_of(1):g},{y_of(1):g}"
    rows = [[text_of(cell) for cell in row] for row in gene.iterfind("details//tbody/tr")]
    assert [row[:4] for row in rows] == [
        [".400", "2", "1.000", "1.000"],
        [".800 (in use)", "1", "1.000", ".500"],
        [".900", "1", "1.000", ".500"],
    ]
    # All types have no one threshold: two of three candidates are kept, one of them right.
    first, second = of_class(every, "chart")
    assert "precision .500, recall .500" in text_of(first)
    assert "beside the lines" in text_of(first)
    assert not of_class(one(second, "svg"), "dot")


def test_where_nothing_is_cut_the_end_of_the_curve_is_marked() -> None:
    every, gene = of_class(page_of(pfocr=cut_result(Ranking(surest, with_cut))), "drawing")
    assert "operating point: everything is kept" in text_of(every)
    assert "beside the lines" not in text_of(every)
    assert "operating point: everything is kept" in text_of(gene)


def test_of_a_file_the_curve_says_that_it_begins_with_what_is_there() -> None:
    root = read_page(html_of({"": cut_result(Ranking(surest))}))
    (drawing,) = of_class(root, "drawing")
    assert "What the file leaves out is not known" in text_of(drawing)
    assert "operating point: everything in the file" in text_of(drawing)
    assert "with --profile" in text_of(of_class(root, "about")[0])


def test_thresholds_are_stretched_toward_one() -> None:
    places = [stretched(score) for score in (0, *STRETCHED, 1)]
    assert places == sorted(places)
    assert (places[0], places[1], places[-1]) == (0, 0, 1)
    assert stretched(0.99) - stretched(0.9) > 3 * (stretched(0.6) - stretched(0.51))


# --- marks


def test_every_type_has_its_own_letter_and_colour() -> None:
    assert [*TYPE_MARKS] == [*MENTION_TYPES]
    assert len({mark.letter for mark in TYPE_MARKS.values()}) == len({mark.css for mark in TYPE_MARKS.values()}) == 8
    assert all(mark.letter in mark.name for mark in TYPE_MARKS.values())
    style = next(page_of_style()).text or ""
    assert all(f".{mark.css} {{ --h:" in style for mark in TYPE_MARKS.values())


def page_of_style() -> Sequence[Element]:
    empty = score_keywords([figure("F", [])], {}, bootstrap=Bootstrap(2))
    return page_of(precise=empty).iter("style")  # type: ignore[return-value]


def test_of_marks_that_overlap_the_shortest_has_the_colour_and_all_have_letters() -> None:
    process, gene = TYPE_MARKS["PROCESS"].css, TYPE_MARKS["GENE"].css
    assert marked("cell death", [Mark(0, 10, "PROCESS"), Mark(5, 10, "GENE", "missed", "–", "a & b")]) == (
        f'<mark class="{process}">cell </mark><mark class="{gene} missed" data-t="P G–" title="a &amp; b">death</mark>'
    )


def test_marks_outside_the_text_are_left_out_and_long_captions_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    assert marked("ERK", [Mark(0, 4, "GENE"), Mark(-1, 2, "GENE"), Mark(2, 2, "GENE")]) == "ERK"
    monkeypatch.setattr(marks, "LONGEST", 4)
    assert marked("ERK acts", [Mark(0, 3), Mark(4, 8, "GENE")]) == (
        "<mark>ERK</mark> … <small>(the first 4 of 8 characters)</small>"
    )


MARKS = st.lists(
    st.builds(
        Mark,
        st.integers(0, 12),
        st.integers(0, 12),
        st.sampled_from([None, "GENE", "PROCESS", "NEW"]),
        st.sampled_from(["", "missed"]),
        st.sampled_from(["", "–"]),
        st.text(max_size=3),
    )
)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12), MARKS)
def test_marks_never_change_the_text(text: str, made: list[Mark]) -> None:
    root = read_page(str(marked(text, made)))
    assert "".join(root.itertext()) == text
    assert all(piece.tag == "mark" for piece in root)


# --- gold captions

GOLD = """
⟦T1:GENE|ERK⟧ acts on ⟦T2:GENE|BAD⟧ & ⟦T3:PROCESS|cell death⟧
R T1 T2 activation + "acts on"
R T1 T3 activation -
"""
PREDICTED = """
⟦T1:GENE|ERK⟧ acts on ⟦T2:GENE|BAD⟧ & cell ⟦T3:PROCESS|death⟧
R T1 T2 expression + "acts on"
"""


def gold_page(*, edges_only: bool = False) -> Element:
    documents, predicted = [parse(GOLD, id="F1"), parse("⟦T1:GENE|AKT⟧", id="F2")], {"F1": parse(PREDICTED, id="F1")}
    result = evaluate(documents, predicted, bootstrap=Bootstrap(20))
    comparison = compare(result, documents, {"F1": documents[0]}, edges_only=edges_only)
    shown = tables(result, edges_only=edges_only, comparison=comparison)
    return read_page(gold.evaluation_page(result, shown, edges_only=edges_only))


def test_a_gold_caption_tells_its_errors() -> None:
    root = gold_page()
    check_sound(root)
    cells, details = items(root)["F1"]
    assert cells == ["3", "1", "1", ".667", "2", "2", "1", ".000"]
    (caption,) = of_class(details, "text")
    assert text_of(caption) == "ERK acts on BAD & cell death"
    assert [(mark.get("data-t"), text_of(mark)) for mark in caption.iterfind("mark")] == [
        ("G", "ERK"), ("G", "BAD"), (None, "cell"), ("P– P+", "death")
    ]  # fmt: skip
    words = [text_of(group) for group in details.iterfind("dl/div")]
    assert words == [
        "Missed mentions 1P cell death other side: death (PROCESS)",
        "Spurious mentions 1P death other side: cell death (PROCESS)",
    ]
    edges = [[text_of(cell) for cell in row] for row in details.iterfind(".//table/tbody/tr")]
    assert edges == [
        ["missed", "ERK", "activation +", "BAD", "ERK acts on BAD & cell death", "expression +"],
        ["missed", "ERK", "activation −", "cell death", "–", "–"],
        ["spurious", "ERK", "expression +", "BAD", "ERK acts on BAD & cell death", "activation +"],
    ]
    assert [text_of(word) for word in details.iterfind(".//em")] == ["acts on", "acts on"]


def test_the_evaluation_has_its_tables_and_the_comparison() -> None:
    root = gold_page()
    assert "mentions, strict" in text_of(of_class(root, "overview")[0])
    assert "against the other predictions" in text_of(of_class(root, "tables")[0])
    assert [text_of(table)[:16] for table in of_class(root, "frequent")] == [
        "Missed mentions ", "Spurious mention", "Triggers of miss", "Triggers of spur"
    ]  # fmt: skip


def test_given_mentions_are_not_judged_on_the_page() -> None:
    root = gold_page(edges_only=True)
    assert "mentions, strict" not in text_of(root)
    cells, details = items(root)["F1"]
    assert cells == ["2", "2", "1", ".000"]
    assert not of_class(details, "words")


def test_scores_of_an_evaluation_are_drawn() -> None:
    text = "ERK acts on BAD and AKT."
    mentions = [Mention("T1", "GENE", 0, 3, "ERK", 0.9), Mention("T2", "GENE", 12, 15, "BAD", 0.6)]
    predicted = Document("F1", text, (*mentions, Mention("T3", "CELL", 20, 23, "AKT", 0.2)))
    result = evaluate([Document("F1", text, tuple(mentions))], {"F1": predicted}, bootstrap=Bootstrap(5))
    root = read_page(gold.evaluation_page(result, tables(result)))
    curve, diagram = of_class(root, "drawing")
    assert text_of(one(curve, "h4")) == "Mentions"
    assert len(of_class(diagram, "whisker")) == 3
    assert "Expected calibration error" in text_of(one(diagram, ".//desc"))


def test_what_was_read_in_another_text_is_not_shown_in_this_one() -> None:
    documents = [parse('⟦T1:GENE|ERK⟧ acts on ⟦T2:GENE|BAD⟧.\nR T1 T2 activation + "acts on"', id="F1")]
    predicted = parse('⟦T1:GENE|ERK⟧ now acts on ⟦T2:GENE|BAD⟧.\nR T1 T2 expression + "acts on"', id="F1")
    result = evaluate(documents, {"F1": predicted}, bootstrap=Bootstrap(2))
    root = read_page(gold.evaluation_page(result, tables(result)))
    _, details = items(root)["F1"]
    assert [mark.get("data-t") for mark in details.iter("mark")] == ["G", "G–"]
    assert "[predicted from another text]" in text_of(one(details, "summary"))
    contexts = {text_of(row[0]): text_of(row[4]) for row in details.iterfind(".//table/tbody/tr")}
    assert contexts == {"missed": "ERK acts on BAD.", "spurious": "–"}
    assert "other side: " not in text_of(one(details, "dl"))
    assert [text_of(table).split(" in all")[0] for table in of_class(root, "frequent")][2:] == [
        "Triggers of missed edges 1"
    ]  # fmt: skip


WRONG_GOLD = "⟦T1:GENE|ERK2⟧ acts on ⟦T2:GENE|BAD⟧ & ⟦T3:GENE|AKT⟧\nR T1 T2 activation +"


def grounded_page(*, edges_only: bool = False) -> Element:
    def document(*references: Reference) -> Document:
        plain = parse(WRONG_GOLD, id="F1")
        mentions = zip(plain.mentions, references, strict=True)
        return replace(plain, mentions=tuple(replace(one, references=(own,)) for one, own in mentions))

    documents = [
        document(Reference("NCBIGene:5594", "<MAPK1>"), Reference("HGNC:936", "BAD"), Reference("FPLX:AKT", "AKT"))
    ]
    predicted = document(
        Reference("HGNC:6877", "MAPK3", 0.8), Reference("HGNC:936", "BAD", 0.9), Reference("HGNC:391", "AKT1", 0.4)
    )
    result = evaluate(documents, {"F1": predicted}, bootstrap=Bootstrap(5))
    shown = tables(result, edges_only=edges_only)
    return read_page(gold.evaluation_page(result, shown, edges_only=edges_only))


@pytest.mark.parametrize("edges_only", [False, True])
def test_wrong_references_are_told_with_both_identifiers(*, edges_only: bool) -> None:
    root = grounded_page(edges_only=edges_only)
    check_sound(root)
    cells, details = items(root)["F1"]
    assert cells[:-4] == ([] if edges_only else ["3", "0", "0", "1.000"]) + ["3", "2"]
    (group,) = details.iterfind("dl/div")
    assert [text_of(word) for word in group.iter("li")] == [
        "G ERK2 HGNC:6877 MAPK3 (.800), gold NCBIGene:5594 <MAPK1>",
        "G AKT HGNC:391 AKT1 (.400), gold FPLX:AKT AKT",
    ]
    (caption,) = of_class(details, "text")
    assert [(mark.get("data-t"), mark.get("title")) for mark in caption.iterfind("mark")] == [
        ("G≠", "GENE, wrong reference: HGNC:6877 for NCBIGene:5594"),
        ("G", "GENE"),
        ("G≠", "GENE, wrong reference: HGNC:391 for FPLX:AKT"),
    ]
    frequent = [table for table in of_class(root, "frequent") if "wrong reference" in text_of(table)]
    assert [[text_of(cell) for cell in row] for row in frequent[0].iterfind("tbody/tr")] == [
        ["G AKT HGNC:391 for FPLX:AKT", "1"], ["G ERK2 HGNC:6877 for NCBIGene:5594", "1"]
    ]  # fmt: skip
    diagram = next(one for one in of_class(root, "drawing") if "references" in text_of(one.find("h4")))  # type: ignore[arg-type]
    assert len(of_class(diagram, "whisker")) == 3
    assert "Expected calibration error .433" in text_of(one(diagram, ".//desc"))


# --- the command


def test_profiles_share_a_page(result: KeywordScore, tmp_path: Path) -> None:
    write_profiles(tmp_path, {"precise": result, "pfocr": result})
    assert {path.name for path in tmp_path.iterdir()} == {"index.html", "precise", "pfocr"}
    assert not (tmp_path / "precise" / "index.html").exists()
    write_profiles(tmp_path / "one", {"": result})
    assert {"index.html", "figures.tsv"} <= {path.name for path in (tmp_path / "one").iterdir()}


def test_the_command_writes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", str(REPOSITORY / "corpora" / "examples"), "--report", str(tmp_path)]) == 0
    root = read_page((tmp_path / "index.html").read_text(encoding="utf-8"))
    check_sound(root)
    assert [section.get("id") for section in of_class(root, "part")] == ["precise", "pfocr"]
    assert all(len(box.findall("table/tbody")) == 25 for box in of_class(root, "items"))
