"""What the names on an element (class, id, role, itemprop) and its tag say about the text within it.

Names are a habit of the trade, not a standard: each role below is one pattern over the words that themes,
portals and newspapers use for it, in English and in Vietnamese. A role is evidence for the reading of
the page's shape, never alone a reason to keep or drop a text; only `HIDDEN` text is left out at once.
"""

from __future__ import annotations

import re
from enum import IntFlag

from archive.extract.openings import Openings
from archive.extract.tree import Element


class Role(IntFlag):
    """Roles of an element; a line has those of all elements around it."""

    NAV = 1
    HEADER = 2
    FOOTER = 4
    ASIDE = 8
    FORM = 16
    COMMENTS = 32
    RELATED = 64
    SHARE = 128
    META = 256
    AUTHOR = 512
    TAGS = 1024
    AD = 2048
    SUBSCRIBE = 4096
    CAPTION = 8192
    CONTENT = 16384
    HIDDEN = 32768
    DIALOG = 65536
    TEASER = 131072
    MEDIA = 262144
    LEAD = 524288
    ARTICLE = 1048576
    MAIN = 2097152
    LIST = 4194304
    TABLE = 8388608
    QUOTE = 16777216
    TOC = 33554432


ROLES = tuple(Role)

_NAMES: tuple[tuple[Role, str], ...] = (
    (
        Role.NAV,
        r"\bnav|navi|menu|breadcrumb|bread-crumb|crumb|paging|pagination|pager|prev-?next|post-?link"
        r"|skip-?link|duong-dan",
    ),
    (Role.HEADER, r"header|masthead|topbar|top-bar|\bhead\b|banner|slogan|logo"),
    (Role.FOOTER, r"footer|\bfoot\b|copyright|colophon|bottom-bar|footnote"),
    (Role.ASIDE, r"sidebar|side-bar|\baside|complementary|widget|\brail\b|right-?col|col-?right|cot-?phai"),
    (Role.FORM, r"\bform|search|login|signin|signup|contact-form|survey|\bpoll|wpcf|hs-form"),
    (
        Role.COMMENTS,
        r"comment|disqus|respond|discuss|reply|replies|binh-?luan|y-?kien|feedback|reviews?-list",
    ),
    (
        Role.RELATED,
        r"relat|recommend|more-?(from|stor|news|post|article|on|in)|also-?(like|read)|read-?(next"
        r"|more|also)|up-?next|next-?up"
        r"|popular|trending|most-?(read|view)|latest|recent|similar|suggest|outbrain|taboola|zergnet"
        r"|jp-relatedposts|yarpp|crp-"
        r"|lien-?quan|lienquan|tin-?(khac|moi|da)|cac-?tin|cung-?chuyen|relate|tinkhac|tinlq"
        r"|doc-?them|xem-?them|bai-?khac|\brl\b|news-?other|othernews",
    ),
    (
        Role.SHARE,
        r"share|sharing|social|addthis|addtoany|aa-|follow-|\bfollow\b|sns-|fb-like|zalo|chia-?se"
        r"|print|tool-?bar|toolbar",
    ),
    (
        Role.META,
        r"\bmeta|meta\b|dateline|\bdate|date\b|time\b|timestamp|published|posted|post-info"
        r"|entry-info|views?\b|luot-?xem|ngay-?dang|\binfo\b|kicker|eyebrow|read(ing)?-?time",
    ),
    (
        Role.AUTHOR,
        r"author|byline|\bby-|\bby\b|writer|contributor|\bbio\b|tac-?gia|nguon|signature|vcard|about-the",
    ),
    (
        Role.TAGS,
        r"\btags?\b|tag-?(list|cloud|links|s)|-tags?\b|post-?tags|keyword|categor|topic|\blabels?\b"
        r"|tu-?khoa|\bterms?\b|hashtag|taxonomy",
    ),
    (
        Role.AD,
        r"\bads?\b|\bad-|-ads?\b|adsense|advert|sponsor|promo|dfp|banner-?ad|quang-?cao|\bgpt-"
        r"|adslot|affiliate|disclosure|disclaimer",
    ),
    (
        Role.SUBSCRIBE,
        r"newsletter|subscri|sign-?up|optin|opt-in|paywall|\bcta\b|-cta|cta-|call-?to-?action"
        r"|membership|donat|download-?app|mailchimp|lead-?magnet",
    ),
    (
        Role.CAPTION,
        r"caption|figcaption|credit|image-desc|desc-cation|psaboxfooter|expedit|cutline|chu-?thich"
        r"|img-?(desc|note)|photocms-|pcaption|fig-?picture",
    ),
    (
        Role.CONTENT,
        r"article-?_?-?(body|content|text|detail|copy)|(entry|post|story|news|blog|page|main|single"
        r"|detail|body|rich|field)-?_?-?(content|body|text|copy)"
        r"|articlebody|content-?_?(body|detail|text|article|main)|bodytext|body-?copy|\bprose\b"
        r"|richtext|wysiwyg|rte\b|ms-rtestate|externalclass|noi-?dung|chi-?tiet|\bcms-body"
        r"|text-?block|text-?content|markdown|mw-parser-output|elementor-widget-text|story--"
        r"|article--|post-entry|\bentry\b",
    ),
    (
        Role.HIDDEN,
        r"^(hidden|d-none|(u-)?visually-?hidden|sr-only|screen-reader(-text)?|(u-)?hide|is-hidden"
        r"|display-none|element-invisible)$",
    ),
    (
        Role.DIALOG,
        r"modal|popup|pop-up|cookie|consent|gdpr|overlay|lightbox|onetrust|didomi|alert|notice|toast|tooltip",
    ),
    (
        Role.TEASER,
        r"teaser|\bcards?\b|-card|card-|promo|tile|\bgrid|feature[ds]?-|carousel|slider|swiper|slick"
        r"|listing|loop|archive|\bitem-?list|news-?list|product|shop|price|cart",
    ),
    (
        Role.MEDIA,
        r"video|player|audio|gallery|slideshow|\bimage|photo|embed|podcast|figure|thumbnail|media\b",
    ),
    (
        Role.LEAD,
        r"\blead\b|\blede\b|sapo|standfirst|\bdek\b|\bdeck\b|sub-?(title|head|heading|headline)"
        r"|excerpt|summary|hometext|tagline|description|abstract|key-?(points|takeaways)|intro\b"
        r"|highlights",
    ),
    (
        Role.ARTICLE,
        r"\barticle|\bpost\b|-article|article-|hentry|single-?post|blog-?post|news-?detail|story\b|type-post",
    ),
    (Role.MAIN, r"\bmain\b|main-|-main|primary"),
    (
        Role.TOC,
        r"\btoc\b|table-?of-?contents|ez-toc|jump-?(to|links)|anchor-?links|on-this-page|muc-?luc"
        r"|contents-list",
    ),
)
_PATTERNS = Openings((int(role), pattern) for role, pattern in _NAMES)
_TAGS: dict[str, int] = {
    key: int(value)
    for key, value in {
        "nav": Role.NAV,
        "header": Role.HEADER,
        "footer": Role.FOOTER,
        "aside": Role.ASIDE,
        "form": Role.FORM,
        "figcaption": Role.CAPTION,
        "figure": Role.MEDIA,
        "time": Role.META,
        "address": Role.AUTHOR,
        "article": Role.ARTICLE,
        "main": Role.MAIN,
        "ul": Role.LIST,
        "ol": Role.LIST,
        "dl": Role.LIST,
        "table": Role.TABLE,
        "blockquote": Role.QUOTE,
        "dialog": Role.DIALOG,
        "button": Role.FORM,
        "select": Role.FORM,
        "menu": Role.NAV,
    }.items()
}
_cache: dict[str, int] = {}
_CACHE_SIZE = 50_000


