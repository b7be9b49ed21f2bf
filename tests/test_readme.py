"""What the README says runs."""

import json
import re
from pathlib import Path

import duckdb
import pytest

from nlp import Caption, Pipeline
from nlp.formats.records import to_record
from nlp.formats.writers import open_writer
from tests.conftest import REPOSITORY

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_the_first_two_blocks_of_shell_are_the_two_commands() -> None:
    install, test = blocks("bash")
    assert "pip install -c constraints.txt -e ." in install
    assert "pathcap annotate corpora/examples" in install
    assert "pathcap score corpora/examples" in install
    assert test.strip().endswith("scripts/test")


def python_examples() -> list[tuple[str, str]]:
    """Each block of Python, and the output that is told behind it."""
    return re.findall(r"^```python\n(.*?)^```$(?:\n+```text\n(.*?)^```$)?", README, re.MULTILINE | re.DOTALL)


def rough(output: str) -> str:
    """Output without the decimals of scores: products in int8 are rounded otherwise on other processors."""
    return re.sub(r"\b[01]\.\d+\b", "0.", output)


def test_the_python_examples_run_one_after_the_other(capsys: pytest.CaptureFixture[str]) -> None:
    """As one program, whose first loop has a caption to work on."""
    names: dict[str, object] = {"captions": ["ERK acts."]}
    examples = python_examples()
    for number, (example, told) in enumerate(examples):
        exec(compile(example, f"README.md, Python {number}", "exec"), names)  # noqa: S102
        said = capsys.readouterr().out
        assert rough(said) == rough(told) if told else len(examples) == 1
        if number == 0:
            assert said == "Esketamine activation 1 ERK\n"


def test_the_record_is_what_comes_out(pipeline: Pipeline) -> None:
    (block,) = blocks("json")
    told, found = json.loads(block), to_record(pipeline(Caption("example", "Esketamine activates ERK.")))
    # Products in int8 are rounded otherwise on other processors.
    for ours, theirs in zip(told["mentions"], found["mentions"], strict=True):
        assert ours.pop("score") == pytest.approx(theirs.pop("score"), abs=0.02)
    assert told == found


def test_the_edges_of_the_example_are_those_of_its_table(pipeline: Pipeline) -> None:
    (quoted,) = re.findall(r"(?:^> .*\n)+", README, re.MULTILINE)
    text = " ".join(re.sub(r"⟦([^|]*)\|\w+⟧", r"\1", quoted).replace("\n> ", " ").removeprefix("> ").split())
    document = pipeline(text)
    told = set()
    for names, kind, words in re.findall(r"^\| ([^|]* → [^|]*) \| (\w+ [+−]) \| ([^|]*) \|$", README, re.MULTILINE):
        sources, targets = (side.split(", ") for side in names.split(" → "))
        whole, short = words.replace("(", "").replace(")", ""), re.sub(r"\(.*\) ", "", words)
        told |= {
            (source, kind, target, trigger) for source in sources for target in targets for trigger in (whole, short)
        }
    mentions = {mention.id: mention.text for mention in document.mentions}
    found = {
        (mentions[one.source], f"{one.type} {'+' if one.sign > 0 else '−'}", mentions[one.target], one.trigger.text)
        for one in document.relations
        if one.trigger is not None and not one.negated
    }
    assert found <= told
    assert {edge[:3] for edge in found} == {edge[:3] for edge in told}


def test_the_query_of_a_parquet_output(pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (query,) = blocks("sql")
    monkeypatch.chdir(tmp_path)
    with open_writer("out.parquet", "parquet") as writer:
        for document in pipeline.stream(
            ["Esketamine activates ERK.", "EGF activates ERK.", "Rapamycin blocks mTOR.", "EGF activates Abcd9."]
        ):
            writer.write(document)
    assert duckdb.sql(query).fetchall() == [("ERK", 2)]
