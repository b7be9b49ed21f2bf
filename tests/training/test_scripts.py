"""From captions and a corpus to a model folder, by the scripts as a person runs them, all of it small."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import save_file

from nlp import Pipeline
from tests.conftest import REPOSITORY
from tests.markup import parse
from tests.taggers import write_tokenizer

WIDTH, LAYERS = 16, 2
CAPTIONS = [
    "⟦T1:GENE|ERK1⟧ binds ⟦T2:GENE|TNF⟧.",
    "The ⟦T1:CHEMICAL|drug⟧ raises the level of ⟦T2:GENE|MEK⟧ in the ⟦T3:COMPONENT|nucleus⟧.",
    "⟦T1:CHEMICAL|Ca2+⟧ and the kinase ⟦T2:GENE|ERK2⟧.",
]


def write_captions(path: Path, blocks: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for number, block in enumerate(blocks):
            document = parse(block)
            mentions = [
                {"id": item.id, "type": item.type, "start": item.start, "end": item.end, "text": item.text}
                for item in document.mentions
            ]
            file.write(json.dumps({"id": f"{path.stem}{number}", "text": document.text, "mentions": mentions}) + "\n")


def write_encoder(path: Path) -> str:
    """A BERT checkpoint as Hugging Face names its tensors; returns its hash."""
    torch.manual_seed(0)
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (40, WIDTH),
        "embeddings.position_embeddings.weight": (64, WIDTH),
        "embeddings.token_type_embeddings.weight": (2, WIDTH),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}"
        for name in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
            shapes[f"{prefix}.{name}.weight"] = (WIDTH, WIDTH)
            shapes[f"{prefix}.{name}.bias"] = (WIDTH,)
        shapes |= {f"{prefix}.intermediate.dense.weight": (32, WIDTH), f"{prefix}.intermediate.dense.bias": (32,)}
        shapes |= {f"{prefix}.output.dense.weight": (WIDTH, 32), f"{prefix}.output.dense.bias": (WIDTH,)}
        norms += [f"{prefix}.attention.output.LayerNorm", f"{prefix}.output.LayerNorm"]
    tensors = {name: 0.1 * torch.randn(shape) for name, shape in shapes.items()}
    for norm in norms:
        tensors |= {f"{norm}.weight": torch.ones(WIDTH), f"{norm}.bias": torch.zeros(WIDTH)}
    save_file(tensors, path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def setting(tmp_path: Path) -> Path:
    """A folder with data, a pretrained encoder and ``config.yaml``."""
    base = tmp_path / "base"
    base.mkdir()
    write_tokenizer(base / "tokenizer.json")
    write_captions(tmp_path / "data" / "annotation" / "train.jsonl", CAPTIONS)
    write_captions(tmp_path / "data" / "annotation" / "devel.jsonl", ["⟦T1:GENE|TNF⟧ and the ⟦T2:CHEMICAL|drug⟧."])
    corpus = tmp_path / "data" / "corpora" / "ner" / "Small"
    corpus.mkdir(parents=True)
    for split, sentence in {"train": "ERK1\tB-Protein\nbinds\tO\n", "devel": "TNF\tB-Protein\n"}.items():
        with gzip.open(corpus / f"{split}.tsv.gz", "wt", encoding="utf-8") as file:
            file.write(f"{sentence}\n" * 4)
    config = {
        "seed": 1,
        "tokenizer": "tokenizer.json",
        "checkpoint_sha256": write_encoder(base / "model.safetensors"),
        "encoder": {"vocabulary": 40, "width": WIDTH, "inner": 32, "layers": LAYERS, "heads": 2, "positions": 64},
        "sampling": {"power": 0.5, "budget": 128, "lengths": [8, 32], "alone": 0.3, "pool": 8},
        "loop": {"bfloat16": False},
        "warmup": 2,
        "captions": {"train": "annotation/train.jsonl", "devel": "annotation/devel.jsonl"},
        "protected": {"devel": ["Small"]},
        "scored": {"Small": 2},
        "corpora": {"Small": {"covers": ["GENE"], "types": {"Protein": ["GENE"]}}},
    }
    (tmp_path / "config.yaml").write_text(yaml.dump(config, Dumper=yaml.CSafeDumper), encoding="utf-8")
    return tmp_path


def script(name: str, *arguments: str | Path) -> str:
    command = [sys.executable, str(REPOSITORY / "scripts" / name), *map(str, arguments)]
    path = os.pathsep.join([str(REPOSITORY), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(  # noqa: S603 — our own scripts
        command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": path}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_training_and_export_make_a_model_folder(setting: Path) -> None:
    pytest.importorskip("onnx")
    common = ("--data", setting / "data", "--base", setting / "base")
    script("train.py", setting / "config.yaml", *common, "--run", setting / "run", "--steps", "3")
    resumed = ("--resume", setting / "run" / "checkpoint-000003", "--decay", "2")
    script("train.py", setting / "config.yaml", *common, "--run", setting / "run", *resumed)
    script("export.py", setting / "run" / "checkpoint-000005", *common, "--out", setting / "model")
    log = [json.loads(line) for line in (setting / "run" / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(record["kind"], record["step"]) for record in log] == [("scores", 3), ("scores", 5)]
    card = json.loads((setting / "model" / "training.json").read_text(encoding="utf-8"))
    assert card["checkpoint"]["step"] == 5
    assert set(card["files"]) == {
        "annotation/train.jsonl",
        "annotation/devel.jsonl",
        "corpora/ner/Small/train.tsv.gz",
        "corpora/ner/Small/devel.tsv.gz",
    }
    pipeline = Pipeline.load(setting / "model")
    assert pipeline.stages[2].name == "merged-mentions"
    assert pipeline("ERK binds TNF.").text == "ERK binds TNF."
    table = script(
        "evaluate.py", setting / "model", "--data", setting / "data", "--split", "devel", "--corpora", "Small"
    )
    assert "| Small | 4 |" in table
