"""On the path of child processes under `--store=postgresql`: they keep their archives there too."""

import importlib.util
import os
import sys
from pathlib import Path

# Another Python than the tests' own, as a command of a guide starts one, keeps no archive.
if os.environ.get("TESTS_POSTGRESQL") and importlib.util.find_spec("psycopg"):
    root = Path(__file__).parents[2]
    sys.path[:0] = [str(root / "src"), str(root)]
    from tests import postgresql

    postgresql.everywhere()
