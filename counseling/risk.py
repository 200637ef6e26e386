"""What measures say of somebody's safety, for apps beside this one: named in settings, never imported."""

from __future__ import annotations

import datetime

from django.urls import reverse
from django.utils import timezone

from cases.closing import Hold
from cases.models import Client
from counseling.codes import Instrument
from counseling.measures import unanswered_alarms
from counseling.models import Measure


def readings(*, client: Client, on: datetime.date) -> list[tuple[str, datetime.datetime, bool, str]]:
    """The latest C-SSRS up to a local day, and answers that ask for a C-SSRS nobody has taken since.

    Each is a kind, a moment, whether it speaks against a demanding role, and a sentence.
    """
    end = datetime.datetime.combine(on + datetime.timedelta(days=1), datetime.time.min, client.clinic.zone)
    # only a high C-SSRS asks for an action, also one broken off before its last question; any other broken-off one
    # has no band and settles nothing
    screens = Measure.objects.counted().filter(client=client, taken_at__lt=end, instrument=Instrument.CSSRS)
    latest = screens.exclude(action="", band="").order_by("-taken_at", "-pk").first()
    found = []
    if latest is not None:
        sentence = f"The C-SSRS of {_day(latest.taken_at, client)} is high."
        found.append(("suicide risk", latest.taken_at, bool(latest.action), sentence))
    for measure in unanswered_alarms().filter(client=client, taken_at__lt=end).order_by("taken_at")[:1]:
        sentence = f"The {measure.get_instrument_display()} of {_day(measure.taken_at, client)} asks for a C-SSRS."
        found.append(("safety flag", measure.taken_at, True, sentence))
    return found


def closing_holds(*, client: Client, on: datetime.date) -> list[Hold]:
    """Measures up to a local day that ask for another one which nobody has taken since (PHQ-9 question 9: C-SSRS)."""
    end = datetime.datetime.combine(on + datetime.timedelta(days=1), datetime.time.min, client.clinic.zone)
    return [
        Hold(
            f"The {measure.get_instrument_display()} of {_day(measure.taken_at, client)} asks for the "
            f"{measure.get_requires_display()}, which nobody has asked since.",
            reverse("counseling:measure_new", args=[client.pk, measure.requires]),
            f"Ask the {measure.get_requires_display()} now",
        )
        for measure in unanswered_alarms().filter(client=client, taken_at__lt=end).order_by("taken_at", "pk")[:1]
    ]


def _day(moment: datetime.datetime, client: Client) -> str:
    day = timezone.localdate(moment, client.clinic.zone)
    return f"{day:%-d %b %Y}"
