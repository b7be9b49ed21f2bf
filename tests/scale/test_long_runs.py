"""``pathcap annotate`` into a folder of parts: killed and gone on with, and what it says when it cannot."""

from __future__ import annotations

import io
import json
import multiprocessing
import random
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from nlp.cli import main
from nlp.config import CONFIG_FILE, default_model, fingerprint
from nlp.errors import ConfigError
from nlp.formats.base import raise_error
from nlp.formats.documents import read_documents
from nlp.formats.manifest import ERRORS_FILE, MANIFEST_FILE, Manifest, read_manifest
from nlp.formats.sources import read_sources
from nlp.formats.writers import WRITERS, open_writer
from nlp.pipeline import Pipeline
from nlp.scale.command import Job
from nlp.scale.description import describe_run
from nlp.scale.outcomes import annotate_here
from nlp.scale.parts import PartFolder
from nlp.scale.run import annotate_sources
from tests.scale.toy_engines import Silent

CAPTIONS = 600
PART = 15


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder that has the lexicon and no network, so that it is ready at once."""
    folder = tmp_path_factory.mktemp("models") / "lexicon"
    folder.mkdir()
    full = default_model()
    (folder / "names").mkdir()
    names = [Path("lexicon.bin"), Path("mentions.yaml"), *(path.relative_to(full) for path in full.glob("names/*"))]
    for name in names:
        shutil.copy(full / name, folder / name)
    files = {str(name): fingerprint(folder / name) for name in names}
    stages = ["sentences", "abbreviations", {"lexicon-mentions": {"table": "mentions.yaml"}}, {"keywords": {}}]
    config = {"name": "lexicon", "version": "test", "files": files, "stages": stages}
    (folder / CONFIG_FILE).write_text(yaml.safe_dump(config))
    return folder


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Captions, and some lines that are none."""
    path = tmp_path_factory.mktemp("sources") / "in.jsonl"
    chance = random.Random(6)  # noqa: S311
    names = ["ERK", "AKT", "TNF-α", "rapamycin", "mTOR", "apoptosis", "BDNF", "caspase-3", "IL-6", "NF-κB"]
    lines = []
    for number in range(CAPTIONS):
        said = "; ".join(f"{chance.choice(names)} activates {chance.choice(names)}" for _ in range(8))
        lines.append(json.dumps({"id": f"PMC{number}__f1", "text": f"Figure {number}. {said}."}, ensure_ascii=False))
        if chance.random() < 0.05:
            lines.append(chance.choice(["no JSON", "{}", lines[0].replace("Figure 0", "Figure zero")]))
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def arguments(source: Path, folder: Path, model: Path, *more: str) -> list[str]:
    # The folder is given as a person would in its parent: sources are named in the manifest as they were given.
    return ["annotate", str(source), "-o", f"{folder}/", "--model", str(model), "--part-size", str(PART), *more]


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def manifest_of(folder: Path) -> Manifest:
    found = read_manifest(folder)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, source: Path, model: Path) -> Path:
    """A run that was not cut off."""
    folder = tmp_path_factory.mktemp("whole") / "out"
    assert main(arguments(source, folder, model)) == 1
    return folder


@pytest.fixture
def begun(tmp_path: Path, whole: Path) -> Path:
    """A run that was cut off after its third part."""
    folder = tmp_path / "begun"
    folder.mkdir()
    found = manifest_of(whole)
    kept = found.parts[:3]
    for part in kept:
        shutil.copy(whole / part.name, folder)
    (folder / ERRORS_FILE).write_bytes((whole / ERRORS_FILE).read_bytes()[: kept[-1].position.errors_bytes])
    (folder / MANIFEST_FILE).write_bytes(Manifest(found.run, kept).to_bytes())
    return folder


def finished(folder: Path) -> int:
    found = read_manifest(folder) if folder.is_dir() else None
    return len(found.parts) if found is not None else 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs a server that forks")
