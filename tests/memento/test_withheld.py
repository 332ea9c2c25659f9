"""What was taken down is not shown here either: replay, raw bytes, TimeMaps, calendar, finder, ledger."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from archive.preserve import takedown
from archive.preserve.takedown import Order
from archive.store.takedowns import Scope
from tests.memento.scene import PORTAL, Scene

T1, T2, T3 = "20220101000000", "20220601000000", "20220701000000"
SECRET = f"{PORTAL}/tin/bi-mat-thua-dat-so-17.html"
TELLING = "Bãi Vọoc"


@dataclass
class Hidden:
    scene: Scene
    client: FlaskClient
    article: str

    def withhold(self, scope: Scope, target: str, status: int = 410) -> None:
        order = Order(scope=scope, target=target, reason="Theo yêu cầu.", by="admin", status=status)
        takedown.withhold(self.scene.store, self.scene.settings, order, index=False)


@pytest.fixture
def hidden(tmp_path: Path) -> Hidden:
    scene = Scene.at(tmp_path)
    article = scene.article(SECRET, T1, "Kết luận về Bãi Vọoc", "Thửa 17 rộng 120 mét vuông.")
    scene.article(SECRET, T2, "Kết luận về Bãi Vọoc", "Thửa 17 rộng 150 mét vuông.")
    scene.capture(SECRET, T3, b"x", status=404)
    scene.article("/tin/khac.html", T1, "Bài khác", "Không liên quan gì cả.")
    return Hidden(scene, scene.client(), article)


def ways(article: str) -> list[str]:
    return [
        f"/web/{SECRET}",
        f"/web/{T1}/{SECRET}",
        f"/web/{T1}id_/{SECRET}",
        f"/web/{T2}if_/{SECRET}",
        f"/web/2022/{SECRET}",
        f"/web/*/{SECRET}",
        f"/web/202201*/{SECRET}",
        *(f"/timemap/{form}/{SECRET}" for form in ("link", "json", "cdxj")),
        f"/a/{article}/diff/1/2",
    ]


@pytest.mark.parametrize(("scope", "status"), [(Scope.ARTICLE, 410), (Scope.ADDRESS, 451)])
def test_a_withheld_article_is_gone_on_every_way(hidden: Hidden, scope: Scope, status: int) -> None:
    for way in ways(hidden.article):
        assert hidden.client.get(way, follow_redirects=True).status_code == 200, way
    assert TELLING in hidden.client.get("/sua-doi").text

    hidden.withhold(scope, hidden.article if scope is Scope.ARTICLE else SECRET, status)

    for way in ways(hidden.article):
        answer = hidden.client.get(way)
        assert answer.status_code == status, way
        assert TELLING not in answer.text
        assert "Memento-Datetime" not in answer.headers
    for way in ("/sua-doi", f"/tim?url={SECRET}", "/tim?url=http://khac.example/bi-mat-thua-dat-so-17.html"):
        assert TELLING not in hidden.client.get(way).text, way
    assert hidden.client.get(f"/web/{T1}/{PORTAL}/tin/khac.html").status_code == 200


def test_an_etag_does_not_bring_it_back(hidden: Hidden) -> None:
    tag = hidden.client.get(f"/web/{T1}/{SECRET}").headers["ETag"]
    hidden.withhold(Scope.ARTICLE, hidden.article)
    answer = hidden.client.get(f"/web/{T1}/{SECRET}", headers={"If-None-Match": tag})
    assert answer.status_code == 410


def test_a_withheld_version_leaves_the_other_captures(hidden: Hidden) -> None:
    hidden.withhold(Scope.VERSION, f"{hidden.article}/2")
    assert hidden.client.get(f"/web/{T2}/{SECRET}").status_code == 410
    assert hidden.client.get(f"/web/{T1}/{SECRET}").status_code == 200
    assert f"/web/{T2}/" not in hidden.client.get(f"/timemap/link/{SECRET}").text
    assert hidden.client.get(f"/web/{SECRET}").headers["Location"] == f"/web/{T1}/{SECRET}"
    assert "150" not in hidden.client.get("/sua-doi").text


def test_a_withheld_name_hides_the_pages_in_which_it_stands(hidden: Hidden) -> None:
    hidden.withhold(Scope.NAME, TELLING)
    for kind in ("", "id_", "if_"):
        assert hidden.client.get(f"/web/{T1}{kind}/{SECRET}").status_code == 410
    assert TELLING not in hidden.client.get("/sua-doi").text
    assert TELLING not in hidden.client.get(f"/tim?url={SECRET}").text


def test_a_withheld_picture_is_not_replayed(hidden: Hidden) -> None:
    body = b"\xff\xd8\xff" + b"0" * 50
    hidden.scene.capture("/anh.jpg", T1, body, mime="image/jpeg")
    hidden.withhold(Scope.PICTURE, f"sha256:{hashlib.sha256(body).hexdigest()}")
    for kind in ("im_", "id_", ""):
        assert hidden.client.get(f"/web/{T1}{kind}/{PORTAL}/anh.jpg").status_code == 410
