"""What the README says runs."""

import json
import re

from nlp import Caption, Pipeline
from nlp.formats.records import to_record
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


def test_the_python_example_runs(capsys) -> None:  # type: ignore[no-untyped-def]
    (example,) = blocks("python")
    exec(compile(example, "README.md", "exec"), {"captions": ["ERK acts."]})  # noqa: S102
    assert capsys.readouterr().out == "Esketamine activation 1 ERK\n"


def test_the_record_is_what_comes_out(pipeline: Pipeline) -> None:
    (record,) = blocks("json")
    assert json.loads(record) == to_record(pipeline(Caption("example", "Esketamine activates ERK.")))
