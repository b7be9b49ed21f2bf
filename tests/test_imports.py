"""Imports go only downward, never in a circle, and never hide in a function."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import nlp
from nlp import pipeline

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "nlp"

# Lowest first. Those of one line may not import each other.
RANKS = [
    ("errors",),
    ("annotations",),
    ("types",),
    ("schema",),
    ("text", "config", "arrows", "threads"),
    ("options",),
    ("formats", "networks", "lexicon", "tokens"),
    ("views",),
    ("stages", "evaluation", "client"),
    ("assembly",),
    ("pipeline",),
    ("scoring",),
    ("server", "scale", "training", "spacy_component"),
    ("cli",),
    ("", "__main__"),
]
RANK = {name: rank for rank, names in enumerate(RANKS) for name in names}

# Heavy and optional, so imported where they are used.
LAZY = {"torch", "transformers", "onnxruntime", "ray", "fastapi", "uvicorn", "pyarrow", "networkx", "ndex2", "httpx"}
LAZY |= {"nlp.networks.torch_graph"}  # brings torch
LAZY |= {"nlp.server.app", "nlp.server.process"}  # bring FastAPI and uvicorn, which come with an extra
LAZY |= {"nlp.pipeline"}  # brings spaCy, which a machine that only trains does without; for nlp itself alone

# A document shows itself and hands itself on by modules that are made for documents: methods of it, and nothing else,
# may import these, and only when they are called.
VIEWS = {
    "nlp.formats.records",
    "nlp.views.graph",
    "nlp.views.html",
    "nlp.views.plain",
    "nlp.views.spacy_docs",
}


def is_view(module: str, imported: str, *, top: bool) -> bool:
    """Whether an import is a document's own, of what is made of it."""
    return module == "nlp.types" and imported in VIEWS and not top


LAZY |= {"nlp.cli"}  # which the command imports while torch is hidden

# What a machine that only trains need not have.
ABSENT = {"spacy", "scispacy", "thinc", "marisa_trie", "onnxruntime", "onnx", "pyarrow", "transformers"}


def modules() -> dict[str, Path]:
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Names of imported modules, and whether the import stands at the top of the module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    guarded = [*tree.body, *(node for part in tree.body if isinstance(part, ast.If) for node in part.body)]
    for node in ast.walk(tree):
        top = node in guarded
        if isinstance(node, ast.Import):
            yield from ((alias.name, top) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            assert node.module is not None
            yield from (
                (f"{node.module}.{alias.name}" if f"{node.module}.{alias.name}" in MODULES else node.module, top)
                for alias in node.names
            )


def area(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_go_downward(module: str) -> None:
    assert area(module) in RANK, f"{module} has no rank"
    for imported, top in imports(MODULES[module]):
        if is_view(module, imported, top=top):
            continue
        if imported.split(".")[0] == "nlp" and area(imported) != area(module):
            assert RANK[area(imported)] < RANK[area(module)], f"{module} imports {imported}"


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_stand_at_the_top(module: str) -> None:
    hidden = [
        name
        for name, top in imports(MODULES[module])
        if not top and not {name, name.split(".")[0]} & LAZY and not is_view(module, name, top=top)
    ]
    assert not hidden, f"{module} hides imports of {hidden}"
    assert module == "nlp" or not any(name == "nlp.pipeline" and not top for name, top in imports(MODULES[module]))


@pytest.mark.parametrize("module", sorted(MODULES))
def test_the_package_needs_no_corpora_and_no_scripts(module: str) -> None:
    tops = {name.split(".")[0] for name, _ in imports(MODULES[module])}
    assert not tops & {"corpora", "scripts", "tests"}


def test_no_import_cycle() -> None:
    graph = {
        module: {
            name
            for name, top in imports(path)
            if name in MODULES and name != module and not is_view(module, name, top=top)
        }
        for module, path in MODULES.items()
    }
    list(TopologicalSorter(graph).static_order())


def test_captions_are_annotated_without_torch() -> None:
    """Torch takes seconds to import and is needed for training alone."""
    needed, waiting = set(), ["nlp.cli", "nlp.pipeline"]
    while waiting:
        module = waiting.pop()
        needed.add(module)
        waiting += {name for name, top in imports(MODULES[module]) if top and name in MODULES} - needed
    assert "nlp.networks.graph" in needed
    guilty = {module for module in needed for name, top in imports(MODULES[module]) if top and name == "torch"}
    assert not guilty


def run_without(names: set[str], code: str) -> None:
    """Run code in an interpreter that cannot import some packages."""
    block = f"""
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {names!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Absent())
"""
    path = os.pathsep.join(map(str, (ROOT, ROOT / "scripts")))
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", block + code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.returncode == 0, done.stderr


def test_types_come_without_the_pipeline_and_what_it_brings() -> None:
    run_without(
        ABSENT | {"torch"},
        """
import nlp
nlp.Caption("1", "text")
assert "nlp.pipeline" not in sys.modules
try:
    nlp.Pipeline
except ModuleNotFoundError as error:
    assert error.name in ("spacy", "marisa_trie", "onnxruntime", "scispacy", "thinc"), error
else:
    raise AssertionError("the pipeline came without spaCy")
""",
    )


def test_the_pipeline_is_there_when_asked_for() -> None:
    assert nlp.Pipeline is pipeline.Pipeline
    assert "Pipeline" in nlp.__all__
    assert not set(nlp.__all__) - {"Pipeline"} - set(vars(nlp))
    with pytest.raises(AttributeError, match="Pipelin"):
        nlp.Pipelin  # noqa: B018


@pytest.mark.parametrize("script", ["train", "pretrain"])
def test_training_needs_no_pipeline(script: str) -> None:
    """A machine rented for training has PyTorch and little else."""
    run_without(ABSENT, f"import {script}")


def test_no_module_grows_out_of_hand() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in MODULES.values()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 420
    }
    assert not long
