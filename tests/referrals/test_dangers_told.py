"""A danger told in a talk about mutual help is heard everywhere, until a clinician has evaluated it."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from cases import safety
from cases.models import Client
from desk.needs import needs_of
from referrals import guide, referring
from referrals.models import Conversation, FollowThrough, Meeting, Referral
from referrals.next_time import next_day_of
from staff.models import StaffMember
from tests.reading import as_read

REPORTED = "Thoughts of suicide, or an attempt, reported"


@pytest.fixture
def referral(client_record: Client, counselor: StaffMember, make_meeting: Callable[..., Meeting]) -> Referral:
    return referring.offer(client=client_record, meeting=make_meeting(), by=counselor)


def open_now(client: Client) -> list[safety.SafetyFact]:
    return list(safety.open_concerns(client=client, on=client.today))


def evaluate(client: Client, by: StaffMember) -> None:
    safety.evaluate(
        client=client,
        found="No plan, no intent",
        done="Safety plan",
        next_check_on=None,
        no_check_because="They see me tomorrow anyway",
        by=by,
    )


def visit(referral: Referral, by: StaffMember, **more: Any) -> None:
    said = {"visited_on": referral.client.today, "attended": False, "replace": True, **more}
    referring.record_visit(referral=referral, by=by, **said)


def note(referral: Referral, by: StaffMember, **more: Any) -> None:
    referring.add_note(referral=referral, by=by, note="We talked.", **more)


def engage(referral: Referral, by: StaffMember, **more: Any) -> None:
    referring.engage(referral=referral, by=by, **more)


def tried(referral: Referral, by: StaffMember, **more: Any) -> None:
    guide.remember_tried(client=referral.client, tried="never", by=by, **more)


def asked(referral: Referral, by: StaffMember, **more: Any) -> None:
    guide.remember_concerns(client=referral.client, concerns=["religion"], by=by, **more)


def called(referral: Referral, by: StaffMember, **more: Any) -> None:
    referring.link(referral=referral, volunteer="Mary Jo", is_first_name=True, by=by, **more)


def planned(referral: Referral, by: StaffMember, **more: Any) -> None:
    day = next_day_of(referral.meeting, timezone.now())
    assert day is not None
    referring.plan(referral=referral, on=day, by=by, **more)


def offered(referral: Referral, by: StaffMember, **more: Any) -> None:
    for row in Referral.objects.filter(client=referral.client, fellowship="na").open():
        referring.end(referral=row, by=by)
    referring.offer(client=referral.client, fellowship="na", experience="We talked.", by=by, **more)


@pytest.mark.parametrize("record", [visit, note, engage, tried, asked, called, planned, offered])
def test_it_opens_and_closes_as_every_other_danger_and_is_on_today(
    referral: Referral,
    client_record: Client,
    counselor: StaffMember,
    supervisor: StaffMember,
    record: Callable[..., None],
) -> None:
    record(referral, counselor)
    assert not open_now(client_record)
    record(referral, counselor, reports_danger=True)
    [concern] = open_now(client_record)
    assert "in a talk about" in concern.sentence
    assert "mutual" in concern.sentence
    assert concern.recorded_by_id == counselor.pk
    for who in (counselor, supervisor):
        assert any(need.is_danger for need in needs_of(staff_member=who, now=timezone.now())), who
    evaluate(client_record, counselor)
    record(referral, counselor)  # without the tick nothing opens, and nothing that was closed comes back
    assert not open_now(client_record)
    record(referral, counselor, reports_danger=True)
    assert len(open_now(client_record)) == 1


@pytest.mark.parametrize("close", [referring.decline, referring.end])
def test_the_last_step_tells_it_too(
    referral: Referral, client_record: Client, counselor: StaffMember, close: Callable[..., FollowThrough]
) -> None:
    close(referral=referral, by=counselor, reports_danger=True)
    assert len(open_now(client_record)) == 1


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("plan", {"on": "NEXT"}),
        ("link", {"volunteer": "J.R."}),
        ("visit", {"visited_on": "TODAY", "attended": "no"}),
        ("note", {"note": "Said it again."}),
        ("engage", {}),
        ("decline", {}),
        ("end", {}),
    ],
)
def test_the_forms_have_the_box_and_the_pages_show_what_was_ticked(
    referral: Referral,
    client_record: Client,
    counselor: StaffMember,
    signed_in: Callable[..., Browser],
    step: str,
    said: dict[str, str],
) -> None:
    desk = signed_in(counselor)
    page = reverse("referrals:referral", args=[client_record.pk, referral.pk])
    assert REPORTED not in as_read(desk.get(page))
    days = {"TODAY": client_record.today.isoformat(), "NEXT": str(next_day_of(referral.meeting, timezone.now()))}
    fields = {f"{step}-{name}": days.get(value, value) for name, value in said.items()}
    fields[f"{step}-reports_danger"] = "on"
    shown = as_read(
        desk.post(reverse("referrals:step", args=[client_record.pk, referral.pk, step]), fields, follow=True)
    )
    assert REPORTED in shown
    [concern] = open_now(client_record)
    assert concern.page == page
    assert concern.sentence in as_read(desk.get("/", follow=True))


@pytest.mark.parametrize(("stage", "said"), [("tried", {"tried": "never"}), ("concerns", {"words": "Afraid"})])
def test_so_has_the_guide(
    client_record: Client,
    counselor: StaffMember,
    signed_in: Callable[..., Browser],
    stage: str,
    said: dict[str, str],
) -> None:
    desk, url = signed_in(counselor), reverse("referrals:guide_stage", args=[client_record.pk, stage])
    assert 'name="reports_danger"' in as_read(desk.get(url))
    assert desk.post(url, {**said, "reports_danger": "on"}).status_code == 302
    shown = as_read(desk.get(url))
    assert REPORTED in shown
    assert "checked" not in shown.partition('name="reports_danger"')[2].partition(">")[0]
    assert len(open_now(client_record)) == 1
    desk.post(url, said)  # put right later, without the tick: it stays told
    assert len(open_now(client_record)) == 1
    assert Conversation.objects.get().danger_told_to == counselor


def test_so_have_the_call_and_the_days_of_the_guide(
    client_record: Client,
    counselor: StaffMember,
    signed_in: Callable[..., Browser],
    make_meeting: Callable[..., Meeting],
) -> None:
    row = guide.choose(client=client_record, meeting=make_meeting(), by=counselor)
    desk = signed_in(counselor)
    call, day = (reverse("referrals:guide_stage", args=[client_record.pk, each]) for each in ("call", "day"))
    asked = {"referral": row.pk, "volunteer": "J.R.", "reports_danger": "on"}
    assert desk.post(call, asked).status_code == 302
    assert len(open_now(client_record)) == 1
    plan = {"referral": row.pk, f"plan{row.pk}-on": str(next_day_of(row.meeting, timezone.now()))}
    assert desk.post(day, {**plan, f"plan{row.pk}-reports_danger": "on"}).status_code == 302
    assert FollowThrough.objects.filter(reports_danger=True).count() == 2


def test_so_has_the_offer_of_a_meeting(
    client_record: Client,
    counselor: StaffMember,
    signed_in: Callable[..., Browser],
    make_meeting: Callable[..., Meeting],
) -> None:
    page = reverse("referrals:client_meeting", args=[client_record.pk, make_meeting().pk])
    signed_in(counselor).post(page, {"experience": "We talked.", "reports_danger": "on"})
    assert len(open_now(client_record)) == 1


def test_the_database_knows_who_was_told(referral: Referral, client_record: Client, counselor: StaffMember) -> None:
    tried(referral, counselor)
    now = timezone.now()
    for half in ({"danger_told_at": now}, {"danger_told_to": counselor}):
        with pytest.raises(IntegrityError, match="told_to_somebody"), transaction.atomic():
            Conversation.objects.update(**half)


def test_a_visit_put_in_place_of_another_takes_no_danger_back(
    referral: Referral, client_record: Client, counselor: StaffMember
) -> None:
    visit(referral, counselor, reports_danger=True)
    visit(referral, counselor, attended=True)
    assert len(open_now(client_record)) == 1
    assert FollowThrough.objects.filter(reports_danger=True).count() == 1
    assert datetime.timedelta(0) <= timezone.now() - open_now(client_record)[0].at < datetime.timedelta(minutes=1)
