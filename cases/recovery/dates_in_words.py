"""Dates of returns to use in words, to the precision known."""

from __future__ import annotations

import datetime

from django.utils import formats

from cases.codes import Precision
from cases.models import Relapse

_FORMATS = {Precision.DAY: "M j, Y", Precision.MONTH: "M Y", Precision.YEAR: "Y", Precision.UNKNOWN: "M Y"}


def known_to(day: datetime.date | None, precision: str) -> str:
    """A date to the precision known: “Mar 5, 2026”, “about Mar 2026”, “about 2026”, “unknown, possibly Mar 2026”."""
    if day is None:
        return ""
    said = formats.date_format(day, _FORMATS[Precision(precision)])
    about = {Precision.DAY: "", Precision.UNKNOWN: "unknown, possibly "}.get(Precision(precision), "about ")
    return f"{about}{said}"


def span_in_words(relapse: Relapse) -> str:
    """From when to when: “Mar 2, 2026 to about Apr 2026”, “about Jun 2026”, “Mar 2, 2026, stopped, date unknown”."""
    began = known_to(relapse.started_on, relapse.started_precision)
    if relapse.ended_on is None:
        return f"{began}, ongoing"
    if relapse.ended_precision == Precision.UNKNOWN:
        return f"{began}, stopped, date unknown"
    ended = known_to(relapse.ended_on, relapse.ended_precision)
    return began if ended == began else f"{began} to {ended}"


def kind_in_a_word(relapse: Relapse) -> str:
    """The kind without its explanation: “Lapse”, “Relapse”, “Not yet determined”."""
    return relapse.get_kind_display().partition(" (")[0]
