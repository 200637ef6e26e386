"""Search excerpts: the part of a note around the matching words."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import F, Func, JSONField, TextField, Value
from django.db.models.functions import JSONObject

from cases.people import names
from counseling.models import SessionNote
from counseling.models.notes.words import letters_asked, words_asked

Piece = tuple[str, bool]  # a stretch of text, and whether it is what was looked for
AROUND = 60  # characters shown before and behind what was found letter by letter
OPENS, CLOSES = "\ue000", "\ue001"  # in no alphabet: no one types them
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
    return notes.annotate(passages=_Marked(text, words_asked(words)), asked=Value(words, output_field=TextField()))


def of(note: SessionNote) -> list[tuple[str, list[Piece]]]:
    """Label and excerpt of each part that contains the words; none if only an addendum has them."""
    shortened: dict[str, Any] = getattr(note, "passages", None) or {"sections": {}, "risk_detail": ""}
    parts = [(part["label"], shortened["sections"].get(part["key"], ""), part["text"]) for part in note.parts]
    parts.append(("Risk screen", shortened["risk_detail"], note.risk_detail))
    found = [(label, _pieces(text, whole)) for label, text, whole in parts if OPENS in text]
    if found:
        return found
    letters = letters_asked(getattr(note, "asked", ""))
    return [(label, pieces) for label, _, whole in parts if (pieces := _by_letters(whole, letters))]


def _by_letters(whole: str, letters: list[str]) -> list[Piece]:
    """The text around the first of these words, ignoring accents; None if there is no match."""
    folded = [names.plain(each) for each in whole]
    starts = list(accumulate(map(len, folded), initial=0))  # where each character of the text begins in its plain form
    plain = "".join(folded)
    places = sorted((place, len(each)) for each in letters if (place := plain.find(each)) >= 0)
    if not places:
        return []
    place, length = places[0]
    first, last = bisect_right(starts, place) - 1, bisect_left(starts, place + length)
    begin, end = max(0, first - AROUND), min(len(whole), last + AROUND)
    before = ("… " if begin else "") + whole[begin:first]
    after = whole[last:end] + (" …" if end < len(whole) else "")
    pieces = [(before, False), (whole[first:last], True), (after, False)]
    return [piece for piece in pieces if piece[0]]


def _pieces(text: str, whole: str) -> list[Piece]:
    plain = text.replace(OPENS, "").replace(CLOSES, "")
    before = "" if whole.lstrip().startswith(plain[:12].lstrip()) else "… "
    after = "" if whole.rstrip(" \n.").endswith(plain[-12:].rstrip(" \n.")) else " …"
    halves = _HIT.split(f"{before}{text}{after}")  # what is before a hit, the hit, what is between …
    return [(piece, place % 2 == 1) for place, piece in enumerate(halves) if piece]
