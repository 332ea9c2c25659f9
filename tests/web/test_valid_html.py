"""Every page is valid HTML, whatever a portal wrote into its texts."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import Filled
from tests.web.judges import needs_nu, nu
from tests.web.site_pages import pages


@needs_nu
def test_the_nu_validator_finds_nothing(client: FlaskClient, filled: Filled, tmp_path: Path) -> None:
    documents = {path: client.get(path, follow_redirects=True).text for path in pages(filled)}
    assert nu(documents, tmp_path) == []


@needs_nu
@pytest.mark.parametrize("broken", ["<p><div></p>", "<img src=x>", '<p id="a"><p id="a">'])
def test_the_validator_would_find_something(broken: str, tmp_path: Path) -> None:
    html = f'<!DOCTYPE html><html lang="vi"><title>x</title>{broken}</html>'
    assert nu({"x": html}, tmp_path)