def test_a_run_killed_at_random_points_loses_and_doubles_nothing(
    tmp_path: Path, source: Path, model: Path, whole: Path
) -> None:
    folder, chance = tmp_path / "out", random.Random(2)  # noqa: S311
    command = [sys.executable, "-m", "nlp", *arguments(source, folder, model)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        while finished(folder) < 2:
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
        assert process.wait() == -signal.SIGKILL
    # The rest in processes that are made of one in which all is imported: an import takes longer than a run.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["nlp.cli"])
    kills = 0
    for _ in range(5):
        before = finished(folder)
        again = context.Process(target=main, args=(arguments(source, folder, model, "--resume"),))
        again.start()
        wanted = before + chance.randrange(1, 4)
        while finished(folder) < wanted and again.is_alive():
            time.sleep(0.002)
        time.sleep(chance.random() * 0.05)
        again.kill()
        again.join()
        kills += again.exitcode == -signal.SIGKILL
        assert finished(folder) >= before
    assert kills >= 3
    assert not manifest_of(folder).complete
    last = context.Process(target=main, args=(arguments(source, folder, model, "--resume"),))
    last.start()
    last.join(timeout=120)
    assert last.exitcode == 0
    assert content(folder) == content(whole)
    ids = [document.id for document in read_documents(folder)]
    assert ids == [f"PMC{number}__f1" for number in range(CAPTIONS)]


def test_a_run_that_is_ended_leaves_its_finished_parts(tmp_path: Path, source: Path, model: Path) -> None:
    folder = tmp_path / "out"
    command = [sys.executable, "-m", "nlp", *arguments(source, folder, model)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        while finished(folder) < 1:
            assert process.poll() is None
            time.sleep(0.01)
        process.terminate()
        _, said = process.communicate(timeout=60)
    assert process.returncode == 143
    parts = [part.name for part in manifest_of(folder).parts]
    assert {*content(folder)} - {ERRORS_FILE} == {MANIFEST_FILE, *parts}
    assert "done; --resume goes on from there" in said


def test_going_on_gives_what_a_whole_run_gives(
    begun: Path, whole: Path, source: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(source, begun, model, "--resume")) == 1
    assert content(begun) == content(whole)
    said = capsys.readouterr().err
    assert f"going on after {3 * PART} captions in 3 parts" in said
    assert f"{CAPTIONS - 3 * PART} more captions annotated" in said
    assert f"{CAPTIONS} captions in all -> {begun}/ in {CAPTIONS // PART} parts" in said


@pytest.mark.parametrize(("batch_size", "threads"), [(1, 1), (7, 2), (1000, 3)])
def test_bytes_depend_neither_on_batches_nor_on_threads(
    tmp_path: Path, source: Path, model: Path, whole: Path, batch_size: int, threads: int
) -> None:
    pipeline = Pipeline.load(model, threads=threads)
    run = describe_run([str(source)], tmp_path / "out", model=model, part_size=PART)
    with PartFolder(tmp_path / "out", run) as parts:
        engine = partial(annotate_here, pipeline=pipeline, batch_size=batch_size)
        annotate_sources([source], engine, parts, Silent())
        parts.finish()
    assert content(tmp_path / "out") == content(whole)


def test_a_run_gone_on_with_knows_its_part_size_and_format(begun: Path, whole: Path, source: Path, model: Path) -> None:
    assert main(["annotate", str(source), "-o", str(begun), "--model", str(model), "--resume"]) == 1
    assert content(begun) == content(whole)


def test_a_complete_run_says_so(whole: Path, source: Path, model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = content(whole)
    # As after the run itself: some inputs are set aside.
    assert main(arguments(source, whole, model, "--resume")) == 1
    said = capsys.readouterr().err
    assert f"annotated already: {CAPTIONS} captions -> {whole}/" in said
    aside = len((whole / ERRORS_FILE).read_bytes().splitlines())
    assert f"{aside} inputs set aside, listed in {whole / ERRORS_FILE}: " in said
    assert content(whole) == before


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ([], "holds a run already; expected --resume to go on with it, or another folder"),
        (["--resume", "--profile", "pfocr"], 'another profile; expected null; found "pfocr"'),
        (["--resume", "--part-size", "16"], "another part size; expected 15; found 16"),
        (["--resume", "--format", "parquet"], 'another format; expected "jsonl"; found "parquet"'),
        (["--resume", "--model", str(default_model())], "another model; expected"),
    ],
)
def test_what_differs_is_named(
    begun: Path, source: Path, model: Path, capsys: pytest.CaptureFixture[str], more: list[str], message: str
) -> None:
    before = content(begun)
    assert main(arguments(source, begun, model, *more)) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
    assert content(begun) == before


def test_changed_sources_are_named(
    begun: Path, source: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = source.read_text(encoding="utf-8")
    try:
        source.write_text(text + "\n", encoding="utf-8")
        assert main(arguments(source, begun, model, "--resume")) == 2
        assert "other sources; expected" in capsys.readouterr().err
        source.write_text(text.replace("Figure 1.", "Figure 7.", 1), encoding="utf-8")
        assert main(arguments(source, begun, model, "--resume")) == 2
        assert "the sources have changed since the earlier run" in capsys.readouterr().err
    finally:
        source.write_text(text, encoding="utf-8")


def test_changed_sources_of_a_complete_run_are_named(
    whole: Path, source: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, before = source.read_text(encoding="utf-8"), content(whole)
    try:
        source.write_text(text.replace("Figure 1.", "Figure 7.", 1), encoding="utf-8")
        assert main(arguments(source, whole, model, "--resume")) == 2
        assert "the sources have changed since the earlier run; expected the same first" in capsys.readouterr().err
    finally:
        source.write_text(text, encoding="utf-8")
    assert content(whole) == before


def test_more_or_less_on_standard_input_than_a_complete_run_had_is_named(
    tmp_path: Path, model: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*ids: str, resume: bool = True) -> int:
        lines = "".join(json.dumps({"id": id, "text": "ERK acts."}) + "\n" for id in ids)
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(lines.encode())))
        more = ["--resume"] if resume else []
        return main(["annotate", "-", "-o", f"{tmp_path}/out/", "--model", str(model), *more])

    assert run("a", "b", resume=False) == 0
    assert run("a", "b") == 0
    assert "annotated already: 2 captions" in capsys.readouterr().err
    for ids, found in ((("a", "b", "c"), "expected 2 inputs; found more"), (("a",), "at least 2 inputs; found 1")):
        assert run(*ids) == 2
        assert found in capsys.readouterr().err


def test_a_source_may_be_spelled_in_another_way(
    begun: Path, whole: Path, source: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(source.parent)
    assert main(arguments(Path(source.name), begun, model, "--resume")) == 1
    parts = [part.name for part in manifest_of(whole).parts]
    assert [content(begun)[name] for name in parts] == [content(whole)[name] for name in parts]


def test_the_number_of_threads_leaves_no_trace(tmp_path: Path, source: Path, model: Path, whole: Path) -> None:
    assert main(arguments(source, tmp_path / "out", model, "--threads", "3")) == 1
    assert content(tmp_path / "out") == content(whole)


def test_a_cluster_has_no_threads(
    tmp_path: Path, source: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(source, tmp_path / "out", model, "--engine", "ray", "--threads", "3")) == 2
    assert "a worker of a cluster has one thread" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_which_device_auto_is(tmp_path: Path, source: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without torch, which is slow to import, where there can be no GPU; on a cluster, the cluster decides."""

    def device(name: str, *, on_cluster: bool = False) -> object:
        folder = tmp_path / "out"
        return describe_run([str(source)], folder, model=model, device=name, on_cluster=on_cluster)["device"]

    monkeypatch.setattr("nlp.scale.description.gpu_may_be_there", lambda: False)
    monkeypatch.setitem(sys.modules, "torch", None)
    assert device("auto") == device("cpu") == device("cpu", on_cluster=True) == "cpu"
    assert device("auto", on_cluster=True) == "auto on the cluster"
    assert device("cuda", on_cluster=True) == "cuda"
    monkeypatch.setattr("nlp.scale.description.gpu_may_be_there", lambda: True)
    for found, expected in ((True, "cuda"), (False, "cpu")):
        torch = SimpleNamespace(cuda=SimpleNamespace(is_available=lambda found=found: found))
        monkeypatch.setitem(sys.modules, "torch", torch)
        assert device("auto") == expected
        assert device("auto", on_cluster=True) == "auto on the cluster"


def test_a_run_on_the_cpu_is_gone_on_with_on_another_engine_and_one_on_auto_is_not(
    begun: Path, source: Path, model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("nlp.cli.annotate_with_ray", stop)
    monkeypatch.setattr("nlp.scale.description.gpu_may_be_there", lambda: False)
    more = ["--resume", "--engine", "ray"]
    assert main(arguments(source, begun, model, *more)) == 130
    assert "going on after" in capsys.readouterr().err
    assert main(arguments(source, begun, model, *more, "--device", "auto")) == 2
    assert 'another device; expected "cpu"; found "auto on the cluster"' in capsys.readouterr().err


def stop(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_damaged_part_is_named(begun: Path, source: Path, model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = begun / "part-000001.jsonl.zst"
    path.write_bytes(path.read_bytes()[:-3] + b"xyz")
    assert main(arguments(source, begun, model, "--resume")) == 2
    assert f"{path}: a part is not as it was written" in capsys.readouterr().err


class CutOff(io.BytesIO):
    """A stream that a person interrupts in its midst."""

    def readline(self, size: int | None = -1, /) -> bytes:
        if self.tell() > len(self.getvalue()) // 2:
            raise KeyboardInterrupt
        return super().readline(size)


def test_standard_input_can_be_gone_on_with(
    tmp_path: Path, source: Path, model: Path, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    command = [*arguments(source, folder, model), "--resume"]
    command[1] = "-"
    for stream, status in ((CutOff, 130), (io.BytesIO, 1)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(stream(source.read_bytes())))
        assert main(command) == status
        assert finished(folder) > 3
    assert manifest_of(folder).run["sources"] == [{"source": "-"}]
    parts = [content(place) for place in (folder, whole)]
    for names in parts:
        del names[MANIFEST_FILE], names[ERRORS_FILE]
    assert parts[0] == parts[1]


def test_a_folder_can_be_scored(whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold = tmp_path / "gold.jsonl"
    with open_writer(gold) as writer:
        for document in read_documents(whole):
            writer.write(document)
    assert main(["evaluate", str(gold), "--predictions", str(whole)]) == 0
    assert f"{CAPTIONS}" in capsys.readouterr().out


def test_predictions_of_an_unfinished_run_are_scored_with_a_warning(
    begun: Path, whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gold = tmp_path / "gold.jsonl"
    with open_writer(gold) as writer:
        for document in list(read_documents(whole))[:20]:
            writer.write(document)
    warning = "the run is not complete"
    for named in ("--predictions", "--compare"):
        other = [] if named == "--predictions" else ["--predictions", str(gold)]
        assert main(["evaluate", str(gold), named, str(begun), *other]) == 0
        assert f"pathcap: {begun}: {warning}" in capsys.readouterr().err
    assert main(["evaluate", str(gold), "--predictions", str(whole)]) == 0
    assert warning not in capsys.readouterr().err


def test_a_folder_can_be_read_as_captions_again(whole: Path) -> None:
    captions = read_sources([whole], raise_error)
    assert [caption.id for caption in captions] == [document.id for document in read_documents(whole)]


def job(tmp_path: Path, output: str, **options: object) -> Job:
    (tmp_path / "in.jsonl").touch()
    return Job([str(tmp_path / "in.jsonl")], output, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("output", "options", "parts"),
    [
        ("out.jsonl", {}, False),
        ("out/", {}, True),
        ("there", {}, True),
        ("out.jsonl", {"part_size": 3}, True),
        ("out.parquet/", {}, True),
        ("there", {"resume": True}, True),
        ("out/", {"format": "brat"}, False),
        ("out/", {"format": "brat", "part_size": 3}, True),
        ("-", {}, False),
    ],
)
def test_when_an_output_is_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str, options: dict[str, object], parts: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there").mkdir()
    assert job(tmp_path, output, **options).in_parts is parts


@pytest.mark.parametrize(
    ("output", "options", "message"),
    [
        ("-", {"resume": True}, "standard output has no parts"),
        ("-", {"part_size": 5}, "standard output has no parts"),
        ("out.jsonl", {"resume": True}, "only a folder of parts can be gone on with"),
        ("./", {}, "lies among the sources"),
        ("none/out.jsonl", {}, "the output folder is not there"),
        ("out.parquet.zst", {}, "parquet is not compressed as a whole"),
        ("b/", {"format": "brat", "resume": True}, "a brat folder is written as a whole and cannot be gone on with"),
        ("b.brat", {"resume": True}, "a brat folder is written as a whole and cannot be gone on with"),
        ("in.jsonl", {}, "take the place of a source"),
        ("out/", {"errors": Path("in.jsonl")}, "take the place of a source"),
    ],
)
def test_jobs_that_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str, options: dict[str, object], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=message):
        job(tmp_path, output, **options)


def test_parts_in_a_format_of_folders_can_be_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert job(tmp_path, "out/", format="brat", part_size=3, resume=True).in_parts
    Path("out").mkdir()
    (Path("out") / MANIFEST_FILE).write_bytes(Manifest({"format": "brat", "part_size": 3}).to_bytes())
    assert job(tmp_path, "out/", format="brat", resume=True).in_parts


def test_a_folder_of_parts_is_not_among_its_own_sources(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="lies among the sources"):
        Job([str(tmp_path)], f"{tmp_path}/out/")


@pytest.mark.parametrize("size", ["0", "-3", "many"])
def test_a_part_has_captions(size: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["annotate", "x", "-o", "y", "--part-size", size])
    assert ended.value.code == 2
    assert "expected a whole number from 1" in capsys.readouterr().err


def test_a_format_that_cannot_be_split(
    tmp_path: Path, source: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole_only = [row.name for row in WRITERS.values() if not row.splits]
    for name in whole_only:
        assert main(arguments(source, tmp_path / "out", model, "--format", name)) == 2
        assert "cannot be written in parts" in capsys.readouterr().err
