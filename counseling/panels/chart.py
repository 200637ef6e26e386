"""The counseling panel of the chart: recent notes, active goals, carry-over items to review."""

from __future__ import annotations

import datetime

from django.urls import reverse
from django.utils import timezone

from cases.models import Client, TreatmentEpisode
from cases.panels.chart_panel import ChartPanel
from counseling import carry_over, measures
from counseling.measures import measure_due
from counseling.models import Goal, Homework, SafetyPlan, SeparateNote, SessionNote
from staff.access import Permission, can
from staff.models import StaffMember
from staff.reading import Reading, exists, first, query, reads, rows, together

_SHOWN = 4


@reads
def panel(*, client: Client, staff_member: StaffMember, now: datetime.datetime) -> Reading[ChartPanel | None]:
    """For people who may read notes."""
    if not can(staff_member, Permission.NOTE_VIEW):
        return None
    whose = {"client": client, "by": staff_member}
    notes = query(
        lambda client, by: SessionNote.objects.visible_to(by).filter(client=client).kept().for_reading()[:_SHOWN],
        **whose,
    )
    kept_apart = query(
        lambda client, by: SeparateNote.objects.visible_to(by).filter(client=client).order_by().values_list("pk"),
        **whose,
    )
    alarming = query(lambda client: measures.unanswered_alarms().filter(client=client), client=client)
    measured, recent, separate, has_safety_plan, own = yield from together(
        together(
            measures.latest.part(client),
            measure_due.of_client.part(client, now),
            rows(alarming),
        ),
        rows(notes),
        rows(kept_apart),
        exists(query(lambda client: SafetyPlan.objects.filter(client=client), client=client)),
        _of_the_episode(client, staff_member),
    )
    latest, due, alarms = measured
    episode, goals, given, undecided = own
    today = timezone.localdate(now, client.clinic.zone)
    return ChartPanel(
        title="Counseling",
        template="counseling/panels/_panel.html",
        context={
            "client": client,
            "notes": recent,
            "goals": goals,
            "homework": [{"row": each, "overdue": each.is_overdue(today)} for each in given],
            "episode": episode,
            "undecided": undecided,
            "undecided_words": f"{undecided} to review",
            "alarms": alarms,
            "measures": latest[:_SHOWN],
            "measures_due": [each for each in due if each.is_overdue],
            "safety_plan": has_safety_plan,
            "separate": len(separate),
        },
        url=reverse("counseling:notes", args=[client.pk]),
        order=30,
    )


def _of_the_episode(
    client: Client, staff_member: StaffMember
) -> Reading[tuple[TreatmentEpisode | None, list[Goal], list[Homework], int]]:
    """The open episode with its first goals and homework, and how much of its board is to be reviewed."""
    open_one = query(
        lambda client, by: TreatmentEpisode.objects.visible_to(by).filter(client=client).open(),
        client=client,
        by=staff_member,
    )
    episode = yield from first(open_one)
    if episode is None:
        return None, [], [], 0
    whose = {"episode": episode, "by": staff_member}
    goals_of = query(lambda episode, by: Goal.objects.visible_to(by).active().filter(episode=episode)[:_SHOWN], **whose)
    homework_of = query(
        lambda episode, by: Homework.objects.visible_to(by).open().filter(episode=episode).for_reading()[:_SHOWN],
        **whose,
    )
    goals, given, waiting = yield from together(
        rows(goals_of),
        rows(homework_of),
        carry_over.waiting.part([episode]),
    )
    board = waiting.get(episode.pk)
    return episode, goals, given, board.undecided if board else 0
