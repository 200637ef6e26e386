"""The chart's panel on mutual help."""

from __future__ import annotations

import datetime

from django.urls import reverse

from cases.models import Client
from cases.panels.chart_panel import ChartPanel
from staff.access import Permission, can
from staff.models import StaffMember
from staff.reading import Reading, first, query, reads, rows, together

from .models import Conversation, Involvement, MeetingVisit, Referral, Tie

_SHOWN = 3


@reads
def panel(*, client: Client, staff_member: StaffMember, now: datetime.datetime) -> Reading[ChartPanel | None]:
    """Whether to ask how it was, referrals with their status, open ones first, visits of the past 30 days, ties, and
    the latest involvement.
    """
    if not can(staff_member, Permission.REFERRAL_VIEW):
        return None
    whose = {"client": client, "by": staff_member}
    referrals = query(
        lambda client, by: Referral.objects.visible_to(by).filter(client=client).with_death().with_state().with_lead(),
        **whose,
    )
    visits = query(
        lambda client, by, since: (
            MeetingVisit.objects.visible_to(by).filter(client=client, attended=True, visited_on__gt=since).each_once()
        ),
        **whose,
        since=now.astimezone(client.zone).date() - datetime.timedelta(days=30),
    )
    involved = query(lambda client, by: Involvement.objects.visible_to(by).filter(client=client), **whose)
    ties = query(lambda client, by: Tie.objects.visible_to(by).filter(client=client).current().with_lead(), **whose)
    seen, visited, involvement, tied = yield from together(rows(referrals), rows(visits), first(involved), rows(ties))
    for each in seen:
        each.client = client
    # What goes on comes first: a plan that is due must not fall behind newer referrals.
    going_on_first = sorted(seen, key=lambda each: not each.is_open)
    return ChartPanel(
        title="Mutual help",
        template="referrals/_panel.html",
        context={
            "client": client,
            "referrals": going_on_first[:_SHOWN],
            "visits": len(visited),
            "involvement": involvement,
            "ties": tied,
            "to_ask": [each for each in seen if each.is_to_ask(now) and not each.has_died],
            "may_refer": can(staff_member, Permission.REFERRAL_MAKE),
        },
        url=reverse("referrals:client_referrals", args=[client.pk]),
        order=60,
    )


@reads
def beside_note(*, client: Client, staff_member: StaffMember, now: datetime.datetime) -> Reading[ChartPanel | None]:
    """Next to a session note: whom to ask how it went, and the conversation to begin or resume."""
    if not can(staff_member, Permission.REFERRAL_MAKE):
        return None
    whose = {"client": client, "by": staff_member}
    referred = query(
        lambda client, by: (
            Referral.objects.visible_to(by).filter(client=client).of_the_living().open().with_state().with_lead()
        ),
        **whose,
    )
    talks = query(lambda client, by: Conversation.objects.visible_to(by).filter(client=client).open(), **whose)
    seen, talk = yield from together(rows(referred), first(talks))
    for each in seen:
        each.client = client
    return ChartPanel(
        title="Mutual help",
        template="referrals/_note_panel.html",
        context={
            "client": client,
            "to_ask": [each for each in seen if each.is_to_ask(now)],
            "planned": [each for each in seen if each.promised_for is not None and not each.is_to_ask(now)],
            "talk": talk,
        },
        url=reverse("referrals:client_referrals", args=[client.pk]),
    )
