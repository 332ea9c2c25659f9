from __future__ import annotations

import hashlib
import io
import zipfile

from flask.testing import FlaskClient

from tests.web.conftest import Filled


def test_the_pack_of_an_article_is_a_download_that_checks_out(filled: Filled, client: FlaskClient) -> None:
    page = client.get(f"/a/{filled.edited}", follow_redirects=True)
    assert f"/a/{filled.edited}/evidence.zip" in page.text
    answer = client.get(f"/a/{filled.edited}/evidence.zip")
    assert (answer.status_code, answer.content_type) == (200, "application/zip")
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.content_length == len(answer.data)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as package:
        sums = [line.split("  ", 1) for line in package.read("SHA256SUMS").decode().splitlines()]
        assert {"VERIFY.txt", "article/v1.json", "citation/v1/citation.ris"} <= {name for _, name in sums}
        for digest, name in sums:
            assert hashlib.sha256(package.read(name)).hexdigest() == digest


def test_there_is_none_of_what_is_not_there(client: FlaskClient) -> None:
    assert client.get("/a/abcdefghijkl/evidence.zip").status_code == 404
    assert client.get("/a/NO-SUCH.ID/evidence.zip").status_code == 404
