"""Messages about planned calls after a discharge: to the counselor on that morning, to the client the day before."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.utils import timezone

from appointments import calls_due
from appointments.call_plan import CallKind, PlannedCall
from appointments.calls_due import FollowedUp
from appointments.thresholds import CALL_NOTICE_DAYS
from cases.models import TreatmentEpisode
from cases.people import primary_counselors
from reminders import languages, outbox
from reminders.models.reminder import Kind
from staff import phones, promises
from staff.models import Clinic
from staff.promises import Promise, Written
from staff.reading import Reading, reads, rows

# On the client's clock: when they are told, and until when on the day of the call that is of use.
TOLD_AT, OF_USE_UNTIL = datetime.time(10), datetime.time(9)


@reads
def upcoming(clinic: Clinic, since: datetime.datetime, until: datetime.datetime) -> Reading[list[Promise]]:
    """Planned calls of which the counselor or the client is to be told in a stretch of time."""
    return promises.within((yield from _promised(clinic, None)), since, until)


@reads
def gone(reminders: Sequence[Written]) -> Reading[dict[int, str]]:
    """Which are no longer needed: they were reached, are back in care, or agreed on another day or counselor."""
    return (
        yield from promises.gone(reminders, "ended_episode_id", _promised, "the call was made or is no longer planned")
    )


def _promised(clinic: Clinic, episodes: list[int] | None) -> Reading[list[Promise]]:
    """All open calls, those of these discharges or of all."""
    now = timezone.now()
    today = timezone.localdate(now, clinic.zone)
    asked: dict[str, Any] = {}
    if episodes is not None:
        asked = {"client__in": TreatmentEpisode.objects.filter(pk__in=episodes).values("client")}
    stays = TreatmentEpisode.objects.filter(client__clinic=clinic, client__merged_into=None, **asked)
    lately = calls_due.lately_discharged(stays, calls_due.first_discharge(clinic, today))
    discharged = calls_due.with_calls(lately).order_by("client", "pk")
    followed = [each for each in (yield from calls_due.followed_up.part(discharged, clinic=clinic)) if not each.why_not]
    found: list[Promise] = []
    counselors = yield from primary_counselors.of.part({each.client.pk for each in followed}, now)
    notice = CALL_NOTICE_DAYS.for_clinic(clinic)
    for each in followed:
        for call in each.plan.open(today):
            key = f"call:{each.episode.pk}:{call.due_on:%Y%m%d}"
            context = {"ended_episode_id": each.episode.pk}
            if (to := counselors.get(each.client.pk)) is not None:
                about = {**context, "client_id": each.client.pk}
                at = promises.morning(call.due_on, clinic)
                found.append(promises.to_colleague(Kind.STAFF_CONTINUING_CARE, to, at, key, about))
            if notice:
                found.append(_to_client(each, call, notice, key, context))
    return found


def _to_client(
    followed: FollowedUp, call: PlannedCall, notice: int, key: str, context: Mapping[str, object]
) -> Promise:
    client = followed.client
    told_at, until = (datetime.datetime.combine(call.due_on, at) for at in (TOLD_AT, OF_USE_UNTIL))
    return Promise(
        Kind.CLIENT_CHECKUP if call.kind == CallKind.CHECKUP else Kind.CLIENT_CONTINUING_CARE,
        client,
        outbox.wall_clock(told_at, zone=client.zone, days=-notice),
        f"{key}:client",
        {
            **context,
            "day": languages.day_words(call.due_on),
            "number": phones.spoken(client.clinic.phone),
        },
        outbox.wall_clock(until, zone=client.zone),
    )


@reads
def clients(episodes: Collection[int]) -> Reading[dict[int, int]]:
    """Whose stays these are, by id."""
    return dict((yield from rows(TreatmentEpisode.objects.filter(pk__in=episodes).values_list("pk", "client"))))
