"""Programs of others that read what pathcap writes, run apart: they have needs of their own.

INDRA and PyBEL pin or lack what pathcap needs otherwise. ``$PATHCAP_READERS`` is a Python that has them; without it the
one that runs the tests is asked, and tests skip if it has not. Made by

    python -m venv .readers
    .readers/bin/pip install future==1.0.0 pybel==0.15.5 "setuptools<81"
    .readers/bin/pip install --no-deps indra==1.24.0
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_HAS = "import sys; from importlib.util import find_spec; sys.exit(find_spec(sys.argv[1]) is None)"


def read_by(package: str, code: str, path: Path, home: Path) -> Any:
    """What ``code`` prints as JSON, on its last line, in a Python that has ``package``.

    ``code`` has the file's path as ``path``. ``home`` is an empty folder, where the package may keep its settings.
    """
    python = os.environ.get("PATHCAP_READERS")
    if subprocess.run([python or sys.executable, "-c", _HAS, package], check=False).returncode:  # noqa: S603
        if python:
            pytest.fail(f"$PATHCAP_READERS has no {package}", pytrace=False)
        pytest.skip(f"needs {package} (set PATHCAP_READERS, see tests/readers.py)")
    done = subprocess.run(  # noqa: S603
        [python or sys.executable, "-W", "ignore", "-c", f"import sys\npath = sys.argv[1]\n{code}", str(path)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=home,
        env={**os.environ, "HOME": str(home), "PYTHONUTF8": "1"},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
