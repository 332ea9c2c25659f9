"""On the path of child processes under `--store=postgresql`: they keep their archives there too."""

import os
import sys
from pathlib import Path

if os.environ.get("TESTS_POSTGRESQL"):
    root = Path(__file__).parents[2]
    sys.path[:0] = [str(root / "src"), str(root)]
    from tests import postgresql

    postgresql.everywhere()
