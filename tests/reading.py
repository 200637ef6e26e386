"""Pages as they are read: neither a new line in a template nor space at the edge of a cell shows to anybody."""

from __future__ import annotations

import re
from typing import Any

_EDGES = re.compile(r" ?(</?(?:dt|dd|td)\b[^>]*>) ?")


def as_read(answer: Any) -> str:
    """The HTML of an answer with each run of white space as one space, and none at the edge of a term or a cell."""
    return without_edges(answer.content.decode())


def without_edges(html: str) -> str:
    """The same of a part of a page."""
    return _EDGES.sub(r"\1", " ".join(html.split()))
