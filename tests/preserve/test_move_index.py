"""The index moves to a real OpenSearch node while Whoosh goes on answering."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace

import pytest
from click.testing import CliRunner

from archive.cli import main
from archive.config import Settings
from archive.errors import SearchError
from archive.preserve import migrate
from archive.search import indexer, open_backend
from archive.search.backend import SearchRequest
from tests.opensearch.node import Node
from tests.store.scene import OTHER_BODY, OTHER_TITLE, Scene, article_html


def test_the_index_moves_and_the_one_in_use_goes_on(settings: Settings, opensearch_node: Node) -> None:
    with closing(Scene(settings)) as scene:
        for number in range(5):
            scene.get(f"/bai-{number}.html", article_html(f"{OTHER_TITLE} lần {number}", OTHER_BODY))
        indexer.rebuild(scene.store, settings)
        target = f"opensearch+{opensearch_node.url}/move"
        done = CliRunner().invoke(main, ["migrate", "--to", target], env=settings.to_environment())
        assert done.exit_code == 0, done.output
        assert "has the 5 articles of the database; whoosh is still in use" in done.stdout
        assert f'search_engine = "{target}"' in done.stdout
        with (
            closing(open_backend(settings)) as before,
            closing(open_backend(replace(settings, search_engine=target))) as after,
        ):
            asked = SearchRequest("máy thở", collapse=False)
            assert set(after.ids(asked)) == set(before.ids(asked))
            assert len(after.ids(asked)) == 5
        back = CliRunner().invoke(
            main, ["migrate", "--to", "whoosh", "--json"],
            env=replace(settings, search_engine=target).to_environment(),
        )  # fmt: skip
        assert (json.loads(back.stdout)["articles"], json.loads(back.stdout)["setting"]) == (
            5, 'search_engine = "whoosh"',
        )  # fmt: skip
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(indexer, "update", lambda *_: None)
            patch.setattr(migrate, "_ids", lambda *_: iter(["one-more"]))
            with pytest.raises(SearchError, match="has 5 articles of dam-ha, the database 1"):
                migrate.move_index(settings, target)
