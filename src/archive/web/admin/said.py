"""States, reasons, jobs and alarms in the words of the page's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archive.model import Reason
from archive.store.alarms import Alarm
from archive.store.jobs import Job, JobKind
from archive.watch.fields import Field
from archive.watch.words import value
from archive.web.language import gettext


def words() -> dict[str, Callable[..., str]]:
    """For the templates."""
    return {
        "said_text": said_text,
        "state_words": state_words,
        "reason_words": reason_words,
        "kind_words": kind_words,
        "job_words": job_words,
        "scope_words": scope_words,
        "alarm_field": alarm_field,
        "alarm_text": alarm_text,
    }


def said_text(key: str) -> str:
    """What an act has done, told on the page that follows it; "" for a key that is none."""
    texts = {
        "paused": gettext("Đã tạm dừng."),
        "resumed": gettext("Lịch lại thu thập trang nguồn này."),
        "asked": gettext("Đã ghi việc; archive scheduler sẽ làm."),
        "cancelled": gettext("Việc sẽ không làm nữa."),
        "acknowledged": gettext("Đã ghi nhận cảnh báo."),
        "withheld": gettext("Đã gỡ, có hiệu lực ngay."),
        "lifted": gettext("Đã hiện lại."),
        "answered": gettext("Đã trả lời."),
        "password": gettext("Đã đổi mật khẩu. Hãy đăng nhập lại."),
        "revoked": gettext("Khóa không còn dùng được, ở mọi nơi."),
        "why": gettext("Cần ghi lý do."),
        "no-address": gettext("Đó không phải địa chỉ của một trang."),
    }
    return texts.get(key, "")


def state_words(state: str) -> str:
    """Of a site, a job or a request."""
    texts = {
        "well": gettext("ổn"),
        "failing": gettext("cần xem"),
        "ended": gettext("bị ngắt"),
        "running": gettext("đang chạy"),
        "paused": gettext("tạm dừng"),
        "never": gettext("chưa thu thập"),
        "queued": gettext("đang chờ"),
        "done": gettext("xong"),
        "failed": gettext("hỏng"),
        "cancelled": gettext("đã thôi"),
        "new": gettext("mới"),
        "granted": gettext("đã làm"),
        "refused": gettext("không gỡ"),
    }
    return texts.get(state, state)


def reason_words(reason: str) -> str:
    """Why an address failed or was left out."""
    texts: dict[str, str] = {
        Reason.REFUSED_ADDRESS: gettext("địa chỉ bị từ chối (mạng riêng)"),
        Reason.DNS: gettext("không tìm thấy máy chủ"),
        Reason.CONNECT: gettext("không kết nối được"),
        Reason.TLS: gettext("chứng chỉ không hợp lệ"),
        Reason.TIMEOUT: gettext("quá lâu không trả lời"),
        Reason.TOO_LARGE: gettext("quá lớn"),
        Reason.CUT: gettext("bị cắt giữa chừng"),
        Reason.BAD_CONTENT: gettext("không giải mã được"),
        Reason.REDIRECTS: gettext("chuyển hướng vòng quanh"),
        Reason.HTTP: gettext("máy chủ báo lỗi"),
        Reason.ROBOTS: gettext("robots.txt không cho"),
        Reason.OUT_OF_SCOPE: gettext("ngoài phạm vi"),
        Reason.TRAP: gettext("bẫy địa chỉ vô tận"),
        Reason.SOFT_404: gettext("trang báo không có bài"),
        Reason.BOT_CHECK: gettext("trang kiểm tra rô-bốt"),
        Reason.LOGIN: gettext("trang đăng nhập"),
        Reason.EMPTY: gettext("trang rỗng"),
        Reason.EXTRACT: gettext("bộ tách gặp lỗi"),
        Reason.PAUSED: gettext("máy chủ được để nghỉ"),
        Reason.WITHHELD: gettext("đã hủy theo lệnh, không lưu lại"),
    }
    return texts.get(reason, reason)


def kind_words(kind: str) -> str:
    """What a job does."""
    texts: dict[str, str] = {
        JobKind.CRAWL: gettext("thu thập"),
        JobKind.RETRY: gettext("thử lại địa chỉ hỏng"),
        JobKind.INDEX_UPDATE: gettext("cập nhật chỉ mục"),
        JobKind.INDEX_REBUILD: gettext("dựng lại chỉ mục"),
        JobKind.CAPTURE: gettext("lưu một địa chỉ"),
        JobKind.VERIFY: gettext("kiểm tra bản lưu"),
        JobKind.BACKUP: gettext("sao lưu"),
        JobKind.EXTRACT: gettext("tách lại"),
    }
    return texts.get(kind, kind)


def job_words(job: Job) -> str:
    """A job with what it is about."""
    about = job.site or str(job.args.get("url", ""))
    reason = str(job.args.get("reason") or "")
    extra = f" ({reason_words(reason)})" if reason else ""
    return f"{kind_words(job.kind.value)}{f': {about}' if about else ''}{extra}"


def scope_words(scope: str) -> str:
    """What a takedown withholds."""
    texts = {
        "article": gettext("bài"),
        "version": gettext("một phiên bản"),
        "picture": gettext("ảnh"),
        "name": gettext("tên người"),
        "address": gettext("địa chỉ"),
    }
    return texts.get(scope, scope)


def alarm_field(alarm: Alarm) -> str:
    """What an alarm is about."""
    texts: dict[str, str] = {
        Field.RUN: gettext("lần thu thập hỏng"),
        Field.ARTICLES: gettext("không thấy bài nào"),
        Field.NEW: gettext("bài mới trong bảy ngày"),
        Field.TITLE: gettext("bài có tên"),
        Field.DATE: gettext("bài có ngày đăng"),
        Field.BODY: gettext("bài có nội dung"),
        Field.CAPTIONS: gettext("ảnh có chú thích"),
        Field.LENGTH: gettext("độ dài bài"),
        Field.RECOGNISED: gettext("bài cũ còn nhận ra"),
        Field.LISTS: gettext("danh sách có bài"),
        Field.PROFILE: gettext("trang đổi giao diện"),
        Field.BOT_CHECK: gettext("trang kiểm tra rô-bốt"),
        Field.SOFT_404: gettext("trang báo không có bài"),
        Field.FAILURES: gettext("địa chỉ hỏng"),
        Field.MISSING: gettext("trang đã mất"),
        Field.REFUSED: gettext("máy chủ từ chối"),
        Field.ERRORS: gettext("máy chủ báo lỗi"),
        Field.MOVED: gettext("chuyển hướng"),
        Field.ELSEWHERE: gettext("chuyển sang máy chủ khác"),
        Field.SLOW: gettext("trả lời chậm"),
    }
    return texts.get(alarm.finding.field, alarm.finding.field)


def alarm_text(alarm: Alarm) -> str:
    """An alarm in one line: what it is about, how it is now, what was usual."""
    finding = alarm.finding
    facts: dict[str, Any] = {
        "field": alarm_field(alarm),
        "now": value(finding.field, finding.now),
        "usual": value(finding.field, finding.usual),
    }
    return gettext("%(field)s: %(now)s, thường là %(usual)s", **facts)
