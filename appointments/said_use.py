"""Use that someone told of in a follow-up call, until it is recorded or a way back in begins."""

from __future__ import annotations

import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone

from appointments.codes import SaidUse
from appointments.models import FollowUpCall
from cases.models import Inquiry, LevelOfCareAssessment, Relapse, TreatmentEpisode
from staff import recorded
from staff.prepared import Moment

LOOKS_BACK = datetime.timedelta(days=60)
_RECORDED = ("appointments.record_call",)


def in_follow_up_calls(*, client: Any, since: Any, recovery: Any, until: Any) -> QuerySet[FollowUpCall]:
    """Follow-up calls in which the client told of use (settings.USE_REPORT_SOURCES)."""
    calls = FollowUpCall.objects.filter(client=client, said_use=SaidUse.YES, at__lt=until)
    rows = recorded.since(calls, since, at="at", acts=_RECORDED)
    return rows.annotate(said_on=TruncDate("at")).filter(said_on__gte=recovery)


def unanswered(calls: QuerySet[FollowUpCall]) -> QuerySet[FollowUpCall]:
    """Those of these calls that told of use, and nothing was done since.

    Recording a return to use answers one, and so does an inquiry, an assessment or an admission.
    """
    of_client = {"client": OuterRef("client")}
    done = (
        Relapse.objects.filter(**of_client, recorded_at__gte=OuterRef("at")),
        Inquiry.objects.filter(**of_client, taken_at__gte=OuterRef("at")),
        LevelOfCareAssessment.objects.filter(**of_client, assessed_at__gte=OuterRef("at")),
        TreatmentEpisode.objects.filter(**of_client, admitted_at__gte=OuterRef("at")),
        TreatmentEpisode.objects.filter(**of_client, discharge_reason="died"),
    )
    found = calls.filter(said_use=SaidUse.YES, at__gt=Moment() - LOOKS_BACK)
    for rows in done:
        found = found.exclude(Exists(rows))
    return found


def record_url(call: FollowUpCall) -> str:
    """The return-to-use form, filled in with where it was told."""
    day = timezone.localdate(call.at, call.client.clinic.zone)
    known = {"told_on": day.isoformat(), "told_in": "The follow-up call"}
    return f"{reverse('cases:relapse_new', args=[call.client_id])}?{urlencode(known)}"
