"""After a client's death nobody is asked how a meeting went, and nobody else answers for them."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from cases.episodes import admissions
from cases.models import Client
from referrals import chart, private_links, referring, today
from referrals.models import Meeting, MeetingVisit, PrivateLink, Referral
from staff.models import Program, StaffMember
from tests import factories
from tests.places import NEW_YORK

from ..reminders.conftest import reachable

MONDAY = datetime.datetime(2026, 3, 2, 10, 0, tzinfo=NEW_YORK)
TUESDAY = datetime.date(2026, 3, 3)
THURSDAY = datetime.datetime(2026, 3, 5, 11, 0, tzinfo=NEW_YORK)


@pytest.fixture
def referral(
    client_record: Client, counselor: StaffMember, program: Program, make_meeting: Callable[..., Meeting], settings: Any
) -> Referral:
    settings.PUBLIC_URL = "https://onward.example"
    factories.TreatmentEpisodeFactory(
        client=client_record, program=program, admitted_by=counselor, admitted_on=datetime.date(2026, 2, 1)
    )
    with time_machine.travel(MONDAY, tick=False):
        reachable(client_record, counselor)
        row = referring.offer(client=client_record, meeting=make_meeting(name="Example Tuesday"), by=counselor)
        referring.plan(referral=row, on=TUESDAY, by=counselor)
    return row


def dies(client: Client, by: StaffMember) -> None:
    for episode in client.episodes.open():
        admissions.discharge(episode=episode, discharged_on=TUESDAY, reason="died", by=by, planned=False)


def test_nobody_is_asked_how_it_went(referral: Referral, client_record: Client, counselor: StaffMember) -> None:
    with time_machine.travel(THURSDAY, tick=False):
        now = timezone.now()
        whose: dict[str, Any] = {"client": client_record, "staff_member": counselor, "now": now}

        def asked() -> tuple[int, int, int]:
            panel, beside = chart.panel(**whose), chart.beside_note(**whose)
            assert panel is not None
            assert beside is not None
            waiting = today.needs(staff_member=counselor, now=now)
            return len(list(waiting)), len(panel.context["to_ask"]), len(beside.context["to_ask"])

        assert asked() == (1, 1, 1)
        dies(client_record, counselor)
        assert asked() == (0, 0, 0)


def test_the_private_link_is_closed(
    referral: Referral, client_record: Client, counselor: StaffMember, client: Browser
) -> None:
    link = PrivateLink.objects.get(follow_through__referral=referral)
    page = reverse("referrals:own_page", args=[private_links.token_of(link)])
    with time_machine.travel(THURSDAY, tick=False):
        assert client.get(page).status_code == 200
        dies(client_record, counselor)
        assert client.get(page).status_code == 404
        client.post(page, {"attended": "yes", "again": "yes"})
    assert not MeetingVisit.objects.exists()
