"""Error pages: what happened, and what to do next. None of them needs the store or the index."""

from __future__ import annotations

from flask import Flask, Response, current_app, g, render_template, request, url_for
from werkzeug.exceptions import HTTPException

from archive.coding import TooLargeError
from archive.errors import (
    ArchiveError,
    ContentError,
    SearchError,
    StorageError,
    StoreError,
    WarcError,
)
from archive.store import Takedown
from archive.web import words
from archive.web.gone import WithheldError
from archive.web.language import chosen, gettext
from archive.web.limits.refused import BusyError, KeyRefusedError, QuotaError
from archive.web.research import problems
from archive.web.resources import MOST_SHOWN, settings


def init(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(ArchiveError, _archive)
    app.register_error_handler(Exception, _unexpected)


def _http(error: HTTPException) -> Response | HTTPException:
    code = error.code or 500
    if code < 400:
        return error
    if problems.wanted():
        return problems.http(error)
    if isinstance(error, WithheldError):
        return _withheld(error.takedown)
    title, text = _refused(error) or _said(code, error.description or "")
    if isinstance(error, BusyError):
        response = _answer(code, _of_a_crowd(title, text))
    else:
        response = error_page(code, title, text)
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after", "www-authenticate"):
            response.headers[name] = value
    return response


def _refused(error: HTTPException) -> tuple[str, str] | None:
    """Of a request that is not answered for how often, by whom or when it was sent."""
    match error:
        case QuotaError():
            return (
                gettext("Quá nhiều yêu cầu"),
                gettext(
                    "Từ một nơi, kho trả lời %(number)s yêu cầu loại này trong %(seconds)s giây. Hãy đợi "
                    "%(wait)s giây rồi tải lại trang. Ai cần nhiều hơn, như để nghiên cứu, có thể xin khóa.",
                    number=error.rate.requests,
                    seconds=error.rate.seconds,
                    wait=error.wait,
                ),
            )
        case BusyError():
            return (
                gettext("Kho đang quá đông"),
                gettext(
                    "Nhiều người đang dùng kho cùng lúc. Hãy đợi %(wait)s giây rồi tải lại trang.",
                    wait=error.wait,
                ),
            )
        case KeyRefusedError():
            return (
                gettext("Khóa không dùng được"),
                gettext("Khóa gửi kèm không có hoặc đã bị thu hồi. Không gửi khóa thì vẫn đọc được."),
            )
    return None


def _withheld(takedown: Takedown) -> Response:
    """Since when and why, never what: an article's title would tell what was to be withheld."""
    legal = takedown.status == 451
    title = gettext("Không được hiển thị vì lý do pháp lý") if legal else gettext("Đã gỡ khỏi kho")
    text = gettext(
        "Nội dung này đã được gỡ ngày %(day)s. Địa chỉ này không bao giờ được dùng cho nội dung khác.",
        day=words.local_day(takedown.at),
    )
    response = error_page(
        takedown.status,
        title,
        text,
        said=takedown.reason,
        reference=takedown.id,
        policy=url_for("pages.removal"),
    )
    if legal:
        blocker = takedown.blocked_by or settings().public_base
        response.headers["Link"] = f'<{blocker}>; rel="blocked-by"'
    return response


def _said(code: int, detail: str) -> tuple[str, str]:
    match code:
        case 400 if detail == "host":
            return (
                gettext("Máy chủ này không phục vụ tên miền đó"),
                gettext("Hãy dùng địa chỉ chính thức của kho lưu trữ ở dưới."),
            )
        case 404:
            return (
                gettext("Không có trang này"),
                gettext(
                    "Có thể địa chỉ bị gõ thiếu, hoặc bài này chưa được lưu. Hãy thử tìm theo tên bài, "
                    "tên người hay tên xã."
                ),
            )
        case 405:
            return gettext("Trang này chỉ để đọc"), gettext("Hãy quay lại trang trước.")
        case 410:
            return (
                gettext("Bài này không còn trong kho"),
                gettext("Bài đã được gỡ. Địa chỉ này không bao giờ được dùng cho bài khác."),
            )
        case 414:
            return (
                gettext("Địa chỉ quá dài"),
                gettext("Câu hỏi dài hơn mức máy chủ nhận. Hãy tìm bằng ít từ hơn."),
            )
        case _ if code < 500:
            return (
                gettext("Yêu cầu không hợp lệ"),
                gettext("Máy chủ không hiểu yêu cầu này. Hãy quay lại trang đầu và thử lại."),
            )
        case _:
            return _broken()


def _broken() -> tuple[str, str]:
    return (
        gettext("Có lỗi ở phía chúng tôi"),
        gettext("Lỗi đã được ghi lại. Bài lưu không mất gì; hãy thử lại sau ít phút."),
    )


def _archive(error: ArchiveError) -> Response:
    if problems.wanted():
        return problems.archive(error)
    current_app.logger.error("%s: %s", type(error).__name__, error)
    match error:
        case SearchError():
            title = gettext("Tìm kiếm tạm nghỉ")
            text = gettext("Chỉ mục tìm kiếm chưa sẵn sàng. Các bài đã lưu vẫn đọc được bình thường.")
        case StoreError():
            title = gettext("Kho tạm thời không đọc được")
            text = gettext("Cơ sở dữ liệu chưa sẵn sàng. Hãy thử lại sau ít phút.")
        case StorageError():
            title, text = gettext("Bản lưu này chưa đọc được"), _broken()[1]
        case TooLargeError():
            title = gettext("Bản lưu này quá lớn để hiện ở đây")
            text = gettext(
                "Bản lưu có hơn %(size)s MB. Nó còn nguyên trong tệp lưu trữ: cần các byte của nó, hãy viết "
                "cho người quản lý kho, nêu địa chỉ này.",
                size=MOST_SHOWN >> 20,
            )
            return error_page(403, title, text, mend="`archive export` gives it within a WARC file.")
        case WarcError() | ContentError():
            title = gettext("Bản lưu này chưa đọc được")
            text = gettext("Tệp lưu trữ bị thiếu hoặc hỏng; người quản trị đã được báo trong nhật ký.")
        case _:
            return _unexpected(error)
    return error_page(503, title, text, mend=error.mend)


def _unexpected(error: Exception) -> Response:
    if problems.wanted():
        return problems.unexpected(error)
    if current_app.testing:
        raise error
    current_app.logger.exception("Unhandled error")
    return error_page(500, *_broken())


def error_page(code: int, title: str, text: str, mend: str = "", **facts: str) -> Response:
    """
    :param mend: how the admin mends it; shown as a line for admins, it names a command and no path.
    :param facts: of a takedown: `said` (its reason), `reference` (its id), `policy` (where to object).
    """
    return _answer(
        code, render_template("errors/error.html", code=code, title=title, text=text, mend=mend, **facts)
    )


def _of_a_crowd(title: str, text: str) -> str:
    """The page of a request that was refused since too many came, kept by its text: making it anew each time
    would cost three times what refusing does. So its link to the other language leads to the front page."""
    kept: dict[tuple[str, str], str] = current_app.extensions.setdefault("archive.crowd", {})
    key = (request.script_root, text)
    if key not in kept:
        language = chosen(settings())
        with current_app.test_request_context("/", environ_overrides={"SCRIPT_NAME": request.script_root}):
            g.language = language
            kept[key] = render_template("errors/error.html", code=503, title=title, text=text, mend="")
    return kept[key]


def _answer(code: int, html: str) -> Response:
    response = Response(html, status=code, content_type="text/html; charset=utf-8")
    response.vary.add("Cookie")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