def roles_of(element: Element) -> int:
    """The roles that the element's own tag and names give it."""
    role = _TAGS.get(element.tag, _NONE)
    for attribute, value in element.items():
        if attribute in _NAMING:
            known = _cache.get(value)
            role |= _of_names(value) if known is None else known
        elif attribute == "style":
            if _INVISIBLE_STYLE.search(value):
                role |= HIDDEN
        elif attribute == "hidden":
            role |= HIDDEN
    return role


_NAMING = frozenset(("class", "id", "role", "itemprop"))
_NONE = 0
HIDDEN = int(Role.HIDDEN)
_INVISIBLE_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def _of_names(value: str) -> int:
    """The roles in an attribute's names. Cached by the whole value: the rows of a list have the same."""
    role = _NONE
    for name in value.split()[:40]:
        known = _cache.get(name)
        role |= _named(name) if known is None else known
    if len(value) < _LONG:
        _cache[value] = role
    return role


_LONG = 1_000
"""Characters from which on names are not remembered: bounds memory."""


def is_utility(name: str) -> bool:
    """Whether a name is a layout name of a utility framework: it says nothing of what it names."""
    return _UTILITY.match(name.lower()) is not None


def _named(name: str) -> int:
    """The roles in one name. Cached by name, and by the name without its numbers: `menu-item-1234`."""
    stem = name[:80].translate(_NO_DIGITS)
    known = _cache.get(stem)
    if known is None:
        text = stem.lower().replace("_", "-")
        known = 0
        if len(text) > 2 and not _UTILITY.match(text):
            known = _PATTERNS.found(text)
    if len(_cache) > _CACHE_SIZE:
        _cache.clear()
    _cache[stem] = known
    if len(name) < _LONG:
        _cache[name] = known
    return known


_NO_DIGITS = dict.fromkeys(range(0x30, 0x3A))
# Layout names of utility frameworks (`md:px-4`, `col-12`): thousands of them, none says what the text is.
_UTILITY = re.compile(
    r"^(?:[a-z0-9]{1,3}:|!?-?(?:[mp][trblxyse]?|w|h|col|row|gap|flex|justify|items|text|font"
    r"|leading|bg|border|rounded|z|min|max|space|top|left|css|sc)-)[\w.\[\]%/-]*$"
)
