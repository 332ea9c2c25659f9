"""`python -m tests.fuzz TARGET --minutes N`: look for input that breaks a target; keep what is found.

Random each time, and the seed is said.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
import traceback
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded

from tests.fuzz.targets import TARGETS, Target

FOUND = Path(__file__).parent / "found"
_ROUND = 200
"""Cases between two looks at the clock."""


def keep(name: str, data: bytes) -> Path:
    """Write a case down, where the tests find it."""
    folder = FOUND / name
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{hashlib.sha256(data).hexdigest()[:16]}.bin"
    path.write_bytes(data)
    return path


def look(name: str, target: Target, minutes: float, first: int) -> int:
    """How many cases were tried until the time was over.

    :raises Exception: whatever the target raised; the smallest case that does is kept.
    """
    last, tried, end = b"", 0, time.monotonic() + 60 * minutes

    def check(data: bytes) -> None:
        nonlocal last, tried
        last, tried = data, tried + 1
        target.run(data)

    number = first
    while time.monotonic() < end:
        options = settings(
            max_examples=_ROUND,
            deadline=None,
            derandomize=False,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink),
        )
        try:
            seeded(number)(options(given(target.cases)(check)))()
        except BaseException:
            # Hypothesis tries the smallest case that fails last.
            print(f"{name}: kept as {keep(name, last)}", file=sys.stderr)
            raise
        number += 1
    return tried


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description=(__doc__ or "").split("\n\n")[0]
    )
    parser.add_argument("target", choices=[*TARGETS, "all"])
    parser.add_argument("--minutes", type=float, default=1.0, help="for each target (default: 1)")
    parser.add_argument("--seed", type=int, default=None, help="begin with this one, to see a finding again")
    asked = parser.parse_args()
    failed = 0
    for name in TARGETS if asked.target == "all" else [asked.target]:
        first = random.randrange(2**32) if asked.seed is None else asked.seed
        print(f"{name}: from seed {first} for {asked.minutes:g} min …", flush=True)
        try:
            tried = look(name, TARGETS[name], asked.minutes, first)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            traceback.print_exc()
            failed += 1
        else:
            print(f"{name}: {tried:,} cases, nothing found", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
