"""Where in a note the words stand that were looked for: the passage around them, for the eye to find them at once."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import F, Func, JSONField, Value
from django.db.models.functions import JSONObject

from counseling.models import SessionNote
from counseling.models.words import words_asked

Piece = tuple[str, bool]  # a stretch of text, and whether it is what was looked for
OPENS, CLOSES = "\ue000", "\ue001"  # of no alphabet: nobody types them
_OPTIONS = f'StartSel="{OPENS}", StopSel="{CLOSES}", MaxFragments=2, MaxWords=22, MinWords=8, FragmentDelimiter=" … "'
_HIT = re.compile(f"{OPENS}(.*?){CLOSES}", re.DOTALL)


class _Marked(Func):
    """ts_headline over the strings of a JSON value: each in short, with the words that were looked for marked."""

    function = "ts_headline"
    template = "%(function)s('english'::regconfig, %(expressions)s)"
    output_field = JSONField()

    def __init__(self, json: Any, asked: SearchQuery) -> None:
        super().__init__(json, asked, Value(_OPTIONS))


def marked(notes: Any, words: str) -> Any:
    """The notes with what `of` reads, in the same query."""
    text = JSONObject(sections=F("sections"), risk_detail=F("risk_detail"))
    return notes.annotate(passages=_Marked(text, words_asked(words)))


def of(note: SessionNote) -> list[tuple[str, list[Piece]]]:
    """Label and pieces of each part in which the words stand; none where only an addendum has them."""
    shortened: dict[str, Any] = getattr(note, "passages", None) or {"sections": {}, "risk_detail": ""}
    parts = [(part["label"], shortened["sections"].get(part["key"], ""), part["text"]) for part in note.parts]
    parts.append(("Risk screen", shortened["risk_detail"], note.risk_detail))
    return [(label, _pieces(text, whole)) for label, text, whole in parts if OPENS in text]


def _pieces(text: str, whole: str) -> list[Piece]:
    plain = text.replace(OPENS, "").replace(CLOSES, "")
    before = "" if whole.lstrip().startswith(plain[:12].lstrip()) else "… "
    after = "" if whole.rstrip(" \n.").endswith(plain[-12:].rstrip(" \n.")) else " …"
    halves = _HIT.split(f"{before}{text}{after}")  # what is before a hit, the hit, what is between …
    return [(piece, place % 2 == 1) for place, piece in enumerate(halves) if piece]
