"""Pages as they are read: neither a new line in a template nor space at the edge of a block shows to anybody."""

from __future__ import annotations

import re
from typing import Any

_IN_TAGS = re.compile(r" (/?>)")
_EDGES = re.compile(r" ?(</?(?:dt|dd|td|th|tr|li|ul|ol|p|div|summary|details|option|button|label|h[1-4])\b[^>]*>) ?")


def as_read(answer: Any) -> str:
    """The HTML of an answer with each run of white space as one space, and none at the edge of a block or a cell."""
    return without_edges(answer.content.decode())


def without_edges(html: str) -> str:
    """The same of a part of a page."""
    return _EDGES.sub(r"\1", _IN_TAGS.sub(r"\1", " ".join(html.split())))
