"""What a place, a relative or the client said about suicide while a referral was followed (settings.SAFETY_SOURCES).

Words are not searched for it: whoever records the step ticks that it was said, as on a call (cases/safety/). From then
on it is one of the house's safety concerns, on Today and beside the client's name, until a clinician has evaluated it.
"""

from __future__ import annotations

import zoneinfo

from django.db.models import F, QuerySet
from django.urls import reverse

from cases.models import Client
from cases.safety import DangerRows, Row, RowSource, SafetyFact
from referrals.models import ServiceReferralStep
from staff.days import day_in_words


def _queries(clients: QuerySet[Client]) -> list[DangerRows]:
    told = ServiceReferralStep.objects.filter(reports_danger=True, referral__client__in=clients)
    told = told.annotate(client=F("referral__client_id"), client_id=F("referral__client_id"))
    return [DangerRows("referral step", told, "at", "by_id", zone="referral__client__clinic__time_zone")]


def _fact(row: Row) -> SafetyFact:
    _, _, client_id, zone, at, by, _, key = row
    day = day_in_words(at.astimezone(zoneinfo.ZoneInfo(zone)).date())
    sentence = f"Thoughts of suicide, or an attempt, were reported about a referral on {day}."
    return SafetyFact(client_id, at, sentence, reverse("referrals:client_services", args=[client_id]), by, key)


told = RowSource(_queries, _fact, frozenset({"referral step"}))
