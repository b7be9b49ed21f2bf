"""The public names: they are what ``nlp.__all__`` says, each is documented, and each example runs."""

import doctest
import inspect
import types
from collections.abc import Iterator
from typing import Any

import pytest

import nlp
from nlp import Pipeline, spacy_component

PUBLIC = sorted(set(nlp.__all__) - {"__version__"})
# Of these only what ``pathcap`` itself defines is looked at, not what classes inherit.
FINDER = doctest.DocTestFinder(exclude_empty=True)


@pytest.fixture
def shared_pipeline(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """Examples that load the model that comes with pathcap get the one that is loaded already."""
    load = Pipeline.load

    def loaded(*args: Any, **options: Any) -> Pipeline:
        return load(*args, **options) if args or options else pipeline

    monkeypatch.setattr(Pipeline, "load", loaded)


def run(tests: list[doctest.DocTest]) -> int:
    """Run examples, and return how many there are."""
    runner = doctest.DocTestRunner(verbose=False)
    told: list[str] = []
    for test in tests:
        runner.run(test, out=told.append)
    assert not runner.failures, "".join(told)
    return sum(len(test.examples) for test in tests)


def test_all_public_names_and_no_other() -> None:
    bound = {name for name, value in vars(nlp).items() if not isinstance(value, types.ModuleType)}
    assert {name for name in bound if not name.startswith("_")} | {"Pipeline", "__version__"} == set(nlp.__all__)
    assert dir(nlp) == sorted(nlp.__all__) == nlp.__all__
    assert nlp.__version__.count(".") == 2


@pytest.mark.parametrize("name", PUBLIC)
def test_the_example_of_a_public_name_runs(name: str, shared_pipeline: None) -> None:
    assert run(FINDER.find(getattr(nlp, name), name)), f"{name} has no example"


def test_the_examples_of_modules_run(shared_pipeline: None) -> None:
    for module in (nlp, spacy_component):
        (own,) = (test for test in FINDER.find(module, module.__name__) if test.name == module.__name__)
        assert run([own])


def members() -> Iterator[tuple[str, Any]]:
    """All public methods and properties that public classes define."""
    for name in PUBLIC:
        for member, value in vars(getattr(nlp, name)).items():
            found = value.__func__ if isinstance(value, classmethod) else value
            if not member.startswith("_") and (inspect.isfunction(found) or isinstance(found, property)):
                yield f"{name}.{member}", found


@pytest.mark.parametrize(("name", "member"), [pytest.param(*item, id=item[0]) for item in members()])
def test_a_public_member_is_documented(name: str, member: Any) -> None:
    assert inspect.getdoc(member), name


@pytest.mark.parametrize("name", [name for name in PUBLIC if not issubclass(getattr(nlp, name), Exception)])
def test_attributes_are_told(name: str) -> None:
    documented = inspect.getdoc(getattr(nlp, name)) or ""
    for field in getattr(getattr(nlp, name), "__dataclass_fields__", {}):
        assert f"{field}:" in documented or f"{field}, " in documented, f"{name} does not tell what {field} is"
