"""Safety readings from measures and notes, for other apps; named in settings, never imported."""

from __future__ import annotations

import datetime
import zoneinfo

from django.db.models import CharField, Func, QuerySet
from django.urls import reverse
from django.utils import timezone

from cases.models import Client
from cases.safety import DangerRows, Row, RowSource, SafetyFact
from cases.safety.safety_holds import Hold
from counseling.codes import Instrument, RiskScreen
from counseling.models import Measure, SessionNote
from counseling.notes import reported_risk
from staff.days import day_in_words, end_of
from staff.reading import Reading, first, reads, rows, together

from .recording import unanswered_alarms

# A note that tells of a high risk again tells of another danger.
_TOLD_AT = Func(
    "high_risk_told_at",
    template="""to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')""",
    output_field=CharField(),
)


@reads
def readings(*, client: Client, on: datetime.date) -> Reading[list[tuple[str, datetime.datetime, bool, str]]]:
    """The latest C-SSRS up to a local day, and answers that require a C-SSRS not completed since.

    Each is a kind, a moment, whether it rules out a demanding role, and a sentence.
    """
    end = end_of(on, client.clinic.zone)
    # only a high C-SSRS asks for an action, also one broken off before its last question; any other broken-off one
    # has no band and settles nothing
    screens = Measure.objects.counted().filter(client=client, taken_at__lt=end, instrument=Instrument.CSSRS)
    latest, asking = yield from together(
        first(screens.exclude(action="", band="").order_by("-taken_at", "-pk")),
        rows(unanswered_alarms().filter(client=client, taken_at__lt=end).order_by("taken_at")[:1]),
    )
    found = []
    if latest is not None:
        sentence = f"The C-SSRS of {_day(latest.taken_at, client)} is high."
        found.append(("suicide risk", latest.taken_at, bool(latest.action), sentence))
    for measure in asking:
        sentence = f"The {measure.get_instrument_display()} of {_day(measure.taken_at, client)} requires a C-SSRS."
        found.append(("safety flag", measure.taken_at, True, sentence))
    return found


def _danger_queries(clients: QuerySet[Client]) -> list[DangerRows]:
    screened = Measure.objects.counted().filter(instrument=Instrument.CSSRS.value, client__in=clients)
    high = screened.exclude(action="")  # only a high one asks for anything
    told = SessionNote.objects.filter(high_risk_told_at__isnull=False, client__in=clients)
    # signed, or left, before the moment was kept
    noted = SessionNote.objects.filter(
        risk_screen=RiskScreen.HIGH.value, discarded_at=None, high_risk_told_at=None, client__in=clients
    )
    return [
        DangerRows("screener", high, "taken_at", "recorded_by_id"),
        DangerRows("note", told, "session_started_at", "author_id", _TOLD_AT, word_is_answered=True),
        DangerRows("note", noted, "session_started_at", "author_id"),
    ]


def _danger(row: Row) -> SafetyFact:
    kind, _, client_id, zone, at, by, _, key = row
    day = day_in_words(at.astimezone(zoneinfo.ZoneInfo(zone)).date())
    if kind == "note":
        sentence, page = f"The session note of {day} found high risk.", "counseling:notes"
    else:
        sentence, page = f"The C-SSRS screener of {day} is high.", "counseling:measures"
    return SafetyFact(client_id, at, sentence, reverse(page, args=[client_id]), by, key)


# High C-SSRS screeners and session notes that found a high risk (settings.SAFETY_SOURCES). A screener counts also where
# it was broken off after the answer that makes it high (Columbia Protocol: the highest answer decides), and not once it
# was taken back. A note counts as a draft, too: danger does not wait for a signature, and a draft that is lowered or
# discarded takes nothing back (reported_risk.py). No source: question 9 of the PHQ-9, which asks for the screener first
# (`closing_holds`); a safety plan, which says what helps and not that there is danger now; withdrawal scores, which a
# medical provider answers.
dangers = RowSource(
    _danger_queries,
    _danger,
    frozenset({"screener", "note"}),
    ("counseling.record_measure", "counseling.start_note", reported_risk.TOLD),
)


@reads
def closing_holds(*, client: Client, on: datetime.date) -> Reading[list[Hold]]:
    """Measures up to a local day that require another one not completed since (PHQ-9 question 9: C-SSRS)."""
    end = end_of(on, client.clinic.zone)
    asking = yield from rows(unanswered_alarms().filter(client=client, taken_at__lt=end).order_by("taken_at", "pk")[:1])
    return [
        Hold(
            f"The {measure.get_instrument_display()} of {_day(measure.taken_at, client)} requires the "
            f"{measure.get_requires_display()}, which has not been completed since.",
            reverse("counseling:measure_new", args=[client.pk, measure.requires]),
            f"Complete the {measure.get_requires_display()} now",
        )
        for measure in asking
    ]


def _day(moment: datetime.datetime, client: Client) -> str:
    day = timezone.localdate(moment, client.clinic.zone)
    return f"{day:%b %-d, %Y}"
