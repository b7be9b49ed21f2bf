"""``python -m nlp`` is the ``pathcap`` command."""

import sys

from nlp.cli import main

sys.exit(main())
