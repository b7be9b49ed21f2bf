from __future__ import annotations

import os
import string
import subprocess
import sys

import numpy as np
import pytest

from corpora.overlap import RUN, Protected, letters
from tests.conftest import REPOSITORY


def noise(random: np.random.Generator, length: int) -> str:
    return "".join(random.choice(list(string.ascii_lowercase + string.digits), length))


def test_letters_are_what_texts_are_compared_by() -> None:
    assert letters("TNF-α ( ＣＤ4⁺ ) binds.") == letters("tnf α, CD4+ binds") == "tnfαcd4binds"


def test_a_text_is_known_however_it_is_cut() -> None:
    assert "ERK binds TNF ." in Protected(["Erk binds TNF."])
    assert "ERK binds" not in Protected(["Erk binds TNF."])


def test_a_shared_stretch_is_found_wherever_it_stands() -> None:
    random = np.random.default_rng(1)
    shared = noise(random, 2 * RUN)
    protected = Protected([noise(random, 100) + shared + noise(random, 100)])
    assert f"{noise(random, 33)} {shared[:RUN]}-{shared[RUN:]} {noise(random, 50)}" in protected
    assert shared in protected


def test_most_shared_runs_of_forty_letters_are_enough() -> None:
    """One run in four is kept, so a stretch a little longer than a run is found nearly always."""
    random = np.random.default_rng(2)
    found = {RUN - 1: 0, RUN: 0, RUN + 12: 0}
    for length in found:
        for _ in range(300):
            shared = noise(random, length)
            protected = Protected([f"{noise(random, 50)} {shared} {noise(random, 50)}"])
            found[length] += f"{noise(random, 50)} {shared} {noise(random, 50)}" in protected
    assert found[RUN - 1] <= 3  # a letter beside it may happen to be the same
    assert 0.15 < found[RUN] / 300 < 0.35
    assert found[RUN + 12] / 300 > 0.93


def test_random_letters_are_not_known() -> None:
    random = np.random.default_rng(3)
    protected = Protected(noise(random, 20_000) for _ in range(20))
    assert not any(noise(random, 20_000) in protected for _ in range(20))


@pytest.mark.parametrize("seed", ["0", "1"])
def test_other_hash_seeds_find_the_same(seed: str) -> None:
    code = (
        "from corpora.overlap import Protected; known = Protected(['the quick drug binds the slow receptor ' * 3]);"
        "print('a quick drug binds the slow receptor the quick drug binds' in known, 'x' * 90 in known)"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONHASHSEED": seed},
    )
    assert done.stdout.split() == ["True", "False"]
