"""The counseling panel of the chart: recent notes, active goals, carry-over items to review."""

from __future__ import annotations

import datetime

from django.urls import reverse
from django.utils import timezone

from cases.models import Client, TreatmentEpisode
from cases.panels.chart_panel import ChartPanel
from counseling import carry_over, measures, plans
from counseling.measures import measure_due
from counseling.models import Goal, Homework, SeparateNote, SessionNote
from staff.access import Permission, can
from staff.models import StaffMember
from staff.reading import Reading, known, reads

_SHOWN = 4


@reads
def panel(*, client: Client, staff_member: StaffMember, now: datetime.datetime) -> Reading[ChartPanel | None]:
    """For people who may read notes."""
    yield from known(None)
    if not can(staff_member, Permission.NOTE_VIEW):
        return None
    notes = SessionNote.objects.visible_to(staff_member).filter(client=client).kept().for_reading()
    episode = TreatmentEpisode.objects.visible_to(staff_member).filter(client=client).open().first()
    today = timezone.localdate(now, client.clinic.zone)
    given = Homework.objects.visible_to(staff_member).open().filter(episode=episode).for_reading()[:_SHOWN]
    waiting = [item for item in carry_over.lay_out(episode) if not item.is_decided] if episode else []
    return ChartPanel(
        title="Counseling",
        template="counseling/panels/_panel.html",
        context={
            "client": client,
            "notes": notes[:_SHOWN],
            "goals": Goal.objects.visible_to(staff_member).active().filter(episode=episode)[:_SHOWN] if episode else [],
            "homework": [{"row": each, "overdue": each.is_overdue(today)} for each in given],
            "episode": episode,
            "undecided": len(waiting),
            "undecided_words": f"{len(waiting)} to review",
            "alarms": measures.unanswered_alarms().filter(client=client),
            "measures": measures.latest(client)[:_SHOWN],
            "measures_due": [each for each in measure_due.of_client(client, now) if each.is_overdue],
            "safety_plan": plans.safety_plan_of(client),
            "separate": SeparateNote.objects.visible_to(staff_member).filter(client=client).count(),
        },
        url=reverse("counseling:notes", args=[client.pk]),
        order=30,
    )
