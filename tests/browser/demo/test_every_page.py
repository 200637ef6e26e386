"""Every page of the desk, found through the addresses: for whoever may open it, wide and light, narrow and dark.

On each, axe finds nothing, nothing is wider than the window, nothing is written to the console and nothing is asked of
anybody but this server.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from cases import assessments, learning, merging, registering, relapses
from cases.models import Inquiry
from counseling import notes
from groups.models import Attendance
from privacy import emergency
from privacy.models import Consent
from referrals.models import ImportRun, Meeting, Referral
from reminders import mailbox
from reminders.mailbox import MailboxBackend
from staff.access import ROLES
from staff.models import Clinic, StaffMember
from tests.browser.conftest import accessibility_faults
from tests.house.test_urls import OURS

pytestmark = pytest.mark.django_db(transaction=True)

WINDOWS = ((1280, "light"), (390, "dark"))
BY_ROUTE = {"privacy:emergency_review": "emergency"}  # an address whose row's part says only “pk”
QUERIES = {"privacy:consent_new": "?type=reminder_contact"}
FOR_SCRIPTS = {"staff:stay"}  # answers nothing that could be read


def test_every_page(quiet_page: Page, live_server: Any, clinic: Clinic, enter: Callable[[StaffMember], None]) -> None:
    pages = list(pages_of(clinic))
    assert len(pages) > 60
    faults = []
    for width, scheme in WINDOWS:
        quiet_page.set_viewport_size({"width": width, "height": 844})
        quiet_page.emulate_media(color_scheme=scheme)
        reader = None
        for url, person in pages:
            if person != reader:
                enter(person)
                reader = person
            answer = quiet_page.goto(url)
            if answer is None or answer.status != 200:
                faults.append(f"{url}, {width}: {answer and answer.status}")
                continue
            faults += [f"{url}, {width}: {fault}" for fault in accessibility_faults(quiet_page)]
            if quiet_page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                faults.append(f"{url} is wider than a window of {width}")
    assert not faults, "\n".join(faults)


def pages_of(clinic: Clinic) -> Iterator[tuple[str, StaffMember]]:
    """The address of each page with somebody who may open it; downloads and places to post to are no pages."""
    rows = examples(clinic)
    people = list(StaffMember.objects.filter(clinic=clinic).order_by("-role", "pk"))  # supervisors first: they see most
    browsers: dict[int, Browser] = {}
    for route, name, pattern in OURS:
        if name in FOR_SCRIPTS:
            continue
        reader = next((each for each in people if set(pattern.callback.permissions) <= ROLES[each.role]), None)
        assert reader is not None, f"Nobody may open {route}."
        if reader.pk not in browsers:
            browsers[reader.pk] = Browser()
            browsers[reader.pk].force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
        browser = browsers[reader.pk]
        if browser.get(reverse(name, kwargs=placeholders(route))).status_code == 405:
            continue
        url = reverse(name, kwargs=parts_of(route, name, rows)) + QUERIES.get(name, "")
        answer = browser.get(url)
        if answer.status_code == 302:
            continue  # leads to another page, which is walked itself
        if answer["Content-Type"].startswith("text/html"):
            yield url, reader


def parts(route: str) -> list[str]:
    return [part.split(">")[0] for part in route.split("<")[1:]]


def placeholders(route: str) -> dict[str, Any]:
    """Something of the right kind for each part."""
    found = (part.rpartition(":") for part in parts(route))
    return {name: 1 if kind in {"int", ""} else "x" for kind, _, name in found}


def parts_of(route: str, name: str, rows: dict[str, Any]) -> dict[str, Any]:
    """Every part of an address; where it names a row, client, group and session are that row's own."""
    names = [part.rpartition(":")[2] for part in parts(route)]
    found: dict[str, Any] = {}
    for part in reversed(names):
        key = BY_ROUTE.get(name, part)
        if part not in found:
            assert key in rows, f"Nothing is known to open {route} with: give `examples` a row for “{key}”."
            row = rows[key]
            found[part] = getattr(row, "pk", row)
            found |= {
                each: getattr(row, each) for each in ("client_id", "group_id", "session_id") if hasattr(row, each)
            }
    return {part: found[part] for part in names}


def examples(clinic: Clinic) -> dict[str, Any]:
    """A row for each part of an address, most of them about one client with much behind them."""
    by = StaffMember.objects.get(email="supervisor@demo.example")
    today = timezone.localdate(timezone=clinic.zone)
    attendance = Attendance.objects.filter(signed_at=None).select_related("membership__client", "session").latest("pk")
    attendance.group_id = attendance.membership.group_id
    client = attendance.membership.client
    others = StaffMember.objects.filter(role="counselor").exclude(care_teams__client=client)
    relapse = relapses.record(
        client=client, started_on=today - datetime.timedelta(days=2), ended_on=today, substances=["fentanyl"], by=by
    )
    inputs = assessments.prefilled(client=client, relapse=relapse)
    twice = registering.register(by=by, given_name=client.given_name, family_name=client.family_name)
    absorbed = merging.merge(keep=client, absorb=twice, by=by)
    absorbed.client_id = client.pk
    meeting = Meeting.objects.latest("pk")
    episode = client.episodes.latest("admitted_on")
    send_one_letter()
    return {
        "client_id": client,
        "inquiry_id": Inquiry.objects.latest("pk"),
        "merge_id": absorbed,
        "episode_id": episode,
        "relapse_id": relapse,
        "assessment_id": assessments.record(client=client, relapse=relapse, by=by, **inputs),
        "note_id": notes.start(client=client, episode=episode, by=by),
        "instrument": "phq-9",
        "group_id": attendance.membership.group,
        "membership_id": attendance.membership,
        "session_id": attendance.session,
        "attendance_id": attendance,
        "meeting_id": meeting,
        "feed_id": meeting.feed,
        "run_id": ImportRun.objects.latest("pk"),
        "referral_id": Referral.objects.latest("pk"),
        "emergency": emergency.open(client=client, reason="Found unresponsive in the waiting room", by=others[0]),
        "name": mailbox.letters()[0].name,
        "consent_id": Consent.objects.latest("pk"),
        "sample": "chart",
        "kind": "trigger",
        "item_id": learning.add_trigger(client=client, wording="An empty Sunday", strength=6, by=by),
    }


def send_one_letter() -> None:
    """A letter in the demo's mailbox."""
    mail = EmailMessage(
        "Reminder", "You have an appointment.", to=["roz@mail.example"], headers={"Message-ID": "<1@x>"}
    )
    MailboxBackend().send_messages([mail])
