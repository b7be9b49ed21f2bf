"""Without a browser the tests of pages are skipped, but not where everything must be tested."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.conftest import REPOSITORY


@pytest.mark.parametrize(("ci", "status", "said"), [("", 0, "needs Chromium"), ("true", 1, "CI needs Chromium")])
def test_a_browser_that_is_absent(ci: str, status: int, said: str) -> None:
    pytest.importorskip("playwright", reason="needs the package playwright")
    tests = REPOSITORY / "tests" / "browser" / "test_report.py"
    run = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "test_paging", str(tests)],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env={**os.environ, "CI": ci, "PATH": "", "PATHCAP_CHROMIUM": ""},
    )
    assert (run.returncode, said in run.stdout) == (status, True), run.stdout
