"""What the shape of an address says, without asking for it."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

# Addresses that never are news: files that are no pages, and functions of the site.
_NO_PAGE = re.compile(
    r"\.(?:css|js|json|ico|svg|png|jpe?g|gif|webp|avif|bmp|woff2?|ttf|eot|mp[34]|m4[av]|avi|wmv|flv|webm|mov|wav"
    r"|zip|rar|7z|gz|exe|apk|docx?|xlsx?|pptx?|pdf|ics|vcf)$",
    re.IGNORECASE,
)
_FUNCTION = re.compile(
    r"/(?:wp-login|wp-admin|wp-json|xmlrpc|login|logout|register|signin|dang-nhap|dang-ky|dang-xuat|users?|cart"
    r"|search|tim-kiem|_layouts|admin)(?:[./?]|$)|[?&](?:replytocom|share|print|action|s|q|keyword)=|[?&]print(?:&|$)",
    re.IGNORECASE,
)
_FEED_PATH = re.compile(
    r"/(?:feed|rss)/?$|\.(?:rss|atom)$|[?&](?:format=feed|feed=rss2?|type=rss)", re.IGNORECASE
)
_PAGE_IN_PATH = re.compile(r"/(?:page|trang)[-/]?\d+(?:\.html?)?/?(?=$|\?)", re.IGNORECASE)
_PAGE_PARAMETERS = frozenset(
    {
        "page",
        "trang",
        "paged",
        "start",
        "offset",
        "_cur",
        "cur",
        "pageindex",
        "pageno",
        "pagenumber",
        "p",
        "pg",
        "limitstart",
    }
)
_ID_PARAMETER = re.compile(r"(?:^|[?&])(?:nid|id|itemid|newsid|articleid|tintucid|p|post)=\d+", re.IGNORECASE)


def is_no_page(url: str) -> bool:
    """Whether an address is of a file that is no page, or of a function of the site (log in, search)."""
    return bool(_NO_PAGE.search(urlsplit(url).path) or _FUNCTION.search(url))


def is_feed(url: str) -> bool:
    """Whether an address looks like a feed's."""
    return _FEED_PATH.search(url) is not None


def like_article(url: str, text: str) -> bool:
    """A title for a label and a slug or number for a name: how portals link their articles."""
    name = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    name = re.sub(r"\.(?:html?|aspx?|php|jsp|chn|vnp|tpo)$", "", name, flags=re.IGNORECASE)
    hyphens = name.count("-") + name.count("_") + name.count("%20")
    is_title = len(text) >= 20 and text.count(" ") >= 3
    has_id = bool(re.search(r"\d{3,}", name) or _ID_PARAMETER.search(url))
    return (is_title and (hyphens >= 3 or has_id)) or hyphens >= 5


def list_key(url: str) -> str:
    """An address without what tells one page of a list from another: the list itself."""
    parts = urlsplit(_PAGE_IN_PATH.sub("/", url))
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [f"{name}={value}" for name, value in pairs if not _is_page_parameter(name)]
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}" + (f"?{'&'.join(kept)}" if kept else "")


def page_number(url: str) -> int:
    """Which page of its list an address is of; 1 when it does not say."""
    in_path = _PAGE_IN_PATH.search(url)
    told = [in_path[0]] if in_path else []
    told += [value for name, value in parse_qsl(urlsplit(url).query) if _is_page_parameter(name)]
    digits = re.search(r"\d{1,5}", told[0]) if told else None
    return int(digits[0]) if digits else 1


def _is_page_parameter(name: str) -> bool:
    # Liferay puts the portlet's name before: _101_INSTANCE_vaSo3hLrj2GF_cur
    return name.lower() in _PAGE_PARAMETERS or name.endswith(("_cur", "_delta", "_resetCur"))


def shape(url: str) -> str:
    """An address with its numbers taken out: what the pages of a calendar have in common."""
    parts = urlsplit(url)
    return re.sub(r"\d+", "#", f"{parts.netloc}{parts.path}?{parts.query}")


def repeats(url: str) -> bool:
    """Whether the path goes in circles (`/a/b/a/b/a/b`), as broken relative links make it do."""
    parts = [part for part in urlsplit(url).path.split("/") if part]
    return len(parts) > 15 or any(parts.count(part) > 3 for part in set(parts)) or _runs(parts)


def _runs(parts: list[str]) -> bool:
    return any(
        parts[i : i + n] == parts[i + n : i + 2 * n] == parts[i + 2 * n : i + 3 * n]
        for n in (1, 2, 3)
        for i in range(len(parts) - 3 * n + 1)
    )
