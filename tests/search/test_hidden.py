"""What is hidden is not there, in any respect: as the index must answer between a takedown and its commit."""

from __future__ import annotations

from archive.search.backend import Batch, SearchBackend, SearchPage, SearchRequest
from tests.search.samples import doc

TITLE = "Kết luận thanh tra thửa đất Xuân Quýnh"
BODY = "Đoàn kiểm tra làm việc với các hộ dân về việc giao đất và cấp giấy chứng nhận quyền sử dụng đất. " * 3


def fill(backend: SearchBackend) -> None:
    backend.apply(
        Batch(
            [
                doc(
                    "secret",
                    TITLE,
                    body=BODY,
                    section="Thanh tra đất",
                    attachments=("Danh sách của Xuân Quýnh",),
                    keywords=(("person", "Xuân Quýnh"), ("place", "xã Thanh tra đất")),
                ),
                doc("copy", "Thông báo của đoàn kiểm tra", body=BODY),
                doc("other", "Kết luận hội nghị Ban Chấp hành", body="Hội nghị bàn việc giao đất."),
            ],
            (),
            1,
        )
    )


def everything(backend: SearchBackend) -> list[SearchPage]:
    questions = (
        "",
        "xuân quýnh",
        "quynh",
        '"thửa đất xuân quýnh"',
        "đất",
        "xuan quynk",
        "kết luận",
        "person:quýnh",
    )
    return [backend.search(SearchRequest(q=q)) for q in questions]


def test_what_is_hidden_is_in_no_answer(backend: SearchBackend) -> None:
    fill(backend)
    before = repr(everything(backend))
    backend.hide({"secret"})
    pages = everything(backend)
    told = repr(pages)
    assert "Quýnh" in before
    assert "Quýnh" not in told.replace("q='xuân quýnh'", "")
    assert "secret" not in told
    assert "Thanh tra đất" not in told
    everything_page = pages[0]
    assert everything_page.total == 2
    assert [hit.copies for hit in everything_page.hits] == [1, 1]
    assert pages[1].total == 0
    assert pages[5].suggestion == ""
    assert backend.count() == 2


def test_what_is_hidden_is_not_completed_and_not_related(backend: SearchBackend) -> None:
    fill(backend)
    assert any("Quýnh" in item.text for item in backend.complete("kết luận", 8))
    backend.hide({"secret"})
    for typed in ("kết luận", "thanh tra", "xuân", "thửa đ"):
        assert not any("quýnh" in item.text.lower() for item in backend.complete(typed, 8)), typed
        assert not any("thanh tra" in item.text.lower() for item in backend.complete(typed, 8)), typed
    assert all(hit.id != "secret" for hit in backend.related("other", 5))
    assert backend.related("secret", 5) == []


def test_hiding_is_undone_by_hiding_something_else(backend: SearchBackend) -> None:
    fill(backend)
    backend.hide({"secret"})
    assert backend.count() == 2
    backend.hide(())
    assert backend.count() == 3
    assert backend.search(SearchRequest(q="xuân quýnh")).total == 1


def test_what_was_deleted_is_in_no_answer_either(backend: SearchBackend) -> None:
    fill(backend)
    backend.apply(Batch((), ["secret"], 2))
    told = repr(everything(backend)[0]) + repr(backend.complete("kết luận", 8))
    assert "Quýnh" not in told
    assert backend.search(SearchRequest(q="xuan quynk")).suggestion == ""
