"""The moment that a message is about: kept in its context as one fact, `at`, and put into words when it is written.

A client's time zone may change between the day on which a message is planned and the day on which it leaves. Words kept
with the message would tell the hour of another place.
"""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Mapping
from typing import Any

from reminders import languages
from reminders.languages import Language
from staff import typed_days


def kept(moment: datetime.datetime) -> str:
    """A moment as a context keeps it, in UTC: “2026-03-08T14:00:00+00:00”. Raises ValueError for a naive one."""
    if moment.utcoffset() is None:
        raise ValueError("A message is about a moment, not about what some clock shows.")
    return _utc(moment)


def read(text: object) -> datetime.datetime | None:
    """The moment that a context keeps; None if this is none, or not written as `kept` writes it."""
    moment = typed_days.moment_in_address(text) if isinstance(text, str) else None
    return moment if moment is not None and _utc(moment) == text else None


def said(context: Mapping[str, Any], zone: zoneinfo.ZoneInfo, language: Language) -> dict[str, Any]:
    """A message's variables: the day and time of its moment by the reader's clock, in their language.

    A context without a moment may have the words themselves, in English: a day that has no hour, or a message planned
    before moments were kept.
    """
    words = dict(context)
    if (moment := read(words.pop("at", None))) is not None:
        local = moment.astimezone(zone)
        words |= {"day": languages.day_words(local.date()), "time": f"{local:%-I:%M %p}"}
    if "day" in words:
        words["day"] = languages.day_in(language, words["day"])
    return words


def _utc(moment: datetime.datetime) -> str:
    try:
        return moment.astimezone(datetime.UTC).isoformat(timespec="seconds")
    except OverflowError:  # the year 1 or 9999, of another zone
        return ""
