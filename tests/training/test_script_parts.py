"""What the training scripts decide, without data or a model."""

from __future__ import annotations

import hashlib
import json
import signal
import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nlp.errors import ConfigError
from nlp.evaluation.counts import Counts, Estimate, Scores
from tests.conftest import REPOSITORY


@pytest.fixture(autouse=True)
def _scripts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Scripts can be imported."""
    known = set(sys.modules)
    monkeypatch.syspath_prepend(str(REPOSITORY / "scripts"))
    yield
    for name in [name for name in sys.modules if name not in known]:
        if name.startswith("mention_model") or name in ("pretrain", "train", "evaluate"):
            del sys.modules[name]


def test_settings_can_be_changed_on_the_command_line() -> None:
    from train import changed

    config = {"loop": {"bfloat16": True}, "warmup": 3}
    found = changed(config, ["warmup=[a, 2.5]", "loop.bfloat16=false"])
    assert found == {"loop": {"bfloat16": False}, "warmup": ["a", 2.5]}


@pytest.mark.parametrize("setting", ["warmup", "warmpu=3", "loop.workers=1", "warmup.steps=3", "new.key=3"])
def test_settings_that_the_configuration_lacks_are_refused(setting: str) -> None:
    from train import changed

    with pytest.raises(ConfigError, match=setting):
        changed({"loop": {"bfloat16": True}, "warmup": 3}, [setting])


def test_a_run_can_be_told_to_stop() -> None:
    from train import stopper

    before = signal.getsignal(signal.SIGTERM)
    try:
        stop = stopper(None, 3)
        assert [stop(step) for step in (2, 3)] == [False, True]
        signal.raise_signal(signal.SIGTERM)
        assert stop(0)
        assert stopper("00:00", None)(0)
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_run_ends_by_one_rule_only(capsys: pytest.CaptureFixture[str]) -> None:
    import pretrain
    import train

    common = ["config.yaml", "--prepared", "p", "--run", "r"]
    for first, second in (("--steps", "--decay"), ("--seconds", "--steps"), ("--decay", "--seconds")):
        with pytest.raises(SystemExit):
            train.main([*common, first, "3", second, "3"])
        assert "not allowed with" in capsys.readouterr().err
    for task in ([], ["--pack", "a", "--corpus", "b"]):
        with pytest.raises(SystemExit):
            pretrain.main([common[0], "--tokenizer", "t", "--out", "o", *task])
        assert "--pack" in capsys.readouterr().err


def test_what_is_told_of_a_run_tells_of_those_before(tmp_path: Path) -> None:
    from train import told

    plain: dict[str, Any] = dict.fromkeys(("base", "start", "resume", "seconds", "steps", "decay", "decay_from"))
    plain |= {"teachers": [], "no_relations": True, "device": "cpu"}
    (tmp_path / "base").write_bytes(b"weights")
    (first,) = told(
        Namespace(**{**plain, "base": tmp_path / "base", "steps": 5, "teachers": [tmp_path / "run" / "last"]})
    )
    assert first["base"] == hashlib.sha256(b"weights").hexdigest()
    assert (first["steps"], first["teachers"], first["relations"]) == (5, ["run/last"], False)
    (tmp_path / "data.json").write_text(json.dumps({"runs": [first]}), encoding="utf-8")
    before, second = told(Namespace(**{**plain, "resume": tmp_path / "checkpoint-000005", "decay": 2}))
    assert before == first
    assert (second["resume"], second["decay"], second["base"]) == ("checkpoint-000005", 2, None)


def test_texts_that_were_prepared_by_another_configuration_are_refused(tmp_path: Path) -> None:
    from mention_model.prepared import differences, read

    def config(types: list[str], test: list[str], weight: float) -> dict[str, Any]:
        small = {"types": {type: ["GENE"] for type in types}, "weight": weight}
        captions = {"train": "a", "weight": weight}
        return {"captions": captions, "corpora": {"Small": small}, "protected": {"test": test}, "seed": weight}

    ours = config(["Protein", "Gene"], ["Small"], 1.0)
    assert differences(ours, config(["Protein", "Gene"], ["Small"], 2.0)) == []
    assert differences(ours, config(["Gene", "Protein"], ["Small"], 1.0)) == ["corpora.Small"]
    other = {**config(["Protein", "Gene"], [], 1.0), "captions": {"train": "b", "devel": "c"}}
    assert differences(ours, other) == ["captions.train", "captions.devel", "protected.test"]
    (tmp_path / "data.json").write_text(json.dumps({"config": other}), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"captions\.train, captions\.devel, protected\.test"):
        read(tmp_path, ours)


def test_names_of_another_lexicon_are_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from mention_model import names

    asked: list[str] = []

    def look_up(missing: list[str]) -> list[names.Spans]:
        asked.extend(missing)
        return [[(0, 4, "GENE", 0.9)] for _ in missing]

    def model(lexicon: str, version: str) -> Path:
        files = f"{{lexicon.bin: {lexicon}, names/a.tsv: a, tagger.yaml: {version}}}"
        (tmp_path / "config.yaml").write_text(f"name: m\nversion: '1'\nfiles: {files}\nstages: []\n", encoding="utf-8")
        return tmp_path

    class Here:
        def __init__(self, *_: Any) -> None: ...
        def __enter__(self) -> Here:
            return self

        def __exit__(self, *_: object) -> None: ...
        def map(self, _: object, batches: Iterator[list[str]]) -> Iterator[list[names.Spans]]:
            return map(look_up, batches)

    monkeypatch.setattr(names, "ProcessPoolExecutor", Here)
    file = tmp_path / "names.json"
    file.write_text("{}", encoding="utf-8")  # as it was before it named its lexicon
    for lexicon, version, forgotten in (("b", "1", True), ("b", "2", False), ("c", "2", True)):
        caplog.clear()
        asked.clear()
        known = names.Names(file, model(lexicon, version))
        known.look_up(["ERK1 binds"])
        known.save()
        assert [mention.text for mention in known("ERK1 binds")] == ["ERK1"]
        assert bool(asked) == bool(caplog.records) == forgotten


def test_a_row_says_whether_the_aim_is_reached(tmp_path: Path) -> None:
    from evaluate import learned_devel, row

    def scores(f1: float) -> Scores:
        own = Estimate(f1, f1 - 0.01, f1 + 0.01)
        return Scores(Counts(9, 10, 9, 1234), own, own, own)

    assert row("JNLPBA", scores(0.75), "test") == (
        "| JNLPBA | 1,234 | 75.00 | 75.00 | **75.00** (74.00–76.00) | scispaCy 72.06 | 74.0 |"
    )
    assert row("JNLPBA", scores(0.73), "test").endswith("| 73.00 (72.00–74.00) | scispaCy 72.06 | 74.0, missed |")
    assert row("JNLPBA", scores(0.75), "devel").endswith("| 75.00 (74.00–76.00) |  |  |")
    assert not learned_devel(tmp_path)
    for final in (False, True):
        (tmp_path / "training.json").write_text(json.dumps({"final": final}), encoding="utf-8")
        assert learned_devel(tmp_path) == final
