"""docs/api.md: its commands work, in a shell, against the archive as it is served, and print what it says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.web.library import Library
from tests.web.live import gunicorn

GUIDE = Path(__file__).parents[2] / "docs/api.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PORTS = "http://127.0.0.1:8000"


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_every_command_prints_what_the_guide_says(library: Library, tmp_path: Path) -> None:
    blocks = BLOCK.findall(GUIDE.read_text("utf-8"))
    with gunicorn(library.settings) as port:
        script = ["set -eu"]
        for number, (language, text) in enumerate(blocks):
            here = text.replace(PORTS, f"http://127.0.0.1:{port}")
            script.append(f"printf '\\n@@{number}\\n'")
            if language == "sh":
                script.append(here)
            elif language == "python":
                (tmp_path / "example.py").write_text(here, "utf-8")
                script.append("python3 example.py")
        environ = os.environ | library.settings.to_environment()
        environ["PATH"] = f"{Path(sys.executable).parent}:{environ['PATH']}"
        done = subprocess.run(
            ["bash", "-c", "\n".join(script)], cwd=tmp_path, env=environ, capture_output=True, text=True
        )
    assert done.returncode == 0, done.stdout[-500:] + done.stderr
    printed = dict(re.findall(r"^@@(\d+)\n(.*?)(?=^@@|\Z)", done.stdout, re.MULTILINE | re.DOTALL))
    compared = 0
    for number, (language, text) in enumerate(blocks):
        # What follows no command states a form and not what is printed.
        if language != "text" or blocks[number - 1][0] == "text":
            continue
        for line in text.splitlines():
            compared += 1
            wanted = re.escape(line.strip()).replace("…", ".*")
            assert re.search(wanted, printed[str(number - 1)]), (line, printed[str(number - 1)])
    assert compared > 12
