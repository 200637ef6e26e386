"""Measures on Today: due or overdue for the lead counselor's clients."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from cases.models import CareTeamMember, Client, TreatmentEpisode
from counseling.measures import measure_due
from counseling.measures.measure_due import Due
from staff.access import Permission, can
from staff.addresses import address
from staff.models import StaffMember
from staff.needs import Need, Urgency
from staff.reading import Reading, query, reads, rows, together

SHOWN = 20
KIND = "Measures"
_NAMED = 3


@reads
def needs(*, staff_member: StaffMember, now: datetime.datetime) -> Reading[list[Need]]:
    """One line a client, the longest overdue first; in two statements over one caseload."""
    if not can(staff_member, Permission.NOTE_WRITE):
        return []
    episodes = query(_led_episodes, by=staff_member, now=now)
    led, by_client = yield from together(
        rows(query(_led_clients, by=staff_member, now=now)),
        measure_due.of_episodes.part(episodes, staff_member.clinic, now),
    )
    names = {client.pk: client for client in led}
    asked = {client: [each for each in own if each.is_asked_for] for client, own in by_client.items()}
    first = sorted((own[0].due_on, client) for client, own in asked.items() if own)[:SHOWN]
    today = timezone.localdate(now, staff_member.clinic.zone)
    return [_need(names[client], asked[client], today) for _, client in first if client in names]


def _led_episodes(by: Any, now: Any) -> QuerySet[TreatmentEpisode]:
    leads = CareTeamMember.objects.current(now).led_by(by)
    episodes = TreatmentEpisode.objects.visible_to(by).open()
    led = episodes.filter(client__in=leads.values("client"), client__merged_into=None)
    return led.select_related("program").order_by()


def _led_clients(by: Any, now: Any) -> QuerySet[Client]:
    return Client.objects.visible_to(by).filter(pk__in=_led_episodes(by, now).values("client"))


def _need(client: Client, due: list[Due], today: datetime.date) -> Need:
    one = due[0]
    named = ", ".join(f"{each.instrument.label} {each.words}" for each in due[:_NAMED])
    more = f" and {len(due) - _NAMED} more" if len(due) > _NAMED else ""
    if len(due) == 1:
        title, button = f"Complete the {one.instrument.label}", "Start"
        named = f"{one.words[:1].upper()}{one.words[1:]}"
        url = reverse("counseling:measure_new", args=[client.pk, one.instrument.value])
    else:
        title, button = f"{len(due)} measures due", "Open measures"
        url = address("counseling:measures", client.pk)
    return Need(
        Urgency.TODAY if one.due_on <= today else Urgency.SOON,
        title,
        f"{named}{more}",
        url,
        button,
        "gauge",
        due=one.due_on,
        client_name=client.full_name,
        kind=KIND,
    )
