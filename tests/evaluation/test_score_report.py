"""Reports: what a person sees and what lies in the folder."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from markup import parse

from nlp.evaluation.comparison import Comparison, compare
from nlp.evaluation.counts import Estimate
from nlp.evaluation.gold import Evaluation, evaluate
from nlp.evaluation.keywords import KeywordScore, score_keywords
from nlp.evaluation.report import print_report, tables, write_report
from nlp.evaluation.tables import Table, decimal, print_tables, signed_interval, to_markdown
from nlp.types import Caption, CuratedKeyword, CuratedList, Document, Keyword, Mention, Reference

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


def printed(result: Evaluation | KeywordScore, *, edges_only: bool = False) -> str:
    file = io.StringIO()
    print_report(result, file, edges_only=edges_only)
    return file.getvalue()


def names(tables: list[Table]) -> list[list[str]]:
    return [[row[0] for row in table.rows] for table in tables]


def test_keyword_report_lists_every_miss_and_every_extra(keywords: KeywordScore, tmp_path: Path) -> None:
    write_report(tmp_path / "made" / "for it", keywords)
    folder = tmp_path / "made" / "for it"
    assert {path.name for path in folder.iterdir()} == {
        "index.html", "summary.json", "summary.md", "figures.tsv", "misses.tsv", "extras.tsv"
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
    assert {path.name for path in tmp_path.iterdir()} == {
        "index.html", "summary.json", "summary.md", "mentions.tsv", "edges.tsv"
    }  # fmt: skip
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


def test_every_note_is_one_short_line(keywords: KeywordScore, evaluation: Evaluation) -> None:
    for result in (keywords, evaluation):
        lines = printed(result).splitlines()
        notes = [note for table in tables(result) for note in table.notes]
        assert all(note in lines and len(note) <= 80 for note in notes)
        assert all(table.notes for table in tables(result))
    assert {"Figures without a prediction: 1.", "Missed keywords of unknown type: 1."} <= {
        *printed(keywords).split("\n")
    }


def test_tables_say_what_their_rows_are(evaluation: Evaluation) -> None:
    strict, overlap, edges, of_mentions, _ = tables(evaluation)
    assert strict.title == "Mentions of 2 captions, strict: same span and type"
    assert overlap.title == "Mentions of 2 captions, overlap: overlapping span, same type"
    assert names([strict, overlap]) == [["all types", "GENE", "PROCESS"]] * 2
    levels = ["type and sign right", "type right", "pair right"]
    assert names([edges, of_mentions]) == [[*levels, "activation", "expression"], levels]
    assert [row[-1].split()[0] for row in edges.rows[:3]] == [".000", ".000", ".667"]
    process = [next(row for row in table.rows if row[0] == "PROCESS") for table in (strict, overlap)]
    assert [row[-1].split()[0] for row in process] == [".000", "1.000"]


EDGE_MEASURES = [
    f"{what}, {right}"
    for what in ("edges", "very mentions")
    for right in ("type and sign right", "type right", "pair right")
]


def full_evaluation(*, edges_only: bool = False) -> tuple[Evaluation, Comparison]:
    """With references, scores, and other predictions, one of which is missing."""
    text = "⟦T1:GENE|ERK⟧ acts on ⟦T2:GENE|BAD⟧\nR T1 T2 activation +"

    def document(id: str, *curies: str, score: float = 1.0) -> Document:
        plain = parse(text, id=id)
        mentions = tuple(
            replace(mention, score=score, references=(Reference(curie, "name", 0.95 if score < 1 else 1.0),))
            for mention, curie in zip(plain.mentions, curies, strict=True)
        )
        return replace(plain, mentions=mentions, relations=(replace(plain.relations[0], score=score),))

    gold = [document(id, "FPLX:ERK", "HGNC:936") for id in ("F1", "F2")]
    predicted = {id: document(id, "FPLX:ERK", "HGNC:1", score=0.83) for id in ("F1", "F2")}
    result = evaluate(gold, predicted)
    return result, compare(result, gold, {"F1": predicted["F1"]}, edges_only=edges_only)


def test_what_there_is_of_references_scores_and_others_is_shown(tmp_path: Path) -> None:
    result, comparison = full_evaluation()
    shown = {table.title: table for table in tables(result, comparison=comparison)}
    found = shown["References of the gold mentions that were found"]
    assert [[cell.split()[0] for cell in row[1:]] for row in found.rows] == [["4", "1.000", ".500", ".500"]] * 2
    assert names([shown["References end to end: span, type and first reference right"]]) == [["all types", "GENE"]]
    assert shown["Scores of predicted mentions"].rows == [("0.8–0.9", "4", ".830", "1.000 1.000–1.000")]
    assert shown["Scores of predicted edges"].notes[0].startswith("Expected calibration error .170:")
    assert shown["References end to end: what goes wrong"].rows[4] == ("wrong reference", "2")
    assert shown["Wrong references, the most frequent"].rows == [("BAD", "HGNC:936", "HGNC:1", "2")]
    assert shown["Scores of predicted references"].rows == [("0.9–1.0", "4", ".950", ".500 .500–.500")]
    others = shown["F1, against the other predictions"]
    assert names([others]) == [
        [
            "mentions, strict",
            "mentions, overlap",
            "mentions, GENE",
            *EDGE_MEASURES,
            "references, accuracy@1",
            "references, end to end",
        ]
    ]
    assert others.rows[0][1:3] == ("1.000", ".667")
    assert others.rows[0][3].startswith("+.333 [.000, +1.000]")
    assert {row[-1] for row in others.rows} == {"1.000"}
    assert "11 tests: one in twenty has p below .05 by chance alone." in others.notes
    assert "Captions without another prediction: 1." in others.notes
    assert [table.title for table in tables(result)] == [*shown][:-1]

    write_report(tmp_path, result, comparison=comparison)
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert summary["grounding"]["by_type"]["GENE"]["accuracy"]["value"] == 0.5
    assert summary["grounding"]["overall"]["errors"]["misgrounded"] == 2
    assert summary["grounding"]["overall"]["reliability"]["error"] == pytest.approx(0.45)
    assert summary["grounding"]["wrong"] == [
        {"gold": ["HGNC:936"], "predicted": "HGNC:1", "family": False, "type": "GENE", "texts": ["BAD"], "mentions": 2}
    ]
    wrong = rows(tmp_path / "references.tsv")
    assert [(row["caption"], row["text"], row["gold"], row["predicted"], row["score"]) for row in wrong] == [
        (id, "BAD", "HGNC:936", "HGNC:1", ".950") for id in ("F1", "F2")
    ]
    assert summary["comparison"]["missing"] == ["F2"]
    assert summary["comparison"]["measures"]["edges"]["p_holm"] == 1
    assert summary["comparison"]["measures"]["edges"]["second"] == pytest.approx(2 / 3)
    assert summary["edge_reliability"]["error"] == pytest.approx(0.17)
    assert "## F1, against the other predictions" in (tmp_path / "summary.md").read_text(encoding="utf-8")


def test_where_mentions_were_given_their_scores_are_left_out_but_not_their_references() -> None:
    result, comparison = full_evaluation(edges_only=True)
    shown = [table.title for table in tables(result, edges_only=True, comparison=comparison)]
    assert "Scores of predicted edges" in shown
    assert "Scores of predicted mentions" not in shown
    assert "Scores of predicted references" in shown
    assert "References of the gold mentions that were found" in shown
    assert names(tables(result, edges_only=True, comparison=comparison)[-1:]) == [
        [*EDGE_MEASURES, "references, accuracy@1", "references, end to end"]
    ]


def test_the_longest_tables_are_narrow_and_their_notes_short() -> None:
    result, comparison = full_evaluation()
    file = io.StringIO()
    print_report(result, file, comparison=comparison)
    lines = file.getvalue().splitlines()
    assert max(len(line) for line in lines) <= 100
    notes = [note for table in tables(result, comparison=comparison) for note in table.notes]
    assert all(note in lines and len(note) <= 80 for note in notes)


def test_mentions_can_be_left_out(evaluation: Evaluation, keywords: KeywordScore, tmp_path: Path) -> None:
    assert tables(evaluation, edges_only=True) == tables(evaluation)[2:]
    assert "Mentions of" in printed(evaluation)
    assert "Mentions of" not in printed(evaluation, edges_only=True)
    assert "type and sign right" in printed(evaluation, edges_only=True)
    assert tables(keywords, edges_only=True) == tables(keywords)
    for folder, edges_only in (("all", False), ("edges", True)):
        write_report(tmp_path / folder, evaluation, edges_only=edges_only)
    everything, edges = tmp_path / "all", tmp_path / "edges"
    assert "Mentions of" not in (edges / "summary.md").read_text(encoding="utf-8")
    assert all(
        (everything / file).read_bytes() == (edges / file).read_bytes()
        for file in ("summary.json", "mentions.tsv", "edges.tsv")
    )


def test_a_type_with_nothing_curated_and_nothing_predicted_has_no_row(tmp_path: Path) -> None:
    types = frozenset({"CHEMICAL", "DISEASE", "GENE"})
    caption = Caption("F1", TEXT, curated=CuratedList((CuratedKeyword("IL6", "GENE"),), types))
    document = Document("F1", TEXT, (Mention("T1", "CHEMICAL", 0, 7, "Aspirin"),), keywords=(
        Keyword("aspirin", "CHEMICAL", None, ("T1",)),
    ))  # fmt: skip
    result = score_keywords([caption], {"F1": document})
    assert names(tables(result)) == [["all", "CHEMICAL", "GENE"]] * 3
    write_report(tmp_path, result)
    assert "DISEASE" not in (tmp_path / "summary.md").read_text(encoding="utf-8")
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert [*summary["by_type"]] == ["CHEMICAL", "DISEASE", "GENE"]
    nothing = score_keywords([replace(caption, curated=CuratedList((), types))], {})
    assert names(tables(nothing)) == [["all"]] * 3


def test_keys_of_the_summaries(keywords: KeywordScore, evaluation: Evaluation, tmp_path: Path) -> None:
    def summary(result: Evaluation | KeywordScore) -> dict[str, Any]:
        write_report(tmp_path, result)
        made: dict[str, Any] = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
        return made

    scores = {"counts", "precision", "recall", "f1"}
    of_keywords = summary(keywords)
    assert {*of_keywords} == {
        "figures", "typed_figures", "without_list", "repeated", "missing", "text_changed", "unknown_misses", "wordless",
        "bootstrap", "overall", "by_type", "operating_point",
    }  # fmt: skip
    assert of_keywords["operating_point"] == {"min_scores": {}, "chosen": ""}
    assert {*of_keywords["overall"]} == {*of_keywords["by_type"]["GENE"]} == {
        "figures", "micro", "reachable", "reachable_found", "reachable_share", "reachable_recall", "macro_precision",
        "macro_recall", "macro_f1", "macro_reachable_recall",
    }  # fmt: skip
    assert {*of_keywords["overall"]["micro"]} == scores
    assert {*of_keywords["overall"]["reachable_share"]} == {"value", "low", "high"}
    of_gold = summary(evaluation)
    assert {*of_gold} == {
        "captions", "missing", "text_changed", "bootstrap", "mentions_strict", "mentions_overlap",
        "mentions_strict_by_type", "mentions_overlap_by_type", "edges", "edges_typed", "edges_untyped",
        "edges_by_type", "mention_edges", "mention_edges_typed", "mention_edges_untyped", "sign_accuracy",
        "type_accuracy", "activation_expression", "confusion", "grounding", "mention_reliability", "edge_reliability",
        "mention_curve", "edge_curve", "comparison",
    }  # fmt: skip
    assert {*of_gold["edges"]} == {*of_gold["mentions_strict_by_type"]["GENE"]} == scores
    assert of_gold["grounding"] is of_gold["comparison"] is None
    assert {*of_gold["edge_reliability"]} == {"items", "bins", "error"}
    assert {*of_gold["edge_reliability"]["bins"][0]} == {"low", "high", "count", "mean_score", "share_right"}
    assert {*of_gold["mention_curve"][0]} == {"threshold", "predicted", "precision", "recall", "f1"}


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
    table = Table("Title", ("", "n"), [("a|b", "1")], notes=("A note.", "One more."))
    assert to_markdown([table]) == "## Title\n\n|  | n |\n| --- | ---: |\n| a\\|b | 1 |\n\n- A note.\n- One more.\n"


def test_square_brackets_are_no_markup() -> None:
    file = io.StringIO()
    print_tables([Table("[bold]x", ("name",), [("[red]y",)])], file)
    assert "[bold]x" in file.getvalue()
    assert "[red]y" in file.getvalue()


@pytest.mark.parametrize(("value", "text"), [(0.4716, ".472"), (0, ".000"), (1, "1.000"), (0.9999, "1.000")])
def test_decimals(value: float, text: str) -> None:
    assert decimal(value) == text


def test_differences_have_signs_but_for_zero() -> None:
    assert signed_interval(Estimate(-0.0123, -1.0, 0.0004)) == "-.012 [-1.000, .000]"
    assert signed_interval(Estimate(0.5, 0.0, 0.75)) == "+.500 [.000, +.750]"
