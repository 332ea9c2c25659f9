"""Our CDXJ TimeMap, read by pywb, and beside the index that the field's indexer makes of the same files."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.memento.scene import PORTAL, Scene
from tests.preserve.judges import BIN, needs_judges

_READ = """
import json, sys
from pywb.warcserver.index.cdxobject import CDXObject
for line in sys.stdin.buffer:
    print(json.dumps(dict(CDXObject(line.rstrip()))))
"""
_SHARED = ("url", "status", "length", "offset", "filename")


@needs_judges
def test_pywb_reads_our_lines_and_its_indexer_makes_the_same(tmp_path: Path) -> None:
    scene = Scene.at(tmp_path)
    for stamp, text in (("20200105080000", b"<p>one</p>"), ("20210601120000", b"<p>two</p>")):
        scene.capture("/Tin/Mot.html?B=2&A=1", stamp, text)
    ours = scene.client().get(f"/timemap/cdxj/{PORTAL}/Tin/Mot.html?B=2&A=1").data
    read = subprocess.run([BIN / "python", "-c", _READ], input=ours, capture_output=True, check=True)
    lines = [json.loads(line) for line in read.stdout.splitlines()]
    assert [line["timestamp"] for line in lines] == ["20200105080000", "20210601120000"]

    files = sorted(scene.settings.warc_dir.glob("*.warc.gz"))
    made = subprocess.run([BIN / "cdxj-indexer", *files], capture_output=True, check=True, text=True)
    theirs = [json.loads(line.split(" ", 2)[2]) for line in made.stdout.splitlines()]
    pages = [record for record in theirs if record.get("mime") == "text/html"]
    pages.sort(key=lambda record: record["filename"])
    assert [_shared(line) for line in lines] == [_shared(record) for record in pages]


def _shared(record: dict[str, str]) -> dict[str, str]:
    return {name: record[name] for name in _SHARED}
