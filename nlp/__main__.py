"""The ``pathcap`` command, also as ``python -m nlp``.

The command does without torch where nothing runs on a GPU. spaCy's library for networks takes torch in if it finds it,
for a second and 200 MB that are of no use here; so it is not to be found until all else is imported.
"""

import sys


def main() -> int:
    """Run the command with the arguments of the process, and return its exit status."""
    hidden = "torch" not in sys.modules
    if hidden:
        sys.modules["torch"] = None  # type: ignore[assignment]
    try:
        from nlp.cli import main as run
    finally:
        if hidden:
            del sys.modules["torch"]
    return run()


if __name__ == "__main__":
    sys.exit(main())
