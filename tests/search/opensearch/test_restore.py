"""A backup of an archive whose index a cluster has, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archive.cli import main
from archive.config import Settings
from archive.search import indexer, open_backend
from archive.search.backend import SearchRequest
from archive.store import Store
from tests.opensearch.node import Node
from tests.store.scene import OTHER_BODY, OTHER_TITLE, Scene, article_html

PREFIX = "restored"


@pytest.fixture
def clustered(settings: Settings, opensearch_node: Node) -> Iterator[Scene]:
    made = Scene(replace(settings, search_engine=opensearch_node.setting(PREFIX)))
    made.get("/bai-1.html", article_html())
    indexer.update(made.store, made.settings)
    yield made
    made.close()
    opensearch_node.ask("DELETE", f"/{PREFIX}-*")


def run(settings: Settings, *words: str) -> Result:
    return CliRunner().invoke(main, [*words], env=settings.to_environment())


def test_a_restored_archive_is_led_to_build_the_clusters_index_anew(clustered: Scene, tmp_path: Path) -> None:
    """Also where the cluster has already seen more than the backup has."""
    settings = clustered.settings
    settings.index.joinpath("of-another-engine").write_bytes(b"from before the archive had a cluster")
    made = run(settings, "backup", str(tmp_path / "backup"), "--index")
    assert made.exit_code == 0, made.output
    assert "archive index rebuild" in made.stderr
    clustered.get("/bai-2.html", article_html(OTHER_TITLE, OTHER_BODY))
    indexer.update(clustered.store, settings)

    there = replace(settings, var=tmp_path / "new", index=tmp_path / "new-index")
    back = run(there, "restore", str(tmp_path / "backup"))
    assert back.exit_code == 0, back.output
    assert "Next: archive index rebuild; until then search finds what the cluster had" in back.stderr
    behind = run(there, "index", "update")
    assert behind.exit_code == 1
    assert "was made from another database" in behind.stderr
    assert "archive index rebuild" in behind.stderr
    built = run(there, "index", "rebuild")
    assert built.exit_code == 0, built.output
    with closing(Store.open(there.database_url)) as store, closing(open_backend(there)) as backend:
        found = backend.search(SearchRequest("")).hits
        assert [hit.id for hit in found] == store.article_ids()
        assert len(found) == 1
