"""Reminders of consents that expire, some days before, to the client's primary counselor; as Today shows them."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from cases.people import primary_counselors
from privacy.models import Consent
from privacy.thresholds import CONSENT_NOTICE_DAYS
from staff import promises
from staff.models import Clinic
from staff.promises import Promise, Written
from staff.reading import Reading, reads, rows

KIND = "staff_consent_expiring"


@reads
def upcoming(clinic: Clinic, since: datetime.datetime, until: datetime.datetime) -> Reading[list[Promise]]:
    """Consents in force of which someone is to be reminded in a stretch of time."""
    first, last = since.astimezone(clinic.zone).date(), until.astimezone(clinic.zone).date()
    ending = {"expires_on__gte": first, "expires_on__lte": last + _notice(clinic)}
    return promises.within((yield from _promises(clinic, ending)), since, until)


@reads
def gone(reminders: Sequence[Written]) -> Reading[dict[int, str]]:
    """Which are no longer needed: the consent was renewed or revoked, or the client has another counselor."""
    return (
        yield from promises.gone(
            reminders,
            "consent_id",
            lambda clinic, consents: _promises(clinic, {"pk__in": consents}),
            "the consent was renewed, revoked or handed over",
        )
    )


def _promises(clinic: Clinic, asked: dict[str, Any]) -> Reading[list[Promise]]:
    now = timezone.now()
    today = now.astimezone(clinic.zone).date()
    standing = Consent.objects.in_force(today).filter(client__clinic=clinic, client__merged_into=None, **asked)
    ending = [each for each in (yield from rows(standing.order_by("pk"))) if each.expires_on is not None]
    found: list[Promise] = []
    notice = _notice(clinic)
    counselors = yield from primary_counselors.of.part({each.client_id for each in ending}, now)
    for consent in ending:
        to = counselors.get(consent.client_id)
        if to is None or consent.expires_on is None:
            continue
        day = consent.expires_on - notice
        if consent.signed_on is not None:
            day = max(day, consent.signed_on + datetime.timedelta(days=1))  # not on the day it was signed
        key = f"consent:{consent.pk}:{consent.expires_on:%Y%m%d}"
        context = {"consent_id": consent.pk, "client_id": consent.client_id}
        found.append(promises.to_colleague(KIND, to, promises.morning(day, clinic), key, context))
    return found


def _notice(clinic: Clinic) -> datetime.timedelta:
    return datetime.timedelta(days=CONSENT_NOTICE_DAYS.for_clinic(clinic))
