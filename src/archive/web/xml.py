"""XML as it may go out: what a portal or a reader wrote can hold characters that no XML document may."""

from __future__ import annotations

import re
from typing import Any

from flask import render_template

# XML 1.0, section 2.2: all others may not stand in a document, not even as a reference.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def rendered(template: str, /, **facts: Any) -> str:
    """A template of XML, filled in and without the characters that would make it unreadable as a whole."""
    return _FORBIDDEN.sub("", render_template(template, **facts))
