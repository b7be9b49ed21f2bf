"""The command: what it writes, what it says, and how it ends."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
import torch

from nlp import AnnotationError, Caption, Pipeline
from nlp.cli import main
from nlp.formats.documents import read_documents
from nlp.formats.sources import FORMATS
from nlp.scale.outcomes import Failed, Outcome, annotate_here
from tests.conftest import REPOSITORY

EXAMPLES = REPOSITORY / "corpora" / "examples"
GOLD = EXAMPLES / "gold.jsonl"


def test_annotate_does_every_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "out.jsonl"
    assert main(["annotate", str(EXAMPLES), "-o", str(output)]) == 0
    documents = list(read_documents(output))
    assert len(documents) == len(list((EXAMPLES / "_figures").glob("*.md"))) == 25
    assert all(document.mentions and document.keywords for document in documents)
    assert any(document.relations for document in documents)
    assert "25 captions annotated" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]


def test_the_same_input_gives_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "nlp", "annotate", str(EXAMPLES), "-o", "-"]
    outputs = [
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed}).stdout  # noqa: S603
        for seed in ("0", "1", "3")
    ]
    assert outputs[0] == outputs[1] == outputs[2]
    assert outputs[0].count(b"\n") == 25


def test_bad_input_is_set_aside_and_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(
        '{"id": "a", "text": "ERK acts."}\n{"id": "b", "text": 3}\nnot json\n{"id": "d", "text": "AKT."}\n'
    )
    output = tmp_path / "out.jsonl"
    assert main(["annotate", str(source), "-o", str(output)]) == 1
    assert [document.id for document in read_documents(output)] == ["a", "d"]
    listed = [json.loads(line) for line in (tmp_path / "out.jsonl.errors.jsonl").read_text().splitlines()]
    assert [(error["source"], error["line"]) for error in listed] == [(str(source), 2), (str(source), 3)]
    assert "2 inputs set aside" in capsys.readouterr().err


def test_a_run_that_does_nothing_leaves_the_last_output_as_it_was(tmp_path: Path) -> None:
    output, empty = tmp_path / "out.jsonl", tmp_path / "empty.jsonl"
    output.write_text("precious")
    empty.write_text("")
    for source in (tmp_path / "none.jsonl", empty):
        assert main(["annotate", str(source), "-o", str(output)]) == 2
        assert output.read_text() == "precious"


def test_an_output_never_takes_the_place_of_its_source(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('{"id": "a", "text": "ERK acts."}\n')
    before = source.read_text()
    for arguments in (["-o", str(source)], ["-o", str(tmp_path / "o.jsonl"), "--errors", str(source)]):
        assert main(["annotate", str(source), *arguments]) == 2
        assert source.read_text() == before
    assert "take the place of a source" in capsys.readouterr().err


def test_parquet_is_told_by_the_name_and_can_be_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("out.jsonl", "out.parquet"):
        assert main(["annotate", str(EXAMPLES), "-o", str(tmp_path / name)]) == 0
    assert list(read_documents(tmp_path / "out.parquet")) == list(read_documents(tmp_path / "out.jsonl"))
    assert main(["score", str(EXAMPLES), "--predictions", str(tmp_path / "out.parquet")]) == 0
    (tmp_path / "bad.parquet").write_text("no Parquet")
    assert main(["score", str(EXAMPLES), "--predictions", str(tmp_path / "bad.parquet")]) == 2
    assert "not a Parquet file" in capsys.readouterr().err


def test_predictions_that_are_missing_show_in_the_exit_status(tmp_path: Path) -> None:
    predictions = tmp_path / "some.jsonl"
    predictions.write_text(GOLD.read_text(encoding="utf-8").split("\n", 1)[0] + "\n", encoding="utf-8")
    assert main(["evaluate", str(GOLD), "--predictions", str(predictions)]) == 1
    predictions.write_text("")
    assert main(["evaluate", str(GOLD), "--predictions", str(predictions)]) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["evaluate", "none.jsonl"],
        ["evaluate", "."],
        ["score", str(EXAMPLES), "--predictions", "none.jsonl"],
        ["score", str(EXAMPLES), "--report", str(GOLD)],
        ["annotate", str(EXAMPLES), "-o", "none/out.jsonl"],
    ],
)
def test_what_the_system_refuses_is_one_clear_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("pathcap: ")
    assert error.count("\n") == 1


def test_a_run_that_is_ended_leaves_nothing_half_written(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text("".join(f'{{"id": "{number}", "text": "ERK activates AKT."}}\n' for number in range(200_000)))
    command = [sys.executable, "-m", "nlp", "annotate", str(source), "-o", str(tmp_path / "out.jsonl")]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:  # noqa: S603
        while not list(tmp_path.glob(".out.jsonl*")):
            assert process.poll() is None
        process.terminate()
        assert process.wait(timeout=30) == 143
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_nothing_that_can_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["annotate", str(tmp_path / "none.md"), "-o", str(tmp_path / "out.jsonl")]) == 2
    assert "no such file" in capsys.readouterr().err


def test_standard_input_to_standard_output(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO('{"id": "x", "text": "TNF-α acts."}\n'.encode())))
    assert main(["annotate", "-", "-o", "-"]) == 0
    record = json.loads(capfdbinary.readouterr().out)
    assert (record["id"], record["text"], record["mentions"][0]["text"]) == ("x", "TNF-α acts.", "TNF-α")


def test_the_profile_changes_the_keywords(tmp_path: Path) -> None:
    source = tmp_path / "in.txt"
    source.write_text("ADH is active.")
    keywords = {}
    for profile in ("precise", "pfocr"):
        output = tmp_path / f"{profile}.jsonl"
        assert main(["annotate", str(source), "-o", str(output), "--profile", profile]) == 0
        (document,) = read_documents(output)
        keywords[profile] = {keyword.keyword for keyword in document.keywords}
    assert keywords["precise"] < keywords["pfocr"]


def test_score_prints_both_profiles_and_writes_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", str(EXAMPLES), "--report", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "Profile precise" in printed
    assert "Profile pfocr" in printed
    assert "reachable recall" in printed
    assert {path.name for path in (tmp_path / "precise").iterdir()} == {
        "summary.json",
        "summary.md",
        "figures.tsv",
        "misses.tsv",
        "extras.tsv",
    }


def test_the_curve_of_the_report_goes_on_below_the_operating_point(tmp_path: Path) -> None:
    annotated, whole, file = tmp_path / "out.jsonl", tmp_path / "whole", tmp_path / "file"
    assert main(["annotate", str(EXAMPLES), "-o", str(annotated)]) == 0
    command = ["score", str(EXAMPLES), "--predictions", str(annotated)]
    assert main([*command, "--report", str(file)]) == 0
    assert main([*command, "--report", str(whole), "--profile", "precise"]) == 0

    def ends(folder: Path) -> list[float]:
        """How far the two lines of the curve over recall go, for genes, from the left of the chart."""
        page = (folder / "index.html").read_text(encoding="utf-8")
        chart = page[page.index("<title", page.index("GENE: precision over recall") - 40) :]
        lines = re.findall(r'<polyline class="line l[01]" points="[^"]* ([\d.]+),[\d.]+"', chart)
        return [float(end) for end in lines[:2]]

    assert len(ends(whole)) == len(ends(file)) == 2
    assert all(more > less for more, less in zip(ends(whole), ends(file), strict=True))
    page = (whole / "index.html").read_text(encoding="utf-8")
    assert page.count("(in use)") == 1
    assert "so curves begin at the file" not in page
    assert "so curves begin at the file" in (file / "index.html").read_text(encoding="utf-8")
    point = json.loads((whole / "precise" / "summary.json").read_text())["operating_point"]
    assert point["min_scores"] == {"GENE": 0.8}
    # The same keywords, so the same figures.
    assert (whole / "precise" / "summary.md").read_text() == (file / "summary.md").read_text()


def test_scoring_a_file_of_predictions_equals_scoring_afresh(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out.jsonl"
    main(["annotate", str(EXAMPLES), "-o", str(output), "--profile", "pfocr"])
    capsys.readouterr()
    main(["score", str(EXAMPLES), "--predictions", str(output)])
    from_file = capsys.readouterr().out.split("\n", 2)[2]
    main(["score", str(EXAMPLES), "--profile", "pfocr"])
    assert from_file == capsys.readouterr().out.split("\n", 2)[2]


def test_a_caption_that_cannot_be_annotated_is_scored_as_one_without_prediction(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def engine(captions: Iterable[Caption], *, pipeline: Pipeline) -> Iterator[Outcome]:
        first, *others = captions
        yield Failed(first, AnnotationError("broken"))
        yield from annotate_here(others, pipeline=pipeline)

    monkeypatch.setattr("nlp.cli.annotate_here", engine)
    errors = tmp_path / "errors.jsonl"
    assert main(["score", str(EXAMPLES), "--report", str(tmp_path), "--errors", str(errors)]) == 1
    assert "1 caption without a prediction" in capsys.readouterr().err
    assert "broken" in errors.read_text(encoding="utf-8")
    summary = json.loads((tmp_path / "precise" / "summary.json").read_text())
    assert len(summary["missing"]) == 1
    assert summary["overall"]["micro"]["counts"]["predicted"] > 0
    # Where none can be there is nothing to report, and what an earlier run reported stays as it is.
    all_fail = lambda captions, **_: (Failed(caption, AnnotationError("broken")) for caption in captions)  # noqa: E731
    monkeypatch.setattr("nlp.cli.annotate_here", all_fail)
    assert main(["score", str(EXAMPLES), "--report", str(tmp_path)]) == 2
    assert "nothing is predicted" in capsys.readouterr().err
    assert json.loads((tmp_path / "precise" / "summary.json").read_text()) == summary


def test_predictions_without_keywords_are_not_scored_as_if_they_were_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out.xml"
    assert main(["annotate", str(EXAMPLES), "-o", str(output)]) == 0
    capsys.readouterr()
    assert main(["score", str(EXAMPLES), "--predictions", str(output)]) == 2
    said = capsys.readouterr()
    assert f"{output}: the predictions have no keywords; expected keywords, or --profile" in said.err
    assert not said.out
    assert main(["score", str(EXAMPLES), "--predictions", str(output), "--profile", "precise"]) == 0
    from_file = capsys.readouterr().out
    assert main(["score", str(EXAMPLES), "--profile", "precise"]) == 0
    assert from_file == capsys.readouterr().out


def test_the_list_of_errors_takes_the_place_of_nothing_that_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    gold, other, source = (
        shutil.copy(GOLD, tmp_path / name) for name in ("gold.jsonl", "other.jsonl", "folder/a.jsonl")
    )
    for command in (
        ["evaluate", gold, "--errors", gold],
        ["evaluate", gold, "--predictions", other, "--errors", other],
        ["evaluate", gold, "--compare", other, "--errors", other],
        ["score", EXAMPLES, "--predictions", other, "--errors", other],
        ["score", folder, "--errors", source],
        ["annotate", folder, "-o", tmp_path / "out.jsonl", "--errors", source],
        ["annotate", gold, "-o", tmp_path / "out.jsonl", "--errors", tmp_path / "out.jsonl"],
    ):
        assert main([*map(str, command)]) == 2
        assert "would take the place of" in capsys.readouterr().err
    assert {path.read_bytes() for path in (gold, other, source)} == {GOLD.read_bytes()}


def test_what_an_earlier_run_left_among_the_sources_is_no_source(tmp_path: Path) -> None:
    source, output = tmp_path / "source.csv", tmp_path / "annotated.jsonl"
    for text in ("ERK acts.", "mTOR acts."):
        source.write_text(f"id,caption\na,{text}\n")
        assert main(["annotate", str(tmp_path), "-o", str(output)]) == 0
        assert [document.text for document in read_documents(output)] == [text]


def test_nothing_is_no_name_of_a_source(capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["annotate", "", "-o", "out.jsonl"], ["annotate", str(EXAMPLES), "-o", ""], ["score", ""]):
        with pytest.raises(SystemExit, match="2"):
            main(command)
        assert "expected a name" in capsys.readouterr().err


def test_a_pipeline_that_is_broken_is_no_input_set_aside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> NoReturn:
        raise RuntimeError("the GPU is gone")

    output = tmp_path / "out.jsonl"
    monkeypatch.setattr("nlp.stages.keywords.Keywords.predict", broken)
    assert main(["annotate", str(EXAMPLES), "-o", str(output)]) == 2
    said = capsys.readouterr().err
    assert re.search(
        r"the pipeline fails, whatever the caption; found RuntimeError at \S*test_cli:\d+: the GPU is gone", said
    )
    assert not output.exists()
    monkeypatch.setattr("nlp.cli.Pipeline.load", broken)
    assert main(["annotate", str(EXAMPLES), "-o", str(output)]) == 2
    assert "RuntimeError: the GPU is gone" in capsys.readouterr().err


def test_where_nothing_could_be_done_it_is_told_where_errors_are_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    errors = tmp_path / "errors.jsonl"
    command = ["annotate", str(tmp_path / "nothing"), "-o", str(tmp_path / "out.jsonl"), "--errors", str(errors)]
    assert main(command) == 2
    assert f"1 input set aside, listed in {errors}" in capsys.readouterr().err


def test_a_document_that_is_out_of_all_bounds_is_set_aside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "gold.jsonl"
    ends = [3, 10**30]
    records = [
        {"id": str(end), "text": "MEK acts.", "mentions": [{"id": "T1", "type": "GENE", "start": 0, "end": end}]}
        for end in ends
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    assert main(["evaluate", str(path)]) == 1
    said = capsys.readouterr().err
    assert "a mention's text is not as long as its span" in said
    assert "1 input set aside" in said


def test_evaluate_gold_against_itself_is_perfect(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(GOLD), "--predictions", str(GOLD)]) == 0
    rows = {line.split("  ")[0]: line for line in capsys.readouterr().out.splitlines()}
    assert "1.000 1.000–1.000" in rows["type and sign right"]


def test_evaluate_compares_with_other_predictions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
    without_edges, fewer = tmp_path / "without.jsonl", tmp_path / "fewer.jsonl"
    without_edges.write_text("".join(json.dumps({**record, "relations": []}) + "\n" for record in gold))
    fewer.write_text("".join(json.dumps(record) + "\n" for record in gold[1:]))
    command = ["evaluate", str(GOLD), "--predictions", str(GOLD), "--report", str(tmp_path)]
    assert main([*command, "--compare", str(without_edges)]) == 0
    assert "F1, against the other predictions" in capsys.readouterr().out
    measures = json.loads((tmp_path / "summary.json").read_text())["comparison"]["measures"]
    assert (measures["mentions_strict"]["difference"]["value"], measures["mentions_strict"]["p"]) == (0, 1)
    assert (measures["edges"]["first"], measures["edges"]["second"]) == (1, 0)
    assert measures["edges"]["p"] < 0.01
    assert main([*command, "--compare", str(fewer)]) == 1
    assert f"1 caption without a prediction, such as {gold[0]['id']}" in capsys.readouterr().err


def test_evaluate_knows_cross_references_of_gold_that_has_references(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "ERK2 acts with BAD and TP53."
    mentions = [("T1", "GENE", 0, 4), ("T2", "GENE", 15, 18), ("T3", "GENE", 23, 27)]

    def write(path: Path, *curies: str) -> str:
        made = [
            {"id": id, "type": type, "start": start, "end": end, "references": [{"curie": curie, "name": "name"}]}
            for (id, type, start, end), curie in zip(mentions, curies, strict=True)
        ]
        path.write_text(json.dumps({"id": "a", "text": text, "mentions": made, "relations": []}) + "\n")
        return str(path)

    gold = write(tmp_path / "gold.jsonl", "NCBIGene:5594", "HGNC:936", "HGNC:11998")
    predicted = write(tmp_path / "predicted.jsonl", "HGNC:6871", "HGNC:936", "HGNC:1")
    assert main(["evaluate", gold, "--predictions", predicted, "--report", str(tmp_path / "report")]) == 0
    assert "accuracy@1" in capsys.readouterr().out
    overall = json.loads((tmp_path / "report" / "summary.json").read_text())["grounding"]["overall"]
    assert overall["accuracy"]["value"] == pytest.approx(2 / 3)
    assert main(["evaluate", gold, "--report", str(tmp_path / "own"), "--given-mentions"]) == 0
    own = json.loads((tmp_path / "own" / "summary.json").read_text())["grounding"]["overall"]
    assert own["end_to_end"]["counts"] == {"tp_predicted": 3, "predicted": 3, "tp_gold": 3, "gold": 3}


def test_evaluate_sets_predictions_from_another_text_aside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
    first = {**records[0], "text": f"{records[0]['text']} And more."}
    changed, errors = tmp_path / "changed.jsonl", tmp_path / "errors.jsonl"
    changed.write_text("".join(json.dumps(record) + "\n" for record in (first, *records[1:])), encoding="utf-8")
    for named, other in (("--predictions", changed), ("--predictions", GOLD)):
        command = ["evaluate", str(GOLD), named, str(other), "--report", str(tmp_path), "--errors", str(errors)]
        assert main([*command, *(["--compare", str(changed)] if other == GOLD else [])]) == 1
        assert "made from another text than gold's" in capsys.readouterr().err
        (error,) = errors.read_text(encoding="utf-8").splitlines()
        assert records[0]["id"] in error
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert summary["comparison"]["missing"] == [records[0]["id"]]
    assert summary["mentions_strict"]["f1"]["value"] == 1


def test_evaluate_with_given_mentions_judges_edges_alone(tmp_path: Path) -> None:
    for name, more in (("own", []), ("given", ["--given-mentions"])):
        assert main(["evaluate", str(GOLD), "--report", str(tmp_path / name), *more]) == 0
    own, given = (json.loads((tmp_path / name / "summary.json").read_text()) for name in ("own", "given"))
    assert given["mentions_strict"]["f1"]["value"] == 1.0 > own["mentions_strict"]["f1"]["value"]
    assert given["edges"]["f1"]["value"] > 0.6


@pytest.mark.parametrize("arguments", [[], ["annotate"], ["annotate", "x", "-o", "y", "--format", "xml"], ["serve!"]])
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2


def test_the_help_names_every_format_of_sources(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("annotate", "score"):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        said = " ".join(capsys.readouterr().out.split())
        for format in FORMATS:
            assert f"{format.name} ({format.suffixes[0]}" in said


def test_threads_are_batches_at_the_same_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class LoadedError(BaseException):  # not a fault, which the command tells itself
        pass

    def load(*_: object, threads: int | None, **__: object) -> NoReturn:
        raise LoadedError(threads)

    monkeypatch.setattr("nlp.cli.Pipeline.load", load)
    for command in (["annotate", str(EXAMPLES), "-o", "-"], ["score", str(EXAMPLES)], ["evaluate", str(GOLD)]):
        for more, threads in (([], None), (["--threads", "3"], 3)):
            with pytest.raises(LoadedError) as caught:
                main([*command, *more])
            assert caught.value.args == (threads,)
    with pytest.raises(SystemExit):
        main(["evaluate", str(GOLD), "--threads", "0"])
    assert "expected a whole number from 1" in capsys.readouterr().err


def test_a_missing_model_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["annotate", str(EXAMPLES), "-o", str(tmp_path / "o.jsonl"), "--model", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("pathcap: not a model folder")
    assert error.count("\n") == 1
    assert not (tmp_path / "o.jsonl").exists()


def test_all_shared_pages(shared: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    assert main(["annotate", str(shared / "captions" / "pages"), "-o", str(output)]) == 0
    documents = {document.id: document for document in read_documents(output)}
    assert len(documents) == 151
    ketamine = documents["PMC11043571__fphar-15-1337749-g001"]
    curies = {mention.text: mention.references[0].curie for mention in ketamine.mentions if mention.references}
    assert curies["(R)-ketamine"] == "CHEBI:580604"
    assert curies["ERK"] == "FPLX:ERK"
    assert {"MAPK1", "MAPK3", "NRBP1", "BDNF", "CREB1", "DLG4", "NTRK2"} <= {one.keyword for one in ketamine.keywords}


def test_keywords_of_all_shared_captions(shared: Path, tmp_path: Path) -> None:
    assert main(["score", str(shared / "captions" / "captions.jsonl.gz"), "--report", str(tmp_path)]) == 0
    figures = {
        profile: json.loads((tmp_path / profile / "summary.json").read_text())["by_type"]["GENE"]
        for profile in ("precise", "pfocr")
    }
    # A plain longest match of the name tables has recall .147 and precision .277, so F1 .192.
    assert all(scores["micro"]["f1"]["value"] > 1.5 * 0.192 for scores in figures.values())
    assert figures["pfocr"]["reachable_recall"]["value"] > 0.85


def test_an_unknown_device_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["annotate", str(EXAMPLES), "-o", "-", "--device", "abacus"])
    assert "abacus" in capsys.readouterr().err


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["annotate", str(EXAMPLES), "-o", "-", "--device", "cuda"]) == 2
    assert "cuda" in capsys.readouterr().err


def test_the_command_does_without_torch(tmp_path: Path) -> None:
    source = tmp_path / "caption.txt"
    source.write_text("ERK activates p53.", encoding="utf-8")
    program = (
        "import sys; from nlp.__main__ import main; "
        f"sys.argv = ['pathcap', 'annotate', {str(source)!r}, '-o', {str(tmp_path / 'out.jsonl')!r}]; "
        "status = main(); sys.exit(status or 'torch' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)  # noqa: S603
    assert run.returncode == 0, run.stderr
