"""Reports: what a person sees and what lies in the folder."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from markup import parse

from nlp.evaluation.gold import Evaluation, evaluate
from nlp.evaluation.keywords import KeywordScore, score_keywords
from nlp.evaluation.report import print_report, write_report
from nlp.evaluation.tables import Table, decimal, print_tables, to_markdown
from nlp.types import Caption, CuratedKeyword, CuratedList, Document, Keyword, Mention

TEXT = "Aspirin blocks ERK2 and IL-6."


@pytest.fixture(scope="module")
def keywords() -> KeywordScore:
    curated = (
        CuratedKeyword("MAPK1", "GENE", ("ERK2", "p42\tMAPK")),
        CuratedKeyword("IL6", "GENE", ("IL6",)),
        CuratedKeyword("TP53", "GENE", ("p53",)),
    )
    document = Document(
        "F1",
        TEXT,
        mentions=(Mention("T1", "GENE", 15, 19, "ERK2"),),
        keywords=(Keyword("MAPK1", "GENE", "HGNC:6871", ("T1",)), Keyword("EPHB2", "GENE", "HGNC:3393", ("T1",))),
    )
    captions = [
        Caption("F1", TEXT, curated=CuratedList(curated, frozenset({"GENE"}))),
        Caption("F2", TEXT, curated=CuratedList((CuratedKeyword("IL6"),), frozenset({"GENE"}))),
        Caption("F3", TEXT),
    ]
    return score_keywords(captions, {"F1": document})


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    text = "⟦T1:GENE|ERK⟧ acts on ⟦T2:GENE|BAD⟧ and ⟦T3:PROCESS|cell death⟧\n"
    gold = parse(f"{text}R T1 T2 activation +\nR T1 T3 activation -", id="F1")
    predicted = parse("⟦T1:GENE|ERK⟧ acts on ⟦T2:GENE|BAD⟧ and cell ⟦T3:PROCESS|death⟧\nR T1 T2 expression +", id="F1")
    return evaluate([gold, parse("⟦T1:GENE|AKT⟧", id="F2")], {"F1": predicted})


def rows(path: Path) -> list[dict[str, str]]:
    header, *lines = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return [dict(zip(header, line, strict=True)) for line in lines]


def printed(result: Evaluation | KeywordScore) -> str:
    file = io.StringIO()
    print_report(result, file)
    return file.getvalue()


def test_keyword_report_lists_every_miss_and_every_extra(keywords: KeywordScore, tmp_path: Path) -> None:
    write_report(tmp_path / "made" / "for it", keywords)
    folder = tmp_path / "made" / "for it"
    assert {path.name for path in folder.iterdir()} == {
        "summary.json", "summary.md", "figures.tsv", "misses.tsv", "extras.tsv"
    }  # fmt: skip
    assert rows(folder / "misses.tsv") == [
        {"figure": "F1", "keyword": "IL6", "type": "GENE", "reachable": "yes", "surface": "IL-6", "words": "IL6"},
        {"figure": "F1", "keyword": "TP53", "type": "GENE", "reachable": "no", "surface": "", "words": "p53"},
        {"figure": "F2", "keyword": "IL6", "type": "unknown", "reachable": "yes", "surface": "IL-6", "words": ""},
    ]
    assert rows(folder / "extras.tsv") == [
        {"figure": "F1", "keyword": "EPHB2", "type": "GENE", "curie": "HGNC:3393", "mentions": "ERK2"}
    ]
    figure = rows(folder / "figures.tsv")[0]
    assert figure["figure"] == "F1"
    assert (figure["found"], figure["curated"], figure["right"], figure["predicted"]) == ("1", "3", "1", "2")
    assert (figure["precision"], figure["recall"], figure["reachable_recall"]) == (".500", ".333", ".500")


def test_keyword_summary_holds_the_figures_with_intervals(keywords: KeywordScore, tmp_path: Path) -> None:
    write_report(tmp_path, keywords)
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert (summary["figures"], summary["typed_figures"], summary["without_list"]) == (2, 1, 1)
    assert summary["missing"] == ["F2"]
    assert summary["overall"]["micro"]["counts"] == {"tp_predicted": 1, "predicted": 2, "tp_gold": 1, "gold": 4}
    assert summary["by_type"]["GENE"]["micro"]["recall"]["value"] == pytest.approx(1 / 3)
    recall = summary["overall"]["reachable_recall"]
    assert recall["value"] == pytest.approx(1 / 3)
    assert recall["low"] <= recall["value"] <= recall["high"]
    assert summary["bootstrap"] == {"resamples": 1000, "seed": 0, "confidence": 0.95}


def test_evaluation_report_lists_mentions_and_edges(evaluation: Evaluation, tmp_path: Path) -> None:
    write_report(tmp_path, evaluation)
    assert {path.name for path in tmp_path.iterdir()} == {"summary.json", "summary.md", "mentions.tsv", "edges.tsv"}
    mentions = rows(tmp_path / "mentions.tsv")
    assert [(row["caption"], row["outcome"], row["text"], row["overlapping"]) for row in mentions] == [
        ("F1", "missed", "cell death", "PROCESS:death"),
        ("F1", "spurious", "death", "PROCESS:cell death"),
        ("F2", "missed", "AKT", ""),
    ]
    edges = rows(tmp_path / "edges.tsv")
    assert [
        (row["outcome"], row["source"], row["edge"], row["target"], row["same_pair_elsewhere"]) for row in edges
    ] == [
        ("missed", "ERK", "activation+", "BAD", "expression+"),
        ("missed", "ERK", "activation-", "cell death", ""),
        ("spurious", "ERK", "expression+", "BAD", "activation+"),
    ]
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert summary["confusion"] == [{"gold": "activation", "predicted": "expression", "edges": 1}]
    assert summary["edges_untyped"]["counts"] == {"tp_predicted": 1, "predicted": 1, "tp_gold": 1, "gold": 2}


def test_what_is_printed_is_plain_narrow_and_complete(
    keywords: KeywordScore, evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.setenv("COLUMNS", "40")
    for result in (keywords, evaluation):
        text = printed(result)
        assert "\x1b" not in text
        assert "…" not in text
        assert max(len(line) for line in text.splitlines()) <= 100
    assert "GENE" in printed(keywords)
    assert "Figures without a prediction: 1." in printed(keywords)
    assert "typed, signed" in printed(evaluation)


def test_markdown_shows_the_same_cells_as_the_terminal(keywords: KeywordScore, tmp_path: Path) -> None:
    write_report(tmp_path, keywords)
    text = (tmp_path / "summary.md").read_text(encoding="utf-8")
    terminal = printed(keywords)
    cells = [
        cell.strip() for line in text.splitlines() if line.startswith("| ") for cell in line.strip("| ").split("|")
    ]
    assert len(cells) > 20
    assert all(cell in terminal for cell in cells if cell and not cell.startswith("---"))


def test_markdown_of_a_table() -> None:
    table = Table("Title", ("", "n"), [("a|b", "1")], note="A note.")
    assert to_markdown([table]) == "## Title\n\n|  | n |\n| --- | ---: |\n| a\\|b | 1 |\n\nA note.\n"


def test_square_brackets_are_no_markup() -> None:
    file = io.StringIO()
    print_tables([Table("[bold]x", ("name",), [("[red]y",)])], file)
    assert "[bold]x" in file.getvalue()
    assert "[red]y" in file.getvalue()


@pytest.mark.parametrize(("value", "text"), [(0.4716, ".472"), (0, ".000"), (1, "1.000"), (0.9999, "1.000")])
def test_decimals(value: float, text: str) -> None:
    assert decimal(value) == text
